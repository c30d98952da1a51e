"""The Parquet file that a data file becomes in the lake: its typed rows, but only the newest of each key.

Rows wait in memory until all are there, and past a limit in a file beside the target, so that memory stays bounded.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from assets.exports.rows import POLARS_TYPES, record_key
from assets.exports.totals import totals_of
from assets.platform.contract import Feed

# about 1,200,000 rows of accept; a day of a province has 57,000
MAX_WAITING_BYTES = 320 * 1024**2


class WaitingRows:
    """Typed rows of one file in the order they came, as ``write`` will take them. A context: what was spilled goes at its end.

    ``totals`` are those of the rows that were written.
    """

    def __init__(self, target: Path, feed: Feed, max_bytes: int = MAX_WAITING_BYTES) -> None:
        self._spill_file = target.with_name(target.name + ".waiting")
        self._feed = feed
        self._max_bytes = max_bytes
        self._types = {name: POLARS_TYPES[stored] for name, stored in feed.lake_columns.items()}
        self._frames: list[pl.DataFrame] = []
        self._hashes: list[pl.Series] = []
        self._spill: pa.RecordBatchFileWriter | None = None
        self.rows = 0
        self.totals: Counter[str] = Counter()

    def __enter__(self) -> "WaitingRows":
        return self

    def __exit__(self, *_: object) -> None:
        if self._spill is not None:
            self._spill.close()
            self._spill_file.unlink()

    def add(self, rows: pl.DataFrame) -> None:
        """Take one batch, of all lake columns."""
        if not rows.height:
            return
        frame = rows.select(pl.col(name).cast(kind) for name, kind in self._types.items())
        self._frames.append(frame)
        self._hashes.append(frame.select(key_hash(self._feed)).to_series())
        self.rows += frame.height
        if sum(frame.estimated_size() for frame in self._frames) > self._max_bytes:
            self._spill_frames()

    def write(self, target: Path) -> int:
        """Write the newest row of each key (latest ``cd_time``, then later line) to ``target``; how many rows were not.

        Past the limit only the key's hashes are held (8 bytes a row); rows are compared by whole keys where hashes meet.
        """
        if self._spill is not None:
            self._spill_frames()
            self._spill.close()
        losers = self._losers()
        schema = pl.DataFrame(schema=self._types).to_arrow().schema
        # lz4: the lake is read far more often than written, and zstd would double the load
        with pq.ParquetWriter(target, schema, compression="lz4") as writer:
            for frame in self._waiting():
                kept = frame if losers is None else frame.filter(~pl.col("line").is_in(losers.implode()))
                self.totals.update(totals_of(kept, self._feed))
                writer.write_table(kept.to_arrow().cast(schema))
        return 0 if losers is None else losers.len()

    def keys(self) -> pl.Series:
        """The key of each row as one text, each key once; for a file that is refused after all."""
        if self._spill is not None:
            self._spill_frames()
            self._spill.close()
        parts = [frame.select(record_key(self._feed)) for frame in self._waiting()]
        return pl.concat([pl.DataFrame(schema={"record_key": pl.String()}), *parts]).to_series().unique()

    def _waiting(self) -> Iterator[pl.DataFrame]:
        if self._spill is None:
            yield from self._frames
            return
        with pa.OSFile(str(self._spill_file)) as spilled, pa.ipc.open_file(spilled) as batches:
            for number in range(batches.num_record_batches):
                yield pl.DataFrame(batches.get_batch(number))

    def _losers(self) -> pl.Series | None:
        """The lines of superseded rows."""
        repeated = _repeated(self._hashes)
        if not repeated.len():
            return None
        suspects = pl.concat(
            frame.filter(hashes.is_in(repeated.implode())).select(*self._feed.key_inside, "cd_time", "line")
            for frame, hashes in zip(self._waiting(), self._hashes, strict=True)
        ).sort("cd_time", "line")
        newest = suspects.select(pl.struct(self._feed.key_inside).is_last_distinct()).to_series()
        return suspects.filter(~newest)["line"]

    def _spill_frames(self) -> None:
        for frame in self._frames:
            # without views: a batch of views carries the whole buffer that they look into
            table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
            if self._spill is None:
                self._spill_file.touch(mode=0o600)
                self._spill = pa.ipc.new_file(self._spill_file, table.schema, options=pa.ipc.IpcWriteOptions(compression="lz4"))
            self._spill.write_batch(table.combine_chunks().to_batches()[0])
        self._frames = []


def key_hash(feed: Feed) -> pl.Expr:
    """A 64-bit hash of the key: two rows of one key share it, two keys rarely do."""
    return pl.struct(feed.key_inside).hash().alias("key_hash")


def _repeated(hashes: Iterable[pl.Series]) -> pl.Series:
    """The hashes that stand there more than once."""
    ordered = np.sort(np.concatenate([np.empty(0, np.uint64), *(batch.to_numpy() for batch in hashes)]))
    return pl.Series(np.unique(ordered[1:][ordered[1:] == ordered[:-1]]), dtype=pl.UInt64)
