"""The process that reads one workbook: calamine builds a sheet whole in memory and aborts where it cannot, so it does it here.

Run as a module by ``xlsx/process.py``. Imports neither polars nor pyarrow: it starts in a tenth of a second. It writes no
file and no message: its standard output holds frames, and columns that are dropped at load do not enter them.
"""

import os
import pickle
import resource
import sys
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from xml.etree import ElementTree

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from assets.exports.reading.header import HeaderMap, kept_positions, map_header
from assets.exports.reading.xlsx.cells import EPOCH_1900, EPOCH_1904, Cell, has_lost_digits, text_of, time_text_of
from assets.exports.reading.xlsx.protocol import Request, encoded
from assets.exports.typing.reasons import FileDefectError, Reason
from assets.limited_child import MAX_FRAME_BYTES, MEMORY_EXIT, limit_process, write_frame
from assets.platform.contract import Feed

BATCH_ROWS = 20_000
# as in a CSV: a longer field is no value of any column
MAX_FIELD_BYTES = 64 * 1024
_RATIO_FROM_BYTES = 1024 * 1024
_WORKBOOK_PART = "xl/workbook.xml"
_ENCRYPTED = 0x1 | 0x40 | 0x2000
# which sheet's defect is told where none fits: the one that came nearest
_NEARNESS = (
    Reason.EMPTY_FILE,
    Reason.HEADER_UNKNOWN,
    Reason.WORKBOOK_TOO_WIDE,
    Reason.HEADER_DUPLICATE_COLUMN,
    Reason.HEADER_MISSING_COLUMN,
)

Line = tuple[int, Sequence[Cell]]


def main() -> None:
    """Read the request from standard input and answer it on standard output."""
    request = pickle.load(sys.stdin.buffer)
    target = sys.stdout.buffer
    limit_process(limits_of(request))
    write_frame(target, encoded({"ready": True}))
    try:
        for answer in answers(request):
            write_frame(target, answer)
    except (BrokenPipeError, MemoryError) as error:
        # the frames written so far are flushed; nothing of a half-read workbook is tidied up
        os._exit(MEMORY_EXIT if isinstance(error, MemoryError) else 0)


def limits_of(request: Request) -> dict[int, int]:
    """The request's limits; the process may not write a file."""
    return {
        resource.RLIMIT_AS: request.memory_bytes,
        resource.RLIMIT_CPU: request.cpu_seconds,
        resource.RLIMIT_FSIZE: 0,
    }


def answers(request: Request) -> Iterator[bytes]:
    """The header, then the records in batches, then the end; or the defect for which the file cannot be taken."""
    try:
        epoch = _inspected(request)
        header, names, rows = _fitting_sheet(CalamineWorkbook.from_path(request.path), request)
        yield encoded({"header": names})
        while batch := list(islice(rows, BATCH_ROWS)):
            yield from _batches(batch, header, request.feed, epoch)
        yield encoded({"end": True})
    except FileDefectError as defect:
        yield _told(defect)
    except (MemoryError, GeneratorExit, BrokenPipeError):
        raise
    # calamine's errors, and its panics, which are no Exception; their words may quote cells
    except BaseException:
        yield _told(FileDefectError(Reason.DAMAGED_WORKBOOK))


def _told(defect: FileDefectError) -> bytes:
    return encoded(
        {"defect": defect.reason.value, "column": defect.column, "records": defect.records, "detail": defect.detail},
    )


def _inspected(request: Request) -> datetime:
    """Refuse what unpacks too far before anything is unpacked; give the day from which the workbook counts."""
    with zipfile.ZipFile(request.path) as archive:
        members = archive.infolist()
        names = [member.filename.replace("\\", "/").casefold() for member in members]
        if any(member.flag_bits & _ENCRYPTED for member in members):
            raise FileDefectError(Reason.ARCHIVE_ENCRYPTED)
        unpacked = sum(member.file_size for member in members)
        packed = sum(member.compress_size for member in members)
        if unpacked > request.max_unpacked_bytes:
            raise FileDefectError(Reason.WORKBOOK_LIMITS, detail=f"unpacked={unpacked}")
        if unpacked > _RATIO_FROM_BYTES and unpacked > packed * request.max_ratio:
            raise FileDefectError(Reason.WORKBOOK_LIMITS, detail=f"ratio={unpacked // max(packed, 1)}")
        # of two parts of one name, two readers may see different ones
        if len(set(names)) != len(names):
            raise FileDefectError(Reason.DAMAGED_WORKBOOK, detail="parts of one name")
        if _WORKBOOK_PART not in names:
            raise FileDefectError(Reason.DAMAGED_WORKBOOK, detail="no workbook part")
        # calamine does not compare checksums: a flipped bit in a cell would be another value
        if archive.testzip() is not None:
            raise FileDefectError(Reason.DAMAGED_WORKBOOK, detail="checksum")
        root = ElementTree.fromstring(archive.read(members[names.index(_WORKBOOK_PART)]))
    settings = root.find("{*}workbookPr")
    from_1904 = settings is not None and settings.get("date1904") in ("1", "true")
    return EPOCH_1904 if from_1904 else EPOCH_1900


def _fitting_sheet(workbook: CalamineWorkbook, request: Request) -> tuple[HeaderMap, list[str], Iterator[Line]]:
    """The first visible sheet whose header fits, its header, and its rows below the header."""
    defects = []
    for metadata in workbook.sheets_metadata:
        if metadata.visible is not SheetVisibleEnum.Visible or metadata.typ is not SheetTypeEnum.WorkSheet:
            continue
        try:
            return _header_of(workbook.get_sheet_by_name(metadata.name), request)
        except FileDefectError as defect:
            defects.append(defect)
    raise max(defects, key=lambda defect: _NEARNESS.index(defect.reason), default=FileDefectError(Reason.EMPTY_FILE))


def _header_of(sheet: CalamineSheet, request: Request) -> tuple[HeaderMap, list[str], Iterator[Line]]:
    """The header in the sheet's first row that is not empty, and the rows below it."""
    # ``total_width`` is one less than the last column's number
    if sheet.end is not None and sheet.end[1] + 1 > request.max_columns:
        raise FileDefectError(Reason.WORKBOOK_TOO_WIDE)
    rows = _filled_rows(sheet)
    line, cells = next(rows, (0, []))
    if not line:
        raise FileDefectError(Reason.EMPTY_FILE)
    names = [text_of(cell) for cell in cells]
    try:
        return map_header(names, request.feed), names, rows
    except FileDefectError as defect:
        defect.records = sum(1 for _ in rows)
        raise


def _filled_rows(sheet: CalamineSheet) -> Iterator[Line]:
    """The sheet's rows that are not empty, with their numbers; calamine gives the empty rows above them too."""
    return ((number, row) for number, row in enumerate(sheet.iter_rows(), 1) if row.count("") < len(row))


def _batches(batch: Sequence[Line], header: HeaderMap, feed: Feed, epoch: datetime) -> Iterator[bytes]:
    """The batch as one frame, or as more where one would be too long."""
    content = encoded(_batch(batch, header, feed, epoch))
    if len(content) <= MAX_FRAME_BYTES:
        yield content
    elif len(batch) == 1:
        raise FileDefectError(Reason.WORKBOOK_LIMITS, detail="row too long")
    else:
        middle = len(batch) // 2
        yield from _batches(batch[:middle], header, feed, epoch)
        yield from _batches(batch[middle:], header, feed, epoch)


def _batch(batch: Sequence[Line], header: HeaderMap, feed: Feed, epoch: datetime) -> dict[str, Any]:
    """Texts by column, the lines, which rows hold digits that are lost, and which cannot be taken."""
    lines, rows = zip(*batch, strict=True)
    by_position = list(zip(*rows, strict=True))
    columns: dict[str, list[str]] = {}
    lost: dict[str, list[int]] = {}
    unsound: dict[int, Reason] = {}
    for name, position in kept_positions(header, feed).items():
        column, cells = feed.column(name), by_position[position]
        if column.type in ("timestamp", "date"):
            columns[name] = [time_text_of(cell, epoch) for cell in cells]
        else:
            columns[name] = [cell if type(cell) is str else text_of(cell) for cell in cells]
        unsound |= _unsound(columns[name])
        rows_lost = [at for at, cell in enumerate(cells) if type(cell) is not str and has_lost_digits(cell)]
        lost |= {name: rows_lost} if rows_lost else {}
    return {
        "lines": lines,
        "columns": columns,
        "lost": lost,
        "unsound": [[at, reason.value] for at, reason in sorted(unsound.items())],
    }


def _unsound(texts: Sequence[str]) -> dict[int, Reason]:
    """The rows whose text a CSV could not hold either."""
    found: dict[int, Reason] = {}
    if max(map(len, texts)) * 4 > MAX_FIELD_BYTES:
        long = (at for at, text in enumerate(texts) if len(text.encode()) > MAX_FIELD_BYTES)
        found |= dict.fromkeys(long, Reason.FIELD_TOO_LONG)
    if "\0" in "".join(texts):
        found |= dict.fromkeys((at for at, text in enumerate(texts) if "\0" in text), Reason.NUL_CHARACTER)
    return found


if __name__ == "__main__":
    main()
