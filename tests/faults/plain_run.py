"""A run without Dagster's and Great Expectations' machinery: every effect on the home is production's own, at a tenth of the time.

Every check passes but the one that ``FAILING_CHECK`` names. The whole runs of the suite go without these stand-ins.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import duckdb

import pipelines.dagster_run
import pipelines.definitions
from assets.exports.delivery import Intake, take_in
from assets.guard import without_values
from assets.publication.checking import check_before_publishing
from assets.publication.gate import publish_if_good
from assets.quality import check_run
from assets.quality.results import CheckResult, Status
from assets.quality.suites import Check, Suite
from assets.warehouse.store import Warehouse
from tests.faults.children import replaced


def stand_in() -> None:
    """In this process, from now on."""
    replaced(pipelines.dagster_run, "instance_of_run", _no_instance)
    replaced(pipelines.definitions, "build_definitions", lambda _: _PlainDefinitions())
    replaced(check_run, "run_suites", _all_passed)


@contextmanager
def _no_instance(*_: object) -> Iterator[None]:
    yield


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


class _PlainDefinitions:
    def resolve_job_def(self, _: str) -> "_PlainJob":
        return _PlainJob()


class _PlainJob:
    def execute_in_process(self, resources: dict[str, Any], **_: object) -> "_PlainResult":
        intake: Intake = resources["intake"]
        warehouse: Warehouse = resources["warehouse"]
        try:
            list(take_in(intake.survey().arrivals, intake))
            with warehouse.open("build") as connection:
                warehouse.build(connection, intake.survey().held)
            check_before_publishing(warehouse, resources["waivers"].reasons)
            publish_if_good(warehouse, resources["publishing"])
        except Exception as error:
            shown = without_values(error)
            return _PlainResult(False, (_failure(type(shown).__name__, str(shown)),))
        return _PlainResult(True)


@dataclass(frozen=True)
class _PlainResult:
    success: bool
    all_events: tuple[Any, ...] = ()
    run_id: str = "plain"


def _failure(name: str, message: str) -> Any:
    error = SimpleNamespace(cause=None, cls_name=name, message=f"assets.errors.{name}: {message}\n")
    return SimpleNamespace(is_step_failure=True, event_specific_data=SimpleNamespace(error=error))
