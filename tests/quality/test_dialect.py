"""The lent connection: what SQLAlchemy reads through it is what DuckDB holds, in schemas, tables and views."""

from collections.abc import Iterator
from datetime import date, datetime

import duckdb
import pytest
from sqlalchemy import Engine, create_engine, inspect, text, types
from sqlalchemy.exc import NoSuchTableError

from assets.quality.run import dialect
from assets.quality.run.dialect import lent


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(
        """
        create schema marts; create schema lake;
        create table main.t as select 'of main' as a;
        create table marts.t as select 1::bigint as n, date '2023-09-01' as d, null::varchar as nothing, true as b;
        create view lake.t as select n + 1 as m, timestamp '2023-09-01 08:00:00' as at from marts.t;
        """
    )
    return connection


@pytest.fixture
def engine(connection: duckdb.DuckDBPyConnection) -> Iterator[Engine]:
    with lent(connection) as address:
        yield create_engine(address)


def test_each_schema_has_its_own_table(engine: Engine) -> None:
    with engine.connect() as opened:
        assert opened.execute(text("select * from marts.t")).fetchall() == [(1, date(2023, 9, 1), None, True)]
        assert opened.execute(text("select * from lake.t")).fetchall() == [(2, datetime(2023, 9, 1, 8))]
        assert opened.execute(text("select a from t where a = :a"), {"a": "of main"}).fetchall() == [("of main",)]


def test_columns_are_reflected_in_order_with_their_types(engine: Engine) -> None:
    columns = inspect(engine).get_columns("t", schema="marts")
    assert [column["name"] for column in columns] == ["n", "d", "nothing", "b"]
    kinds = [types.BigInteger, types.Date, types.String, types.Boolean]
    assert all(isinstance(column["type"], kind) for column, kind in zip(columns, kinds, strict=True))
    assert [column["name"] for column in inspect(engine).get_columns("t", schema="lake")] == ["m", "at"]
    assert [column["name"] for column in inspect(engine).get_columns("t")] == ["a"]


def test_a_table_of_an_attached_database_is_not_mistaken_for_ours(connection: duckdb.DuckDBPyConnection, engine: Engine) -> None:
    connection.execute("attach ':memory:' as other; create schema other.marts; create table other.marts.t as select 1 as x")
    assert [column["name"] for column in inspect(engine).get_columns("t", schema="marts")] == ["n", "d", "nothing", "b"]


def test_a_missing_table_is_said_to_be_missing(engine: Engine) -> None:
    assert not inspect(engine).has_table("none", schema="marts")
    with pytest.raises(NoSuchTableError):
        inspect(engine).get_columns("none", schema="marts")


def test_rows_outlive_the_connection_given_back(engine: Engine) -> None:
    with engine.connect() as opened:
        result = opened.execute(text("select n from range(3) numbers(n)"))
    assert (result.fetchone(), result.fetchmany(1), result.fetchall(), result.fetchone()) == ((0,), [(1,)], [(2,)], None)


def test_more_rows_than_are_held_are_an_error_and_never_a_cut(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialect, "ROWS_HELD", 3)
    with engine.connect() as opened:
        assert len(opened.execute(text("select * from range(3)")).fetchall()) == 3
        assert opened.execute(text("select * from range(4)")).fetchmany(3) == [(0,), (1,), (2,)]
        with pytest.raises(Exception, match="may read 3 rows"):
            opened.execute(text("select * from range(4)")).fetchall()


def test_a_backslash_stays_one(engine: Engine) -> None:
    with engine.connect() as opened:
        statement = text("select :path").bindparams(path="a\\b").compile(engine, compile_kwargs={"literal_binds": True})
        assert opened.execute(text(str(statement))).scalar() == "a\\b"


def test_the_lender_keeps_the_connection(connection: duckdb.DuckDBPyConnection) -> None:
    with lent(connection) as address, create_engine(address).connect() as opened:
        opened.execute(text("select 1"))
    assert connection.execute("select a from t").fetchall() == [("of main",)]
    with pytest.raises(KeyError):
        create_engine(address).connect()
