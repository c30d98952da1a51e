"""``lake/keys.json``: which keys of the pseudonyms a home has used and when, by public id, never the keys themselves.

It is written when data are first taken in with a key. A key that is not the one in use is refused before anything is read: the same
people would get new pseudonyms, in silence. The keys' own files are ``secret.py``'s.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from assets.clock import beijing_now
from assets.errors import DamageError, StorageError, UsageError
from assets.exports.lake.receipt import Receipt, Receipts, read_receipt
from assets.exports.lake.sealed import read_sealed, write_sealed
from assets.exports.typing.pseudonym import PseudonymKey

_FILE = "keys.json"
# files of a feed have other columns where the contract got some
_SCHEMA = pl.Schema({"applicant_pseudonym": pl.String, "key_id": pl.String})
# the newest lake file tells which key is in use, and the next intake writes the record again
_FIX = "put it back from a copy of the lake, or remove it"


class KeyPeriod(BaseModel):
    """A key's id and the time of its use in naive Beijing time; the key in use has no end."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key_id: str
    first_used_at: datetime
    retired_at: datetime | None = None


class KeyRecord(BaseModel):
    """The keys in the order of their use."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    keys: tuple[KeyPeriod, ...]

    @property
    def current(self) -> KeyPeriod | None:
        return next((key for key in reversed(self.keys) if key.retired_at is None), None)

    def ids(self) -> list[str]:
        return [key.key_id for key in self.keys]


def record_path(lake: Path) -> Path:
    return lake / _FILE


def key_record(lake: Path) -> KeyRecord:
    """The record; in a lake without one, the key of the newest pseudonyms; empty if there are none.

    Raises ``LakeDamageError`` where it is not as it was written.
    """
    path = record_path(lake)
    if path.exists():
        return read_sealed(path, KeyRecord, "the record of keys", _FIX)
    newest = _newest_use(lake)
    return KeyRecord(keys=() if newest is None else (newest,))


def refuse_another_key(lake: Path, key: PseudonymKey) -> None:
    """Raise ``UsageError`` where ``key`` is not the one in use."""
    record = key_record(lake)
    current = record.current
    if current is None or current.key_id == key.key_id:
        return
    what = "a retired key" if key.key_id in record.ids() else "a key that this home has never used"
    raise UsageError(
        f"the key has the id {key.key_id}, {what}; the one in use has {current.key_id}: put that back, "
        "or `zhoubao key rotate` to use a new one from now on"
    )


def note_key_in_use(lake: Path, key: PseudonymKey) -> None:
    """Record that data are taken in with ``key``; the caller holds the writer's lock. Raises ``UsageError`` for another key."""
    refuse_another_key(lake, key)
    if not record_path(lake).exists():
        record = key_record(lake)
        began = KeyPeriod(key_id=key.key_id, first_used_at=_now())
        write_key_record(lake, record if record.keys else KeyRecord(keys=(began,)))


def with_new_key(record: KeyRecord, key_id: str) -> KeyRecord:
    """The record in which ``key_id`` is in use from now on."""
    now = _now()
    former = (key if key.retired_at else key.model_copy(update={"retired_at": now}) for key in record.keys)
    return KeyRecord(keys=(*former, KeyPeriod(key_id=key_id, first_used_at=now)))


def write_key_record(lake: Path, record: KeyRecord) -> None:
    """Write the record, durably and whole."""
    write_sealed(record_path(lake), record)


def rows_by_key(lake: Path) -> dict[str, int]:
    """The number of rows in the lake per key of their pseudonym."""
    files = [lake / file.lake_file for receipt in Receipts(lake) for file in receipt.files if file.lake_file]
    held = [path for path in files if "key_id" in pq.read_schema(path).names]
    if not held:
        return {}
    rows = (
        pl.scan_parquet(held, schema=_SCHEMA, extra_columns="ignore")
        .filter(pl.col("applicant_pseudonym").is_not_null())
        .group_by("key_id")
        .len()
    )
    return {str(key_id): int(number) for key_id, number in rows.collect(engine="streaming").iter_rows()}


def _newest_use(lake: Path) -> KeyPeriod | None:
    """The key of the newest lake file that names one."""
    for receipt in sorted(_readable(lake), key=lambda receipt: receipt.received_at, reverse=True):
        for file in receipt.files:
            key_id = _key_id_in(lake / file.lake_file) if file.lake_file else None
            if key_id is not None:
                return KeyPeriod(key_id=key_id, first_used_at=receipt.received_at)
    return None


def _readable(lake: Path) -> Iterator[Receipt]:
    # that a receipt cannot be read is the lake's condition, not the key's
    for path in Receipts(lake).paths():
        try:
            yield read_receipt(path)
        except (DamageError, StorageError):
            continue


def _key_id_in(path: Path) -> str | None:
    try:
        if "key_id" not in pq.read_schema(path).names:
            return None
        ids = pq.read_table(path, columns=["key_id"])["key_id"]
    except (OSError, pa.ArrowInvalid):
        return None
    return next((str(value) for value in ids.to_pylist() if value), None)


def _now() -> datetime:
    return beijing_now().replace(microsecond=0)
