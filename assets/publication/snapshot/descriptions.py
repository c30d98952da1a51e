"""Making the published database explain itself: the Chinese views, a comment on every table and column, ``meta.columns``.

Works on a database that is opened alone, so that whatever is made here holds when an analyst opens it alone.
"""

from collections.abc import Mapping

import duckdb

from assets.publication.snapshot.catalogue import PublishedTable, comment_of, published_tables, published_views
from assets.publication.snapshot.origins import column_sources
from assets.sql_text import literal, quoted
from assets.warehouse.models.model import Model


def describe(copy: duckdb.DuckDBPyConnection, models: Mapping[str, Model]) -> None:
    """Make views, ``meta.columns`` and comments in ``copy``, which holds every other published table."""
    views = published_views(models)
    for view, query in views:
        copy.execute(f"create view {view.quoted} as\n{query}")
    tables = published_tables(models)
    _write_columns(copy, [*tables, *(view for view, _ in views)], column_sources(models))
    for table in tables:
        _comment(copy, "table", table)
    for view, _ in views:
        _comment(copy, "view", view)


def _comment(copy: duckdb.DuckDBPyConnection, kind: str, table: PublishedTable) -> None:
    copy.execute(f"comment on {kind} {table.quoted} is {literal(comment_of(table))}")
    for name, column in table.header.columns.items():
        copy.execute(f"comment on column {table.quoted}.{quoted(name)} is {literal(column.description)}")


def _write_columns(copy: duckdb.DuckDBPyConnection, tables: list[PublishedTable], sources: Mapping[tuple[str, str], str]) -> None:
    copy.execute(
        "create table meta.columns (schema_name varchar, table_name varchar, column_name varchar, data_type varchar,"
        " description varchar, grain varchar, source varchar)"
    )
    # the types as they are, not as the header promises them
    types = {
        (schema, table, column): data_type
        for schema, table, column, data_type in copy.execute(
            "select schema_name, table_name, column_name, data_type from duckdb_columns() where not internal"
        ).fetchall()
    }
    rows = [
        [
            table.schema,
            table.name,
            name,
            types[table.schema, table.name, name],
            column.description,
            ",".join(table.header.grain),
            sources.get((table.full_name, name)),
        ]
        for table in tables
        for name, column in table.header.columns.items()
    ]
    copy.executemany("insert into meta.columns values (?, ?, ?, ?, ?, ?, ?)", sorted(rows, key=lambda row: row[:3]))
