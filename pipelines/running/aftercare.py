"""What follows a run: the workbooks for the platform are named, and what the site keeps no longer goes."""

from typing import Any

from assets.clock import beijing_now
from assets.errors import StorageError
from assets.exports.delivery import Intake
from assets.exports.retention import remove_originals
from assets.exports.retention_rules import Retention
from assets.guard import without_values
from assets.home import Home
from assets.publication.store.manifest import known_manifest
from assets.quality.open_findings import open_findings
from assets.quality.output.failing_rows import workbook_path
from assets.quality.output.workbook_retention import remove_old_workbooks, remove_surplus_findings, surplus_findings
from assets.warehouse.state.ledger import unsettled_files
from assets.warehouse.store import Warehouse


def see_to_the_rest(
    intake: Intake, warehouse: Warehouse, retention: Retention, delivered: list[str], ended_well: bool
) -> dict[str, Any]:
    """The facts to add to the outcome of a run whose tables were built; the caller holds the writer's lock.

    ``delivered`` are the deliveries that the run took in or read again. What the disk does not take is said under ``error``:
    the run itself stands.
    """
    try:
        facts = {"workbooks": _workbooks(intake, delivered)} if delivered else {}
        removes = retention.removes or surplus_findings(intake.home, retention.workbooks)
        return facts | (_removed(intake, warehouse, retention) if ended_well and removes else {})
    except StorageError as error:
        return {"error": str(error), "storage_error": True}


def remove_old_records(home: Home, keep: int) -> dict[str, Any]:
    """Remove Dagster's records of all runs but the newest ``keep`` and those since the last publication; the facts to tell.

    They are a history, not the truth: where they cannot be removed, a note says so, and the next run tries again.
    """
    try:
        removed = _remove_old_records(home, keep)
    except Exception as error:
        return {"notes": [f"old records of runs in {home.dagster} were not removed: {without_values(error)}"]}
    return {"removed_runs": removed} if removed else {}


def _remove_old_records(home: Home, keep: int) -> int:
    from pipelines.orchestration.instance import are_few_records, open_instance

    if are_few_records(home, keep):
        return 0
    from pipelines.orchestration.kept_runs import remove_old_runs

    manifest = known_manifest(home)
    with open_instance(home) as instance:
        return remove_old_runs(instance, keep, manifest.built_at if manifest else None)


def _workbooks(intake: Intake, delivered: list[str]) -> list[str]:
    """The checks wrote one for each business date on which something is quarantined."""
    receipts = (intake.receipts.get(name) for name in delivered)
    days = sorted({receipt.business_date for receipt in receipts if receipt is not None})
    return [str(path) for path in (workbook_path(intake.home, day) for day in days) if path.exists()]


def _removed(intake: Intake, warehouse: Warehouse, retention: Retention) -> dict[str, Any]:
    with warehouse.open("retention") as connection:
        unsettled = unsettled_files(connection)
        pointed_at = {finding.workbook for finding in open_findings(connection)}
    if unsettled is None:
        return {}
    now = beijing_now()
    removed = remove_originals(intake.home, intake.landing, retention, unsettled, now)
    workbooks = 0
    if retention.workbook_days is not None:
        deliveries = {delivery for delivery, _ in unsettled}
        days = {receipt.business_date for receipt in intake.receipts if receipt.delivery in deliveries}
        workbooks = remove_old_workbooks(intake.home, retention.workbook_days, days, now, pointed_at)
    if retention.workbooks is not None:
        manifest = known_manifest(intake.home)
        since = manifest.built_at if manifest else None
        workbooks += remove_surplus_findings(intake.home, retention.workbooks, pointed_at, since)
    return {"removed": {"archive": removed.archive, "landing": removed.landing, "workbooks": workbooks}}
