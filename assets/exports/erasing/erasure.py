"""Carrying out what the records of erasures say: pseudonyms blanked in the lake, originals removed from archive and landing."""

from collections.abc import Iterable
from pathlib import Path

from assets.backups import forget_backups
from assets.exports.erasing.blank_deliveries import blank, remove_former_versions
from assets.exports.erasing.blank_rows import rows_with_pseudonym
from assets.exports.erasing.record import ErasedFile, Erasure
from assets.exports.lake.archive import archived_path
from assets.exports.lake.receipt import FileReceipt, Receipt, Receipts
from assets.exports.landing.files import walk_landing
from assets.hashing import sha256_of
from assets.home import Home, storage_errors


def carry_out(home: Home, erasures: Iterable[Erasure]) -> None:
    """Carry out every part of the erasures that is not done yet; the caller holds the writer's lock."""
    receipts = Receipts(home.lake)
    for erasure in erasures:
        forget_backups(home, erasure.erased_at)
        for delivery in dict.fromkeys(file.delivery for file in erasure.files):
            receipt = receipts.get(delivery)
            if receipt is not None:
                _blank_delivery(home, receipt, [file for file in erasure.files if file.delivery == delivery])
        _remove_originals(home, erasure)


def remove_from_landing(landing: Path, erasure: Erasure) -> int:
    """Remove the landing copies of the originals that were removed; how many there were. Manifests hold no person and stay."""
    wanted = {file.sha256 for file in erasure.files}
    removed = 0
    for path in walk_landing(landing).others:
        with storage_errors(path):
            if not path.is_symlink() and sha256_of(path) in wanted:
                path.unlink()
                removed += 1
    return removed


def _blank_delivery(home: Home, receipt: Receipt, erased: list[ErasedFile]) -> None:
    by_index = {file.file_index: file for file in receipt.files}
    wanted = {file.file_index: file.lines for file in erased if _is_left(home.lake, by_index.get(file.file_index), file)}
    if wanted:
        blank(home.lake, receipt, wanted)
    else:
        # killed between the receipt and the removal of what it no longer names
        remove_former_versions(home.lake, receipt)


def _is_left(lake: Path, held: FileReceipt | None, erased: ErasedFile) -> bool:
    if held is None or held.sha256 != erased.sha256 or held.lake_file is None or not erased.lines:
        return False
    return rows_with_pseudonym(lake / held.lake_file, erased.lines) > 0


def _remove_originals(home: Home, erasure: Erasure) -> None:
    own = {(file.delivery, file.sha256) for file in erasure.files}
    there = [file for file in erasure.files if archived_path(home.archive, file.sha256).exists()]
    if not there:
        return
    # the same bytes may have come again with a later delivery, which is news
    others = {
        file.sha256 for receipt in Receipts(home.lake) for file in receipt.files if (receipt.delivery, file.sha256) not in own
    }
    for file in there:
        path = archived_path(home.archive, file.sha256)
        if file.sha256 not in others:
            with storage_errors(path):
                path.unlink(missing_ok=True)
