"""Columns of fixed-width text made from numbers, as bytes side by side: no Python call and no format per value.

Knows digits, days and clock times; which column needs which is the records' business.
"""

from functools import cache
from typing import TypeAlias

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from assets.platform.simulator.strata import Ints

Bytes: TypeAlias = NDArray[np.uint8]

DAY_SECONDS = 86_400
# the days that births and events fall on; a day outside is a defect of the simulator and fails the lookup
_FIRST_DAY = np.datetime64("1930-01-01")
_LAST_DAY = np.datetime64("2040-01-01")


def fixed_text(*parts: Bytes | str, rows: int | None = None) -> pl.Series:
    """Return one string per row: the bytes of ``parts`` (n × width, or a constant) side by side."""
    height = rows if rows is not None else max(len(part) for part in parts if not isinstance(part, str))
    matrix = np.hstack([_constant(part, height) if isinstance(part, str) else part for part in parts])
    ends = np.arange(0, (height + 1) * matrix.shape[1], matrix.shape[1], dtype=np.int64)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(matrix))]
    series = pl.from_arrow(pa.Array.from_buffers(pa.large_string(), height, buffers))
    assert isinstance(series, pl.Series)
    return series


def digits(numbers: Ints, width: int) -> Bytes:
    """Return ``numbers`` as ``width`` ASCII digits each, zeros in front; more digits than that are an error."""
    if len(numbers) and int(numbers.max()) >= 10**width:
        raise ValueError(f"a number has more than {width} digits")
    groups = -(-width // 3)
    columns = [_thousand()[(numbers // 1000**group) % 1000] for group in reversed(range(groups))]
    return np.hstack(columns)[:, groups * 3 - width :]


def day_text(days: Ints) -> Bytes:
    """Return days (since 1970-01-01) as ``yyyy-mm-dd``."""
    return _days()[days - _epoch(_FIRST_DAY)]


def compact_day(days: Ints) -> Bytes:
    """Return days (since 1970-01-01) as ``yyyymmdd``."""
    return day_text(days)[:, [0, 1, 2, 3, 5, 6, 8, 9]]


def time_text(days: Ints, seconds: Ints) -> pl.Series:
    """Return ``yyyy-mm-dd HH:MM:SS``; seconds of a day may run over into later days."""
    return fixed_text(day_text(days + seconds // DAY_SECONDS), _clock()[seconds % DAY_SECONDS])


def blanked(series: pl.Series, blank: NDArray[np.bool_]) -> pl.Series:
    """Return ``series`` with nulls where ``blank``."""
    if not blank.any():
        return series
    return pl.select(pl.when(pl.Series(~blank)).then(series)).to_series()


def _constant(text: str, rows: int) -> Bytes:
    return np.broadcast_to(np.frombuffer(text.encode(), dtype=np.uint8), (rows, len(text.encode())))


def _epoch(day: np.datetime64) -> int:
    return int(day.astype("datetime64[D]").astype(np.int64))


def _table(texts: list[str]) -> Bytes:
    return np.frombuffer("".join(texts).encode(), dtype=np.uint8).reshape(len(texts), -1)


@cache
def _thousand() -> Bytes:
    return _table([f"{number:03d}" for number in range(1000)])


@cache
def _days() -> Bytes:
    return _table([str(day) for day in np.arange(_FIRST_DAY, _LAST_DAY)])


@cache
def _clock() -> Bytes:
    return _table([f" {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}" for second in range(DAY_SECONDS)])
