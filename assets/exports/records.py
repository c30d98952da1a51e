"""Where the records of a CSV file begin and end, found without the parser that loads them.

polars pads short rows in silence and DuckDB swallows rows after an open quote; so the structure is audited here first:
each record's first line, its number of fields and its quotes by RFC 4180. Only sound records go on to the parser.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from assets.exports.reasons import FileDefectError, Reason

COMMA, QUOTE, NEWLINE, RETURN, NUL = b',"\n\r\x00'
MAX_FIELD_BYTES = 64 * 1024
# 256 columns of 64 KiB: what is longer is an open quote that swallows the file
MAX_RECORD_BYTES = 256 * MAX_FIELD_BYTES

Positions = npt.NDArray[np.int64]

_UNQUOTED = re.compile(rb"[^,\n]*")


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


@dataclass
class _Audit:
    """What is known between two chunks: the unfinished record, its line, and how many fields the header has."""

    fields: int | None = None
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
        self._chunks = iter(chunks)
        self._state = _Audit()
        self._first: bytes | None = None

    @property
    def records(self) -> int:
        return self._state.records

    @property
    def ends_with_newline(self) -> bool:
        """Whether the last record was closed by a line end; where it was not, the file may have been cut."""
        return self._state.ends_with_newline

    def header(self) -> bytes:
        """The first record, without its line end. Raises ``FileDefectError`` where there is none."""
        buffer = b""
        for chunk in self._chunks:
            buffer += chunk
            found = _record_at(buffer, _skip_blank(buffer), final=False)
            if found is not None:
                return self._take_header(buffer, found.end)
        start = _skip_blank(buffer)
        if start >= len(buffer):
            raise FileDefectError(Reason.EMPTY_FILE)
        found = _record_at(buffer, start, final=True)
        if found is None:
            raise FileDefectError(Reason.OPEN_QUOTE)
        return self._take_header(buffer, found.end)

    def expect(self, fields: int, trailing_comma: bool | None = None) -> None:
        """Say how many named columns the header has; a record of one more field that ends in a comma may be sound too."""
        self._state.fields = fields
        self._state.trailing_comma = trailing_comma

    def batches(self) -> Iterator[Batch]:
        """Every record after the header, in order. Raises ``FileDefectError`` at a quote that is never closed."""
        state = self._state
        for chunk in self._chunks:
            yield from self._audit(state.rest + chunk, final=False)
        if state.rest:
            state.ends_with_newline = False
            yield from self._audit(state.rest + b"\n", final=True)

    def _take_header(self, buffer: bytes, end: int) -> bytes:
        start = _skip_blank(buffer)
        state = self._state
        state.rest = buffer[end + 1 :]
        state.line = 1 + buffer.count(b"\n", 0, end + 1)
        return buffer[start:end].removesuffix(b"\r")

    def _audit(self, buffer: bytes, final: bool) -> Iterator[Batch]:
        state = self._state
        spans = _spans(buffer, final)
        consumed = int(spans.ends[-1]) + 1 if len(spans.ends) else 0
        if len(buffer) - consumed > MAX_RECORD_BYTES or (final and consumed < len(buffer)):
            raise FileDefectError(Reason.OPEN_QUOTE)
        state.rest = buffer[consumed:]
        if len(spans.ends):
            yield self._batch(buffer[:consumed], spans)

    def _batch(self, buffer: bytes, spans: "_Spans") -> Batch:
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
        return Batch(_joined(octets, spans.where(sound)), lines[sound], defects)

    def _reasons(self, buffer: bytes, octets: npt.NDArray[np.uint8], spans: "_Spans") -> npt.NDArray[np.str_]:
        state = self._state
        if state.trailing_comma is None and len(spans.ends):
            # an export with a comma after every line has one from its first record on
            last_octet = octets[spans.ends[0] - 1]
            state.trailing_comma = bool(spans.fields[0] == (state.fields or 0) + 1 and last_octet == COMMA)
        expected = (state.fields or 0) + bool(state.trailing_comma)
        reasons = np.full(len(spans.ends), "", dtype="<U32")
        reasons[spans.fields != expected] = Reason.FIELD_COUNT
        if state.trailing_comma:
            reasons[octets[spans.ends - 1] != COMMA] = Reason.FIELD_COUNT
        reasons[spans.broken] = Reason.BROKEN_QUOTES
        for index in np.flatnonzero(spans.ends - spans.starts > MAX_FIELD_BYTES):
            if _longest_field(buffer, int(spans.starts[index]), int(spans.ends[index])) > MAX_FIELD_BYTES:
                reasons[index] = Reason.FIELD_TOO_LONG
        nuls = np.flatnonzero(octets == NUL)
        if len(nuls):
            holders = np.searchsorted(spans.ends, nuls)
            holders = holders[holders < len(spans.ends)]
            reasons[np.unique(holders)] = Reason.NUL_CHARACTER
        return reasons


@dataclass(frozen=True)
class _Spans:
    """Records of a buffer as parallel arrays: first byte, byte after the last, fields, whether quotes are broken."""

    starts: Positions
    ends: Positions
    fields: Positions
    broken: npt.NDArray[np.bool_]

    def where(self, mask: npt.NDArray[np.bool_]) -> "_Spans":
        if mask.all():
            return self
        return _Spans(self.starts[mask], self.ends[mask], self.fields[mask], self.broken[mask])

    def without_carriage_returns(self, octets: npt.NDArray[np.uint8]) -> "_Spans":
        has_return = (self.ends > self.starts) & (octets[np.maximum(self.ends - 1, 0)] == RETURN)
        if not has_return.any():
            return self
        return _Spans(self.starts, self.ends - has_return, self.fields, self.broken)


def _spans(buffer: bytes, final: bool) -> _Spans:
    """All whole records of ``buffer``; a last one without its line feed is left for the next chunk."""
    octets = np.frombuffer(buffer, np.uint8)
    newlines = np.flatnonzero(octets == NEWLINE)
    commas = np.flatnonzero(octets == COMMA)
    quotes = np.flatnonzero(octets == QUOTE)
    if not len(quotes):
        return _plain_spans(0, newlines, commas)
    return _quoted_spans(buffer, octets, newlines, commas, quotes, final)


def _plain_spans(start: int, ends: Positions, commas: Positions) -> _Spans:
    """Records that end at ``ends``, the first beginning at ``start``; ``commas`` are those that separate fields."""
    starts = np.empty_like(ends)
    if len(ends):
        starts[0] = start
        starts[1:] = ends[:-1] + 1
    fields = np.searchsorted(commas, ends) - np.searchsorted(commas, starts) + 1
    return _Spans(starts, ends, fields, np.zeros(len(ends), dtype=np.bool_))


def _quoted_spans(
    buffer: bytes,
    octets: npt.NDArray[np.uint8],
    newlines: Positions,
    commas: Positions,
    quotes: Positions,
    final: bool,
) -> _Spans:
    """Records where quotes occur: by parity up to the first quote that breaks the grammar, past it record by record."""
    offences = _offences(octets, quotes)
    parts: list[_Spans] = []
    position = 0
    while position < len(buffer):
        first = int(np.searchsorted(quotes, position))
        at = offences[first % 2]
        following = int(np.searchsorted(at, first))
        limit = int(quotes[at[following]]) if following < len(at) else len(buffer)
        sound = _parity_spans(position, limit, newlines, commas, quotes, first)
        if len(sound.ends):
            parts.append(sound)
            position = int(sound.ends[-1]) + 1
        if limit == len(buffer):
            break
        broken = _record_at(buffer, position, final)
        if broken is None:
            break
        parts.append(broken.as_spans(position))
        position = broken.end + 1
    return _concatenated(parts)


def _parity_spans(start: int, limit: int, newlines: Positions, commas: Positions, quotes: Positions, first: int) -> _Spans:
    """Records in ``[start, limit)``: a line feed after an even number of quotes (counted from ``first``) ends one."""
    inner_newlines = newlines[np.searchsorted(newlines, start) : np.searchsorted(newlines, limit)]
    ends = inner_newlines[(np.searchsorted(quotes, inner_newlines) - first) % 2 == 0]
    inner_commas = commas[np.searchsorted(commas, start) : np.searchsorted(commas, limit)]
    separators = inner_commas[(np.searchsorted(quotes, inner_commas) - first) % 2 == 0]
    return _plain_spans(start, ends, separators)


def _offences(octets: npt.NDArray[np.uint8], quotes: Positions) -> tuple[Positions, Positions]:
    """Indexes of quotes that break the grammar, if the quotes of even index open (first) or those of odd index do (second).

    An opening quote stands at a field's start or doubles the one before it; a closing one stands before a comma, a line
    end, the end, or its double.
    """
    before = octets[np.maximum(quotes - 1, 0)]
    opens_badly = ~((quotes == 0) | (before == COMMA) | (before == NEWLINE) | (before == QUOTE))
    after = octets[np.minimum(quotes + 1, len(octets) - 1)]
    at_end = quotes + 1 >= len(octets)
    closes_badly = ~(at_end | (after == COMMA) | (after == NEWLINE) | (after == RETURN) | (after == QUOTE))
    odd = np.arange(len(quotes)) % 2 == 1
    return (
        np.flatnonzero(np.where(odd, closes_badly, opens_badly)),
        np.flatnonzero(np.where(odd, opens_badly, closes_badly)),
    )


@dataclass(frozen=True)
class _Record:
    """One record found by walking its fields: the position of its line feed, its fields, its longest field in bytes."""

    end: int
    fields: int
    broken: bool
    longest: int

    def as_spans(self, start: int) -> _Spans:
        return _Spans(np.array([start]), np.array([self.end]), np.array([self.fields]), np.array([self.broken], dtype=np.bool_))


def _record_at(buffer: bytes, start: int, final: bool) -> _Record | None:
    """Walk one record from ``start``; ``None`` where the buffer ends before it does."""
    position, fields, broken, longest = start, 1, False, 0
    while True:
        begin = position
        if buffer[position : position + 1] == b'"':
            closing = _closing_quote(buffer, position + 1)
            if closing is None:
                return None
            position = closing + 1
        tail = _UNQUOTED.match(buffer, position)
        assert tail is not None
        # what follows a closing quote, or stands in an unquoted field, may hold no quote and nothing but a line end's \r
        loose = tail[0].removesuffix(b"\r")
        broken = broken or b'"' in loose or (position > begin and loose != b"")
        position = tail.end()
        longest = max(longest, position - begin)
        if position >= len(buffer):
            return _Record(position, fields, broken, longest) if final else None
        if buffer[position] == NEWLINE:
            return _Record(position, fields, broken, longest)
        fields += 1
        position += 1


def _closing_quote(buffer: bytes, position: int) -> int | None:
    """The quote that ends the field whose text begins at ``position``; doubled quotes are text."""
    while True:
        position = buffer.find(b'"', position)
        if position < 0:
            return None
        if buffer[position + 1 : position + 2] != b'"':
            return position
        position += 2


def _longest_field(buffer: bytes, start: int, end: int) -> int:
    record = _record_at(buffer[start:end], 0, final=True)
    return record.longest if record else end - start


def _skip_blank(buffer: bytes) -> int:
    """The first byte that is no line end: a blank line is no record."""
    return len(buffer) - len(buffer.lstrip(b"\r\n"))


def _concatenated(parts: list[_Spans]) -> _Spans:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        empty = np.empty(0, dtype=np.int64)
        return _Spans(empty, empty, empty, np.empty(0, dtype=np.bool_))
    return _Spans(
        np.concatenate([part.starts for part in parts]),
        np.concatenate([part.ends for part in parts]),
        np.concatenate([part.fields for part in parts]),
        np.concatenate([part.broken for part in parts]),
    )


def _joined(octets: npt.NDArray[np.uint8], spans: _Spans) -> bytes:
    """The records' bytes, each ended by one line feed; carriage returns and left-out records are gone."""
    if not len(spans.ends):
        return b""
    contiguous = spans.starts[0] == 0 and bool((spans.starts[1:] == spans.ends[:-1] + 1).all())
    if contiguous and spans.ends[-1] + 1 == len(octets):
        return octets.tobytes()
    keep = np.zeros(len(octets) + 1, dtype=np.int8)
    keep[spans.starts] += 1
    keep[spans.ends] -= 1
    inside = np.cumsum(keep[:-1], dtype=np.int8).astype(np.bool_)
    # the byte at a record's end is its \n, or its \r which becomes one
    inside[spans.ends] = True
    kept = octets.copy()
    kept[spans.ends] = NEWLINE
    return kept[inside].tobytes()
