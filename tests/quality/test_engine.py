"""A check that passes, fails or breaks is told apart; counts come out, values do not; the interval is kept to."""

import logging
from datetime import datetime

import duckdb
import pytest

from assets.errors import UsageError
from assets.quality.run import dialect
from assets.quality.run.engine import run_suites
from assets.quality.suites.suite import Check, Expectation, Severity, Suite

NOW = datetime(2023, 9, 2, 6)


def check(name: str, kind: str, severity: Severity = "ERROR", **kwargs: object) -> Check:
    return Check(
        id=name,
        rule="规则",
        severity=severity,
        who_fixes="平台方",
        prints=("delivery",),
        reason="理由",
        expectation=Expectation(type=kind, kwargs=kwargs),
    )


def sql(name: str, query: str) -> Check:
    return check(name, "unexpected_rows_expectation", unexpected_rows_query=query)


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(
        """
        create schema marts; create table marts.t as select * from (values (1, '甲某'), (1, '乙某'), (null, '丙某')) v(a, b);
        create schema lake; create table lake.accept as select * from (values ('d1', null), ('d2', 1), ('it''s', 2)) v(delivery, a);
        """
    )
    return connection


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that reaches DuckDB through the library."""
    found: list[str] = []
    execute = dialect._Cursor.execute

    def noted(cursor: dialect._Cursor, statement: str, parameters: object = None) -> None:
        found.append(statement)
        execute(cursor, statement, parameters)

    monkeypatch.setattr(dialect._Cursor, "execute", noted)
    return found


def test_pass_fail_and_break_are_told_apart_and_hold_no_values(
    connection: duckdb.DuckDBPyConnection, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    suite = Suite(
        table="marts.t",
        checks=(
            check("passes", "expect_column_values_to_not_be_null", column="b"),
            check("fails", "expect_column_values_to_not_be_null", column="a"),
            check("fails_on_a_value", "expect_column_values_to_be_in_set", column="b", value_set=["丁某"]),
            check("breaks", "expect_column_values_to_not_be_null", column="no_such_column"),
            sql("rows", "select b from {batch} where b = '甲某'"),
            sql("breaks_on_a_value", "select 1 from {batch} where cast(b as integer) > 1"),
        ),
    )
    with caplog.at_level(logging.DEBUG):
        results = run_suites(connection, [suite], None, NOW)
    assert [(result.check_id, result.status, result.failing_rows) for result in results] == [
        ("passes", "passed", 0),
        ("fails", "failed", 1),
        ("fails_on_a_value", "failed", 3),
        ("breaks", "broken", None),
        ("rows", "failed", 1),
        ("breaks_on_a_value", "broken", None),
    ]
    assert [result.passed for result in results] == [True, False, False, False, False, False]
    assert {result.who_fixes for result in results if result.status == "broken"} == {"数据组"}
    assert {result.checked_rows for result in results} == {3}
    own = [record.getMessage() for record in caplog.records if record.name.startswith("assets.")]
    assert "check breaks_on_a_value of marts.t could not be carried out: ConversionException" in own
    printed = "".join(capfd.readouterr())
    texts = [repr(results), printed, *(record.getMessage() for record in caplog.records if record.levelno >= logging.INFO)]
    assert not any(value in text for value in ("甲某", "乙某", "丙某") for text in texts)


def test_a_table_that_cannot_be_read_breaks_its_checks_and_no_others(connection: duckdb.DuckDBPyConnection) -> None:
    absent = Suite(table="marts.absent", checks=(check("a", "expect_column_values_to_not_be_null", column="a"),))
    there = Suite(table="marts.t", checks=(check("b", "expect_column_values_to_not_be_null", column="b"),))
    results = run_suites(connection, [absent, there], None, NOW)
    assert [(result.check_id, result.status, result.checked_rows) for result in results] == [
        ("a", "broken", None),
        ("b", "passed", 3),
    ]
    assert [result.blocks for result in results] == [True, False]


def test_what_the_library_refuses_stops_before_anything_is_checked(connection: duckdb.DuckDBPyConnection) -> None:
    # another version of the library may know less than the schemas by which suites are read
    unknown = Expectation.model_construct(type="expect_column_values_to_not_be_null", kwargs={"colum": "b"})
    wrong = check("odd", "expect_column_values_to_not_be_null", column="b").model_copy(update={"expectation": unknown})
    with pytest.raises(UsageError, match=r"marts_t\.yaml: check odd: an argument of expect_column_values_to_not_be_null"):
        run_suites(connection, [Suite(table="marts.t", checks=(wrong,))], None, NOW)


def test_a_rule_in_sql_is_counted_in_one_query(connection: duckdb.DuckDBPyConnection, asked: list[str]) -> None:
    run_suites(connection, [Suite(table="marts.t", checks=(sql("rows", "select b from {batch} where a = 1"),))], None, NOW)
    assert len([statement for statement in asked if "where a = 1" in statement]) == 1


def test_computed_columns_are_counted_together_and_null_is_not_in_question(
    connection: duckdb.DuckDBPyConnection, asked: list[str]
) -> None:
    suite = Suite(
        table="marts.t",
        computed={"is_one": "a = 1", "is_someone": "b <> '乙某'", "is_unused": "no_such_column"},
        checks=(
            check("one", "expect_column_values_to_be_in_set", column="is_one", value_set=[True]),
            check("someone", "expect_column_values_to_be_in_set", column="is_someone", value_set=[True]),
        ),
    )
    results = run_suites(connection, [suite], None, NOW)
    counts = [(result.status, result.failing_rows, result.checked_rows) for result in results]
    assert counts == [("passed", 0, 2), ("failed", 1, 3)]
    assert len([statement for statement in asked if "sum(CASE" in statement]) == 1


def test_checks_of_one_suite_may_see_other_intervals(connection: duckdb.DuckDBPyConnection) -> None:
    loaded, whole = (check(name, "expect_column_values_to_not_be_null", column="a") for name in ("loaded", "whole"))
    suite = Suite(table="lake.accept", checks=(loaded.model_copy(update={"interval": "loaded"}), whole))
    results = run_suites(connection, [suite], ["d2"], NOW)
    assert [(result.check_id, result.checked_rows, result.failing_rows) for result in results] == [
        ("loaded", 1, 0),
        ("whole", 3, 1),
    ]


@pytest.mark.parametrize(("deliveries", "rows", "failing"), [(["d2"], 1, 0), (["d1", "it's"], 2, 1), ([], 0, 0), (None, 3, 1)])
def test_the_loaded_interval_leaves_out_other_deliveries(
    connection: duckdb.DuckDBPyConnection, deliveries: list[str] | None, rows: int, failing: int
) -> None:
    suite = Suite(table="lake.accept", interval="loaded", checks=(check("a", "expect_column_values_to_not_be_null", column="a"),))
    (result,) = run_suites(connection, [suite], deliveries, NOW)
    assert (result.table_name, result.checked_rows, result.failing_rows, result.passed) == (
        "lake.accept",
        rows,
        failing,
        not failing,
    )
    assert connection.execute("select 1 from duckdb_schemas() where schema_name = 'checking'").fetchall() == []


def test_what_a_killed_run_left_behind_does_not_matter(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("create schema checking; create table checking.accept as select 1 as stale")
    suite = Suite(table="lake.accept", interval="loaded", checks=(check("a", "expect_column_values_to_not_be_null", column="a"),))
    assert run_suites(connection, [suite], ["d2"], NOW)[0].passed
