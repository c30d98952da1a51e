"""How a run ended, as it is printed and kept: exit code, accounts of files, what is held."""

from dataclasses import dataclass
from typing import Any

from assets.exports.delivery import Intake
from assets.exports.lake.receipt import FileReceipt, Receipt
from assets.exports.landing.scan import Landing
from assets.exports.typing.reasons import WORDING
from pipelines.running.journal import unreported

DONE, UNEXPECTED, NOTHING_TO_DO, REFUSED, QUARANTINED = 0, 1, 3, 4, 5
# the ends at which a run has told of all it took in
FINISHED = (DONE, NOTHING_TO_DO, REFUSED, QUARANTINED)


@dataclass(frozen=True)
class Outcome:
    """How a run ended: its exit code, and the facts that are printed and kept in the journal."""

    exit_code: int
    facts: dict[str, Any]


def held_entries(landing: Landing) -> list[dict[str, str]]:
    """Deliveries that wait or conflict, as they are printed."""
    return [{"delivery": held.delivery, "state": held.state, "note": held.note} for held in landing.held]


def receipt_accounts(receipt: Receipt) -> list[dict[str, Any]]:
    """A delivery's files with their accounts, as they are printed."""
    wanted = {"file", "feed", "records", "loaded", "superseded", "quarantined", "state"}
    return [{"delivery": receipt.delivery} | file.model_dump(mode="json", include=wanted) | _why(file) for file in receipt.files]


def _why(file: FileReceipt) -> dict[str, str]:
    """Why a whole file was quarantined, in the staff's words, and who fixes it."""
    if file.file_reason is None:
        return {}
    wording = WORDING[file.file_reason]
    about = "，".join(filter(None, (file.file_column, file.detail)))
    return {"reason": wording.text + (f"（{about}）" if about else ""), "who_fixes": wording.who_fixes}


def any_quarantined(accounts: list[dict[str, Any]]) -> bool:
    """Whether a row or a whole file, even one without rows, was quarantined."""
    return any(account["quarantined"] or account["state"] == "quarantined" for account in accounts)


def accounts_of(intake: Intake, names: list[str]) -> list[dict[str, Any]]:
    """The accounts of these deliveries, each once, as far as they have a receipt."""
    found = (intake.receipts.get(name) for name in dict.fromkeys(names))
    return [account for receipt in found if receipt is not None for account in receipt_accounts(receipt)]


def left_unreported(intake: Intake) -> list[str]:
    """Deliveries that a run took in which was ended before it told of them."""
    return [name for name in unreported(intake.home) if intake.receipts.get(name) is not None]
