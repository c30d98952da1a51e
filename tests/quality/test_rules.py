"""Each rule of ``expectations/`` against a warehouse in which it holds and against one in which exactly it does not."""

from datetime import datetime

import duckdb
import pytest

from assets.quality.run.engine import run_suites
from assets.quality.suites.suite import load_suites
from tests.quality.faults import FAULTS_OF_RECORDS, Planted
from tests.quality.faults_of_counts import FAULTS_OF_COUNTS
from tests.quality.faults_of_periods import FAULTS_OF_PERIODS
from tests.quality.sound_warehouse import DELIVERY, ROWS_PER_FEED, sound_warehouse

NOW = datetime(2023, 9, 2, 6)
SUITES = {suite.table: suite for suite in load_suites()}
FAULTS = [*FAULTS_OF_RECORDS, *FAULTS_OF_COUNTS, *FAULTS_OF_PERIODS]


def test_every_rule_has_a_planted_fault() -> None:
    planted = {(fault.table, fault.check) for fault in FAULTS}
    assert planted == {(suite.table, check.id) for suite in SUITES.values() for check in suite.checks}


def test_every_rule_holds_in_a_sound_warehouse() -> None:
    results = run_suites(sound_warehouse(), SUITES.values(), [DELIVERY], NOW)
    assert [result.check_id for result in results if result.status != "passed"] == []
    assert [result.check_id for result in results] == [check.id for suite in SUITES.values() for check in suite.checks]
    assert all(result.failing_rows == 0 for result in results)
    assert {result.checked_rows for result in results if result.table_name == "lake.consult"} == {ROWS_PER_FEED}


@pytest.mark.parametrize("planted", FAULTS, ids=[f"{fault.check}-{number}" for number, fault in enumerate(FAULTS)])
def test_a_fault_breaks_its_rule_and_no_other(planted: Planted) -> None:
    connection = sound_warehouse()
    if planted.setup:
        connection.execute(planted.setup)
        assert _failed(connection, planted.table) == []
    connection.execute(planted.fault)
    assert _failed(connection, planted.table) == [(planted.check, "failed")]


def _failed(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    results = run_suites(connection, [SUITES[table]], [DELIVERY], NOW)
    assert all(result.failing_rows for result in results if result.status == "failed")
    return [(result.check_id, result.status) for result in results if not result.passed]


def test_a_deletion_needs_only_its_key_and_time() -> None:
    connection = sound_warehouse()
    connection.execute(
        "update lake.accept set cd_operation = 'D', accept_date = null, org_code = null, org_level = null, task_type = null, "
        "is_composite = null where line = 2"
    )
    assert _failed(connection, "lake.accept") == []


def test_a_tolerated_rate_is_counted_though_it_passes() -> None:
    connection = sound_warehouse()
    connection.execute(
        "update lake.accept set applicant_code_is_valid = false where line = 2;"
        "update lake.accept set applicant_code_is_valid = null where line = 3"
    )
    results = {result.check_id: result for result in run_suites(connection, [SUITES["lake.accept"]], None, NOW)}
    result = results["accept_applicant_code"]
    assert (result.passed, result.failing_rows, result.checked_rows) == (True, 1, ROWS_PER_FEED - 1)


def test_an_issue_without_cases_has_figures_of_nought() -> None:
    connection = sound_warehouse()
    for table in ("marts.weekly_counts", "marts.cumulative_counts"):
        connection.execute(f"delete from {table}")
    connection.execute("update marts.bulletin_figures set value = 0 where figure not like 'handbook.%'")
    assert _failed(connection, "marts.bulletin_figures") == []
