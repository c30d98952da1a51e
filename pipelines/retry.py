"""``zhoubao retry``: reads quarantined files and rows again from the archive, before a run like any other."""

from dataclasses import replace
from typing import Any

from assets.exports.delivery import Intake
from assets.exports.retake import Retaken, retake
from assets.warehouse.ledger import unsettled_files
from assets.warehouse.store import Warehouse
from pipelines.journal import note_taken_in


def retake_quarantined(intake: Intake, warehouse: Warehouse) -> tuple[Intake, dict[str, Any]]:
    """Read unsettled files again; returns the intake with the changed receipts, and the facts for the outcome.

    The caller holds the writer's lock. A file whose original the archive no longer has is named and left as it is.
    """
    with warehouse.open("retry") as connection:
        unsettled = unsettled_files(connection)
    note_taken_in(intake.home, sorted({delivery for delivery, _ in unsettled or ()}))
    retaken = list(retake(intake, unsettled))
    changed = tuple(one.receipt for one in retaken if one.receipt is not None)
    facts = {"retried": [one.delivery for one in retaken], "without_original": _without_original(retaken)}
    return replace(intake, retried=changed), facts


def _without_original(retaken: list[Retaken]) -> list[dict[str, str]]:
    note = "归档原件已按保留天数移除，无法重读"
    return [{"delivery": one.delivery, "file": file, "note": note} for one in retaken for file in one.without_original]
