"""Compares a built publication with the warehouse, opened again and read-only, as its readers will open it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from assets.publication.snapshot.catalogue import PublishedTable, comment_of, published_tables, published_views
from assets.publication.snapshot.promises import refuse_broken_promises
from assets.publication.store.versions import stray_log
from assets.warehouse.models.model import Model

_COMMENTS = """
select schema_name, table_name, null, comment from duckdb_tables()
union all select schema_name, view_name, null, comment from duckdb_views() where not internal
union all select schema_name, table_name, column_name, comment from duckdb_columns() where not internal
"""


@dataclass(frozen=True)
class Fingerprint:
    """How many rows a table has, and the sum of their hashes: equal for equal rows in any order, measures included."""

    rows: int
    hashes: int


def fingerprint(connection: duckdb.DuckDBPyConnection, table: PublishedTable, query: str | None = None) -> Fingerprint:
    """The fingerprint of the described columns of ``table``, or of the ``query`` that makes it.

    Comparable only within one version of DuckDB.
    """
    source = table.quoted if query is None else f"(\n{query}\n)"
    row = connection.execute(
        f"select count(*), coalesce(sum(cast(hash({table.column_list}) as hugeint)), 0) from {source}"
    ).fetchone()
    return Fingerprint(*row) if row else Fingerprint(0, 0)


def differences(database: Path, models: Mapping[str, Model], source: Mapping[str, Fingerprint]) -> list[str]:
    """The differences of ``database``: tables and views whose rows are not those of ``source``, and lost comments.

    Raises ``RefusedError`` where a column breaks its promise.
    """
    tables = published_tables(models)
    views = [view for view, _ in published_views(models)]
    # rows that are in the log alone would stay behind
    found = [f"{database.name} (its log was not written back)"] if stray_log(database) else []
    with duckdb.connect(database, read_only=True) as copy:
        refuse_broken_promises(copy, tables)
        found += [
            table.full_name
            for table in (*tables, *views)
            if table.full_name in source and fingerprint(copy, table) != source[table.full_name]
        ]
        said = {tuple(names): comment for *names, comment in copy.execute(_COMMENTS).fetchall()}
    meant = {key: comment for table in (*tables, *views) for key, comment in _comments(table).items()}
    found += [".".join(filter(None, key)) + " (comment)" for key, comment in meant.items() if said.get(key) != comment]
    return found


def _comments(table: PublishedTable) -> dict[tuple[str | None, ...], str]:
    comments: dict[tuple[str | None, ...], str] = {(table.schema, table.name, None): comment_of(table)}
    for name, column in table.header.columns.items():
        comments[table.schema, table.name, name] = column.description
    return comments
