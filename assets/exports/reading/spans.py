"""The spans of a buffer's CSV records by RFC 4180, found in arrays: line feeds and commas outside an even number of quotes.

Only past a quote that breaks the grammar are records walked one by one. Which span is sound is ``records.py``'s.
"""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

COMMA, QUOTE, NEWLINE, RETURN, NUL = b',"\n\r\x00'

Positions = npt.NDArray[np.int64]

_UNQUOTED = re.compile(rb"[^,\n]*")


@dataclass(frozen=True)
class Spans:
    """Records of a buffer as parallel arrays: first byte, byte after the last, fields, whether quotes are broken."""

    starts: Positions
    ends: Positions
    fields: Positions
    broken: npt.NDArray[np.bool_]

    def where(self, mask: npt.NDArray[np.bool_]) -> "Spans":
        if mask.all():
            return self
        return Spans(self.starts[mask], self.ends[mask], self.fields[mask], self.broken[mask])

    def without_carriage_returns(self, octets: npt.NDArray[np.uint8]) -> "Spans":
        has_return = (self.ends > self.starts) & (octets[np.maximum(self.ends - 1, 0)] == RETURN)
        if not has_return.any():
            return self
        return Spans(self.starts, self.ends - has_return, self.fields, self.broken)


def find_spans(buffer: bytes, final: bool) -> Spans:
    """All whole records of ``buffer``; a last one without its line feed is left for the next chunk."""
    octets = np.frombuffer(buffer, np.uint8)
    newlines = np.flatnonzero(octets == NEWLINE)
    commas = np.flatnonzero(octets == COMMA)
    quotes = np.flatnonzero(octets == QUOTE)
    if not len(quotes):
        return _plain_spans(0, newlines, commas)
    return _quoted_spans(buffer, octets, newlines, commas, quotes, final)


def _plain_spans(start: int, ends: Positions, commas: Positions) -> Spans:
    """Records that end at ``ends``, the first beginning at ``start``; ``commas`` are those that separate fields."""
    starts = np.empty_like(ends)
    if len(ends):
        starts[0] = start
        starts[1:] = ends[:-1] + 1
    fields = np.searchsorted(commas, ends) - np.searchsorted(commas, starts) + 1
    return Spans(starts, ends, fields, np.zeros(len(ends), dtype=np.bool_))


def _quoted_spans(
    buffer: bytes,
    octets: npt.NDArray[np.uint8],
    newlines: Positions,
    commas: Positions,
    quotes: Positions,
    final: bool,
) -> Spans:
    """Records where quotes occur: by parity up to the first quote that breaks the grammar, past it record by record."""
    offences = _offences(octets, quotes)
    parts: list[Spans] = []
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
        broken = record_at(buffer, position, final)
        if broken is None:
            break
        parts.append(broken.as_spans(position))
        position = broken.end + 1
    return _concatenated(parts)


def _parity_spans(start: int, limit: int, newlines: Positions, commas: Positions, quotes: Positions, first: int) -> Spans:
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
    # a lone \r ends no line
    ends_line = (after == RETURN) & (octets[np.minimum(quotes + 2, len(octets) - 1)] == NEWLINE)
    split = (after == RETURN) & (quotes + 2 >= len(octets))
    closes_badly = ~(at_end | (after == COMMA) | (after == NEWLINE) | ends_line | split | (after == QUOTE))
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

    def as_spans(self, start: int) -> Spans:
        return Spans(np.array([start]), np.array([self.end]), np.array([self.fields]), np.array([self.broken], dtype=np.bool_))


def record_at(buffer: bytes, start: int, final: bool) -> _Record | None:
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


def longest_field(buffer: bytes, start: int, end: int) -> int:
    record = record_at(buffer[start:end], 0, final=True)
    return record.longest if record else end - start


def _concatenated(parts: list[Spans]) -> Spans:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        empty = np.empty(0, dtype=np.int64)
        return Spans(empty, empty, empty, np.empty(0, dtype=np.bool_))
    return Spans(
        np.concatenate([part.starts for part in parts]),
        np.concatenate([part.ends for part in parts]),
        np.concatenate([part.fields for part in parts]),
        np.concatenate([part.broken for part in parts]),
    )


def joined(octets: npt.NDArray[np.uint8], spans: Spans) -> bytes:
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
