"""``zhoubao retry`` and ``zhoubao reread``: files are read again from the archive first; what follows is a run like any other."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from assets.exports.delivery import Intake
from assets.exports.lake.receipt import FileReceipt, Receipt
from assets.exports.lake.withdrawals import withdrawals
from assets.exports.retake import Retaken, reread, retake
from assets.warehouse.state.ledger import unsettled_files
from assets.warehouse.store import Warehouse
from pipelines.running.journal import keep_noted, note_taken_in, unreported


@dataclass(frozen=True)
class Chosen:
    """Which files are read again: those of one feed, and of business dates from one through another, where these are given."""

    feed: str | None = None
    first: date = date.min
    last: date = date.max

    def takes(self, receipt: Receipt, file: FileReceipt) -> bool:
        return self.feed in {None, file.feed} and self.first <= receipt.business_date <= self.last


def retake_quarantined(intake: Intake, warehouse: Warehouse) -> tuple[Intake, dict[str, Any]]:
    """Read unsettled files again; returns the intake with the changed receipts, and the facts for the outcome.

    The caller holds the writer's lock. A file whose original the archive no longer has is named and left as it is.
    """
    with warehouse.open("retry") as connection:
        unsettled = unsettled_files(connection)
    return _with_changes(intake, sorted({delivery for delivery, _ in unsettled or ()}), retake(intake, unsettled))


def reread_chosen(intake: Intake, chosen: Chosen) -> tuple[Intake, dict[str, Any]]:
    """Read the ``chosen`` files again, as ``retake_quarantined``; a withdrawn delivery counts no more and is left as it is."""
    withdrawn = {one.delivery for one in withdrawals(intake.home.lake)}

    def is_chosen(receipt: Receipt, file: FileReceipt) -> bool:
        return receipt.delivery not in withdrawn and chosen.takes(receipt, file)

    wanted = [receipt.delivery for receipt in intake.receipts if any(is_chosen(receipt, file) for file in receipt.files)]
    return _with_changes(intake, wanted, reread(intake, is_chosen))


def _with_changes(intake: Intake, wanted: list[str], found: Iterable[Retaken]) -> tuple[Intake, dict[str, Any]]:
    """Read again what is to be ``found`` in deliveries that are ``wanted``; until it is told of, those that changed are noted."""
    left = unreported(intake.home)
    note_taken_in(intake.home, wanted)
    retaken = list(found)
    changed = tuple(one.receipt for one in retaken if one.receipt is not None)
    keep_noted(intake.home, [*left, *(receipt.delivery for receipt in changed)])
    facts = {"retried": [one.delivery for one in retaken], "without_original": _without_original(retaken)}
    return replace(intake, retried=changed), facts


def _without_original(retaken: list[Retaken]) -> list[dict[str, str]]:
    note = "归档原件已移除，无法重读，其数据保持不变"
    return [{"delivery": one.delivery, "file": file, "note": note} for one in retaken for file in one.without_original]
