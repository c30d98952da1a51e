"""A delivery's receipt in the lake: what its manifest said, and what became of every file and refused row.

The receipt is the mark that a delivery's Parquet files are whole: it is written after them, and the warehouse loads
what has one. With it the warehouse can be made anew from the lake alone.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from hashlib import sha256
from operator import attrgetter
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, ValidationError

from assets.clock import BEIJING
from assets.errors import DamageError
from assets.exports.manifest import DeliveryContent, FileContent, content_of
from assets.exports.reasons import Reason
from assets.exports.source import Format
from assets.home import storage_errors, write_whole

# a file system's clock may lag a little behind the process's
_CLOCK_SLACK = timedelta(seconds=1)
# a path segment holds 255 bytes, and each name gets something added to it
_MAX_SAFE_NAME = 160


class Warned(BaseModel):
    """How many rows had a value read as blank or kept though outside its list."""

    model_config = ConfigDict(frozen=True)

    column_name: str
    reason_code: Reason
    rows: int


class FileReceipt(BaseModel):
    """One data file's account. ``lake_file`` and ``refusals_file`` are relative to the lake.

    ``declared_rows`` is what the manifest said, ``None`` where nobody did; a retry compares with it again.
    """

    model_config = ConfigDict(frozen=True)

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
    declared_rows: int | None = None
    file_reason: Reason | None = None
    file_column: str | None = None
    detail: str = ""
    warnings: tuple[Warned, ...] = ()


class Receipt(BaseModel):
    """One delivery's account; times are naive Beijing times.

    ``received_at`` is when it was begun to be taken in, ``retried_at`` when a retry last changed its account.
    """

    model_config = ConfigDict(frozen=True)

    delivery: str
    business_date: date
    sequence: int
    mode: Literal["upsert", "replace"]
    produced_at: datetime | None
    received_at: datetime
    retried_at: datetime | None = None
    files: tuple[FileReceipt, ...]

    @property
    def content(self) -> DeliveryContent:
        """The same as of the manifest it was taken in with."""
        files = tuple(FileContent(name=file.file, feed=file.feed, sha256=file.sha256) for file in self.files)
        return content_of(self.business_date, self.mode, files)

    def is_before_intake(self, moment: float) -> bool:
        """Whether ``moment`` (seconds since 1970) is surely before the delivery was begun to be taken in."""
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
        document = receipt.model_dump(mode="json")
        write_whole(self.path_of(receipt.delivery), json.dumps(document, ensure_ascii=False, indent=1).encode())

    def paths(self) -> list[Path]:
        # by name, as paths are compared part by part
        return sorted(self._folder.glob("*.json"), key=attrgetter("name"))

    def __iter__(self) -> Iterator[Receipt]:
        return (read_receipt(path) for path in self.paths())


def read_receipt(path: Path) -> Receipt:
    """The receipt at ``path``. Raises ``DamageError`` where it is none, ``StorageError`` where it cannot be read."""
    with storage_errors(path):
        content = path.read_bytes()
    try:
        return Receipt.model_validate_json(content)
    except ValidationError:
        raise DamageError(f"{path}: not a receipt of a delivery; put it back from a copy of the lake") from None


def safe_name(name: str) -> str:
    """A name from outside as one path segment: nothing in it is a separator, a pattern or hidden; a long one ends in its hash."""
    safe = quote(name, safe="-_").replace(".", "%2E")
    return safe if len(safe) <= _MAX_SAFE_NAME else f"{safe[:80]}-{sha256(name.encode()).hexdigest()}"
