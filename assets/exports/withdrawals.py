"""Withdrawals in the lake, ``lake/withdrawals/<delivery>.NNN.json``: deliveries that an authorised person undid, written once.

The delivery's files and receipt stay; whether they count is the warehouse's to say.
"""

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from assets.clock import beijing_now
from assets.errors import UsageError
from assets.exports.receipt import Receipts, safe_name
from assets.exports.sealed import read_sealed, write_once, written_once

WITHDRAWALS = "withdrawals"
MAX_REASON = 500


class Withdrawal(BaseModel):
    """One delivery that counts no more, and why; ``withdrawn_at`` is naive Beijing time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    delivery: str
    reason: str
    withdrawn_at: datetime


def withdraw(lake: Path, delivery: str, reason: str) -> bool:
    """Record that ``delivery`` counts no more; whether that is new. The caller holds the writer's lock.

    Raises ``UsageError`` for a delivery that is not loaded and for a reason that says nothing.
    """
    reason = " ".join(reason.split())
    if not reason or len(reason) > MAX_REASON or not reason.isprintable():
        raise UsageError(f"--reason: a sentence of at most {MAX_REASON} characters is expected")
    if Receipts(lake).get(delivery) is None:
        raise UsageError("no delivery of this name is loaded; `meta.deliveries` lists them")
    if any(one.delivery == delivery for one in withdrawals(lake)):
        return False
    document = Withdrawal(delivery=delivery, reason=reason, withdrawn_at=beijing_now().replace(microsecond=0))
    write_once(lake / WITHDRAWALS / f"{safe_name(delivery)}.001.json", document)
    return True


def withdrawals(lake: Path) -> list[Withdrawal]:
    """All of them. Raises ``LakeDamageError`` for a file that is none."""
    return [read_withdrawal(path) for path in written_once(lake, WITHDRAWALS)]


def read_withdrawal(path: Path) -> Withdrawal:
    """The withdrawal in ``path``. Raises ``LakeDamageError`` where it is none or not as it was written."""
    return read_sealed(path, Withdrawal, "a withdrawal of a delivery")
