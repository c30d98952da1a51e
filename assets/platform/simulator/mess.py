"""The harmless mess of real files, laid over the text of a file: every cell still means what it meant.

Spellings of times, blanks, numbers and headers, columns too many and too few, characters outside GBK. Rows that cannot be read
are the defects' business, deliveries that go wrong the mishaps'.
"""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from assets.platform.contract import Column, Feed
from assets.platform.simulator.files import Sheet
from assets.platform.simulator.strata import Flags
from assets.platform.simulator.timestamps import EXACT, SPELLINGS, spelled_days, spelled_times

_BLANKS = ("NULL", "null", "\\N", "无", "-", " ", "\u3000")
_NULL_DATES = ("0000-00-00", "1753-01-01", "1753-01-01 00:00:00", "0000-00-00 00:00:00")
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
_NEW_COLUMNS = ("ext_flag", "备注1", "update_user", "区县标识")
# 䶮 and 𠮷 are outside GBK, the second even outside the basic plane
_RARE = ("䶮", "𠮷")
_ODD_TEXTS = ("，补正,材料", '"加急"件', "第一行\n第二行", '他说"好,\n可以"', "=1+1", "@SUM(A1)", "'引号")
_CELLS = 0.1
_ODD = 0.03
# optional columns whose absence changes a count or a department's name
_NEEDED = {"cd_operation", "person_count", "org_name", "task_type", "finished_date"}


@dataclass(frozen=True)
class Mess:
    """How one file is untidy."""

    blank: str | None
    """what stands for blank in optional columns, besides nothing"""
    null_date: str | None
    times: tuple[str, ...]
    """spellings of times, by row"""
    written: str
    """spelling of ``cd_time``: one that keeps the seconds, since they decide which row wins"""
    mark: str
    """what numbers wear: an apostrophe, a tab, full-width digits, blanks"""
    new_columns: tuple[str, ...]
    missing: frozenset[str]
    padding: str
    bom: bool
    crlf: bool
    trailing_comma: bool
    quote_all: bool
    serials: frozenset[str]
    """columns that a workbook holds as bare serial numbers"""
    from_1904: bool
    notes_sheet: bool


def mess_of(rng: np.random.Generator, feed: Feed) -> Mess:
    """Return the mess of one file, by chance."""
    spellings = tuple(SPELLINGS)
    missing = [column.name for column in feed.columns if not column.required and column.name not in _NEEDED | {*feed.key}]
    quote_all = bool(rng.random() < 0.2)
    return Mess(
        blank=str(rng.choice(_BLANKS)) if rng.random() < 0.6 else None,
        null_date=str(rng.choice(_NULL_DATES)) if rng.random() < 0.4 else None,
        times=spellings if rng.random() < 0.5 else (str(rng.choice(spellings)),),
        written=str(rng.choice(EXACT)),
        mark=str(rng.choice(("apostrophe", "tab", "wide", "blanks", "none"))),
        new_columns=tuple(_NEW_COLUMNS[: int(rng.integers(0, len(_NEW_COLUMNS)))]),
        missing=frozenset(name for name in missing if rng.random() < 0.1),
        padding=str(rng.choice(("", " ", "\u3000", "\t"))),
        bom=bool(rng.random() < 0.4),
        crlf=bool(rng.random() < 0.5),
        trailing_comma=not quote_all and bool(rng.random() < 0.3),
        quote_all=quote_all,
        serials=frozenset(name for name in (feed.event, "cd_time") if rng.random() < 0.3),
        from_1904=bool(rng.random() < 0.4),
        notes_sheet=bool(rng.random() < 0.5),
    )


def untidy(rng: np.random.Generator, feed: Feed, rows: pl.DataFrame, mess: Mess, workbook: bool) -> pl.DataFrame:
    """Return the text rows as an untidy platform writes them, without the columns that are missing."""
    cells = rows.drop(mess.missing)
    columns = [feed.column(name) for name in cells.columns]
    dates = {feed.event, "cd_time"} if workbook else set()
    untidied = {column.name: _untidied(rng, column, cells[column.name], mess, column.name in dates) for column in columns}
    return pl.DataFrame(untidied, schema=dict.fromkeys(untidied, pl.String))


def untidy_sheet(rng: np.random.Generator, sheet: Sheet, mess: Mess) -> Sheet:
    """Return the sheet with new columns, padded headers, and the spelling of its file."""
    headers, cells = list(sheet.headers), sheet.cells
    for name in mess.new_columns:
        place = int(rng.integers(0, len(headers) + 1))
        headers.insert(place, name)
        cells = cells.insert_column(place, pl.Series(name, ["新增,字段"] * cells.height, dtype=pl.String))
    workbook = replace(sheet.workbook, dates=sheet.workbook.dates - mess.serials, serials=mess.serials)
    return replace(
        sheet,
        headers=[mess.padding + header + mess.padding for header in headers],
        cells=cells,
        csv=replace(
            sheet.csv,
            bom=mess.bom and sheet.csv.encoding == "utf-8",
            line_end="\r\n" if mess.crlf else "\n",
            trailing_comma=mess.trailing_comma,
            quote_all=mess.quote_all,
        ),
        workbook=replace(workbook, from_1904=mess.from_1904, notes_sheet=mess.notes_sheet),
    )


def _untidied(rng: np.random.Generator, column: Column, cells: pl.Series, mess: Mess, is_date: bool) -> pl.Series:
    """One column; times that a workbook holds as dates stay as they are."""
    if column.type == "timestamp" and not is_date:
        cells = spelled_times(rng, cells, (mess.written,) if column.name == "cd_time" else mess.times)
    elif column.type == "date" and not is_date:
        cells = spelled_days(rng, cells)
    elif column.type in ("key", "code", "integer", "flag") and column.name != "cd_operation":
        cells = _marked(rng, cells, mess.mark)
    elif column.type == "text" and column.name not in ("org_name", "cd_batch"):
        cells = _odd(rng, cells, column)
    if column.personal == "pseudonym":
        cells = cells.str.replace("X", "x", literal=True)
    return cells if column.required else _blanks(rng, cells, column, mess)


def _marked(rng: np.random.Generator, cells: pl.Series, mark: str) -> pl.Series:
    dressed = {
        "apostrophe": lambda: "'" + cells,
        "tab": lambda: "\t" + cells,
        "wide": lambda: pl.Series([text and text.translate(_WIDE) for text in cells], dtype=pl.String),
        "blanks": lambda: "\u3000" + cells + " ",
        "none": lambda: cells,
    }[mark]()
    return _where(rng.random(len(cells)) < _CELLS, dressed, cells)


def _odd(rng: np.random.Generator, cells: pl.Series, column: Column) -> pl.Series:
    """Texts with what breaks naive readers: in names rare characters, elsewhere commas, quotes, line breaks and formulas."""
    additions = _RARE if column.name.endswith("_name") and column.personal else _ODD_TEXTS
    odd = cells + pl.Series(additions).gather(rng.integers(0, len(additions), len(cells)))
    leading = pl.Series(_ODD_TEXTS).gather(rng.integers(0, len(_ODD_TEXTS), len(cells)))
    odd = _where(rng.random(len(cells)) < 0.3, leading, odd) if column.personal and additions is _ODD_TEXTS else odd
    return _where(rng.random(len(cells)) < _ODD, odd, cells)


def _blanks(rng: np.random.Generator, cells: pl.Series, column: Column, mess: Mess) -> pl.Series:
    """Most blanks of an optional column as the file writes them, some as nothing."""
    word = mess.null_date if column.type in ("timestamp", "date") and mess.null_date else mess.blank
    if word is None:
        return cells
    written = cells.is_null().to_numpy() & (rng.random(len(cells)) < 0.8)
    return _where(written, pl.Series([word]).gather(np.zeros(len(cells), dtype=np.int64)), cells)


def _where(chosen: Flags, these: pl.Series, others: pl.Series) -> pl.Series:
    return pl.select(pl.when(pl.Series(chosen)).then(these).otherwise(others)).to_series()
