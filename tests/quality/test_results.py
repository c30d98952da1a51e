"""The history of checks: what is written is read again, what blocks, and what an acceptance changes."""

from dataclasses import replace
from datetime import datetime

import duckdb
import pytest

from assets.errors import UsageError
from assets.quality.results import CheckResult, accepting, last_run, record

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
    accepted = accepting(results, {"a": "节后补报"})
    assert [result.check_id for result in accepted if result.blocks] == ["b"]
    assert accepted[0] == replace(FAILED, accepted_reason="节后补报")


def test_what_passed_needs_no_acceptance() -> None:
    assert accepting([PASSED], {"c": "以防万一"}) == [PASSED]


def test_an_unknown_check_cannot_be_accepted() -> None:
    with pytest.raises(UsageError, match="no check typo"):
        accepting([FAILED], {"typo": "理由"})
