"""An empty warehouse: every source and table with its columns and types, to check models without data.

Only the code lists in `ref.*` have rows: those of the contract under the default rules.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import duckdb

from assets.sql_text import quoted
from assets.warehouse.models.model import Model
from assets.warehouse.models.rules import CountingRules
from assets.warehouse.state import freeze_ledger, ledger
from assets.warehouse.state.sources import show_lake, write_reference

# no lake is there, so every feed is an empty view
_NO_LAKE = Path("no lake")


@contextmanager
def empty_warehouse(models: Mapping[str, Model]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory with ``lake.*``, ``ledger.*``, ``ref.*`` and, as its header promises it, an empty table for each model.

    A model whose header names a type that DuckDB does not know has no table.
    """
    with duckdb.connect() as connection:
        connection.execute(ledger.SCHEMA)
        connection.execute(freeze_ledger.SCHEMA)
        show_lake(connection, _NO_LAKE)
        write_reference(connection, CountingRules(), [])
        for model in models.values():
            _make(connection, model)
        yield connection


def _make(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    columns = ", ".join(f"{quoted(name)} {column.type}" for name, column in model.header.columns.items())
    connection.execute(f"create schema if not exists {quoted(model.schema)}")
    try:
        connection.execute(f"create table {quoted(model.schema)}.{quoted(model.name)} ({columns})")
    except (duckdb.CatalogException, duckdb.ParserException):
        return


@cache
def source_columns() -> dict[str, tuple[str, ...]]:
    """The columns, in order, of every table that models read and no model makes (``lake.*``, ``ledger.*``, ``ref.*``)."""
    with empty_warehouse({}) as connection:
        rows = connection.execute(
            "select schema_name || '.' || table_name, list(column_name order by column_index) from duckdb_columns()"
            " where schema_name in ('lake', 'ledger', 'ref') group by all order by all"
        ).fetchall()
    return {name: tuple(columns) for name, columns in rows}
