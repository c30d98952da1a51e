"""Each feed's columns through each format: what was meant, spelled as platforms spell it, and what the lake then holds."""

import csv
import io
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.exports.typing.values import BLANKS
from assets.platform.contract import load_contract
from tests.exports import feed_files
from tests.exports.feed_files import csv_text, expected_rows, first_lines, invented_rows, load

FEEDS = load_contract().feeds
WRITERS: dict[str, feed_files.Writer] = {
    "csv": feed_files.write_csv,
    "gb18030": feed_files.write_chinese_gb18030,
    "gz": feed_files.write_gz,
    "zip": feed_files.write_zip,
    "xlsx": feed_files.write_xlsx,
    "xlsx 1904": partial(feed_files.write_xlsx, epoch_1904=True),
}
NAMES = st.text(alphabet="a,\"\n 中䶮'=-", max_size=5)


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("name", FEEDS)
def test_what_was_meant_is_what_the_lake_holds(tmp_path: Path, name: str, form: str) -> None:
    feed = FEEDS[name]
    rows = invented_rows(feed)
    path = tmp_path / "名称 无后缀[1]"
    WRITERS[form](path, feed, rows)
    account, frame = load(path, feed, len(rows))
    assert frame is not None
    lines = list(range(2, 7)) if "xlsx" in form else first_lines(rows)
    assert frame.to_dicts() == expected_rows(feed, rows, lines)
    assert frame.columns == list(feed.lake_columns)
    assert (account.records, account.loaded, account.superseded, account.quarantined) == (5, 5, 0, 0)
    assert account.warnings == {}
    assert account.format == {"gb18030": "csv", "gz": "csv.gz", "xlsx 1904": "xlsx"}.get(form, form)
    assert account.encoding == {"gb18030": "gb18030", "xlsx": None, "xlsx 1904": None}.get(form, "utf-8")


@pytest.mark.parametrize("name", FEEDS)
def test_a_header_alone_is_a_day_without_cases(tmp_path: Path, name: str) -> None:
    feed_files.write_csv(tmp_path / "a.csv", FEEDS[name], [])
    account, frame = load(tmp_path / "a.csv", FEEDS[name], 0)
    assert frame is not None
    assert (account.state, account.records, frame.height) == ("loaded", 0, 0)


@settings(max_examples=40)
@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_texts_of_any_quoting_come_through_whole(names: list[tuple[str, str]], line_end: str) -> None:
    header = ["task_handle_item", "task_name", "org_code", "org_name", "cd_time"]
    rows = [[f"T{number}", task, "C1", org, "2023-08-28"] for number, (task, org) in enumerate(names)]
    text = csv_text(header, rows, line_end)
    assert list(csv.reader(io.StringIO(text, newline=""), strict=True))[1:] == rows
    with TemporaryDirectory() as folder:
        path = Path(folder, "a.csv")
        path.write_bytes(text.encode())
        account, frame = load(path, FEEDS["handbook"], len(rows))
    assert frame is not None
    assert account.loaded == len(rows)
    expected = [tuple(None if cell.strip(" \n") in BLANKS else cell.strip(" \n") for cell in pair) for pair in names]
    assert frame.select("task_name", "org_name").rows() == expected
