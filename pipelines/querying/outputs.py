"""A query's rows as table, CSV, JSON and XLSX. What a spreadsheet would take for a formula is written as text."""

import csv
import json
import math
from collections import Counter
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from assets.errors import UsageError
from assets.publication.query import OpenQuery, Row
from assets.visible import visible

# characters at which Excel, WPS and LibreOffice begin a formula, full-width ones among them
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
GUARD = "'"
BYTE_ORDER_MARK = "\ufeff"
# Excel's own limits
XLSX_ROWS, XLSX_TEXT = 1_048_575, 32_767
# a number keeps 15 digits in a workbook
_EXACT = 10**15
_SAMPLE = 1000
_NARROW, _WIDE = 8, 60
_CRLF = "\r\n"
_UNBROKEN = 100_000


def write_table(query: OpenQuery, out: TextIO, limit: int, width: int | None = None) -> bool:
    """The first ``limit`` rows (0: all) as a table that fits Chinese text; whether there are more than were written.

    ``width`` is a terminal's; without one no line is broken.
    """
    rows = list(query.rows if limit == 0 else islice(query.rows, limit))
    columns = list(zip(*rows, strict=True)) or [()] * len(query.columns)
    table = Table()
    for name, values in zip(query.columns, columns, strict=True):
        table.add_column(Text(visible(name)), justify="right" if _are_numbers(values) else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(visible(_text(value))) for value in row))
    Console(file=out, width=width or _UNBROKEN).print(table)
    return next(query.rows, None) is not None


def write_csv(query: OpenQuery, out: TextIO, with_mark: bool) -> None:
    """UTF-8 lines with a header; NULL is empty, numbers stay numbers, a text that begins a formula gets an apostrophe before it.

    ``with_mark`` puts the byte-order mark first, without which Excel takes UTF-8 for the system's own encoding.
    """
    if with_mark:
        out.write(BYTE_ORDER_MARK)
    lines = csv.writer(_ShortLineEnds(out), lineterminator=_CRLF)
    lines.writerow([_guarded(name) for name in query.columns])
    lines.writerows([_csv_cell(value) for value in row] for row in query.rows)


class _ShortLineEnds:
    """Takes each row that ``csv`` ends with CR LF, so that it quotes both where they stand in a cell, and ends it with LF."""

    def __init__(self, out: TextIO) -> None:
        self.out = out

    def write(self, line: str) -> int:
        return self.out.write(line.removesuffix(_CRLF) + "\n")


def write_json(query: OpenQuery, out: TextIO) -> None:
    """A list of objects, row by row; days and times as text. Raises ``UsageError`` where two columns have one name."""
    _refuse_repeated(query.columns)
    before = "[\n"
    for row in query.rows:
        values = {name: _json_value(value) for name, value in zip(query.columns, row, strict=True)}
        text = json.dumps(values, ensure_ascii=False, indent=2, allow_nan=False)
        # a text in JSON has no line feed of its own
        out.write(before + "  " + text.replace("\n", "\n  "))
        before = ",\n"
    out.write("[]\n" if before == "[\n" else "\n]\n")


def write_xlsx(query: OpenQuery, path: Path) -> int:
    """A workbook of one sheet as the file ``path``; the number of rows.

    Numbers and days are such; whole numbers of more than 15 digits are text, since a workbook would lose digits.
    Raises ``UsageError`` where a sheet cannot hold it.
    """
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    sample = list(islice(query.rows, _SAMPLE))
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet("结果")
        formats = _formats(book)
        for column, width in enumerate(_widths(query.columns, sample)):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(query.columns):
            sheet.write_string(0, column, name, formats["head"])
        count = 0
        for count, row in enumerate(chain(sample, query.rows), start=1):
            if count > XLSX_ROWS:
                raise UsageError(f"a sheet holds {XLSX_ROWS} rows, and the query gives more; ask for less, or take --csv")
            for column, value in enumerate(row):
                _write_cell(sheet, count, column, value, formats)
        sheet.autofilter(0, 0, max(count, 1), max(len(query.columns) - 1, 0))
    return count


def _formats(book: Any) -> dict[str, Any]:
    return {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }


def _write_cell(sheet: Any, row: int, column: int, value: Any, formats: dict[str, Any]) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif _is_number(value) and abs(value) < _EXACT:
        sheet.write_number(row, column, value)
    elif isinstance(value, datetime) and value.tzinfo is None and value.year >= 1900:
        sheet.write_datetime(row, column, value, formats["time"])
    elif isinstance(value, date) and not isinstance(value, datetime) and value.year >= 1900:
        sheet.write_datetime(row, column, datetime.combine(value, time()), formats["date"])
    else:
        text = _text(value)
        if len(text) > XLSX_TEXT:
            raise UsageError(f"row {row}: a cell holds {XLSX_TEXT} characters, and this text is longer; take --csv")
        sheet.write_string(row, column, text)


def _widths(columns: list[str], sample: list[Row]) -> list[int]:
    longest = [max([cell_len(name), *(cell_len(_text(row[at])) for row in sample)]) for at, name in enumerate(columns)]
    return [min(max(length + 3, _NARROW), _WIDE) for length in longest]


def _refuse_repeated(columns: list[str]) -> None:
    repeated = [name for name, times in Counter(columns).items() if times > 1]
    if repeated:
        raise UsageError(f"several columns are called {', '.join(repeated)}; give each a name of its own with `as`")


def _csv_cell(value: Any) -> Any:
    if value is None or _is_number(value):
        return value
    return _guarded(_text(value))


def _guarded(text: str) -> str:
    return GUARD + text if text.startswith(FORMULA_STARTS) else text


def _json_value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float):
        # JSON knows no infinity
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(name): _json_value(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json_value(part) for part in value]
    return value if value is None or isinstance(value, (bool, int, str)) else _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat(" ") if isinstance(value, datetime) else str(value)


def _are_numbers(values: tuple[Any, ...]) -> bool:
    return any(value is not None for value in values) and all(value is None or _is_number(value) for value in values)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, (int, Decimal)) or (isinstance(value, float) and math.isfinite(value))
