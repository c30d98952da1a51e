"""The site's own days, ``calendar.csv``: read strictly, since a wrong day shifts every later issue."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

from assets.errors import UsageError
from assets.home import storage_errors

CALENDAR_COLUMNS = ("date", "is_working_day", "name")
FLAGS = {"1": True, "true": True, "是": True, "0": False, "false": False, "否": False}
# spreadsheets save 2027-01-04 as 2027/1/4
DAY_PATTERN = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", re.ASCII)
# of each day, whether it is worked and what it is called
CalendarDays = dict[date, tuple[bool, str]]


def read_calendar(file: Path) -> CalendarDays:
    """The days that ``file`` lists. Raises ``UsageError``, naming file and line, for anything that is not a day with its yes or no."""
    with storage_errors(file):
        content = file.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{file}:{line}: not UTF-8; save the file as CSV in UTF-8") from error
    return _parse_calendar(file, text)


def _parse_calendar(file: Path, text: str) -> CalendarDays:
    own: CalendarDays = {}
    for line, cells in _lines(file, text):
        day, worked = _parse_day(f"{file}:{line}", cells)
        if day in own:
            raise UsageError(f"{file}:{line}: {day} is in the file twice; keep one line")
        own[day] = worked, cells[2]
    return own


def _lines(file: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of each record below the header; blank lines are passed over."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        records = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise UsageError(f"{file}:{reader.line_num}: {error}; expected {', '.join(CALENDAR_COLUMNS)}") from error
    if not records or tuple(records[0][1]) != CALENDAR_COLUMNS:
        raise UsageError(f"{file}:{records[0][0] if records else 1}: expected the header {','.join(CALENDAR_COLUMNS)}")
    yield from records[1:]


def _parse_day(place: str, cells: list[str]) -> tuple[date, bool]:
    if len(cells) != len(CALENDAR_COLUMNS):
        raise UsageError(f"{place}: expected {len(CALENDAR_COLUMNS)} columns ({', '.join(CALENDAR_COLUMNS)}), found {len(cells)}")
    match = DAY_PATTERN.fullmatch(cells[0])
    flag = FLAGS.get(cells[1].lower())
    if flag is None:
        raise UsageError(f"{place}: column is_working_day: expected 1 or 0, true or false, 是 or 否; found {cells[1]!r}")
    with suppress(ValueError):
        if match is not None:
            return date(int(match[1]), int(match[2]), int(match[3])), flag
    raise UsageError(f"{place}: column date: expected a day such as 2027-01-04; found {cells[0]!r}")
