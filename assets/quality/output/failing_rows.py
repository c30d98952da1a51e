"""The workbook of one business date's quarantined rows, for the platform's people: where, by which rule, who fixes it.

It holds places, keys and rules, and never a value of a row.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

import duckdb
import xlsxwriter

from assets.home import PRIVATE_FOLDER, Home, replacing, storage_errors
from assets.platform.contract import Column, load_contract

# a sheet holds 2^20 rows with its header
ROWS_PER_SHEET = 2**20 - 1
_HEADER = ("批次", "文件", "行号", "数据种类", "主键", "列", "列名", "规则", "原因", "原因代码", "由谁更正", "更正批次")
_WIDTHS = (14, 30, 10, 12, 28, 18, 16, 40, 32, 22, 12, 14)
_ENTRIES = """
select
    quarantine.delivery, quarantine.file, quarantine.line, quarantine.feed, refusals.record_key, quarantine.column_name,
    quarantine.reason, quarantine.reason_code, quarantine.who_fixes, quarantine.settled_by
from meta.quarantine as quarantine
inner join ledger.deliveries as deliveries
    on quarantine.delivery = deliveries.delivery
left join ledger.refusals as refusals
    on quarantine.delivery = refusals.delivery
    and quarantine.file = refusals.file
    and quarantine.line = refusals.line
where deliveries.business_date = $day
order by quarantine.delivery, quarantine.file, quarantine.line nulls first
"""


@dataclass(frozen=True)
class FailingRow:
    """One quarantined row, or a whole file where ``line`` is ``None``."""

    delivery: str
    file: str
    line: int | None
    feed: str
    record_key: str | None
    column_name: str | None
    reason: str
    reason_code: str
    who_fixes: str
    settled_by: str | None


def workbook_path(home: Home, day: date) -> Path:
    """Where the workbook of a business date lies."""
    return home.quarantine / str(day) / f"quarantine_{day:%Y%m%d}.xlsx"


def write_failing_rows_of(connection: duckdb.DuckDBPyConnection, home: Home, deliveries: Iterable[str]) -> list[Path]:
    """Write the workbook of each business date of ``deliveries``; the paths of those that something failed on."""
    days = connection.execute(
        "select distinct business_date from ledger.deliveries where delivery in (select unnest($names::varchar[])) order by all",
        {"names": list(deliveries)},
    ).fetchall()
    written = [write_failing_rows(connection, home, day) for (day,) in days]
    return [path for path in written if path is not None]


def write_failing_rows(connection: duckdb.DuckDBPyConnection, home: Home, day: date) -> Path | None:
    """Write the workbook of ``day`` from the built warehouse, mode 0600; ``None``, and none is left, where nothing failed."""
    path = workbook_path(home, day)
    rows = _failing_rows(connection, day)
    first = next(rows, None)
    if first is None:
        path.unlink(missing_ok=True)
        return None
    with storage_errors(path):
        path.parent.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        with replacing(path) as temporary:
            _write(temporary, first, rows)
    return path


def _failing_rows(connection: duckdb.DuckDBPyConnection, day: date) -> Iterator[FailingRow]:
    found = connection.execute(_ENTRIES, {"day": day})
    while some := found.fetchmany(10_000):
        yield from (FailingRow(*row) for row in some)


def _write(path: Path, first: FailingRow, rows: Iterator[FailingRow]) -> None:
    # what a file is called may begin like a formula or a link, and must stay text
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "tmpdir": str(path.parent)}
    with xlsxwriter.Workbook(path, options) as workbook:
        bold = workbook.add_format({"bold": True})
        pending: FailingRow | None = first
        while pending is not None:
            sheet = workbook.add_worksheet()
            sheet.freeze_panes(1, 0)
            for position, (title, width) in enumerate(zip(_HEADER, _WIDTHS, strict=True)):
                sheet.set_column(position, position, width)
                sheet.write_string(0, position, title, bold)
            _write_row(sheet, 1, pending)
            for number, row in enumerate(islice(rows, ROWS_PER_SHEET - 1), 2):
                _write_row(sheet, number, row)
            pending = next(rows, None)


def _write_row(sheet: xlsxwriter.worksheet.Worksheet, number: int, row: FailingRow) -> None:
    feed = load_contract().feeds[row.feed]
    column = next((column for column in feed.columns if column.name == row.column_name), None)
    if row.line is not None:
        sheet.write_number(number, 2, row.line)
    texts = {
        0: row.delivery,
        1: row.file,
        3: feed.title,
        4: row.record_key,
        5: row.column_name,
        6: column.header if column else None,
        7: rule_of(column) if column else None,
        8: row.reason,
        9: row.reason_code,
        10: row.who_fixes,
        11: row.settled_by,
    }
    for position, text in texts.items():
        if text is not None:
            sheet.write_string(number, position, text)


def rule_of(column: Column) -> str:
    """What the interface asks of a column, in Chinese."""
    kinds = {
        "key": "编号",
        "code": "代码",
        "text": "文字",
        "timestamp": "时间，如 2023-08-28 09:05:00",
        "date": "日期，如 2023-08-28",
        "integer": "整数",
        "flag": "1/0 或 是/否",
    }
    parts = ["必填" if column.required else "选填", kinds[column.type]]
    if column.codes is not None:
        parts.append("、".join(f"{code} {word}" for code, word in column.codes.values.items()))
    if column.minimum is not None:
        parts.append(f"不小于 {column.minimum}")
    if column.maximum is not None:
        parts.append(f"不大于 {column.maximum}")
    return "；".join(parts)
