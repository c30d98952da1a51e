"""XLSX files: text cells, true dates, serial numbers and the sheets around them, as spreadsheets leave them.

Takes cells of text; which of them become dates or numbers is the dialect's to say.
"""

import io
from dataclasses import dataclass
from datetime import datetime

import polars as pl
import xlsxwriter

# a workbook states when it was made; the same in all, so that equal rows are equal bytes
_CREATED = datetime(2023, 1, 1)
_EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}
# a spreadsheet's dates have no offset
_WITHOUT_OFFSET = len("2023-08-28 09:05:00")
_DATE_FORMAT = {"num_format": "yyyy-mm-dd hh:mm:ss"}


@dataclass(frozen=True)
class WorkbookDialect:
    """Which columns of a workbook are not text, and what it holds besides the data."""

    dates: frozenset[str] = frozenset()
    """true dates"""
    serials: frozenset[str] = frozenset()
    """times as bare serial numbers, without a date format"""
    numbers: frozenset[str] = frozenset()
    from_1904: bool = False
    notes_sheet: bool = False
    """a hidden sheet before the data"""
    spoiled: tuple[tuple[int, str], ...] = ()
    """(record, column) whose digits a spreadsheet has turned into a number"""


def workbook_bytes(headers: list[str], cells: pl.DataFrame, dialect: WorkbookDialect) -> bytes:
    """Return a workbook with the cells on its first visible sheet."""
    content = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "date_1904": dialect.from_1904}
    with xlsxwriter.Workbook(content, options) as book:
        book.set_properties({"created": _CREATED})
        if dialect.notes_sheet:
            notes = book.add_worksheet("说明")
            notes.write_string(0, 0, "本表由平台自动生成")
            notes.hide()
        _fill(book, headers, cells, dialect)
    return content.getvalue()


def _fill(book: xlsxwriter.Workbook, headers: list[str], cells: pl.DataFrame, dialect: WorkbookDialect) -> None:
    sheet = book.add_worksheet("数据")
    if dialect.notes_sheet:
        # a hidden sheet cannot be the active one
        sheet.activate()
        sheet.set_first_sheet()
    as_date = book.add_format(_DATE_FORMAT)
    for column, header in enumerate(headers):
        sheet.write_string(0, column, header)
    spoiled = set(dialect.spoiled)
    for number, record in enumerate(cells.iter_rows()):
        for column, (name, text) in enumerate(zip(cells.columns, record, strict=True)):
            if text is None:
                continue
            value = float(text) if (number, name) in spoiled else _value(name, text, dialect)
            if isinstance(value, datetime):
                sheet.write_datetime(number + 1, column, value, as_date)
            elif isinstance(value, float):
                sheet.write_number(number + 1, column, value)
            else:
                sheet.write_string(number + 1, column, value)


def _value(name: str, text: str, dialect: WorkbookDialect) -> datetime | float | str:
    """The cell's value; what is no time or number, in a column of them, stays text."""
    try:
        if name in dialect.dates and len(text) <= _WITHOUT_OFFSET:
            return datetime.fromisoformat(text)
        if name in dialect.serials and len(text) <= _WITHOUT_OFFSET:
            return (datetime.fromisoformat(text) - _EPOCHS[dialect.from_1904]).total_seconds() / 86_400
        if name in dialect.numbers:
            return float(text)
    except ValueError:
        return text
    return text
