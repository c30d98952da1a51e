"""The Parquet file that a data file becomes in the lake: its typed rows, but only the newest of each key.

Rows wait in memory until all are there, and past a limit in a Parquet file alongside the target, so that memory stays bounded. Where no
key comes twice, as in most files, that one takes the target's name, and no row is written twice.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from assets.exports.lake.totals import totals_of
from assets.exports.typing.rows import POLARS_TYPES, record_key
from assets.platform.contract import Feed

# about 100,000 rows of accept; a day of a province has 26,000
MAX_WAITING_BYTES = 32 * 1024**2


def lake_writer(target: Path, schema: pa.Schema, feed: Feed) -> pq.ParquetWriter:
    """A writer of rows of ``feed``, which takes half the time of Parquet's defaults.

    A dictionary of what seldom comes twice is made and given up; a line is told by its distance from the one before; least and
    greatest are asked of keys, times and numbers alone. lz4, since the lake is read far more often than written, and zstd would
    double that; but a pseudonym is noise, which nothing makes shorter.
    """
    noise = {column.inside for column in feed.columns if column.personal == "pseudonym"}
    texts = [field.name for field in schema if pa.types.is_string_view(field.type) and field.name not in noise]
    numbers = [field.name for field in schema if not pa.types.is_string_view(field.type)]
    seldom_twice = {*feed.key_inside, "line", *(name for name in numbers if pa.types.is_timestamp(schema.field(name).type))}
    return pq.ParquetWriter(
        target,
        schema,
        compression={name: "none" if name in noise else "lz4" for name in schema.names},
        use_dictionary=[name for name in (*texts, *numbers) if name not in seldom_twice],
        column_encoding={"line": "DELTA_BINARY_PACKED"},
        write_statistics=[*numbers, *feed.key_inside],
        # a text is a text to whoever reads it, however it lay in memory
        store_schema=False,
    )


class WaitingRows:
    """Typed rows of one file in their order, until ``write`` writes them. A context manager: its end removes what still waits.

    ``totals`` are those of the rows that were written.
    """

    def __init__(self, target: Path, feed: Feed, max_bytes: int = MAX_WAITING_BYTES) -> None:
        self._waiting_file = target.with_name(target.name + ".waiting")
        self._feed = feed
        self._max_bytes = max_bytes
        self._types = {name: POLARS_TYPES[stored] for name, stored in feed.lake_columns.items()}
        self._schema = _arrow(pl.DataFrame(schema=self._types)).schema
        self._frames: list[pl.DataFrame] = []
        self._bytes = 0.0
        self._hashes: list[pl.Series] = []
        self._writer: pq.ParquetWriter | None = None
        self.rows = 0
        self.totals: Counter[str] = Counter()

    def __enter__(self) -> "WaitingRows":
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()
            self._waiting_file.unlink(missing_ok=True)

    def add(self, rows: pl.DataFrame) -> None:
        """Take one batch, of all lake columns."""
        if not rows.height:
            return
        frame = rows.select(pl.col(name).cast(kind) for name, kind in self._types.items())
        self._frames.append(frame)
        self._hashes.append(frame.select(key_hash(self._feed)).to_series())
        self.rows += frame.height
        self._bytes += frame.estimated_size()
        if self._bytes > self._max_bytes:
            self._put_down()

    def write(self, target: Path) -> int:
        """Write the newest row of each key (latest ``cd_time``, then later line) to ``target``; returns the number of superseded rows.

        Past the limit only the key's hashes are held (8 bytes a row); rows are compared by whole keys where hashes meet.
        """
        self._close()
        losers = self._losers()
        if losers is None and self._writer is not None:
            self._waiting_file.replace(target)
            return 0
        self.totals.clear()
        with lake_writer(target, self._schema, self._feed) as writer:
            for frame in self._waiting():
                self._write_to(writer, frame if losers is None else frame.filter(~pl.col("line").is_in(losers.implode())))
        return 0 if losers is None else losers.len()

    def keys(self) -> pl.Series:
        """The distinct keys of the rows, each as one text; for a file that is refused in the end."""
        self._close()
        parts = [frame.select(record_key(self._feed)) for frame in self._waiting()]
        return pl.concat([pl.DataFrame(schema={"record_key": pl.String()}), *parts]).to_series().unique()

    def _write_to(self, writer: pq.ParquetWriter, frame: pl.DataFrame) -> None:
        self.totals.update(totals_of(frame, self._feed))
        writer.write_table(_arrow(frame).cast(self._schema))

    def _put_down(self) -> None:
        """Write the frames in memory to the waiting file."""
        if self._writer is None:
            self._waiting_file.touch(mode=0o600)
            self._writer = lake_writer(self._waiting_file, self._schema, self._feed)
        for frame in self._frames:
            self._write_to(self._writer, frame)
        self._frames, self._bytes = [], 0.0

    def _close(self) -> None:
        """Finish the waiting file, if there is one."""
        if self._writer is not None:
            self._put_down()
            self._writer.close()

    def _waiting(self) -> Iterator[pl.DataFrame]:
        if self._writer is None:
            yield from self._frames
            return
        # batch by batch, as they came
        with pq.ParquetFile(self._waiting_file) as held:
            for number in range(held.num_row_groups):
                yield pl.DataFrame(held.read_row_group(number), schema=self._types)

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


def _arrow(frame: pl.DataFrame) -> pa.Table:
    """The same memory as an Arrow table: texts stay views, since copying them costs as much as compressing them."""
    return frame.to_arrow(compat_level=pl.CompatLevel.newest())


def key_hash(feed: Feed) -> pl.Expr:
    """A 64-bit hash of the key: two rows of one key share it, two keys rarely do."""
    return pl.struct(feed.key_inside).hash().alias("key_hash")


def _repeated(hashes: Iterable[pl.Series]) -> pl.Series:
    """The hashes that occur more than once."""
    ordered = np.concatenate([np.empty(0, np.uint64), *(batch.to_numpy() for batch in hashes)])
    ordered.sort()
    return pl.Series(np.unique(ordered[1:][ordered[1:] == ordered[:-1]]), dtype=pl.UInt64)
