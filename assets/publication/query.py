"""One query on the published database: read-only, locked down, bounded in memory and time. The private one is never opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

import duckdb

from assets.errors import RefusedError, StorageError, UsageError
from assets.publication.versions import refuse_stray_log


@dataclass(frozen=True)
class QueryResult:
    """Every row of a query's last statement."""

    columns: list[str]
    rows: list[tuple[Any, ...]]


def run_query(published: Path, sql: str, memory_limit: str = "1GB", seconds: float = 60) -> QueryResult:
    """What ``sql`` gives on the database file ``published``, all rows.

    Raises ``UsageError`` with DuckDB's words (published data has no personal value) where the query is wrong, reaches outside the
    database, or needs more memory or time; ``RefusedError`` where nothing is published, ``StorageError`` where it will not open.
    """
    with _opened(published, memory_limit) as connection:
        # DuckDB has no limit of time for a statement
        timer = Timer(seconds, connection.interrupt)
        timer.start()
        try:
            connection.execute(sql)
            columns = [column[0] for column in connection.description or []]
            rows = connection.fetchall() if columns else []
        except duckdb.InterruptException as error:
            raise UsageError(f"the query took longer than {seconds:g} seconds; ask for less, or for fewer days") from error
        except duckdb.Error as error:
            raise UsageError(f"the query failed: {error}") from error
        finally:
            timer.cancel()
    if not columns:
        raise UsageError('there is no statement that gives rows; for example: select * from "周统计"')
    return QueryResult(columns, rows)


@contextmanager
def _opened(published: Path, memory_limit: str) -> Iterator[duckdb.DuckDBPyConnection]:
    if not published.exists():
        raise RefusedError(f"{published}: nothing is published yet; run zhoubao run first")
    refuse_stray_log(published)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": "false",
        "memory_limit": memory_limit,
        # the reader may not write beside the published file, where DuckDB would spill
        "temp_directory": "",
        "lock_configuration": "true",
    }
    try:
        connection = duckdb.connect(published, read_only=True, config=settings)
    except duckdb.Error as error:
        raise StorageError(f"{published}: cannot be opened ({type(error).__name__})") from error
    try:
        yield connection
    finally:
        connection.close()
