"""The structure of a CSV file against the standard library's own reader, and each way in which it is broken."""

import csv
import io
from collections.abc import Iterable, Iterator
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assets.exports.reading.records import Batch, RecordReader
from assets.exports.typing.reasons import FileDefectError, Reason

CELLS = st.text(alphabet="a,\"\n\r 中'=", max_size=6)
DIALECTS = st.sampled_from([("\r\n", csv.QUOTE_MINIMAL), ("\n", csv.QUOTE_MINIMAL), ("\n", csv.QUOTE_ALL)])
CUTS = st.lists(st.integers(1, 40), max_size=30)


def _tables(cells: st.SearchStrategy[str] = CELLS) -> st.SearchStrategy[list[list[str]]]:
    def of_width(width: int) -> st.SearchStrategy[list[list[str]]]:
        return st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=8)

    return st.integers(1, 4).flatmap(of_width)


def _pieces(data: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    position = 0
    for size in sizes:
        yield data[position : position + size]
        position += size
    yield data[position:]


def _read(data: bytes, width: int, sizes: Iterable[int] = ()) -> tuple[bytes, list[Batch], RecordReader]:
    reader = RecordReader(_pieces(data, sizes))
    header = reader.header()
    reader.expect(width)
    return header, list(reader.batches()), reader


def _by_standard_library(text: str) -> list[tuple[int, list[str]]]:
    """Records with their first lines; physical lines end at line feeds only."""
    reader = csv.reader((line + "\n" for line in text.removesuffix("\n").split("\n")), strict=True)
    found, first = [], 1
    for record in reader:
        if record:
            found.append((first, record))
        first = reader.line_num + 1
    return found


def _fields(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))


def _defects(text: str, width: int, sizes: Iterable[int] = ()) -> list[tuple[int, Reason]]:
    _, batches, _ = _read(text.encode(), width, sizes)
    return [(defect.line, defect.reason) for batch in batches for defect in batch.defects]


@given(_tables(), DIALECTS, CUTS, st.booleans())
def test_reads_what_the_standard_library_reads(
    table: list[list[str]], dialect: tuple[str, int], sizes: list[int], closed: bool
) -> None:
    line_end, quoting = dialect
    if dialect == ("\n", csv.QUOTE_MINIMAL):
        # the standard writer leaves a lone \r bare here, which its own reader then refuses
        table = [[cell.replace("\r", "") for cell in record] for record in table]
    target = io.StringIO(newline="")
    csv.writer(target, lineterminator=line_end, quoting=quoting).writerows(table)  # type: ignore[arg-type]
    text = target.getvalue() if closed else target.getvalue().removesuffix(line_end)
    oracle = _by_standard_library(text)
    if not oracle:
        return
    (_, names), *expected = oracle
    header, batches, reader = _read(text.encode(), len(names), sizes)
    assert _fields(header) == [names]
    assert [line for batch in batches for line in batch.lines.tolist()] == [line for line, _ in expected]
    assert [record for batch in batches for record in _fields(batch.data)] == [record for _, record in expected]
    assert reader.records == len(expected)
    assert not any(batch.defects for batch in batches)


@given(st.lists(st.sampled_from(["a,b", '"a,""x""",b', '"two\nlines",b', 'a"b,c', '"a"b,c', "a", "a,b,c", '"a"\rb,c', ""])), CUTS)
def test_one_bad_record_leaves_its_neighbours_alone(records: list[str], sizes: list[int]) -> None:
    wrong = {
        'a"b,c': Reason.BROKEN_QUOTES,
        '"a"b,c': Reason.BROKEN_QUOTES,
        '"a"\rb,c': Reason.BROKEN_QUOTES,
        "a": Reason.FIELD_COUNT,
        "a,b,c": Reason.FIELD_COUNT,
    }
    expected_defects, expected_sound, line = [], [], 2
    for record in records:
        if record in wrong:
            expected_defects.append((line, wrong[record]))
        elif record:
            expected_sound.append((line, record))
        line += 1 + record.count("\n")
    _, batches, reader = _read("\n".join(["x,y", *records, ""]).encode(), 2, sizes)
    assert [(defect.line, defect.reason) for batch in batches for defect in batch.defects] == expected_defects
    assert [line for batch in batches for line in batch.lines.tolist()] == [line for line, _ in expected_sound]
    assert b"".join(batch.data for batch in batches).decode() == "".join(record + "\n" for _, record in expected_sound)
    assert reader.records == len(expected_defects) + len(expected_sound)


LINES = st.one_of(
    st.sampled_from(["a,b", "a,b,", "中,b", ",", "a", "a,b,c", "", "\r", "a,b\r", "a,\rb", "\0,b", '"a",b', '"a\nb",c', 'a"']),
    st.integers(62, 66).map(lambda kib: f"a,{'x' * (kib * 1024)}"),
)
# few kinds of line in one file, so that many files are plain or nearly so
FEW_KINDS = st.lists(LINES, min_size=1, max_size=2).flatmap(lambda kinds: st.lists(st.sampled_from(kinds), max_size=8))


@given(FEW_KINDS, st.sampled_from(["\n", "\r\n"]), st.integers(1, 3), st.booleans(), CUTS)
# as many separators as sound lines have; returns before some line feeds, and before others two
@example(["a,b,c", "a"], "\n", 2, False, [])
@example(["a,b\r", "a,b"], "\n", 2, False, [])
@example(["a,b\r", "a,b"], "\r\n", 2, False, [])
@example(["a,\rb", "a,b"], "\n", 2, False, [])
def test_batches_without_a_quote_are_read_as_all_others_are(
    lines: list[str], line_end: str, width: int, has_trailing_comma: bool, sizes: list[int]
) -> None:
    data = line_end.join(["x,y,z"[: 2 * width - 1], *lines, ""]).encode()

    def read() -> tuple[bytes, list[int], list[tuple[int, Reason]], int] | Reason:
        reader = RecordReader(_pieces(data, sizes))
        reader.header()
        reader.expect(width, has_trailing_comma)
        try:
            batches = list(reader.batches())
        except FileDefectError as defect:
            return defect.reason
        begun = [line for batch in batches for line in batch.lines.tolist()]
        defects = [(defect.line, defect.reason) for batch in batches for defect in batch.defects]
        return b"".join(batch.data for batch in batches), begun, defects, reader.records

    with patch.object(RecordReader, "_plain_batch", return_value=None):
        expected = read()
    assert read() == expected


@given(CUTS)
def test_an_open_quote_condemns_the_file(sizes: list[int]) -> None:
    with pytest.raises(FileDefectError) as caught:
        _read(b'x,y\n1,2\n"3,4\n5,6\n', 2, sizes)
    assert caught.value.reason is Reason.OPEN_QUOTE


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", Reason.EMPTY_FILE), (b"\r\n\n", Reason.EMPTY_FILE), (b'"x,y\n1,2\n', Reason.OPEN_QUOTE)],
)
def test_a_file_without_a_header(data: bytes, reason: Reason) -> None:
    with pytest.raises(FileDefectError) as caught:
        RecordReader(iter([data])).header()
    assert caught.value.reason is reason


@given(CUTS)
def test_nul_characters_quarantine_their_record_only(sizes: list[int]) -> None:
    assert _defects("x,y\n1,2\n3,\x004\n5,6\n", 2, sizes) == [(3, Reason.NUL_CHARACTER)]


def test_lines_are_physical_and_blank_lines_no_records() -> None:
    header, batches, reader = _read(b'\r\nx,y\r\n\r\n1,"a\r\nb"\r\n\n2,3\r\n', 2)
    assert header == b"x,y"
    assert [line for batch in batches for line in batch.lines.tolist()] == [4, 7]
    assert reader.records == 2
    _, batches, reader = _read(b"x\n1\n\n2\n", 1)
    assert [(batch.data, batch.lines.tolist()) for batch in batches] == [(b"1\n2\n", [2, 4])]


def test_a_trailing_comma_goes_through_the_whole_file_or_not_at_all() -> None:
    assert _defects("x,y\n1,2,\n3,4\n5,6,\n7,8,9\n", 2) == [(3, Reason.FIELD_COUNT), (5, Reason.FIELD_COUNT)]
    assert _defects("x,y\n1,2\n3,4,\n", 2) == [(3, Reason.FIELD_COUNT)]


def test_a_field_of_more_than_64_kib() -> None:
    limit = 64 * 1024
    assert _defects(f"x,y\n1,{'a' * limit}\n2,{'a' * (limit + 1)}\n3,4\n", 2) == [(3, Reason.FIELD_TOO_LONG)]


@pytest.mark.parametrize(("end", "closed"), [("\n", True), ("\r\n", True), ("", False)])
def test_a_last_line_without_an_end_is_told(end: str, closed: bool) -> None:
    _, batches, reader = _read(f"x,y\n1,2{end}".encode(), 2)
    assert [batch.data for batch in batches] == [b"1,2\n"]
    assert reader.ends_with_newline is closed
