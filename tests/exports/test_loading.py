"""The contract round trip of each feed through every format, and the account of what is wrong."""

import csv
import gzip
import io
import random
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from assets.exports.loading import Account, Origin, load_file
from assets.exports.pseudonym import PseudonymKey
from assets.exports.reasons import Reason
from assets.exports.source import ArchiveLimits
from assets.platform.contract import Column, Feed, load_contract

FEEDS = load_contract().feeds
ORIGIN = Origin("20230828_01", date(2023, 8, 28), 1, 0)
KEY = PseudonymKey(b"k" * 32)
ROWS = 5
Table = list[list[str]]


def sample(column: Column, row: int) -> str:
    """A valid invented value of the column, another for each row."""
    if column.codes is not None:
        values = [code for code in column.codes.values if code != "D"]
        return values[row % len(values)]
    if column.pattern is not None:
        return "510000000000"
    return {
        "timestamp": f"2023-08-28 09:0{row}:00",
        "date": f"2023-08-2{row}",
        "integer": str(row + 1),
        "flag": str(row % 2),
        "key": f"K-{row}",
        "code": f"C{row}",
        "text": f'虚构,"{row}"',
    }[column.type]


def table_of(feed: Feed) -> Table:
    return [[sample(column, row) for column in feed.columns] for row in range(ROWS)]


def as_csv(header: list[str], table: Table, end: str = "\n") -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator=end).writerows([header, *table])
    return stream.getvalue().encode()


def shuffled_chinese(feed: Feed, table: Table) -> tuple[list[str], Table]:
    order = random.Random(3).sample(range(len(feed.columns)), len(feed.columns))
    return [f" {feed.columns[at].header} " for at in order], [[row[at] for at in order] for row in table]


def write(path: Path, shape: str, feed: Feed, table: Table) -> Path:
    header = [column.name for column in feed.columns]
    if shape == "xlsx":
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate([header, *table]):
                sheet.write_row(number, 0, row)
        return path
    content = as_csv(header, table)
    if shape == "gb18030":
        content = as_csv(*shuffled_chinese(feed, table), end="\r\n").decode().encode("gb18030")
    elif shape == "bom":
        content = "\ufeff".encode() + content
    elif shape == "gz":
        content = gzip.compress(content)
    elif shape == "zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("数据.csv", content)
        content = packed.getvalue()
    path.write_bytes(content)
    return path


def load(path: Path, feed: Feed, expected: int | None = None) -> tuple[Account, pl.DataFrame | None]:
    target = path.with_suffix(".parquet")
    account = load_file(path, feed, ORIGIN, target, expected_records=expected, key=KEY, limits=ArchiveLimits())
    return account, pl.read_parquet(target, glob=False) if target.exists() else None


def accept_rows(**changed: str) -> dict[str, Any]:
    feed = FEEDS["accept"]
    return {column.name: sample(column, 0) for column in feed.columns} | changed


def load_accept(folder: Path, rows: list[dict[str, Any]], expected: int | None = None) -> tuple[Account, pl.DataFrame | None]:
    path = folder / "accept.csv"
    path.write_bytes(as_csv(list(rows[0]), [list(row.values()) for row in rows]))
    return load(path, FEEDS["accept"], expected)


@pytest.mark.parametrize("name", FEEDS)
def test_each_feed_comes_back_the_same_through_every_format(name: str, tmp_path: Path) -> None:
    feed = FEEDS[name]
    table = table_of(feed)
    frames = []
    for shape in ("csv", "bom", "gb18030", "gz", "zip", "xlsx"):
        account, frame = load(write(tmp_path / f"办件[{shape}]", shape, feed, table), feed, ROWS)
        assert (account.state, account.loaded, account.warnings) == ("loaded", ROWS, {}), shape
        assert frame is not None
        frames.append(frame)
    first = frames[0]
    assert first.columns == list(feed.lake_columns)
    assert all(frame.equals(first) for frame in frames)
    for at, column in enumerate(feed.columns):
        if column.type in ("key", "code", "text") and column.inside and column.personal is None:
            assert first[column.inside].to_list() == [row[at] for row in table]
    assert first["line"].to_list() == [2, 3, 4, 5, 6]


def test_no_dropped_value_reaches_the_lake(tmp_path: Path) -> None:
    canary = "张三丰的号码19912345678"
    rows = [accept_rows(applyer_name=canary, contact_name=canary, contact_mobile=canary, applyer_page_code=canary)]
    load_accept(tmp_path, rows)
    assert canary not in str(pl.read_parquet(tmp_path / "accept.parquet").to_dicts())


def test_the_newest_row_of_a_key_wins_and_the_rest_is_superseded(tmp_path: Path) -> None:
    rows = [
        accept_rows(cd_time="2023-08-28 10:00:00", task_name="新"),
        accept_rows(cd_time="2023-08-28 09:00:00", task_name="旧"),
        accept_rows(cd_time="2023-08-28 10:00:00", task_name="同时后行"),
    ]
    account, frame = load_accept(tmp_path, rows, 3)
    assert (account.records, account.loaded, account.superseded, account.quarantined) == (3, 1, 2, 0)
    assert frame is not None
    assert frame["task_name"].to_list() == ["同时后行"]


@pytest.mark.parametrize(
    ("changed", "column", "reason"),
    [
        ({"accept_date": ""}, "accept_date", Reason.MISSING_REQUIRED),
        ({"accept_date": "2023-08-28 24:00:00"}, "accept_date", Reason.INVALID_TIME),
        ({"accept_date": "2023-08-29 00:00:00"}, "accept_date", Reason.EVENT_AFTER_BUSINESS_DATE),
        ({"org_level": "7"}, "org_level", Reason.INVALID_CODE),
        ({"is_composite": "也许"}, "is_composite", Reason.INVALID_FLAG),
        ({"task_type": "无"}, "task_type", Reason.MISSING_REQUIRED),
    ],
)
def test_a_wrong_row_is_refused_for_its_column(tmp_path: Path, changed: dict[str, str], column: str, reason: Reason) -> None:
    account, _ = load_accept(tmp_path, [accept_rows(), accept_rows(project_no="K-9", **changed)], 2)
    assert (account.loaded, account.quarantined) == (1, 1)
    assert account.refusals.select("line", "column_name", "reason_code").rows() == [(3, column, reason.value)]


def test_a_deletion_needs_only_its_key_and_time(tmp_path: Path) -> None:
    blank = dict.fromkeys(accept_rows(), "")
    rows = [blank | {"project_no": "K-1", "cd_operation": "d", "cd_time": "2023-08-28 09:00:00"}]
    account, frame = load_accept(tmp_path, rows, 1)
    assert account.loaded == 1
    assert frame is not None
    assert frame["cd_operation"].to_list() == ["D"]


def test_a_wrong_count_or_header_quarantines_the_file(tmp_path: Path) -> None:
    account, frame = load_accept(tmp_path, [accept_rows()], 2)
    assert (account.state, account.file_reason, account.records, account.quarantined) == ("quarantined", Reason.ROW_COUNT, 1, 1)
    assert frame is None
    without = {name: value for name, value in accept_rows().items() if name != "org_code"}
    account, _ = load_accept(tmp_path, [without], 1)
    assert (account.file_reason, account.file_column, account.records) == (Reason.HEADER_MISSING_COLUMN, "org_code", 1)


def test_a_file_cut_at_any_byte_never_counts_wrong_in_silence(tmp_path: Path) -> None:
    rows = [accept_rows(project_no=f"K-{number}") for number in range(3)]
    whole = as_csv(list(rows[0]), [list(row.values()) for row in rows])
    path = tmp_path / "cut.csv"
    for length in range(0, len(whole), 3):
        path.write_bytes(whole[:length])
        account, _ = load(path, FEEDS["accept"], 3)
        assert account.records == account.loaded + account.superseded + account.quarantined
        if account.state == "loaded":
            assert account.records == 3
            assert account.quarantined or account.loaded == 3
            assert account.quarantined or ("", Reason.NO_FINAL_LINE_END.value) in account.warnings


def test_numbers_of_16_digits_in_a_key_of_a_workbook_are_refused(tmp_path: Path) -> None:
    feed = FEEDS["accept"]
    path = tmp_path / "book"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [column.name for column in feed.columns])
        sheet.write_row(1, 0, [sample(column, 0) for column in feed.columns])
        sheet.write_number(1, 0, 1234567890123456)
    account, _ = load(path, feed, 1)
    assert account.refusals.select("line", "column_name", "reason_code").rows() == [(2, "project_no", "digits_lost")]
