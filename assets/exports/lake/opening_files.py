"""Opening balances in the lake: ``opening/<year>/NNNNNN_<hash>.parquet``, each with a JSON receipt of the same name.

The newest of a year counts. A Parquet file without its receipt, a receipt without its file, and a file with another hash are
damage. What an opening must hold to be loaded is in ``openings.py``.
"""

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl
from pydantic import BaseModel, ConfigDict

from assets.errors import LakeDamageError, StorageError
from assets.exports.lake.sealed import read_sealed, refuse_misnamed, write_sealed
from assets.hashing import sha256_of
from assets.home import replacing, storage_errors, sync

_FOLDER = "opening"
# of a Parquet file whose receipt is not written yet
_LOADING = ".loading"
FIX = "put it back from a copy of the lake, or load the same opening again (zhoubao opening FILE)"


class OpeningReceipt(BaseModel):
    """One opening's account: ``source_sha256`` is that of the CSV file, ``earlier`` are the names of the year's openings before it.

    ``totals`` are sums per measure, taken from the rows before they were written; ``loaded_at`` is naive Beijing time. Of an opening
    that release 0.1.0 loaded, neither the source's hash nor the time is known.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: date
    rows: int
    lake_sha256: str
    source_sha256: str | None
    totals: dict[str, int]
    loaded_at: datetime | None
    earlier: tuple[str, ...]

    @property
    def essence(self) -> str:
        """A hash of what counts: loading the same source again gives the same."""
        said = self.model_dump(mode="json", exclude={"loaded_at"})
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class OpeningFile:
    """An opening of the lake whose Parquet file has the hash in its receipt."""

    path: Path
    receipt: OpeningReceipt
    receipt_sha256: str

    @property
    def name(self) -> str:
        """Its name within the lake's openings."""
        return opening_name(self.path)


def opening_name(path: Path) -> str:
    """``2023/000001_0123456789abcdef``: the year's folder and the name of both files."""
    return f"{path.parent.name}/{path.stem}"


def file_stem(number: str, source_sha256: str) -> str:
    """The name, without its suffix, of both files of an opening: its number and the beginning of its source's hash."""
    return f"{number}_{source_sha256[:16]}"


def current_openings(lake: Path) -> list[Path]:
    """The newest opening file of each year."""
    newest = {path.parent: path for path in opening_paths(lake)}
    return list(newest.values())


def opening_paths(lake: Path, suffix: str = "parquet") -> list[Path]:
    """All Parquet files of openings, or with ``suffix`` json all their receipts, by year and number."""
    return sorted((lake / _FOLDER).glob(f"*/*.{suffix}"))


def opening_hashes(lake: Path, suffix: str = "parquet") -> dict[str, str]:
    """The SHA-256 of each opening's files, by name: any change is news for the next run."""
    found = {}
    for path in opening_paths(lake, suffix):
        with storage_errors(path):
            found[opening_name(path)] = sha256_of(path)
    return found


def read_openings(lake: Path) -> list[OpeningFile]:
    """Every opening, each verified by its hash. Raises ``LakeDamageError`` naming the first file that is not as it was written."""
    receipts = opening_paths(lake, "json")
    alone = {path.with_suffix("") for path in opening_paths(lake)} - {path.with_suffix("") for path in receipts}
    if alone:
        path = min(alone).with_suffix(".parquet")
        raise LakeDamageError(
            f"{path}: no receipt says that this opening was loaded; remove it, or load it (zhoubao opening FILE)"
        )
    found = [read_opening(path) for path in receipts]
    known = {opening.name for opening in found}
    lost = sorted({name for opening in found for name in opening.receipt.earlier} - known)
    if lost:
        raise LakeDamageError(f"{lake / _FOLDER / lost[0]}.parquet is gone, though a later opening names it; {FIX}")
    return found


def read_opening(receipt_path: Path) -> OpeningFile:
    """The opening of a receipt. Raises ``LakeDamageError`` where either file is not as it was written, ``MisnamedError`` for a copy."""
    receipt = read_sealed(receipt_path, OpeningReceipt, "a receipt of an opening", FIX)
    if receipt.source_sha256 is not None:
        number = receipt_path.stem.partition("_")[0]
        refuse_misnamed(receipt_path, f"{file_stem(number, receipt.source_sha256)}.json", "a receipt of an opening")
    path = receipt_path.with_suffix(".parquet")
    if not path.is_file():
        raise LakeDamageError(f"{path} is missing, though its receipt is there; {FIX}", path)
    with storage_errors(path):
        digests = sha256_of(path), sha256_of(receipt_path)
    if digests[0] != receipt.lake_sha256:
        raise LakeDamageError(f"{path}: not the opening that was loaded, its hash differs from its receipt's; {FIX}", path)
    return OpeningFile(path, receipt, digests[1])


def put_opening(path: Path, frame: pl.DataFrame, source_sha256: str, loaded_at: datetime, earlier: Collection[str]) -> None:
    """Write the Parquet file under a temporary name, then the receipt that makes it count, then rename; under the writer's lock."""
    staged = path.with_name(path.name + _LOADING)
    with storage_errors(path):
        with replacing(staged) as temporary:
            frame.write_parquet(temporary)
        receipt = OpeningReceipt(
            as_of=frame["as_of"][0],
            rows=frame.height,
            lake_sha256=sha256_of(staged),
            source_sha256=source_sha256,
            totals=_totals(frame),
            loaded_at=loaded_at,
            earlier=tuple(sorted(earlier)),
        )
        if not _is_said(path, receipt):
            write_sealed(path.with_suffix(".json"), receipt)
        _name(staged)


def finish_interrupted(lake: Path) -> None:
    """Finish killed loadings: rename files that have a receipt, remove those without; under the writer's lock."""
    for staged in (lake / _FOLDER).glob(f"*/*.parquet{_LOADING}"):
        with storage_errors(staged):
            if staged.with_suffix("").with_suffix(".json").exists():
                _name(staged)
            else:
                staged.unlink()


def adopt(paths: Iterable[Path]) -> None:
    """Write receipts for openings that release 0.1.0 loaded: from now on they must stay as they are."""
    for path in sorted(paths):
        with storage_errors(path):
            frame = pl.read_parquet(path, glob=False)
            earlier = [opening_name(other) for other in sorted(path.parent.glob("*.parquet")) if other < path]
            receipt = OpeningReceipt(
                as_of=frame["as_of"][0],
                rows=frame.height,
                lake_sha256=sha256_of(path),
                source_sha256=None,
                totals=_totals(frame),
                loaded_at=None,
                earlier=tuple(earlier),
            )
        write_sealed(path.with_suffix(".json"), receipt)


def earlier_openings(receipt_path: Path) -> tuple[str, ...]:
    """The names of the openings before it, from its receipt; empty if that is damaged, which ``read_opening`` reports."""
    try:
        return read_opening(receipt_path).receipt.earlier
    except (LakeDamageError, StorageError):
        return ()


def _totals(frame: pl.DataFrame) -> dict[str, int]:
    return dict(frame.group_by("measure").agg(pl.col("value").sum()).sort("measure").iter_rows())


def _is_said(path: Path, receipt: OpeningReceipt) -> bool:
    """Whether the existing receipt says the same: then only its file was lost."""
    try:
        said = (
            read_sealed(path.with_suffix(".json"), OpeningReceipt, "a receipt of an opening")
            if path.with_suffix(".json").exists()
            else None
        )
    except LakeDamageError:
        return False
    return said is not None and said.essence == receipt.essence


def _name(staged: Path) -> None:
    staged.replace(staged.with_suffix(""))
    sync(staged.parent)
