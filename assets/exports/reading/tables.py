"""A data file as batches of text columns, whatever its format: the common ground of CSV and workbook.

Each batch names its columns by the contract, holds only those the feed keeps, and says on which line each record begins.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from assets.exports.reading.encoding import Encoding, decoded
from assets.exports.reading.header import HeaderMap, kept_positions, map_header
from assets.exports.reading.records import Batch, Defect, RecordReader, with_line_feeds
from assets.exports.reading.source import ArchiveLimits, Format, chunks
from assets.exports.typing.reasons import FileDefectError, Reason
from assets.platform.contract import Feed


@dataclass(frozen=True)
class TextBatch:
    """Sound records as text columns with their lines; unsound ones as defects; cells whose digits were lost as (mask, column)."""

    text: pl.DataFrame
    lines: pl.Series
    defects: list[Defect]
    digits_lost: tuple[tuple[pl.Series, str], ...] = ()


@dataclass
class TextTable:
    """A file's header and its batches; ``ends_with_newline`` is known once the batches are read.

    The batches come in order and unparsed: a call of each gives its text, in whichever thread.
    """

    header: HeaderMap
    batches: Iterator[Callable[[], TextBatch]]
    reader: RecordReader | None = None

    @property
    def ends_with_newline(self) -> bool:
        return self.reader is None or self.reader.ends_with_newline


def csv_table(path: Path, kind: Format, encoding: Encoding, feed: Feed, limits: ArchiveLimits) -> TextTable:
    """Read a CSV, packed or not, as ``encoding``. Raises ``FileDefectError`` and, from the batches too, ``NotInThisEncodingError``."""
    reader = RecordReader(decoded(chunks(path, kind, limits), encoding))

    def text_again() -> Iterator[bytes]:
        return decoded(chunks(path, kind, limits), encoding)

    with _counted_by_any_line_end(text_again):
        names = _split_header(reader.header())
    try:
        header = map_header(names, feed)
    except FileDefectError as defect:
        defect.records = _count(reader, len(names))
        raise
    reader.expect(header.width, len(names) > header.width)
    return TextTable(header, _unparsed(reader, header, feed, text_again), reader)


def _split_header(record: bytes) -> list[str]:
    return next(csv.reader(io.StringIO(record.decode(), newline="")), [])


def _count(reader: RecordReader, width: int) -> int | None:
    """How many records follow a header that cannot be used; ``None`` where the structure breaks."""
    reader.expect(width)
    try:
        for _ in reader.batches():
            pass
    except FileDefectError:
        return None
    return reader.records


@contextmanager
def _counted_by_any_line_end(text_again: Callable[[], Iterable[bytes]]) -> Iterator[None]:
    """A file whose lines end in CR alone is refused with the records that it holds; else it would seem to hold one."""
    try:
        yield
    except FileDefectError as defect:
        if defect.reason == Reason.LINE_ENDS:
            reader = RecordReader(with_line_feeds(text_again()))
            defect.records = _count(reader, len(_split_header(reader.header())))
        raise


def _unparsed(
    reader: RecordReader, header: HeaderMap, feed: Feed, text_again: Callable[[], Iterable[bytes]]
) -> Iterator[Callable[[], TextBatch]]:
    wanted = kept_positions(header, feed)
    with _counted_by_any_line_end(text_again):
        for batch in reader.batches():
            yield partial(_text_batch, batch, wanted)


def _text_batch(batch: Batch, wanted: dict[str, int]) -> TextBatch:
    text = _parse(batch, wanted)
    # polars pads, merges or drops rows in silence; the audit counted them without it
    if text.height != len(batch.lines):
        raise FileDefectError(Reason.PARSERS_DISAGREE, detail=f"{len(batch.lines)} and {text.height}")
    return TextBatch(text, pl.Series("line", batch.lines, dtype=pl.Int64), batch.defects)


def _parse(batch: Batch, wanted: dict[str, int]) -> pl.DataFrame:
    if not batch.data:
        return pl.DataFrame(schema={name: pl.String() for name in wanted})
    frame = pl.read_csv(
        batch.data,
        has_header=False,
        infer_schema=False,
        columns=sorted(wanted.values()),
        quote_char='"' if batch.has_quotes else None,
    )
    by_position = sorted(wanted, key=wanted.__getitem__)
    return frame.rename(dict(zip(frame.columns, by_position, strict=True)))
