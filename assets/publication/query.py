"""One query on the published database: read-only, locked down, bounded in memory and time. The private one is never opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from threading import Event, Timer
from typing import Any

import duckdb

from assets.errors import NothingPublishedError, StorageError, UsageError
from assets.publication.query_limits import DEFAULT_LIMITS, QueryLimits
from assets.publication.store.versions import refuse_stray_log
from assets.warehouse.damage import damaged_publication, tells_damage

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
    # the reader may not write alongside the published file, where DuckDB would spill
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
    with _opened(published, limits.memory_limit) as connection, _ended_in_time(connection, limits) as ended:
        with _query_errors(limits, ended):
            connection.execute(_single_query(sql))
            first = connection.fetchmany(_BATCH)
            columns = [column[0] for column in connection.description or []]
        yield OpenQuery(columns, chain(first, _later(connection, limits, ended)))


@contextmanager
def _ended_in_time(connection: duckdb.DuckDBPyConnection, limits: QueryLimits) -> Iterator[Event]:
    """Interrupt ``connection`` after ``limits.seconds``, since DuckDB has no time limit; the event is set if it was interrupted."""
    ended = Event()

    def end() -> None:
        ended.set()
        connection.interrupt()

    timer = Timer(limits.seconds, end)
    timer.start()
    try:
        yield ended
    finally:
        timer.cancel()


def _single_query(sql: str) -> duckdb.Statement:
    statements = duckdb.extract_statements(sql)
    if not statements:
        raise UsageError(f"there is no query; {_EXAMPLE}")
    statement = statements[0]
    # a pivot that has to look for its values first; DuckDB 1.5 takes it apart into statements without a text
    if statement.type == duckdb.StatementType.MULTI or not statement.query:
        raise UsageError("a pivot must list its values: pivot … on column in ('a', 'b') using …")
    if len(statements) > 1:
        raise UsageError(f"{len(statements)} statements were given; give one query at a time")
    if statement.type not in _READING:
        kind = statement.type.name.replace("_", " ").lower()
        raise UsageError(f"only queries are answered here, and this is a statement of the kind `{kind}`; {_EXAMPLE}")
    return statement


def _later(connection: duckdb.DuckDBPyConnection, limits: QueryLimits, ended: Event) -> Iterator[Row]:
    """The rows after the first batch; an error of one is raised when it is read."""
    while True:
        with _query_errors(limits, ended):
            batch = connection.fetchmany(_BATCH)
        if not batch:
            return
        yield from batch


@contextmanager
def _query_errors(limits: QueryLimits, ended: Event) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise UsageError(_words(error, limits, ended.is_set())) from error


def _words(error: duckdb.Error, limits: QueryLimits, is_ended: bool) -> str:
    # DuckDB 1.5 raises another class where it is interrupted while rows are fetched
    if is_ended:
        return limits.time_words
    if isinstance(error, duckdb.OutOfMemoryException):
        return limits.memory_words
    return f"the query failed: {error}"


@contextmanager
def _opened(published: Path, memory_limit: str) -> Iterator[duckdb.DuckDBPyConnection]:
    if not published.exists():
        raise NothingPublishedError(
            f"{published}: nothing is published yet; zhoubao run publishes, and zhoubao status says why it has not"
        )
    refuse_stray_log(published)
    try:
        connection = duckdb.connect(published, read_only=True, config=_LOCKED | {"memory_limit": memory_limit})
    except duckdb.Error as error:
        if tells_damage(error):
            raise damaged_publication(published) from error
        raise StorageError(f"{published}: cannot be opened ({type(error).__name__})") from error
    try:
        yield connection
    except UsageError as error:
        if tells_damage(error):
            raise damaged_publication(published) from error
        raise
    finally:
        connection.close()
