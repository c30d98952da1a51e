"""One query on the published database: read-only, locked down, bounded in memory and time. The private one is never opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from threading import Timer
from typing import Any

import duckdb

from assets.errors import NothingPublishedError, StorageError, UsageError
from assets.publication.query_limits import DEFAULT_LIMITS, QueryLimits

Row = tuple[Any, ...]

_BATCH = 10_000
_EXAMPLE = 'for example: select * from "周统计" limit 10'
_READING = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
_LOCKED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    # a name that no table has must not find a variable of this program
    "python_enable_replacements": "false",
    # the reader may not write beside the published file, where DuckDB would spill
    "temp_directory": "",
    "lock_configuration": "true",
}


@dataclass(frozen=True)
class QueryResult:
    """A query's columns and all its rows."""

    columns: list[str]
    rows: list[Row]


@dataclass(frozen=True)
class OpenQuery:
    """A query's columns, and its rows to be read once while it is open."""

    columns: list[str]
    rows: Iterator[Row]


def run_query(published: Path, sql: str, limits: QueryLimits = DEFAULT_LIMITS) -> QueryResult:
    """What ``sql`` gives on the database file ``published``, all rows; raises as ``open_query``."""
    with open_query(published, sql, limits) as query:
        return QueryResult(query.columns, list(query.rows))


@contextmanager
def open_query(published: Path, sql: str, limits: QueryLimits = DEFAULT_LIMITS) -> Iterator[OpenQuery]:
    """The query ``sql`` on the database file ``published``, its rows read as they are asked for, within ``limits.seconds``.

    Raises ``UsageError`` with DuckDB's words (published data has no personal value) where it is no single query, is wrong, reaches
    outside the database, or needs more memory or time; ``NothingPublishedError`` where nothing is published, ``StorageError``
    where it will not open.
    """
    with _opened(published, limits.memory_limit) as connection:
        # DuckDB has no limit of time for a statement
        timer = Timer(limits.seconds, connection.interrupt)
        timer.start()
        try:
            with _query_errors(limits):
                statement = _single_query(sql)
                connection.execute(statement)
                first = connection.fetchmany(_BATCH)
                columns = [column[0] for column in connection.description or []]
            yield OpenQuery(columns, chain(first, _later(connection, limits)))
        finally:
            timer.cancel()


def _single_query(sql: str) -> duckdb.Statement:
    statements = duckdb.extract_statements(sql)
    if not statements:
        raise UsageError(f"there is no query; {_EXAMPLE}")
    if len(statements) > 1:
        raise UsageError(f"{len(statements)} statements were given; give one query at a time")
    statement = statements[0]
    if statement.type == duckdb.StatementType.MULTI:
        raise UsageError("a pivot must list its values: pivot … on column in ('a', 'b') using …")
    if statement.type not in _READING:
        kind = statement.type.name.replace("_", " ").lower()
        raise UsageError(f"only queries are answered here, and this is a statement of the kind `{kind}`; {_EXAMPLE}")
    return statement


def _later(connection: duckdb.DuckDBPyConnection, limits: QueryLimits) -> Iterator[Row]:
    """The rows after the first batch; an error of one is raised when it is read."""
    while True:
        with _query_errors(limits):
            batch = connection.fetchmany(_BATCH)
        if not batch:
            return
        yield from batch


@contextmanager
def _query_errors(limits: QueryLimits) -> Iterator[None]:
    try:
        yield
    except duckdb.InterruptException as error:
        raise UsageError(
            f"the query took longer than {limits.seconds:g} seconds and was ended; ask for less, or give it more with --seconds"
        ) from error
    except duckdb.OutOfMemoryException as error:
        raise UsageError(
            f"the query needs more memory than {limits.memory_limit}; ask for less, or give it more with --memory"
        ) from error
    except duckdb.Error as error:
        raise UsageError(f"the query failed: {error}") from error


@contextmanager
def _opened(published: Path, memory_limit: str) -> Iterator[duckdb.DuckDBPyConnection]:
    if not published.exists():
        raise NothingPublishedError(f"{published}: nothing is published yet; run zhoubao run first")
    try:
        connection = duckdb.connect(published, read_only=True, config=_LOCKED | {"memory_limit": memory_limit})
    except duckdb.Error as error:
        raise StorageError(f"{published}: cannot be opened ({type(error).__name__})") from error
    try:
        yield connection
    finally:
        connection.close()
