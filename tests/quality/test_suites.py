"""Suites are read strictly, every table has one, and a check that fails, passes or breaks is told apart."""

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from assets.errors import UsageError
from assets.platform.contract import load_contract
from assets.quality.engine import run_suites
from assets.quality.suites import Check, Expectation, Severity, Suite, load_suites
from assets.warehouse.models import load_models

NOW = datetime(2023, 9, 2, 6)


def check(name: str, kind: str, severity: Severity = "ERROR", **kwargs: object) -> Check:
    return Check(id=name, rule="规则", severity=severity, who_fixes="数据组", expectation=Expectation(type=kind, kwargs=kwargs))


def test_every_feed_and_mart_has_a_suite() -> None:
    tables = {suite.table for suite in load_suites()}
    assert {f"lake.{feed}" for feed in load_contract().feeds} <= tables
    assert {name for name in load_models() if name.startswith("marts.")} <= tables


@pytest.mark.parametrize(
    ("change", "line"),
    [(("severity: ERROR", "severity: FATAL"), 6), (("who_fixes: 数据组", "who: 数据组"), 4), (("type: expect_x", "type: 1"), 9)],
)
def test_a_wrong_suite_names_file_and_line(tmp_path: Path, change: tuple[str, str], line: int) -> None:
    good = (
        "table: marts.a\ninterval: whole\nchecks:\n  - id: a\n    rule: 规则\n    severity: ERROR\n"
        "    who_fixes: 数据组\n    expectation:\n      type: expect_x\n"
    )
    path = tmp_path / "a.yaml"
    path.write_text(good.replace(*change), encoding="utf-8")
    with pytest.raises(UsageError, match=rf"a\.yaml:{line}:"):
        load_suites(tmp_path)


def test_pass_fail_and_break_are_told_apart_and_hold_no_values() -> None:
    connection = duckdb.connect()
    connection.execute(
        "create schema marts; create table marts.t as select * from (values (1, '甲'), (1, '乙'), (null, '丙')) v(a, b)"
    )
    suite = Suite(
        table="marts.t",
        checks=(
            check("passes", "expect_column_values_to_not_be_null", column="b"),
            check("fails", "expect_column_values_to_not_be_null", column="a"),
            check("breaks", "expect_column_values_to_not_be_null", column="no_such_column"),
            check("rows", "unexpected_rows_expectation", unexpected_rows_query="select 1 from {batch} where b = '甲'"),
        ),
    )
    results = {result.check_id: result for result in run_suites(connection, [suite], None, NOW)}
    assert {name: result.status for name, result in results.items()} == {
        "passes": "passed",
        "fails": "failed",
        "breaks": "broken",
        "rows": "failed",
    }
    assert results["fails"].failing_rows == 1
    assert results["rows"].failing_rows == 1
    assert not any(value in repr(results) for value in "甲乙丙")


def test_an_unknown_expectation_stops() -> None:
    connection = duckdb.connect()
    connection.execute("create schema marts; create table marts.t as select 1 as a")
    with pytest.raises(UsageError, match="unknown expectation in odd"):
        run_suites(connection, [Suite(table="marts.t", checks=(check("odd", "expect_nothing_known"),))], None, NOW)


def test_the_loaded_interval_leaves_out_other_deliveries() -> None:
    connection = duckdb.connect()
    connection.execute(
        "create schema lake; create table lake.accept as select * from (values ('d1', null), ('d2', 1)) v(delivery, a)"
    )
    suite = Suite(table="lake.accept", interval="loaded", checks=(check("a", "expect_column_values_to_not_be_null", column="a"),))
    assert [result.passed for result in run_suites(connection, [suite], ["d2"], NOW)] == [True]
    assert [result.passed for result in run_suites(connection, [suite], None, NOW)] == [False]
