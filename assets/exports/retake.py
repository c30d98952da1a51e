"""Files read again from the archive, under today's contract, rules and settings; their receipts written again.

Which files are chosen comes as a value: those with something still to be settled, which the ledger knows, or those that a person
named. A file that comes out as before changes nothing.
"""

import re
import shutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from assets.clock import beijing_now
from assets.exports.delivery import Intake, lake_files, lake_name, read_original
from assets.exports.erasing.blank_rows import blank_in_place
from assets.exports.keys.record import note_key_in_use
from assets.exports.lake.archive import archived_path, verified_original
from assets.exports.lake.receipt import FileReceipt, Receipt
from assets.exports.lake.same_events import has_same_events
from assets.exports.landing.manifest import ManifestFile
from assets.exports.loading import Origin
from assets.hashing import sha256_of
from assets.home import PRIVATE_FOLDER, storage_errors, sync_all

_WORKSHOP = ".retry"
# what a receipt says of the files and not of what came out
_NOTED = ("lake_file", "refusals_file", "lake_sha256", "refusals_sha256", "totals", "is_blanked")


@dataclass(frozen=True)
class Retaken:
    """One delivery read again: its new receipt, ``None`` where nothing came out otherwise; files without an original."""

    delivery: str
    receipt: Receipt | None
    without_original: tuple[str, ...]


def retake(intake: Intake, unsettled: Collection[tuple[str, str]] | None) -> Iterator[Retaken]:
    """Read every quarantined file, and every file with a quarantined row, again, as ``reread``.

    ``unsettled`` are the (delivery, file) still to be settled, ``None`` where nobody knows and all are tried.
    """

    def is_unsettled(receipt: Receipt, file: FileReceipt) -> bool:
        is_quarantined = file.quarantined > 0 or file.state == "quarantined"
        return is_quarantined and (unsettled is None or (receipt.delivery, file.file) in unsettled)

    return reread(intake, is_unsettled)


def reread(intake: Intake, is_chosen: Callable[[Receipt, FileReceipt], bool]) -> Iterator[Retaken]:
    """Read each chosen file of the lake's receipts again, delivery by delivery; the caller holds the writer's lock.

    Raises ``DamageError`` naming an archived original that is not what it was.
    """
    for receipt in intake.receipts:
        chosen = [file for file in receipt.files if is_chosen(receipt, file)]
        if chosen:
            note_key_in_use(intake.home.lake, intake.key)
            yield _retake_delivery(receipt, chosen, intake)


def _retake_delivery(receipt: Receipt, chosen: list[FileReceipt], intake: Intake) -> Retaken:
    workshop = intake.home.lake / _WORKSHOP
    # what a crash left
    shutil.rmtree(workshop, ignore_errors=True)
    with storage_errors(workshop):
        workshop.mkdir(mode=PRIVATE_FOLDER)
    try:
        missing = [file for file in chosen if not archived_path(intake.home.archive, file.sha256).exists()]
        anew = {file.file_index: _retake_file(receipt, file, workshop, intake) for file in chosen if file not in missing}
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    changed = {index: file for index, file in anew.items() if file is not None}
    without = tuple(file.file for file in missing)
    if not changed:
        return Retaken(receipt.delivery, None, without)
    return Retaken(receipt.delivery, _replace(receipt, changed, intake), without)


def _retake_file(receipt: Receipt, file: FileReceipt, workshop: Path, intake: Intake) -> FileReceipt | None:
    """The file's new account, its Parquet files already in the lake under a new name; ``None`` where it came out as before."""
    original = verified_original(intake.home.archive, file.sha256)
    origin = Origin(receipt.delivery, receipt.business_date, receipt.sequence, file.file_index)
    declared = ManifestFile(name=file.file, feed=file.feed, rows=file.declared_rows, bytes=file.bytes, sha256=file.sha256)
    first_name = lake_name(receipt.delivery, file.file_index, file.sha256)
    found = read_original(original, declared, origin, first_name, workshop, intake)
    lake = intake.home.lake
    if file.is_blanked and found.lake_file is not None:
        # its pseudonyms were too old to be kept, and are no younger now
        blank_in_place(workshop / found.lake_file, None)
        digest = sha256_of(workshop / found.lake_file)
        found = found.model_copy(update={"is_blanked": True, "lake_sha256": digest})
    if _essence(found, workshop) == _essence(file, lake):
        return None
    placed = {}
    name = free_name(file, Path(first_name))
    for field, old in (("lake_file", found.lake_file), ("refusals_file", found.refusals_file)):
        if old is not None:
            new = Path(old).with_name(name)
            with storage_errors(lake / new):
                (lake / new).parent.mkdir(parents=True, exist_ok=True)
                (workshop / old).replace(lake / new)
            placed[field] = str(new)
    return found.model_copy(update=placed)


def _essence(file: FileReceipt, lake: Path) -> tuple[FileReceipt, str | None, str | None]:
    """All that a file came out as: its account, and the bytes of its rows and refusals, whatever they are called.

    Of hashes those of the files count, not those noted: an old receipt has none, and what is damaged comes out otherwise.
    """
    hashes = [
        sha256_of(lake / name) if name is not None and (lake / name).exists() else None
        for name in (file.lake_file, file.refusals_file)
    ]
    return file.model_copy(update=dict.fromkeys(_NOTED)), hashes[0], hashes[1]


def free_name(file: FileReceipt, first_name: Path) -> str:
    """A name that the old receipt does not name: its files must stand until the new receipt does."""
    taken = {Path(name).name for name in (file.lake_file, file.refusals_file) if name is not None}
    number = 1
    while (name := f"{first_name.stem}_{number}{first_name.suffix}") in taken:
        number += 1
    return name


def _replace(receipt: Receipt, changed: dict[int, FileReceipt], intake: Intake) -> Receipt:
    """Write the new receipt, durably and after its files; then, and not before, the old files go."""
    lake = intake.home.lake
    files = tuple(changed.get(file.file_index, file) for file in receipt.files)
    is_same = all(has_same_events(lake, file, changed[file.file_index]) for file in receipt.files if file.file_index in changed)
    same = {"same_rows": 0, "same_events": receipt.known_events + 1 if is_same else 0}
    again = receipt.model_copy(update={"files": files, "retried_at": beijing_now().replace(microsecond=0)} | same)
    sync_all(lake, lake_files(lake, changed.values()))
    again = intake.receipts.replace(receipt, again)
    kept = set(lake_files(lake, files))
    for file in receipt.files:
        if file.file_index in changed:
            for old in file_versions(lake, receipt, file):
                if old not in kept:
                    old.unlink(missing_ok=True)
    return again


def file_versions(lake: Path, receipt: Receipt, file: FileReceipt) -> list[Path]:
    """Every Parquet file ever written for this file, those that a crash left among them."""
    stem = Path(lake_name(receipt.delivery, file.file_index, file.sha256)).stem
    # no pattern of the file system: another delivery may be called as this one's files begin
    own = re.compile(re.escape(stem) + r"(_[0-9]+)?\.parquet")
    folders = [lake / file.feed / str(receipt.business_date), lake / "refused" / str(receipt.business_date)]
    return [path for folder in folders for path in folder.glob("*.parquet") if own.fullmatch(path.name)]
