"""A delivery's receipt in the lake: what its manifest said, and what became of every file and refused row.

The receipt is the mark that a delivery's Parquet files are whole: it is written after them, and the warehouse loads
what has one. With it the warehouse can be made anew from the lake alone.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

from assets.exports.manifest import DeliveryContent
from assets.exports.reasons import Reason
from assets.exports.source import Format
from assets.home import write_whole


class Warned(BaseModel):
    """How many rows had a value read as blank or kept though outside its list."""

    model_config = ConfigDict(frozen=True)

    column_name: str
    reason_code: Reason
    rows: int


class FileReceipt(BaseModel):
    """One data file's account. ``lake_file`` and ``refusals_file`` are relative to the lake."""

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
    file_reason: Reason | None = None
    file_column: str | None = None
    detail: str = ""
    warnings: tuple[Warned, ...] = ()


class Receipt(BaseModel):
    """One delivery's account; times are naive Beijing times."""

    model_config = ConfigDict(frozen=True)

    delivery: str
    business_date: date
    sequence: int
    mode: Literal["upsert", "replace"]
    produced_at: datetime | None
    received_at: datetime
    files: tuple[FileReceipt, ...]

    @property
    def content(self) -> DeliveryContent:
        """The same as of the manifest it was taken in with."""
        return str(self.business_date), self.mode, tuple((file.file, file.feed, file.sha256) for file in self.files)


class Receipts:
    """The receipts of a lake, one JSON file a delivery; the file name is the delivery's, made safe."""

    def __init__(self, lake: Path) -> None:
        self._folder = lake / "deliveries"

    def path_of(self, delivery: str) -> Path:
        return self._folder / f"{safe_name(delivery)}.json"

    def get(self, delivery: str) -> Receipt | None:
        path = self.path_of(delivery)
        return Receipt.model_validate_json(path.read_bytes()) if path.exists() else None

    def put(self, receipt: Receipt) -> None:
        document = receipt.model_dump(mode="json")
        write_whole(self.path_of(receipt.delivery), json.dumps(document, ensure_ascii=False, indent=1).encode())

    def paths(self) -> list[Path]:
        return sorted(self._folder.glob("*.json"))

    def __iter__(self) -> Iterator[Receipt]:
        return (Receipt.model_validate_json(path.read_bytes()) for path in self.paths())


def safe_name(name: str) -> str:
    """A name from outside as one path segment: nothing in it is a separator, a pattern or hidden."""
    return quote(name, safe="-_").replace(".", "%2E")
