"""What must never be kept: dropped personal values, and numbers whose last digits a workbook lost."""

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from assets.exports.loading import Account, Origin, load_file
from assets.exports.reading.source import FileLimits
from assets.exports.typing.pseudonym import PseudonymKey
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


def as_csv(header: list[str], table: Table, end: str = "\n") -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator=end).writerows([header, *table])
    return stream.getvalue().encode()


def load(path: Path, feed: Feed, expected: int | None = None) -> tuple[Account, pl.DataFrame | None]:
    target = path.with_suffix(".parquet")
    account = load_file(path, feed, ORIGIN, target, expected_records=expected, key=KEY, limits=FileLimits())
    return account, pl.read_parquet(target, glob=False) if target.exists() else None


def accept_rows(**changed: str) -> dict[str, Any]:
    feed = FEEDS["accept"]
    return {column.name: sample(column, 0) for column in feed.columns} | changed


def load_accept(folder: Path, rows: list[dict[str, Any]], expected: int | None = None) -> tuple[Account, pl.DataFrame | None]:
    path = folder / "accept.csv"
    path.write_bytes(as_csv(list(rows[0]), [list(row.values()) for row in rows]))
    return load(path, FEEDS["accept"], expected)


def test_no_dropped_value_reaches_the_lake(tmp_path: Path) -> None:
    canary = "张三丰的号码19912345678"
    rows = [accept_rows(applyer_name=canary, contact_name=canary, contact_mobile=canary, applyer_page_code=canary)]
    load_accept(tmp_path, rows)
    assert canary not in str(pl.read_parquet(tmp_path / "accept.parquet").to_dicts())


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
