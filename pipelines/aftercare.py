"""What follows a run: the workbooks of failing rows for the platform, and originals that the site keeps no longer."""

from typing import Any

from assets.clock import beijing_now
from assets.errors import StorageError
from assets.exports.delivery import Intake
from assets.exports.retention import Retention, remove_originals
from assets.quality.failing_rows import write_failing_rows
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
        facts = {"workbooks": _workbooks(intake, warehouse, delivered)} if delivered else {}
        return facts | (_removed(intake, warehouse, retention) if ended_well and retention.removes else {})
    except StorageError as error:
        return {"error": str(error), "storage_error": True}


def _workbooks(intake: Intake, warehouse: Warehouse, delivered: list[str]) -> list[str]:
    receipts = (intake.receipts.get(name) for name in delivered)
    days = sorted({receipt.business_date for receipt in receipts if receipt is not None})
    with warehouse.open("failing rows") as connection:
        written = [write_failing_rows(connection, intake.home, day) for day in days]
    return [str(path) for path in written if path is not None]


def _removed(intake: Intake, warehouse: Warehouse, retention: Retention) -> dict[str, Any]:
    with warehouse.open("retention") as connection:
        unsettled = unsettled_files(connection)
    if unsettled is None:
        return {}
    removed = remove_originals(intake.home, intake.landing, retention, unsettled, beijing_now())
    return {"removed": {"archive": removed.archive, "landing": removed.landing}}
