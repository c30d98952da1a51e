"""A workbook's cell as the text that a CSV would hold for it, with what Excel did to it made good or told.

Works on the values that calamine gives; runs in the reader's own process, so it knows no data frames.
"""

import math
import re
from datetime import date, datetime, time, timedelta

Cell = str | float | int | bool | datetime | date | time | timedelta

# a float holds 15 decimal digits exactly
DIGITS_LOST_FROM = 10**15
# later serials than the year 2100's are digits of a compact time
LAST_SERIAL = 73_415
EPOCH_1900, EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)

_SERIAL_TEXT = re.compile(r"['\s]*([0-9]{5}(?:\.[0-9]+)?)\s*")
# 15 digits of a serial are good to some microseconds, which must not cost a second
_STEP = timedelta(milliseconds=10)


def has_lost_digits(cell: Cell) -> bool:
    """Whether the cell is a number of 16 digits or more: which ones the source had, nobody can tell."""
    return isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= DIGITS_LOST_FROM


def text_of(cell: Cell) -> str:
    """A cell as a CSV would hold it: whole numbers without decimals, times in ISO form."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if math.isfinite(cell) and cell == int(cell) else repr(cell)
    return cell.isoformat(" ") if isinstance(cell, datetime) else str(cell)


def time_text_of(cell: Cell, epoch: datetime) -> str:
    """A cell of a time column: a serial number, also one written as text, is counted in days from the workbook's epoch."""
    days = _serial(cell)
    if days is None or not 0 < days <= LAST_SERIAL:
        return text_of(cell)
    steps = round(timedelta(days=days) / _STEP)
    return (epoch + steps * _STEP).isoformat(" ")


def _serial(cell: Cell) -> float | None:
    if isinstance(cell, str):
        match = _SERIAL_TEXT.fullmatch(cell)
        return float(match[1]) if match else None
    if isinstance(cell, timedelta):
        # a serial in a cell formatted as hours passed, [h]:mm
        return cell / timedelta(days=1)
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else None
