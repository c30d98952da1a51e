"""Withdrawals in the lake, ``lake/withdrawals/<delivery>.NNN.json``: deliveries that an authorised person undid, written once.

The delivery's files and receipt stay; that they no longer count is decided in the warehouse.
"""

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from assets.clock import beijing_now
from assets.errors import UsageError
from assets.exports.lake.receipt import Receipts, safe_name
from assets.exports.lake.sealed import read_sealed, refuse_misnamed, write_once, written_once

WITHDRAWALS = "withdrawals"
MAX_REASON = 500


class Withdrawal(BaseModel):
    """One delivery that counts no more, and why; ``withdrawn_at`` is naive Beijing time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    delivery: str
    reason: str
    withdrawn_at: datetime


def withdraw(lake: Path, delivery: str, reason: str) -> bool:
    """Record that ``delivery`` no longer counts; returns whether that is new. The caller holds the writer's lock.

    Raises ``UsageError`` for a delivery that is not loaded and for a reason that says nothing.
    """
    from assets.exports.typing.slipped import refuse_personal_number

    reason = " ".join(reason.split())
    if not reason or len(reason) > MAX_REASON or not reason.isprintable():
        raise UsageError(f"--reason: a sentence of at most {MAX_REASON} characters is expected")
    refuse_personal_number("--reason", reason)
    if Receipts(lake).get(delivery) is None:
        raise UsageError("no delivery of this name is loaded; `meta.deliveries` lists them")
    if any(one.delivery == delivery for one in withdrawals(lake)):
        return False
    document = Withdrawal(delivery=delivery, reason=reason, withdrawn_at=beijing_now().replace(microsecond=0))
    put_withdrawal(lake, document)
    return True


def put_withdrawal(lake: Path, document: Withdrawal) -> None:
    """Write it, once and durably."""
    write_once(lake / WITHDRAWALS / _name(document.delivery), document)


def withdrawals(lake: Path) -> list[Withdrawal]:
    """All of them. Raises ``LakeDamageError`` for a file that is not one, or one copied under another name."""
    return [read_withdrawal(path) for path in written_once(lake, WITHDRAWALS)]


def read_withdrawal(path: Path) -> Withdrawal:
    """The withdrawal in ``path``. Raises ``LakeDamageError`` where it is not one or not as it was written."""
    document = read_sealed(path, Withdrawal, "a withdrawal of a delivery")
    refuse_misnamed(path, _name(document.delivery), "a withdrawal of a delivery")
    return document


def _name(delivery: str) -> str:
    return f"{safe_name(delivery)}.001.json"
