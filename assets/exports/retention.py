"""Which originals go, by the site's days-to-keep: from the archive and from landing, of deliveries that are in the lake alone.

A delivery that waits or conflicts is never touched, nor an archived original that a retry may still need.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from assets.exports.lake.archive import archived_path
from assets.exports.lake.receipt import Receipt, Receipts
from assets.exports.landing.bare_files import OK_SUFFIX
from assets.exports.landing.files import LandingFiles, walk_landing
from assets.exports.landing.manifest import Manifest, ManifestError, read_manifest
from assets.exports.retention_rules import Retention
from assets.hashing import sha256_of
from assets.home import Home, storage_errors


@dataclass
class Removed:
    """How many files went from where."""

    archive: int = 0
    landing: int = 0


@dataclass(frozen=True)
class _Delivered:
    """The receipts by delivery, with what of them is old enough to go."""

    receipts: dict[str, Receipt]
    expired: set[str] = field(default_factory=set)


def remove_originals(
    home: Home, landing: Path, rule: Retention, unsettled: Collection[tuple[str, str]], now: datetime
) -> Removed:
    """Remove what ``rule`` no longer keeps; ``unsettled`` are the (delivery, file) whose archived originals stay.

    ``now`` is naive Beijing time; age counts from ``received_at``. Equal bytes of several deliveries stay until all are old.
    """
    delivered = _delivered(home, rule, now)
    removed = Removed(landing=sum(_remove(path, landing) for path in _landing_files(home, landing, rule, delivered)))
    for path in _expired_originals(home, delivered, unsettled):
        with storage_errors(path):
            path.unlink()
        removed.archive += 1
    return removed


def _delivered(home: Home, rule: Retention, now: datetime) -> _Delivered:
    receipts = {receipt.delivery: receipt for receipt in Receipts(home.lake)}
    if rule.days_to_keep is None:
        return _Delivered(receipts)
    oldest = now - timedelta(days=rule.days_to_keep)
    return _Delivered(receipts, {name for name, receipt in receipts.items() if receipt.received_at < oldest})


def _expired_originals(home: Home, delivered: _Delivered, unsettled: Collection[tuple[str, str]]) -> list[Path]:
    old: set[str] = set()
    kept: set[str] = set()
    for name, receipt in delivered.receipts.items():
        for file in receipt.files:
            stays = name not in delivered.expired or (name, file.file) in unsettled
            (kept if stays else old).add(file.sha256)
    paths = (archived_path(home.archive, sha256) for sha256 in sorted(old - kept))
    return [path for path in paths if path.exists()]


def _landing_files(home: Home, landing: Path, rule: Retention, delivered: _Delivered) -> Iterator[Path]:
    """The files of landing that may go, data before its manifest: without that, the data would be nobody's."""
    found = walk_landing(landing)
    going: list[tuple[Path, Manifest, Receipt]] = []
    needed: set[Path] = set()
    for path in found.manifests:
        try:
            manifest = read_manifest(path)
        except ManifestError:
            continue
        receipt = delivered.receipts.get(manifest.delivery)
        if receipt is not None and receipt.content == manifest.content and _may_go(receipt, rule, delivered):
            going.append((path, manifest, receipt))
        else:
            # deliveries that lie flat in one folder may share a file
            needed.update(path.parent / file.name for file in manifest.files)
    for path, manifest, receipt in going:
        files = list(_whole(home, path, manifest, receipt, delivered))
        if not needed.intersection(files):
            yield from files
    yield from _bare_files(home, found, rule, delivered)


def _may_go(receipt: Receipt, rule: Retention, delivered: _Delivered) -> bool:
    return rule.remove_from_landing or receipt.delivery in delivered.expired


def _whole(home: Home, path: Path, manifest: Manifest, receipt: Receipt, delivered: _Delivered) -> Iterator[Path]:
    data = [path.parent / file.name for file in manifest.files]
    present = [file for file in data if file.exists() or file.is_symlink()]
    hashes = {file.name: file.sha256 for file in manifest.files}
    # a file that was changed after it was loaded is nowhere else
    if all(_is_kept_elsewhere(home, file, hashes[file.name], receipt, delivered) for file in present):
        yield from (*present, path)


def _bare_files(home: Home, found: LandingFiles, rule: Retention, delivered: _Delivered) -> Iterator[Path]:
    for path in found.others:
        receipt = delivered.receipts.get(path.name)
        if receipt is None or not _may_go(receipt, rule, delivered):
            continue
        if [file.file for file in receipt.files] == [path.name] and _is_kept_elsewhere(
            home, path, receipt.files[0].sha256, receipt, delivered
        ):
            yield path
            ok = path.with_name(path.name + OK_SUFFIX)
            if ok.is_file():
                yield ok


def _is_kept_elsewhere(home: Home, path: Path, sha256: str, receipt: Receipt, delivered: _Delivered) -> bool:
    """Whether ``path`` is the very file that was loaded, and the archive has it or need not have it any longer."""
    if path.is_symlink() or not path.is_file():
        return False
    original = archived_path(home.archive, sha256)
    is_safe = receipt.delivery in delivered.expired or (original.exists() and original.stat().st_size == path.stat().st_size)
    return is_safe and sha256_of(path) == sha256


def _remove(path: Path, landing: Path) -> int:
    with storage_errors(path):
        path.unlink(missing_ok=True)
    folder = path.parent
    # the folder of a delivery goes with its last file; what else lies in it keeps it
    if folder != landing and not any(folder.iterdir()):
        folder.rmdir()
    return 1
