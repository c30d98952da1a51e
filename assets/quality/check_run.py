"""One run's checks: over which interval, with which waivers, into the history and the workbooks."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from assets.clock import beijing_now
from assets.quality.check_waivers import apply_waivers, reasons_in_force, record_waivers, refuse_unfounded
from assets.quality.engine import run_suites
from assets.quality.failing_rows import write_failing_rows_of
from assets.quality.findings_workbook import write_findings
from assets.quality.results import CheckResult, create_table, last_run, record
from assets.quality.suites import load_suites
from assets.warehouse.ledger import loaded_since_publication, note_checked
from assets.warehouse.store import Warehouse
from assets.warehouse.waivers import enter_waivers


@dataclass(frozen=True)
class CheckRun:
    """What one run of all checks found.

    ``before`` are the results of the run before, by check; ``workbook`` lists the failing rows.
    """

    results: list[CheckResult]
    before: dict[str, CheckResult]
    workbook: Path

    @property
    def blocking(self) -> list[CheckResult]:
        """The checks that keep what was checked from being published."""
        return [result for result in self.results if result.blocks]


def check_warehouse(
    connection: duckdb.DuckDBPyConnection, warehouse: Warehouse, requested: Mapping[str, str] | None = None, whole: bool = False
) -> CheckRun:
    """Check all that was loaded since the last good publication, and every table counted from it.

    ``requested`` gives the reason for each check that an authorised person waives: where such a check failed, the waiver
    is recorded in the lake. The results go into the history, those of the ``whole`` history apart: their counts would not
    compare with a day's, and what was published long ago does not decide about today. Of the deliveries that are checked,
    what is quarantined is listed for the platform too.

    Raises ``UsageError`` for a waiver that means nothing, ``DamageError`` where a recorded one was removed or changed.
    """
    requested = requested or {}
    suites = load_suites()
    refuse_unfounded(requested, suites)
    create_table(connection)
    enter_waivers(connection, warehouse.home.lake)
    before = {result.check_id: result for result in last_run(connection)}
    deliveries = loaded_since_publication(connection)
    interval = None if whole else deliveries
    found = run_suites(connection, suites, interval, beijing_now())
    results = apply_waivers(found, {**reasons_in_force(warehouse, suites), **requested})
    if not whole:
        record_waivers(connection, warehouse, suites, results, deliveries)
        _record(connection, warehouse, results)
        write_failing_rows_of(connection, warehouse.home, deliveries)
    workbook = write_findings(connection, warehouse.home, suites, warehouse.models, results, interval)
    return CheckRun(results, before, workbook)


def _record(connection: duckdb.DuckDBPyConnection, warehouse: Warehouse, results: list[CheckResult]) -> None:
    connection.execute("begin")
    enter_waivers(connection, warehouse.home.lake)
    record(connection, results)
    note_checked(connection)
    connection.execute("commit")
