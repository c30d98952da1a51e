"""An XLSX as batches of text columns: the first visible sheet whose header fits, each cell by its type.

Cells keep their types here because a string reader hides what Excel did to them: a number of 16 digits or more has
lost its last ones, a serial number is a time.
"""

import math
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from assets.exports.header import HeaderMap, map_header
from assets.exports.reasons import FileDefectError, Reason
from assets.exports.tables import TextBatch, TextTable, wanted_positions
from assets.platform.contract import Feed

MAX_COLUMNS = 256
BATCH_ROWS = 50_000
# a float holds 15 decimal digits exactly
DIGITS_LOST_FROM = 10**15
# later serials than the year 2100's are digits of a compact time
LAST_SERIAL = 73_415
_EPOCH_1900, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
_WORKBOOK_PART = "xl/workbook.xml"

Cell = str | float | int | bool | datetime | date | time | timedelta


def workbook_table(path: Path, feed: Feed) -> TextTable:
    """Read a workbook. Raises ``FileDefectError`` where it cannot be opened, is too wide, or no visible sheet fits the feed."""
    try:
        workbook = CalamineWorkbook.from_path(path)
        sheet, header, header_row = _fitting_sheet(workbook, feed)
    except CalamineError as error:
        raise FileDefectError(Reason.DAMAGED_WORKBOOK) from error
    epoch = _EPOCH_1904 if _counts_from_1904(path) else _EPOCH_1900
    return TextTable(header, _batches(sheet, header, header_row, feed, epoch))


def _fitting_sheet(workbook: CalamineWorkbook, feed: Feed) -> tuple[CalamineSheet, HeaderMap, int]:
    first_defect: FileDefectError | None = None
    for metadata in workbook.sheets_metadata:
        if metadata.visible is not SheetVisibleEnum.Visible or metadata.typ is not SheetTypeEnum.WorkSheet:
            continue
        sheet = workbook.get_sheet_by_name(metadata.name)
        try:
            return sheet, *_header_of(sheet, feed)
        except FileDefectError as defect:
            first_defect = first_defect or defect
    raise first_defect or FileDefectError(Reason.EMPTY_FILE)


def _header_of(sheet: CalamineSheet, feed: Feed) -> tuple[HeaderMap, int]:
    """The header in the sheet's first row that is not empty, and that row's number."""
    if sheet.total_width > MAX_COLUMNS:
        raise FileDefectError(Reason.WORKBOOK_TOO_WIDE)
    rows = _filled_rows(sheet)
    line, names = next(rows, (0, []))
    if not line:
        raise FileDefectError(Reason.EMPTY_FILE)
    try:
        return map_header([_text(cell) for cell in names], feed), line
    except FileDefectError as defect:
        defect.records = sum(1 for _ in rows)
        raise


def _filled_rows(sheet: CalamineSheet) -> Iterator[tuple[int, Sequence[Cell]]]:
    """The sheet's rows that are not empty, with their numbers; calamine gives the empty rows above them too."""
    return ((number, row) for number, row in enumerate(sheet.iter_rows(), 1) if any(cell != "" for cell in row))


def _batches(sheet: CalamineSheet, header: HeaderMap, header_row: int, feed: Feed, epoch: datetime) -> Iterator[TextBatch]:
    wanted = wanted_positions(header, feed)
    records = ((line, row) for line, row in _filled_rows(sheet) if line > header_row)
    while batch := list(islice(records, BATCH_ROWS)):
        lines, rows = zip(*batch, strict=True)
        yield _batch(lines, rows, wanted, feed, epoch)


def _batch(
    lines: Sequence[int], rows: Sequence[Sequence[Cell]], wanted: dict[str, int], feed: Feed, epoch: datetime
) -> TextBatch:
    columns: dict[str, pl.Series] = {}
    lost: list[tuple[pl.Series, str]] = []
    for name, position in wanted.items():
        column = feed.column(name)
        cells = [row[position] if position < len(row) else "" for row in rows]
        is_time = column.type in ("timestamp", "date")
        columns[name] = pl.Series(name, [_time_text(cell, epoch) if is_time else _text(cell) for cell in cells], dtype=pl.String)
        if column.required or name in feed.key:
            is_lost = pl.Series([_has_lost_digits(cell) for cell in cells], dtype=pl.Boolean)
            if is_lost.any():
                lost.append((is_lost, name))
    return TextBatch(pl.DataFrame(columns), pl.Series("line", lines, dtype=pl.Int64), [], tuple(lost))


def _has_lost_digits(cell: Cell) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= DIGITS_LOST_FROM


def _text(cell: Cell) -> str:
    """A cell as a CSV would hold it: whole numbers without decimals, times in ISO form."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if math.isfinite(cell) and cell == int(cell) else repr(cell)
    return cell.isoformat(" ") if isinstance(cell, datetime) else str(cell)


def _time_text(cell: Cell, epoch: datetime) -> str:
    """A cell of a time column: a serial number is counted in days from the workbook's epoch."""
    if isinstance(cell, int | float) and not isinstance(cell, bool) and 0 < cell <= LAST_SERIAL:
        # a serial is a float of days: 09:05 is a few microseconds off
        moment = epoch + timedelta(days=cell) + timedelta(milliseconds=1)
        return moment.replace(microsecond=moment.microsecond // 10_000 * 10_000).isoformat(" ")
    return _text(cell)


def _counts_from_1904(path: Path) -> bool:
    """Whether the workbook's own setting says that its days are counted from 1904."""
    try:
        with zipfile.ZipFile(path) as archive:
            root = ElementTree.fromstring(archive.read(_WORKBOOK_PART))
    except (KeyError, zipfile.BadZipFile, ElementTree.ParseError):
        return False
    settings = root.find("{*}workbookPr")
    return settings is not None and settings.get("date1904") in ("1", "true")
