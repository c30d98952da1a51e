"""The rules for a model's query: what it reads exists, ``*`` occurs only in an import CTE, and every step is used."""

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches

from sqlglot import exp

from assets.warehouse.lineage.columns import Lineage
from assets.warehouse.lint.query_places import is_import, line_of, tables_of
from assets.warehouse.models.findings import Finding
from assets.warehouse.models.model import Model


def missing_tables(model: Model, lineage: Lineage, known: Collection[str]) -> Iterator[Finding]:
    """Tables that no model makes and no step writes."""
    for table in tables_of(model.parsed):
        name = f"{table.db}.{table.name}"
        if lineage.columns_of(name) is None:
            message = f"there is no table `{name}`" if table.db else f"`{table.name}` is neither a step above nor `schema.table`"
            yield model.finding(line_of(table), "reference", message, _nearest(name, known, "name one that a file in sql/ makes"))


def missing_columns(model: Model, lineage: Lineage) -> Iterator[Finding]:
    """Columns that none of the tables read at that place has."""
    for step in lineage.step(model.full_name).all_steps():
        names = {name for read in step.sources.values() for name in _names(read, lineage)}
        for column in step.unknown:
            fix = _nearest(column.name, names, f"it reads {', '.join(step.sources) or 'nothing'}")
            yield model.finding(line_of(column), "reference", f"nothing read here has a column `{column.sql('duckdb')}`", fix)


def _names(read: object, lineage: Lineage) -> Collection[str]:
    return lineage.columns_of(read) or () if isinstance(read, str) else getattr(read, "outputs", ())


def _nearest(name: str, known: Collection[str], otherwise: str) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"is `{near[0]}` meant?" if near else otherwise


def stars(model: Model) -> Iterator[Finding]:
    """``select *`` anywhere but in an import CTE."""
    for select in model.parsed.find_all(exp.Select):
        if not is_import(select.parent):
            for projection in select.selects:
                if projection.is_star:
                    message = f"`{projection.sql('duckdb')}` outside an import CTE hides which columns are taken"
                    fix = "list the columns; only `name as (select * from schema.table)`, alone, may have a star"
                    yield model.finding(line_of(projection), "star", message, fix)


def unused_steps(model: Model) -> Iterator[Finding]:
    """CTEs that nothing after them reads."""
    read = {table.name for table in model.parsed.find_all(exp.Table) if not table.db}
    for step in model.parsed.find_all(exp.CTE):
        if step.alias not in read:
            line = line_of(step.args["alias"])
            yield model.finding(line, "unused", f"nothing reads the step `{step.alias}`", "take it out, or read it")


def wrong_outputs(model: Model, described: Mapping[str, str]) -> Iterator[Finding]:
    """Differences of header and query in columns, order or types; ``described`` are the query's columns with their types."""
    columns = model.header.columns
    for name in columns:
        if name not in described:
            message = f"the header promises `{name}`, and the query does not give it"
            yield model.header_finding(("columns", name), "columns", message, "add it to the last select, or take it out here")
        elif columns[name].type.upper() != described[name]:
            message = f"`{name}` is {columns[name].type} in the header and {described[name]} in the query"
            yield model.finding(_output_line(model, name), "types", message, f"cast it: cast(… as {columns[name].type.lower()})")
    for name in described:
        if name not in columns:
            line = _output_line(model, name)
            message = f"the query gives `{name}`, which the header does not know"
            yield model.finding(line, "columns", message, "describe it in the header's columns, or take it out here")
    given, promised = list(described), list(columns)
    if given != promised and set(given) == set(promised):
        first = next(name for name, other in zip(promised, given, strict=True) if name != other)
        fix = f"write the header's columns in the query's order: {', '.join(given)}"
        yield model.header_finding(("columns", first), "order", f"`{first}` is at another place than in the query", fix)


def _output_line(model: Model, name: str) -> int:
    query = model.parsed
    selects = query.selects if isinstance(query, exp.Query) else []
    found = next((projection for projection in selects if projection.alias_or_name == name), query)
    return line_of(found)
