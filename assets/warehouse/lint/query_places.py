"""Places within a model's query: its tables, its named steps, and the line of a part of it."""

from collections.abc import Iterator

from sqlglot import exp


def line_of(node: exp.Expr) -> int:
    """The line of the query on which ``node`` begins; a bare keyword has no place of its own and gets that of its parent."""
    lines = [int(part.meta["line"]) for part in node.walk() if "line" in part.meta]
    if lines:
        return min(lines)
    return 1 if node.parent is None else line_of(node.parent)


def tables_of(query: exp.Expr) -> Iterator[exp.Table]:
    """Every table the query reads, its own steps left out."""
    own = {step.alias for step in query.find_all(exp.CTE)}
    for table in query.find_all(exp.Table):
        if table.db or table.name not in own:
            yield table


def is_import(step: exp.Expr | None) -> bool:
    """Whether ``step`` is an import CTE: ``select * from schema.table`` and nothing else."""
    query = step.this if isinstance(step, exp.CTE) else None
    if not isinstance(query, exp.Select) or not (len(query.selects) == 1 and isinstance(query.selects[0], exp.Star)):
        return False
    source = query.args.get("from_")
    others = [key for key, value in query.args.items() if value and key not in ("expressions", "from_", "kind")]
    return not others and source is not None and isinstance(source.this, exp.Table) and bool(source.this.db)
