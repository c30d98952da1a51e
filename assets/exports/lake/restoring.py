"""Files of the lake that are damaged or lost, made again from their originals in the archive.

One is put back only where it comes out byte by byte as its receipt says; the receipt itself, and an opening, follow from nothing else.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assets.errors import DamageError
from assets.exports.delivery import Intake, lake_name, read_original
from assets.exports.lake.archive import archived_path, verified_original
from assets.exports.lake.receipt import FileReceipt, Receipt
from assets.exports.landing.manifest import ManifestFile
from assets.exports.loading import Origin
from assets.hashing import sha256_of
from assets.home import PRIVATE_FOLDER, storage_errors, sync_all
from assets.stray_files import trial_folder

_WORKSHOP = ".retry"


@dataclass(frozen=True)
class Restored:
    """The damaged files of the lake, relative to it: those that are whole again, and those that only a copy of the lake has."""

    restored: tuple[str, ...]
    lost: tuple[str, ...]


def restore(intake: Intake) -> Restored:
    """Read the original of each damaged file again; the caller holds the writer's lock. Raises ``DamageError`` for a damaged receipt."""
    lake = intake.home.lake
    restored: list[str] = []
    lost: list[str] = []
    for receipt in intake.receipts:
        for file in receipt.files:
            damaged = damaged_parts(lake, file)
            made = _made_again(receipt, file, damaged, intake) if damaged else []
            restored += made
            lost += [name for name in damaged if name not in made]
    sync_all(lake, [lake / name for name in restored])
    return Restored(tuple(restored), tuple(lost))


def damaged_parts(lake: Path, file: FileReceipt) -> dict[str, str]:
    """The hash that the receipt says, by the name of each file of the lake that has another; a receipt of release 0.1.0 says none."""
    return {name: digest for name, digest in _parts(file) if not _holds(lake / name, digest)}


def _parts(file: FileReceipt) -> Iterator[tuple[str, str]]:
    for name, digest in ((file.lake_file, file.lake_sha256), (file.refusals_file, file.refusals_sha256)):
        if name is not None and digest is not None:
            yield name, digest


def _holds(path: Path, digest: str) -> bool:
    with storage_errors(path):
        return path.is_file() and sha256_of(path) == digest


def _made_again(receipt: Receipt, file: FileReceipt, damaged: dict[str, str], intake: Intake) -> list[str]:
    """Those of the damaged files that came out as they were, in their place."""
    if not archived_path(intake.home.archive, file.sha256).exists():
        return []
    workshop = intake.home.lake / _WORKSHOP
    shutil.rmtree(workshop, ignore_errors=True)
    with storage_errors(workshop):
        workshop.mkdir(mode=PRIVATE_FOLDER)
    try:
        found = _read_again(receipt, file, workshop, intake)
        return [name for name, digest in damaged.items() if _put_back(found.get(digest), intake.home.lake / name)]
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _read_again(receipt: Receipt, file: FileReceipt, workshop: Path, intake: Intake) -> dict[str, Path]:
    """What the original is read as now, by its hash; nothing where the original is not what it was."""
    try:
        original = verified_original(intake.home.archive, file.sha256)
    except DamageError:
        return {}
    origin = Origin(receipt.delivery, receipt.business_date, receipt.sequence, file.file_index)
    declared = ManifestFile(name=file.file, feed=file.feed, rows=file.declared_rows, bytes=file.bytes, sha256=file.sha256)
    name = lake_name(receipt.delivery, file.file_index, file.sha256)
    again = read_original(original, declared, origin, name, workshop, intake)
    return {digest: workshop / part for part, digest in _parts(again)}


def remakable(receipt: Receipt, file: FileReceipt, intake: Intake) -> set[str]:
    """The damaged files of the lake that come out of their original as they were; tried outside the home, which stays as it is."""
    damaged = damaged_parts(intake.home.lake, file)
    if not damaged or not archived_path(intake.home.archive, file.sha256).exists():
        return set()
    with trial_folder() as workshop:
        made = _read_again(receipt, file, workshop, intake)
    return {name for name, digest in damaged.items() if digest in made}


def _put_back(found: Path | None, target: Path) -> bool:
    if found is None:
        return False
    with storage_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        found.replace(target)
    return True
