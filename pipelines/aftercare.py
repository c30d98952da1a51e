"""What follows a run: the workbooks for the platform are named, and originals that the site keeps no longer go."""

from typing import Any

from assets.clock import beijing_now
from assets.errors import StorageError
from assets.exports.delivery import Intake
from assets.exports.retention import Retention, remove_originals
from assets.quality.failing_rows import workbook_path
from assets.quality.workbook_retention import remove_old_workbooks
from assets.warehouse.ledger import unsettled_files
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
        return facts | (_removed(intake, warehouse, retention) if ended_well and retention.removes else {})
    except StorageError as error:
        return {"error": str(error), "storage_error": True}


def _workbooks(intake: Intake, delivered: list[str]) -> list[str]:
    """The checks wrote one for each business date on which something is quarantined."""
    receipts = (intake.receipts.get(name) for name in delivered)
    days = sorted({receipt.business_date for receipt in receipts if receipt is not None})
    return [str(path) for path in (workbook_path(intake.home, day) for day in days) if path.exists()]


def _removed(intake: Intake, warehouse: Warehouse, retention: Retention) -> dict[str, Any]:
    with warehouse.open("retention") as connection:
        unsettled = unsettled_files(connection)
    if unsettled is None:
        return {}
    now = beijing_now()
    removed = remove_originals(intake.home, intake.landing, retention, unsettled, now)
    workbooks = 0
    if retention.workbook_days is not None:
        deliveries = {delivery for delivery, _ in unsettled}
        days = {receipt.business_date for receipt in intake.receipts if receipt.delivery in deliveries}
        workbooks = remove_old_workbooks(intake.home, retention.workbook_days, days, now)
    return {"removed": {"archive": removed.archive, "landing": removed.landing, "workbooks": workbooks}}
