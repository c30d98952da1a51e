"""Where the records of a CSV file begin and end, found without the parser that loads them.

polars pads short rows in silence and DuckDB swallows rows after an open quote; so the structure is audited here first:
each record's first line, its number of fields and its quotes by RFC 4180. Only sound records go on to the parser.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import numpy.typing as npt

from assets.exports.reading.plain_records import plain_records
from assets.exports.reading.spans import (
    COMMA,
    NEWLINE,
    NUL,
    RETURN,
    Positions,
    Spans,
    find_spans,
    joined,
    longest_field,
    record_at,
)
from assets.exports.typing.reasons import FileDefectError, Reason

MAX_FIELD_BYTES = 64 * 1024
# 256 columns of 64 KiB: what is longer is an open quote that swallows the file
MAX_RECORD_BYTES = 256 * MAX_FIELD_BYTES


@dataclass(frozen=True)
class Defect:
    """One record that cannot be loaded: its line and why."""

    line: int
    reason: Reason


@dataclass(frozen=True)
class Batch:
    """Sound records, each ended by a line feed, with the physical line on which each begins; and the defects among them."""

    data: bytes
    lines: Positions
    defects: list[Defect]
    has_quotes: bool = True


@dataclass
class _Audit:
    """What is known between two chunks: the unfinished record, its line, and how many fields the header has."""

    fields: int = 0
    header_has_trailing_comma: bool = False
    trailing_comma: bool | None = None
    line: int = 1
    rest: bytes = b""
    records: int = 0
    header: bytes | None = None
    ends_with_newline: bool = True
    defects: list[Defect] = field(default_factory=list)


class RecordReader:
    """Reads records from UTF-8 chunks; ``header`` first, then ``batches()``; ``records`` counts all but the header."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks: Iterator[bytes] = iter(chunks)
        self._state = _Audit()

    @property
    def records(self) -> int:
        return self._state.records

    @property
    def ends_with_newline(self) -> bool:
        """Whether the last record was closed by a line end; where it was not, the file may have been cut."""
        return self._state.ends_with_newline

    def header(self) -> bytes:
        """The first record, without its line end. Raises ``FileDefectError`` where there is none, or it ends in CR alone."""
        header = self._first_record()
        # CR CR LF is one line end too many, and no other
        if has_lone_return(header.rstrip(b"\r")):
            raise FileDefectError(Reason.LINE_ENDS)
        return header

    def _first_record(self) -> bytes:
        buffer = b""
        for chunk in self._chunks:
            buffer += chunk
            if len(buffer) > MAX_RECORD_BYTES and b"\n" not in buffer:
                # walked again with each chunk, it would take for ever
                return buffer
            found = record_at(buffer, _skip_blank(buffer), final=False)
            if found is not None:
                return self._take_header(buffer, found.end)
        start = _skip_blank(buffer)
        if start >= len(buffer):
            raise FileDefectError(Reason.EMPTY_FILE)
        found = record_at(buffer, start, final=True)
        if found is None:
            raise FileDefectError(Reason.OPEN_QUOTE)
        return self._take_header(buffer, found.end)

    def expect(self, fields: int, trailing_comma: bool = False) -> None:
        """Say how many named columns the header has, and whether a comma trails it."""
        self._state.fields = fields
        self._state.header_has_trailing_comma = trailing_comma

    def batches(self) -> Iterator[Batch]:
        """Every record after the header, in order. Raises ``FileDefectError`` at a quote that is never closed."""
        state = self._state
        for chunk in self._chunks:
            end = chunk.rfind(b"\n") + 1
            batch = self._plain_batch(_joined(state.rest, chunk, end)) if end else None
            if batch is not None:
                state.rest = chunk[end:]
                yield batch
            else:
                yield from self._audit(state.rest + chunk, final=False)
        if state.rest:
            state.ends_with_newline = state.rest.endswith(b"\n")
            yield from self._audit(state.rest + b"\n", final=True)

    def _take_header(self, buffer: bytes, end: int) -> bytes:
        start = _skip_blank(buffer)
        state = self._state
        self._chunks = chain(filter(None, (buffer[end + 1 :],)), self._chunks)
        state.line = 1 + buffer.count(b"\n", 0, end + 1)
        return buffer[start:end].removesuffix(b"\r")

    def _plain_batch(self, data: bytes) -> Batch | None:
        """The batch of whole lines that are sound and plain, all of them; ``None`` where one is not."""
        state = self._state
        has_comma = state.header_has_trailing_comma if state.trailing_comma is None else state.trailing_comma
        found = plain_records(data, state.fields + has_comma, has_comma, MAX_FIELD_BYTES)
        if found is None:
            return None
        lines, count = found
        state.trailing_comma = has_comma
        numbers = np.arange(state.line, state.line + count, dtype=np.int64)
        state.line += count
        state.records += count
        return Batch(lines, numbers, [], has_quotes=False)

    def _audit(self, buffer: bytes, final: bool) -> Iterator[Batch]:
        state = self._state
        spans = find_spans(buffer, final)
        consumed = int(spans.ends[-1]) + 1 if len(spans.ends) else 0
        if len(buffer) - consumed > MAX_RECORD_BYTES or (final and consumed < len(buffer)):
            raise FileDefectError(Reason.OPEN_QUOTE)
        state.rest = buffer[consumed:]
        if len(spans.ends):
            yield self._batch(buffer[:consumed], spans)

    def _batch(self, buffer: bytes, spans: Spans) -> Batch:
        state = self._state
        octets = np.frombuffer(buffer, np.uint8)
        newlines = np.flatnonzero(octets == NEWLINE)
        lines = state.line + np.searchsorted(newlines, spans.starts)
        state.line += len(newlines)
        spans = spans.without_carriage_returns(octets)
        real = spans.starts < spans.ends
        spans, lines = spans.where(real), lines[real]
        state.records += len(lines)
        reasons = self._reasons(buffer, octets, spans)
        sound = reasons == ""
        defects = [Defect(int(line), Reason(reason)) for line, reason in zip(lines[~sound], reasons[~sound], strict=True)]
        return Batch(joined(octets, spans.where(sound)), lines[sound], defects)

    def _has_trailing_commas(self, octets: npt.NDArray[np.uint8], spans: Spans) -> bool:
        """Whether an export of this shape has a comma after every line: what most records of the first batch say.

        Under a header that has one, a record of the named columns alone that ends in a comma says nothing: it may be short of
        one field, its cells under other columns.
        """
        state = self._state
        ends_in_comma = octets[spans.ends - 1] == COMMA
        with_one = np.count_nonzero((spans.fields == state.fields + 1) & ends_in_comma)
        without = np.count_nonzero((spans.fields == state.fields) & ~(ends_in_comma & state.header_has_trailing_comma))
        return bool(with_one > without or (with_one == without and state.header_has_trailing_comma))

    def _see_line_ends(self, octets: npt.NDArray[np.uint8], spans: Spans, expected: int) -> None:
        """Raise where a record is several that end in CR alone: it has as many returns and fields as they would."""
        for index in np.flatnonzero(spans.fields > expected):
            record = octets[spans.starts[index] : spans.ends[index]]
            returns = np.count_nonzero(record == RETURN)
            if returns and spans.fields[index] == (returns + 1) * (expected - 1) + 1:
                raise FileDefectError(Reason.LINE_ENDS)

    def _reasons(self, buffer: bytes, octets: npt.NDArray[np.uint8], spans: Spans) -> npt.NDArray[np.str_]:
        state = self._state
        if state.trailing_comma is None and len(spans.ends):
            state.trailing_comma = self._has_trailing_commas(octets, spans)
        expected = state.fields + bool(state.trailing_comma)
        reasons = np.full(len(spans.ends), "", dtype="<U32")
        reasons[spans.fields != expected] = Reason.FIELD_COUNT
        if state.trailing_comma:
            reasons[octets[spans.ends - 1] != COMMA] = Reason.FIELD_COUNT
        self._see_line_ends(octets, spans, expected)
        reasons[spans.broken] = Reason.BROKEN_QUOTES
        for index in np.flatnonzero(spans.ends - spans.starts > MAX_FIELD_BYTES):
            if longest_field(buffer, int(spans.starts[index]), int(spans.ends[index])) > MAX_FIELD_BYTES:
                reasons[index] = Reason.FIELD_TOO_LONG
        nuls = np.flatnonzero(octets == NUL)
        if len(nuls):
            holders = np.searchsorted(spans.ends, nuls)
            holders = holders[holders < len(spans.ends)]
            reasons[np.unique(holders)] = Reason.NUL_CHARACTER
        return reasons


def has_lone_return(record: bytes) -> bool:
    """Whether a carriage return stands outside quotes: another line end, or the only one that the file has."""
    return b"\r" in record and any(b"\r" in part for part in record.split(b'"')[::2])


def with_line_feeds(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes with each carriage return a line feed, to count records whatever ends their lines; blank lines are none."""
    return (chunk.replace(b"\r", b"\n") for chunk in chunks)


def _joined(rest: bytes, chunk: bytes, end: int) -> bytes:
    """``rest`` and the chunk up to ``end``, copied once where that cannot be helped: a copy costs a third of the audit."""
    return chunk if not rest and end == len(chunk) else b"".join((rest, memoryview(chunk)[:end]))


def _skip_blank(buffer: bytes) -> int:
    """The first byte that is no line end: a blank line is no record."""
    return len(buffer) - len(buffer.lstrip(b"\r\n"))
