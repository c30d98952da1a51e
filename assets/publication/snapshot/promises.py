"""The promises of each published column to programs that read it: never empty, only listed values. ``docs/contract.md`` prints them.

They come from the models' headers and the feed contract's code lists; a publication that would break one is refused.
"""

from collections.abc import Iterable, Mapping

import duckdb

from assets.errors import RefusedError
from assets.platform.contract import load_contract
from assets.publication.snapshot.catalogue import PublishedTable
from assets.sql_text import literal, quoted
from assets.warehouse.models.header import ModelColumn


def may_be_empty(table: PublishedTable, column: str) -> bool:
    """Whether the column may be NULL: as its header says, else a column of the grain may not and any other may."""
    said = table.header.columns[column].nullable
    return column not in table.header.grain if said is None else said


def allowed_values(column: ModelColumn) -> Mapping[str, str] | None:
    """The values that the column may have, each with its Chinese words; ``None`` where it may have any."""
    if column.codes is None and column.values is None:
        return None
    codes = load_contract().codes[column.codes].values if column.codes else {}
    return codes | (column.values or {})


def refuse_broken_promises(copy: duckdb.DuckDBPyConnection, tables: Iterable[PublishedTable]) -> None:
    """Raise ``RefusedError`` naming each column of ``copy`` that does not keep its promise, and in how many rows."""
    broken = [words for table in tables for words in _broken(copy, table)]
    if broken:
        raise RefusedError(
            f"not published: the contract with the readers would be broken: {'; '.join(broken)};"
            " fix the model, or what its header promises (docs/contract.md)"
        )


def _broken(copy: duckdb.DuckDBPyConnection, table: PublishedTable) -> list[str]:
    conditions = _conditions(table)
    if not conditions:
        return []
    counts = ", ".join(f"count(*) filter (where {condition})" for condition in conditions.values())
    found = copy.execute(f"select {counts} from {table.quoted}").fetchone() or ()
    return [f"{table.full_name}.{words} in {rows} rows" for words, rows in zip(conditions, found, strict=True) if rows]


def _conditions(table: PublishedTable) -> dict[str, str]:
    """The SQL condition that breaks each promise, by its words."""
    conditions = {}
    for name, column in table.header.columns.items():
        if not may_be_empty(table, name):
            conditions[f"{name} is empty"] = f"{quoted(name)} is null"
        values = allowed_values(column)
        if values is not None:
            listed = ", ".join(map(literal, values))
            conditions[f"{name} is none of its values"] = f"{quoted(name)} not in ({listed})"
    return conditions
