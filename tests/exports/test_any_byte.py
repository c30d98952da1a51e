"""A small file cut at every byte, and with any byte changed, lost or added: never a wrong count in silence."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.exports.loading import Account
from assets.exports.typing.reasons import Reason
from assets.platform.contract import Feed, load_contract
from tests.exports import feed_files
from tests.exports.feed_files import expected_rows, first_lines, invented_rows, load
from tests.exports.fuzzing import examples
from tests.exports.fuzzing.reference import records, text_of

FEEDS = load_contract().feeds
COUNT = 2
PACKED: dict[str, feed_files.Writer] = {
    "gz": feed_files.write_gz,
    "zip": feed_files.write_zip,
    "xlsx": feed_files.write_xlsx,
    "xlsx 1904": partial(feed_files.write_xlsx, epoch_1904=True),
}
PLAIN: dict[str, feed_files.Writer] = {"utf-8": feed_files.write_csv, "gb18030": feed_files.write_chinese_gb18030}
# what stands between fields and records, what begins characters, archives and numbers
OCTETS = st.one_of(st.sampled_from(b"\",\n\r\x00\t '-0129PDX\xef\x81\x84\xff"), st.integers(0, 255))
PLACES = st.floats(0, 1, exclude_max=True)
EDITS: dict[str, Callable[[bytes, int, int], bytes]] = {
    "changed": lambda data, place, octet: data[:place] + bytes([octet]) + data[place + 1 :],
    "flipped": lambda data, place, octet: data[:place] + bytes([data[place] ^ (1 << octet % 8)]) + data[place + 1 :],
    "lost": lambda data, place, _: data[:place] + data[place + 1 :],
    "added": lambda data, place, octet: data[:place] + bytes([octet]) + data[place:],
    "twice": lambda data, place, octet: data[: place + 1 + octet] + data[place:],
    "gone": lambda data, place, octet: data[:place] + data[place + 1 + octet :],
}
RULES = set(Reason) - {Reason.PARSERS_DISAGREE}

Loaded = tuple[Account, pl.DataFrame | None]


def _whole(feed: Feed, form: feed_files.Writer) -> bytes:
    with TemporaryDirectory() as folder:
        form(Path(folder, "whole"), feed, invented_rows(feed, COUNT))
        return Path(folder, "whole").read_bytes()


def _truth(feed: Feed, is_book: bool) -> list[dict[str, object]]:
    rows = invented_rows(feed, COUNT)
    return expected_rows(feed, rows, range(2, COUNT + 2) if is_book else first_lines(rows))


def _load(data: bytes, feed: Feed) -> Loaded:
    with TemporaryDirectory() as folder:
        path = Path(folder, "a")
        path.write_bytes(data)
        return load(path, feed, COUNT)


def _balances(account: Account, frame: pl.DataFrame | None) -> bool:
    assert account.records == account.loaded + account.superseded + account.quarantined
    assert account.file_reason in {None, *RULES}
    if account.state == "quarantined":
        assert (frame, account.loaded) == (None, 0)
        return False
    assert frame is not None
    assert (account.records, account.loaded) == (COUNT, frame.height)
    return True


@pytest.mark.parametrize("form", PLAIN)
@pytest.mark.parametrize(("name", "step"), [("handbook", 1), ("result", 1 if examples(1) > 1 else 5)])
def test_a_csv_cut_at_every_byte(name: str, step: int, form: str) -> None:
    feed = FEEDS[name]
    whole, truth = _whole(feed, PLAIN[form]), {row["line"]: row for row in _truth(feed, is_book=False)}
    for length in range(0, len(whole), step):
        account, frame = _load(whole[:length], feed)
        text = text_of(whole[:length])
        found = records(text) if text is not None else None
        if found is not None and 0 < len(found) - 1 < COUNT and account.file_reason is not Reason.HEADER_MISSING_COLUMN:
            assert (account.file_reason, account.records, frame) == (Reason.ROW_COUNT, len(found) - 1, None)
        if not _balances(account, frame):
            continue
        assert frame is not None
        stands = {row["line"]: row for row in frame.to_dicts()}
        last = list(truth)[-1]
        assert {line: row for line, row in stands.items() if line != last} == {
            line: row for line, row in truth.items() if line != last
        }
        # the last record is refused, or loaded with the warning that its end may be missing
        assert account.refusals["line"].to_list() == [last] or account.warnings["", Reason.NO_FINAL_LINE_END.value] == 1


@pytest.mark.parametrize(("form", "step"), [("gz", 1), ("zip", 1), ("xlsx", 1 if examples(1) > 1 else 7)])
def test_a_packed_file_cut_at_every_byte_is_quarantined(form: str, step: int) -> None:
    feed = FEEDS["handbook"]
    whole = _whole(feed, PACKED[form])
    with TemporaryDirectory() as folder:
        path = Path(folder, "a")
        for length in range(0, len(whole), step):
            path.write_bytes(whole[:length])
            account, frame = load(path, feed, COUNT)
            assert not _balances(account, frame)
            # the first bytes do not tell the format yet: a CSV with an unknown header and no record
            assert account.records == (COUNT if account.format != "csv" else 0)


@pytest.mark.parametrize("form", PACKED)
@settings(max_examples=examples(80))
@given(place=PLACES, edit=st.sampled_from(sorted(EDITS)), octet=OCTETS)
def test_any_byte_of_a_packed_file(form: str, place: float, edit: str, octet: int) -> None:
    feed = FEEDS["handbook"]
    whole = _whole(feed, PACKED[form])
    account, frame = _load(EDITS[edit](whole, int(place * len(whole)), octet), feed)
    # its checksums tell all damage to the records; what it may have lost otherwise is no record
    if _balances(account, frame):
        assert frame is not None
        assert frame.to_dicts() == _truth(feed, form.startswith("xlsx"))


@pytest.mark.parametrize("form", PLAIN)
@settings(max_examples=examples(100))
@given(
    name=st.sampled_from(["handbook", "process"]),
    place=PLACES,
    edit=st.sampled_from(["changed", "flipped", "lost", "added"]),
    octet=OCTETS,
)
def test_any_byte_of_a_csv_changes_one_record_at_most(form: str, name: str, place: float, edit: str, octet: int) -> None:
    feed = FEEDS[name]
    whole, truth = _whole(feed, PLAIN[form]), _truth(feed, is_book=False)
    at = int(place * len(whole))
    account, frame = _load(EDITS[edit](whole, at, octet), feed)
    if not _balances(account, frame):
        return
    assert frame is not None
    wrong = [_least_difference(row, truth) for row in frame.to_dicts()]
    if at < whole.index(b"\n"):
        # a column whose header is no longer known is missing, which is said
        lost = set().union(*wrong)
        assert len(lost) <= 1
        assert not lost or account.warnings["", Reason.UNKNOWN_COLUMN.value]
    else:
        assert sum(map(bool, wrong)) <= 1


def _least_difference(row: dict[str, object], truth: list[dict[str, object]]) -> set[str]:
    """The columns in which a row differs from the true one that it is most like; a line end more or less moves its line."""
    differences = [{name for name in true if name != "line" and row[name] != true[name]} for true in truth]
    return min(differences, key=len)
