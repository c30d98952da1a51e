"""Whether a file of the lake that was read again holds the events that it held before, though its rows may have got columns."""

from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from assets.exports.lake.receipt import FileReceipt
from assets.hashing import sha256_of
from assets.home import storage_errors

# a new key gives the same people other ones
_PSEUDONYMS = frozenset({"applicant_pseudonym", "key_id"})


def has_same_events(lake: Path, former: FileReceipt, found: FileReceipt) -> bool:
    """Whether both hold the same rows in the columns that both have, pseudonyms apart, and the same refusals."""
    if former.lake_file is None or found.lake_file is None:
        return False
    paths = lake / former.lake_file, lake / found.lake_file
    with storage_errors(paths[0]):
        if _refused(lake, former) != _refused(lake, found) or not paths[0].exists():
            return False
        schemas = [set(pq.read_schema(path).names) for path in paths]
        names = sorted((schemas[0] & schemas[1]) - _PSEUDONYMS)
        rows = [pl.scan_parquet(path, glob=False).select(names).sort("line").collect(engine="streaming") for path in paths]
    return rows[0].equals(rows[1])


def _refused(lake: Path, file: FileReceipt) -> str | None:
    return sha256_of(lake / file.refusals_file) if file.refusals_file is not None else None
