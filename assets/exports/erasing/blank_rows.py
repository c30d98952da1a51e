"""Blanks the pseudonyms of rows in one Parquet file of the lake. Which files and rows is decided in ``blank_deliveries.py``."""

from collections.abc import Collection
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from assets.home import replacing, storage_errors
from assets.platform.contract import load_contract

PSEUDONYM = "applicant_pseudonym"
_BLANKED = (PSEUDONYM, "key_id")
# which rows of a file: by their lines, or all of them
Lines = Collection[int] | None


def has_pseudonyms(feed: str) -> bool:
    """Whether the feed has a pseudonym column."""
    return PSEUDONYM in load_contract().feeds[feed].lake_columns


def rows_with_pseudonym(path: Path, lines: Lines = None) -> int:
    """How many of these rows of a lake file still have one. Raises ``StorageError`` where it cannot be read."""
    with storage_errors(path):
        if PSEUDONYM not in pq.read_schema(path).names:
            return 0
        held = pl.scan_parquet(path, glob=False).filter(pl.col(PSEUDONYM).is_not_null())
        chosen = held if lines is None else held.filter(pl.col("line").is_in(sorted(lines)))
        return int(chosen.select(pl.len()).collect().item())


def write_blanked(source: Path, target: Path, lines: Lines) -> None:
    """Write the rows of ``source`` to ``target``, those of ``lines`` without pseudonym and key id, all others as they are."""
    chosen = pl.lit(True) if lines is None else pl.col("line").is_in(sorted(lines))
    with pq.ParquetFile(source) as held, pq.ParquetWriter(target, held.schema_arrow, compression="lz4") as writer:
        # a group of rows at a time, as they were written, so that memory stays bounded
        for number in range(held.num_row_groups):
            rows = pl.DataFrame(held.read_row_group(number))
            # a file older than its feed's pseudonyms has none
            held_names = [name for name in _BLANKED if name in rows.columns]
            blanked = rows.with_columns(pl.when(chosen).then(None).otherwise(pl.col(name)).alias(name) for name in held_names)
            writer.write_table(blanked.to_arrow().cast(held.schema_arrow))


def blank_in_place(path: Path, lines: Lines) -> None:
    """Blank a file that no receipt names yet, under its own name."""
    with replacing(path, durable=False) as temporary:
        write_blanked(path, temporary, lines)
