"""The rules that a model must hold to so that its table may be renewed row by row, as its ``kind`` says; see ``increment.py``."""

from collections.abc import Callable, Iterator, Mapping

from sqlglot import exp

from assets.warehouse.findings import Finding
from assets.warehouse.increment import OPENINGS, ROW_KINDS, WINDOWS, is_of_lake
from assets.warehouse.models import Model
from assets.warehouse.parts import ISSUE

RULE = "kind"
# what is the same as long as rules and calendar are, and what sums know to be computed by issue
_STEADY = ("ref",)


def wrong_kind(model: Model, models: Mapping[str, Model]) -> Iterator[Finding]:
    """Where header or query do not allow what the kind promises."""
    header = model.header
    if header.newest_by and header.kind != "newest":
        message = f"`newest_by` orders versions, and the kind is {header.kind}"
        yield model.header_finding(("newest_by",), RULE, message, "take it out, or write kind: newest")
    rules = _RULES.get(header.kind)
    if rules is not None and not model.unparsed:
        yield from rules(model, models)


def _newest(model: Model, models: Mapping[str, Model]) -> Iterator[Finding]:
    header = model.header
    for name in header.newest_by:
        if name not in header.columns:
            yield model.header_finding(("newest_by",), RULE, f"`newest_by` names `{name}`, which is no column", "name columns")
    if not header.newest_by:
        mend = "write newest_by: the columns by which one version beats another, the first decides first"
        yield model.header_finding(("kind",), RULE, "a table of kind newest needs to say which version wins", mend)
    if not _row_inputs(model, models):
        yield _reads_nothing(model)


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
        mend = "end with sums or counts, grouped by the grain, or write kind: table"
        yield model.header_finding(("kind",), RULE, "a table of kind sum adds up by its grain, and the query does not", mend)
    for node in query.find_all(exp.Window, exp.Distinct, exp.Limit, exp.Qualify):
        message = f"`{node.key}` looks at several rows at once, so that differences do not add up"
        yield model.header_finding(("kind",), RULE, message, "write kind: table")
    for name in sorted(model.references - {WINDOWS, OPENINGS} - set(_row_inputs(model, models))):
        if name.split(".")[0] not in _STEADY:
            message = f"`{name}` is built whole, and a sum reads what changes row by row"
            yield model.header_finding(
                ("kind",), RULE, message, "give that table a kind that is renewed by rows, or write kind: table"
            )
    if WINDOWS in model.references and ISSUE not in header.grain:
        yield model.header_finding(
            ("grain",), RULE, f"it reads {WINDOWS}, and no issue tells its rows apart", "write kind: table"
        )


def _delivery(model: Model, models: Mapping[str, Model]) -> Iterator[Finding]:
    feeds = [name for name in _row_inputs(model, models) if is_of_lake(name)]
    if "delivery" not in model.header.grain or len(feeds) != 1:
        message = "a table of kind delivery reads one feed of the lake and tells its rows apart by delivery too"
        yield model.header_finding(("kind",), RULE, message, "name delivery in the grain, or write kind: table")


def _union(model: Model, models: Mapping[str, Model]) -> Iterator[Finding]:
    query = model.parsed
    is_distinct = isinstance(query, exp.Select) and query.args.get("distinct") is not None
    if not is_distinct or set(model.header.grain) != set(model.header.columns) or "ledger.refusals" not in model.references:
        message = "a table of kind union is a `select distinct` of its grain alone, of what the refused keys came with"
        yield model.header_finding(("kind",), RULE, message, "write kind: table")
    if not _row_inputs(model, models):
        yield _reads_nothing(model)


def _issue(model: Model, _: Mapping[str, Model]) -> Iterator[Finding]:
    if ISSUE not in model.header.grain or WINDOWS not in model.references:
        message = f"a table of kind issue reads {WINDOWS} and tells its rows apart by {ISSUE} too"
        yield model.header_finding(("kind",), RULE, message, "write kind: table")


def _row_inputs(model: Model, models: Mapping[str, Model]) -> list[str]:
    renewed = {name for name, other in models.items() if other.header.kind in ROW_KINDS}
    return [name for name in model.references if name in renewed or is_of_lake(name)]


def _reads_nothing(model: Model) -> Finding:
    message = "it reads neither a feed of the lake nor a table that is renewed row by row"
    return model.header_finding(("kind",), RULE, message, "write kind: table")


_RULES: dict[str, Callable[[Model, Mapping[str, Model]], Iterator[Finding]]] = {
    "newest": _newest,
    "sum": _sum,
    "delivery": _delivery,
    "issue": _issue,
    "union": _union,
}
