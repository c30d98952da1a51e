"""A run without Dagster's and Great Expectations' machinery: every effect on the home is production's own, at a tenth of the time.

Every check passes but the one that ``FAILING_CHECK`` names. The whole runs of the suite go without these stand-ins.
"""

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime

import duckdb

import pipelines.orchestration.recorded_run
from assets.errors import ZhoubaoError
from assets.quality import check_run
from assets.quality.results import CheckResult, Status
from assets.quality.suites.suite import Check, Suite
from pipelines.running.outcome import Outcome
from pipelines.running.run import Begun, ended
from pipelines.running.steps import carried_out
from tests.faults.children import replaced


def stand_in() -> None:
    """In this process, from now on."""
    replaced(pipelines.orchestration.recorded_run, "run_recorded", _plain)
    replaced(check_run, "run_suites", _all_passed)


def _all_passed(
    connection: duckdb.DuckDBPyConnection, suites: Iterable[Suite], deliveries: Sequence[str] | None, run_at: datetime
) -> list[CheckResult]:
    del connection, deliveries
    failing = os.environ.get("FAILING_CHECK")
    return [_result(suite, check, check.id == failing, run_at) for suite in suites for check in suite.checks]


def _result(suite: Suite, check: Check, fails: bool, run_at: datetime) -> CheckResult:
    status: Status = "failed" if fails else "passed"
    return CheckResult(
        run_at, check.id, suite.table, check.rule, check.severity, not fails, status, None, int(fails), 1, check.who_fixes
    )


def _plain(pending: Begun) -> Outcome:
    with suppress(ZhoubaoError):
        list(carried_out(pending))
    return ended(pending, "plain")
