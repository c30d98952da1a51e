"""The history of checks: what is written is read again, what blocks, and what a waiver changes."""

from dataclasses import replace
from datetime import datetime

import duckdb
import pytest

from assets.errors import UsageError
from assets.quality.check_waivers import apply_waivers, refuse_needless, refuse_unfounded
from assets.quality.results import CheckResult, last_run, rate_text, record, worst_first
from assets.quality.suites.suite import Check, Expectation, Suite

FAILED = CheckResult(
    run_at=datetime(2023, 9, 2, 6),
    check_id="a",
    table_name="marts.t",
    rule="规则",
    severity="ERROR",
    passed=False,
    status="failed",
    accepted_reason=None,
    failing_rows=3,
    checked_rows=9,
    who_fixes="平台方",
)
BROKEN = replace(FAILED, check_id="b", status="broken", failing_rows=None, checked_rows=None)
PASSED = replace(FAILED, check_id="c", status="passed", passed=True, failing_rows=0)
WARNED = replace(FAILED, check_id="d", severity="WARN")


def test_the_newest_run_is_read_as_written() -> None:
    connection = duckdb.connect()
    older = replace(FAILED, run_at=datetime(2023, 9, 1, 6))
    record(connection, [BROKEN, FAILED, PASSED, WARNED])
    record(connection, [older])
    assert last_run(connection) == [FAILED, BROKEN, PASSED, WARNED]
    assert connection.execute("select count(*) from quality.checks").fetchone() == (5,)


def test_without_a_run_there_are_no_results() -> None:
    assert last_run(duckdb.connect()) == []


def test_errors_block_whether_failed_or_broken_until_accepted() -> None:
    results = [FAILED, BROKEN, PASSED, WARNED]
    assert [result.check_id for result in results if result.blocks] == ["a", "b"]
    passing = apply_waivers(results, {"a": "节后补报"})
    assert [result.check_id for result in passing if result.blocks] == ["b"]
    assert passing[0] == replace(FAILED, accepted_reason="节后补报")


def test_what_passed_needs_no_waiver() -> None:
    assert apply_waivers([PASSED], {"c": "以防万一"}) == [PASSED]


def test_an_unknown_check_or_an_empty_reason_is_no_waiver() -> None:
    expectation = Expectation(type="expect_column_values_to_be_unique", kwargs={"column": "a"})
    suites = [
        Suite(
            table="marts.t",
            checks=(
                Check(
                    id="a",
                    rule="规则",
                    severity="ERROR",
                    who_fixes="平台方",
                    prints=("a",),
                    reason="试验",
                    expectation=expectation,
                ),
            ),
        )
    ]
    with pytest.raises(UsageError, match="no check typo"):
        refuse_unfounded({"typo": "理由"}, suites)
    with pytest.raises(UsageError, match="--reason"):
        refuse_unfounded({"a": " \n"}, suites)
    with pytest.raises(UsageError, match="phone or bank card"):
        refuse_unfounded({"a": "请电13800138000核实"}, suites)
    refuse_unfounded({"a": "理由"}, suites)


def test_what_did_not_fail_cannot_be_accepted_alone() -> None:
    with pytest.raises(UsageError, match="c did not fail"):
        refuse_needless({"c": "理由"}, [FAILED, PASSED])
    refuse_needless({"a": "理由"}, [FAILED, PASSED])


def test_the_worst_stands_first() -> None:
    noted = replace(FAILED, check_id="e", severity="INFO")
    let_pass = replace(FAILED, check_id="0", accepted_reason="理由")
    found = worst_first([PASSED, noted, WARNED, let_pass, BROKEN, FAILED])
    assert [result.check_id for result in found] == ["a", "b", "0", "d", "e", "c"]


def test_a_rate_is_never_rounded_to_none() -> None:
    assert [rate_text(0, 9), rate_text(3, 9), rate_text(1, 10**6), rate_text(None, 9), rate_text(0, 0)] == [
        "0.00%",
        "33.33%",
        "<0.01%",
        "",
        "",
    ]
