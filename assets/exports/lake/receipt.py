"""A delivery's receipt in the lake: what its manifest said, and what became of every file and refused row.

A receipt marks a delivery's Parquet files as complete: it is written after them, and the warehouse loads only what has one. It has
a checksum of its own and the hash of each file it names, so that the warehouse can be rebuilt from the lake alone, and only from
the bytes that were once taken in.
"""

import secrets
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from hashlib import sha256
from operator import attrgetter
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

from assets.clock import BEIJING
from assets.errors import LakeDamageError
from assets.exports.lake.sealed import read_sealed, refuse_misnamed, write_sealed
from assets.exports.landing.manifest import DeliveryContent, FileContent, content_of
from assets.exports.reading.source import Format
from assets.exports.typing.reasons import Reason
from assets.hashing import sha256_of

# a file system's clock may lag a little behind the process's
_CLOCK_SLACK = timedelta(seconds=1)
# a path segment holds 255 bytes, and each name gets something added to it
_MAX_SAFE_NAME = 160
_SALT_BYTES = 16
_FIX = "put it back from a copy of the lake, or remove it while landing still holds the delivery, and run"


class Warned(BaseModel):
    """The number of rows with a value that was read as blank, or was kept although it is outside its code list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column_name: str
    reason_code: Reason
    rows: int


class FileReceipt(BaseModel):
    """One data file's account. ``lake_file`` and ``refusals_file`` are relative to the lake.

    ``declared_rows`` is what the manifest said, ``None`` where nobody did; a retry compares with it again. The hashes are those of
    the two Parquet files, ``totals`` what was written into the first, counted as it was written (``totals.py``); release 0.1.0
    wrote neither. ``is_blanked``: every row has lost its pseudonym, being old.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    file_index: int
    feed: str
    sha256: str
    bytes: int
    format: Format | None
    encoding: str | None
    records: int
    loaded: int
    superseded: int
    quarantined: int
    state: Literal["loaded", "quarantined"]
    lake_file: str | None
    refusals_file: str | None
    lake_sha256: str | None = None
    refusals_sha256: str | None = None
    totals: dict[str, int] | None = None
    is_blanked: bool = False
    declared_rows: int | None = None
    file_reason: Reason | None = None
    file_column: str | None = None
    detail: str = ""
    warnings: tuple[Warned, ...] = ()


class Receipt(BaseModel):
    """One delivery's account; times are naive Beijing times.

    ``received_at`` is when it was begun to be taken in, ``retried_at`` when a retry last changed its account. ``replaces`` are the
    hashes of the receipts that it took the place of, the latest first: any other change of a receipt is damage. The first
    ``same_rows`` of them had the same rows, pseudonyms apart, and the first ``same_events`` at least the same events, though rows may
    have got columns since. The ``salt`` goes with its receipt: without it, the hash that is left
    of one that named a person's rows cannot be tried with a guess.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    delivery: str
    business_date: date
    sequence: int
    mode: Literal["upsert", "replace"]
    produced_at: datetime | None
    received_at: datetime
    retried_at: datetime | None = None
    replaces: tuple[str, ...] = ()
    same_rows: int = 0
    same_events: int = 0
    salt: str = ""
    files: tuple[FileReceipt, ...]

    @property
    def known_events(self) -> int:
        """How many of the receipts before it had the same events; older receipts say it of their rows alone."""
        return max(self.same_rows, self.same_events)

    @property
    def content(self) -> DeliveryContent:
        """The content of the manifest that the delivery was taken in with."""
        files = tuple(FileContent(name=file.file, feed=file.feed, sha256=file.sha256) for file in self.files)
        return content_of(self.business_date, self.mode, files)

    def is_before_intake(self, moment: float) -> bool:
        """Whether ``moment`` (seconds since 1970) is certainly before the intake of the delivery began."""
        return datetime.fromtimestamp(moment, BEIJING) < self.received_at.replace(tzinfo=BEIJING) - _CLOCK_SLACK


class Receipts:
    """The receipts of a lake, one JSON file a delivery; the file name is the delivery's, made safe."""

    def __init__(self, lake: Path) -> None:
        self._folder = lake / "deliveries"

    def path_of(self, delivery: str) -> Path:
        return self._folder / f"{safe_name(delivery)}.json"

    def get(self, delivery: str) -> Receipt | None:
        path = self.path_of(delivery)
        return read_receipt(path) if path.exists() else None

    def put(self, receipt: Receipt) -> None:
        """Write the receipt of a delivery that has none yet."""
        write_sealed(self.path_of(receipt.delivery), receipt)

    def replace(self, former: Receipt, new: Receipt) -> Receipt:
        """Replace ``former`` by ``new``, which records the hash of ``former``; returns the receipt as written.

        Whoever writes files of the lake again (a retry, an erasure, a new key) writes the new files first, then this, then removes
        the old ones. Raises ``LakeDamageError`` where the receipt in the lake is not ``former``.
        """
        path = self.path_of(former.delivery)
        if new.delivery != former.delivery or self.get(former.delivery) != former:
            raise LakeDamageError(f"{path}: not the receipt that is to be replaced; {_FIX}")
        written = new.model_copy(update={"replaces": (sha256_of(path), *former.replaces), "salt": new_salt()})
        write_sealed(path, written)
        return written

    def paths(self) -> list[Path]:
        # by name, as paths are compared part by part
        return sorted(self._folder.glob("*.json"), key=attrgetter("name"))

    def __iter__(self) -> Iterator[Receipt]:
        return (read_receipt(path) for path in self.paths())


def new_salt() -> str:
    """A salt that nobody can guess."""
    return secrets.token_hex(_SALT_BYTES)


def read_receipt(path: Path) -> Receipt:
    """The receipt at ``path``. Raises ``LakeDamageError`` where it is not one or was changed, ``StorageError`` where it cannot be read."""
    receipt = read_sealed(path, Receipt, "a receipt of a delivery", _FIX)
    refuse_misnamed(path, f"{safe_name(receipt.delivery)}.json", "a receipt of a delivery")
    return receipt


def safe_name(name: str) -> str:
    """A name from outside as one path segment: nothing in it is a separator, a pattern or hidden; a long one ends in its hash."""
    safe = quote(name, safe="-_").replace(".", "%2E")
    return safe if len(safe) <= _MAX_SAFE_NAME else f"{safe[:80]}-{sha256(name.encode()).hexdigest()}"
