"""Invented rows of every feed, made from the contract, and the ways in which a platform writes them to a file.

The expected values are made here as Python values before anything is spelled, so they owe nothing to the loader.
"""

import csv
import gzip
import hmac
import io
import random
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

import polars as pl
import xlsxwriter

from assets.exports.loading import Account, Origin, load_file
from assets.exports.reading.source import FileLimits
from assets.exports.typing.pseudonym import PseudonymKey
from assets.platform.contract import Column, Feed, load_contract

BUSINESS_DATE = date(2023, 8, 28)
ORIGIN = Origin("20230828_01", BUSINESS_DATE, 1, 0)
SECRET = b"k" * 32
# specimens of GB 11643 and GB 32100; both pass their check digits
RESIDENT_ID, CREDIT_CODE = "11010519491231002X", "91110000600037341L"

Value = str | int | bool | datetime | date
Row = dict[str, Value]
Writer = Callable[[Path, Feed, Sequence[Row]], None]


def invented_rows(feed: Feed, count: int = 5) -> list[Row]:
    """Rows of every column of the feed, with keys that differ."""
    return [{column.name: _value(column, index) for column in feed.columns} for index in range(count)]


def _value(column: Column, index: int) -> Value:
    moment = datetime(2023, 8, 28 - index, 9, 5, index)
    by_type: dict[str, Value] = {
        "key": f"5100002023{index:06d}X",
        "code": _code(column, index),
        "text": f'䶮县,“第{index}”\n项 "甲"',
        "timestamp": moment,
        "date": moment.date(),
        "integer": index + 1,
        "flag": index % 2 == 1,
    }
    return by_type[column.type]


def _code(column: Column, index: int) -> str:
    if column.personal == "pseudonym":
        return CREDIT_CODE if index == 1 else RESIDENT_ID
    if column.name == "cd_operation":
        return "IU"[index % 2]
    if column.codes is not None:
        return list(column.codes.values)[index % len(column.codes.values)]
    return f"5100000000{index:02d}" if column.pattern else f"CODE{index}"


def expected_rows(feed: Feed, rows: Sequence[Row], lines: Sequence[int]) -> list[dict[str, object]]:
    """What the lake must hold of ``rows`` (made by ``invented_rows``)."""
    expected: list[dict[str, object]] = []
    for index, (row, line) in enumerate(zip(rows, lines, strict=True)):
        stored: dict[str, object] = {column.inside: row[column.name] for column in feed.columns if column.inside}
        if "applicant_pseudonym" in stored:
            message = f"applyer_page_code:{row['applyer_page_code']}".encode()
            stored["applicant_pseudonym"] = hmac.digest(SECRET, message, "sha256").hex()
            # rows 0 and 1 are a person and an enterprise with codes of their own kind
            stored["applicant_code_is_valid"] = index < 2
            stored["key_id"] = PseudonymKey(SECRET).key_id
        stored |= {"delivery": "20230828_01", "business_date": BUSINESS_DATE, "sequence": 1, "file_index": 0, "line": line}
        expected.append(stored)
    return expected


def first_lines(rows: Sequence[Row]) -> list[int]:
    """The physical line on which each row begins in a CSV: cells hold line feeds."""
    lines, line = [], 2
    for row in rows:
        lines.append(line)
        line += 1 + sum(str(value).count("\n") for value in row.values())
    return lines


def csv_text(header: Sequence[str], rows: Sequence[Sequence[object]], line_end: str = "\r\n") -> str:
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator=line_end)
    writer.writerow(header)
    writer.writerows(rows)
    return target.getvalue()


def _spelled(value: Value) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _english(feed: Feed, rows: Sequence[Row]) -> str:
    names = [column.name for column in feed.columns]
    return csv_text(names, [[_spelled(row[name]) for name in names] for row in rows])


def write_csv(path: Path, feed: Feed, rows: Sequence[Row]) -> None:
    path.write_bytes(_english(feed, rows).encode())


def write_chinese_gb18030(path: Path, feed: Feed, rows: Sequence[Row]) -> None:
    """Chinese headers in another order, blanks round them, LF and a trailing comma on every line."""
    columns = random.Random(7).sample(feed.columns, len(feed.columns))
    header = [f" {column.header}　" for column in columns] + [""]
    cells = [[_spelled(row[column.name]) for column in columns] + [""] for row in rows]
    path.write_bytes(csv_text(header, cells, "\n").encode("gb18030"))


def write_gz(path: Path, feed: Feed, rows: Sequence[Row]) -> None:
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + _english(feed, rows).encode()))


def write_zip(path: Path, feed: Feed, rows: Sequence[Row]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("导出/数据.csv", _english(feed, rows))


def write_xlsx(path: Path, feed: Feed, rows: Sequence[Row], epoch_1904: bool = False) -> None:
    """A notes sheet, a hidden sheet and the data; times are true dates, numbers are numbers."""
    with xlsxwriter.Workbook(path, {"date_1904": epoch_1904, "default_date_format": "yyyy-mm-dd hh:mm:ss"}) as workbook:
        workbook.add_worksheet("说明").write_string(0, 0, "本表由平台导出")
        hidden = workbook.add_worksheet("旧")
        hidden.write_row(0, 0, [column.name for column in feed.columns])
        hidden.hide()
        sheet = workbook.add_worksheet("数据")
        for position, column in enumerate(feed.columns):
            sheet.write_string(0, position, column.header)
            for number, row in enumerate(rows, 1):
                _write_cell(sheet, number, position, row[column.name])


def _write_cell(sheet: xlsxwriter.workbook.Worksheet, row: int, position: int, value: Value) -> None:
    if isinstance(value, date):
        sheet.write_datetime(row, position, value)
    elif isinstance(value, int):
        sheet.write_number(row, position, int(value))
    else:
        sheet.write_string(row, position, value)


def result_csv(rows: Sequence[dict[str, str]], header: Sequence[str] | None = None) -> bytes:
    """A file of the feed ``result`` as UTF-8 with LF; each row overrides a sound one."""
    sound = {
        "project_no": "P1",
        "result_type": "1",
        "result_date": "2023-08-28 10:00:00",
        "org_code": "11510000MB1234567X",
        "org_level": "2",
        "task_type": "01",
        "is_composite": "1",
        "cd_operation": "I",
        "cd_time": "2023-08-28 18:00:00",
    }
    names = list(header or sound)
    return csv_text(names, [[(sound | dict(row))[name] for name in names] for row in rows], "\n").encode()


def accept_csv(rows: Sequence[dict[str, str]]) -> bytes:
    """Sound records of ``accept``, one to a line, each with what a row changes."""
    feed = load_contract().feeds["accept"]
    names = [column.name for column in feed.columns]
    sound = {name: _spelled(value).replace("\n", "") for name, value in invented_rows(feed, 1)[0].items()}
    return csv_text(names, [[(sound | dict(row))[name] for name in names] for row in rows], "\n").encode()


def load(path: Path, feed: Feed, expected_records: int | None) -> tuple[Account, pl.DataFrame | None]:
    """The account of ``path``, and the rows it left in the order of their lines; ``None`` where it left no file."""
    target = path.with_name("out.parquet")
    target.unlink(missing_ok=True)
    account = load_file(
        path,
        feed,
        ORIGIN,
        target,
        expected_records=expected_records,
        key=PseudonymKey(SECRET),
        limits=FileLimits(),
    )
    return account, pl.read_parquet(target, glob=False).sort("line") if target.exists() else None
