"""The rules for a model whose ``kind`` lets its table be renewed row by row; see ``difference.py``."""

from collections.abc import Iterator, Mapping

from sqlglot import exp

from assets.warehouse.build.difference import OPENINGS, ORIGIN, REFUSALS, ROW_KINDS, WINDOWS, row_inputs
from assets.warehouse.models.findings import Finding
from assets.warehouse.models.model import Model

RULE = "kind"
_ISSUE = "issue_key"
# the same as long as rules and calendar are
_STEADY = "ref."


def wrong_kind(model: Model, models: Mapping[str, Model]) -> Iterator[Finding]:
    """Faults of header or query that do not allow the model's kind."""
    header = model.header
    if header.newest_by and header.kind != "merge":
        message = f"`newest_by` orders versions, and the kind is {header.kind}"
        yield model.header_finding(("newest_by",), RULE, message, "take it out, or write kind: merge")
    if header.kind not in ROW_KINDS or model.unparsed:
        return
    if not row_inputs(model, models):
        message = "it reads neither a feed of the lake nor a table that is renewed row by row"
        yield model.header_finding(("kind",), RULE, message, "write kind: table")
    yield from _merge(model) if header.kind == "merge" else _sum(model, models)


def _merge(model: Model) -> Iterator[Finding]:
    header, query = model.header, model.parsed
    for name in header.newest_by:
        if name not in header.columns:
            yield model.header_finding(("newest_by",), RULE, f"`newest_by` names `{name}`, which is not a column", "name columns")
    missing = ", ".join(name for name in ORIGIN if name not in header.columns)
    if header.newest_by and missing:
        message = f"a table of kind merge needs {missing}, to know which of its rows a file brought that was removed"
        yield model.header_finding(("columns",), RULE, message, "add them, or write kind: table")
    is_distinct = isinstance(query, exp.Select) and query.args.get("distinct") is not None
    is_of_keys = is_distinct and set(header.grain) == set(header.columns) and REFUSALS in model.references
    if not header.newest_by and not is_of_keys:
        fix = "write newest_by: the columns by which one version beats another, the first decides first"
        yield model.header_finding(("kind",), RULE, "a table of kind merge needs to say which version wins", fix)


def _sum(model: Model, models: Mapping[str, Model]) -> Iterator[Finding]:
    header, query = model.header, model.parsed
    for name, column in header.columns.items():
        if name not in header.grain and column.type != "BIGINT":
            message = f"`{name}` is {column.type}, and differences are added up exactly only in BIGINT"
            yield model.header_finding(("columns", name), RULE, message, "make it BIGINT, or write kind: table")
    group = query.args.get("group")
    grouped = {node.name for node in group.expressions} if group else set()
    summed = [node for node in query.selects if node.alias_or_name not in header.grain] if isinstance(query, exp.Query) else []
    if grouped != set(header.grain) or not all(node.find(exp.Sum, exp.Count) for node in summed):
        fix = "end with sums or counts, grouped by the grain, or write kind: table"
        yield model.header_finding(("kind",), RULE, "a table of kind sum adds up by its grain, and the query does not", fix)
    for node in query.find_all(exp.Window, exp.Distinct, exp.Limit, exp.Qualify):
        message = f"`{node.key}` looks at several rows at once, so that differences do not add up"
        yield model.header_finding(("kind",), RULE, message, "write kind: table")
    for name in sorted(model.references - {WINDOWS, OPENINGS} - set(row_inputs(model, models))):
        if not name.startswith(_STEADY):
            message = f"`{name}` is built whole, and a sum reads what changes row by row"
            fix = "give that table a kind that is renewed by rows, or write kind: table"
            yield model.header_finding(("kind",), RULE, message, fix)
    if WINDOWS in model.references and _ISSUE not in header.grain:
        message = f"it reads {WINDOWS}, and no issue tells its rows apart"
        yield model.header_finding(("grain",), RULE, message, "write kind: table")
