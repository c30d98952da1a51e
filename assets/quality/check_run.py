"""One run's checks: over which interval, with which waivers, into the history and the workbooks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from assets.clock import beijing_now
from assets.quality.check_waivers import apply_waivers, reasons_in_force, record_waivers, refuse_unfounded
from assets.quality.open_findings import BY_WAIVER, Followed, as_result, follow, keep
from assets.quality.output.failing_rows import write_failing_rows_of
from assets.quality.output.findings_workbook import write_findings
from assets.quality.output.places import findings_path
from assets.quality.results import CheckResult, create_table, last_run, record
from assets.quality.run.engine import run_suites
from assets.quality.suites.suite import Suite, load_suites
from assets.warehouse.state.ledger import loaded_since_publication, note_checked
from assets.warehouse.state.waivers import enter_waivers
from assets.warehouse.store import Warehouse


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
        workbook = findings_path(warehouse.home, results[0].run_at).name
        followed = follow(connection, suites, results, deliveries, requested, workbook)
        record_waivers(connection, warehouse, suites, results, deliveries)
        _record_waived(connection, warehouse, suites, results, requested, followed)
        _record(connection, warehouse, results, followed)
        write_failing_rows_of(connection, warehouse.home, deliveries)
    path = write_findings(connection, warehouse.home, suites, warehouse.models, results, interval)
    return CheckRun(results, before, path)


def _record_waived(
    connection: duckdb.DuckDBPyConnection,
    warehouse: Warehouse,
    suites: Sequence[Suite],
    results: Sequence[CheckResult],
    requested: Mapping[str, str],
    followed: Followed,
) -> None:
    """Write a waiver for each finding of earlier deliveries that is let pass though its check did not fail on the new ones."""
    of_these = {result.check_id for result in results if result.accepted_reason is not None}
    for finding, by in followed.settled:
        if by == BY_WAIVER and finding.check_id not in of_these:
            waived = as_result(finding, results[0].run_at, requested[finding.check_id])
            record_waivers(connection, warehouse, suites, [waived], list(finding.deliveries))


def _record(connection: duckdb.DuckDBPyConnection, warehouse: Warehouse, results: list[CheckResult], followed: Followed) -> None:
    connection.execute("begin")
    enter_waivers(connection, warehouse.home.lake)
    record(connection, results)
    keep(connection, followed, results[0].run_at)
    note_checked(connection)
    connection.execute("commit")
