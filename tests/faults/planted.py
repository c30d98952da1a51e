"""Three bugs that a suite of faults is for, planted into a child alone: each must be found, else the suite proves nothing."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from assets import hashing
from assets.exports import delivery, examination
from assets.publication.store import swap
from assets.warehouse.build import transaction
from assets.warehouse.state import ledger_update
from tests.faults.children import replaced


def ledger_outside_the_transaction() -> None:
    """The receipts are committed to the ledger before the tables are built from them."""
    real = ledger_update.update_ledger

    def taken_up(work: Any, *rest: Any) -> Any:
        result = real(work, *rest)
        work.execute("commit")
        work.execute("checkpoint")
        work.execute("begin")
        return result

    replaced(transaction, "update_ledger", taken_up)


def swap_without_sync() -> None:
    """What is published takes its name before its bytes are on the disk."""
    replaced(swap, "sync", lambda _: None)


def manifest_before_the_database() -> None:
    """The switch for programs is thrown first."""
    real = swap._each_durable

    def turned(published: Path, files: Sequence[str]) -> Iterator[str]:
        *most, last = real(published, files)
        yield last
        yield from most

    replaced(swap, "_each_durable", turned)


def receipt_before_its_files() -> None:
    """The receipt is written while its files wait to be forced to the disk."""
    replaced(delivery, "sync_all", lambda *_: None)


def originals_unchecked() -> None:
    """The doctor takes each original for what its name says."""
    real = hashing.sha256_of

    def taken_for_granted(path: Path) -> str:
        return path.name if path.parents[1].name == "archive" else real(path)

    replaced(examination, "sha256_of", taken_for_granted)
