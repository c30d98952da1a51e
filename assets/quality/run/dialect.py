"""A SQLAlchemy dialect that lends Great Expectations the warehouse's open connection.

Two traps make every published dialect fail without an exception: Great Expectations fetches rows after it gave the
connection back, so rows are buffered at ``execute``; and PostgreSQL's reflection asks for catalogues DuckDB has not, so
columns are read from ``duckdb_columns()``.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from types import ModuleType
from typing import Any
from uuid import uuid4

import duckdb
from sqlalchemy import pool, text, types
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.exc import NoSuchTableError

# Great Expectations asks for counts, and for at most 200 rows; a check that fails on millions must not hold them all
ROWS_HELD = 10_000

_LENT: dict[str, duckdb.DuckDBPyConnection] = {}
_TYPES: dict[str, type[types.TypeEngine[Any]]] = {
    "VARCHAR": types.String,
    "BIGINT": types.BigInteger,
    "INTEGER": types.Integer,
    "DOUBLE": types.Float,
    "BOOLEAN": types.Boolean,
    "DATE": types.Date,
    "TIMESTAMP": types.TIMESTAMP,
    "HUGEINT": types.Numeric,
}
_COLUMNS = """
    select column_name, data_type, is_nullable
    from duckdb_columns()
    where database_name = current_database() and schema_name = coalesce(:schema, 'main') and table_name = :name
        and not internal
    order by column_index
"""


@contextmanager
def lent(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """A SQLAlchemy address under which ``connection`` can be used while the block lasts."""
    name = uuid4().hex
    _LENT[name] = connection
    registry.register("duckdb.lent", __name__, "LentDialect")
    try:
        yield f"duckdb+lent:///{name}"
    finally:
        del _LENT[name]


class _Cursor:
    """A DB-API cursor that holds the first ``ROWS_HELD`` rows from ``execute`` on; asking for more is an error, never a cut."""

    arraysize = 1
    rowcount = -1

    def __init__(self, raw: duckdb.DuckDBPyConnection) -> None:
        self._raw = raw
        self._rows: deque[tuple[Any, ...]] = deque()
        self._has_more = False
        self.description: list[Any] | None = None

    def execute(self, sql: str, parameters: Any = None) -> None:
        self._raw.execute(sql, parameters or None)
        self.description = self._raw.description
        found = self._raw.fetchmany(ROWS_HELD + 1) if self.description else []
        self._has_more = len(found) > ROWS_HELD
        self._rows = deque(found[:ROWS_HELD])

    def fetchone(self) -> tuple[Any, ...] | None:
        if self._rows:
            return self._rows.popleft()
        if self._has_more:
            raise duckdb.NotSupportedError(f"a check may read {ROWS_HELD} rows; let its query count instead")
        return None

    def fetchall(self) -> list[tuple[Any, ...]]:
        return list(iter(self.fetchone, None))

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        return list(islice(iter(self.fetchone, None), size or self.arraysize))

    def close(self) -> None:
        self._rows.clear()
        self._has_more = False


class _Connection:
    """A DB-API connection over a cursor of the lent one: it commits and rolls back nothing, since it only reads."""

    def __init__(self, raw: duckdb.DuckDBPyConnection) -> None:
        self._raw = raw

    def cursor(self) -> _Cursor:
        return _Cursor(self._raw)

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def close(self) -> None:
        self._raw.close()


class LentDialect(PGDialect):
    """DuckDB's SQL is PostgreSQL's for what Great Expectations asks; Great Expectations knows it by the name ``duckdb``."""

    name = "duckdb"
    driver = "lent"
    supports_statement_cache = False
    supports_server_side_cursors = False
    # PostgreSQL's setting for this is asked in ``initialize``; in DuckDB a backslash in a text is a backslash
    _backslash_escapes = False

    @classmethod
    def import_dbapi(cls) -> ModuleType:
        return duckdb

    @classmethod
    def get_pool_class(cls, url: Any) -> type[pool.Pool]:
        del url
        return pool.NullPool

    def create_connect_args(self, url: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return (url.database,), {}

    def connect(self, *arguments: Any, **options: Any) -> Any:
        del options
        return _Connection(_LENT[arguments[0]].cursor())

    def initialize(self, connection: Any) -> None:
        """Ask nothing: PostgreSQL's questions about its version and settings have no answer here."""

    def do_rollback(self, dbapi_connection: Any) -> None: ...

    def do_commit(self, dbapi_connection: Any) -> None: ...

    def do_begin(self, dbapi_connection: Any) -> None: ...

    def get_columns(self, connection: Any, table_name: str, schema: str | None = None, **options: Any) -> list[Any]:
        del options
        rows = connection.execute(text(_COLUMNS), {"name": table_name, "schema": schema}).fetchall()
        if not rows:
            raise NoSuchTableError(table_name)
        return [
            {"name": name, "type": _TYPES.get(kind, types.String)(), "nullable": nullable, "default": None, "comment": None}
            for name, kind, nullable in rows
        ]

    def get_multi_columns(  # type: ignore[override]  # the superclasses disagree with each other
        self, connection: Any, *, schema: Any = None, filter_names: Any = None, **options: Any
    ) -> dict[Any, Any]:
        del options
        return {(schema, name): self.get_columns(connection, name, schema) for name in filter_names or ()}

    def has_table(self, connection: Any, table_name: str, schema: str | None = None, **options: Any) -> bool:
        del options
        return bool(connection.execute(text(_COLUMNS), {"name": table_name, "schema": schema}).fetchall())

    def get_pk_constraint(self, connection: Any, table_name: str, schema: str | None = None, **options: Any) -> Any:
        del connection, table_name, schema, options
        return {"constrained_columns": [], "name": None}
