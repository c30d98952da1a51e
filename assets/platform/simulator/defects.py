"""Rows that must be quarantined, each for one reason in one column, among the good rows of a file.

Which defects a feed can have is read from the contract. Half of the defective rows claim cases that never were, half correct
real ones, so that either way a count is wrong if one gets in.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from assets.platform.contract import Column, Feed

_BLANKS = (None, "NULL", "null", "\\N", "无", "-")
_IMPOSSIBLE_TIMES = ("2023-02-30 10:00:00", "2023-13-01 09:00:00", "0000-00-00", "1753-01-01", "昨天上午")
_MOST = 4
# sequence numbers of cases that never were
_INVENTED = 900_000


@dataclass(frozen=True)
class Defect:
    """One bad cell. ``as_number``: digits that an XLSX holds as a number, and so no longer all of them."""

    column: str
    text: str | None
    as_number: bool = False


def defects_of(feed: Feed, day: date, workbook: bool) -> list[Defect]:
    """Return every defect a row of ``feed`` can have in a delivery of ``day``; some only in a workbook."""
    defects = [defect for column in feed.columns for defect in _of_column(column)]
    next_day = day + timedelta(days=1)
    if feed.name == "handbook":
        return [*defects, Defect(feed.event, f"{next_day}")]
    defects.append(Defect(feed.event, f"{next_day} 00:00:00"))
    # in Beijing it is half past seven of the next day
    defects.append(Defect(feed.event, f"{day}T23:30:00+00:00"))
    if workbook and feed.name == "issue":
        defects.append(Defect("issue_no", None, as_number=True))
    return defects


def with_defective_rows(
    rng: np.random.Generator, feed: Feed, day: date, rows: pl.DataFrame, workbook: bool
) -> tuple[pl.DataFrame, dict[int, Defect]]:
    """Return the text rows with up to four bad ones among them, and row number → defect. The bad cells are not in yet."""
    sound = rows.filter(pl.col("cd_operation").fill_null("I") != "D") if feed.has_operations else rows
    count = min(int(rng.integers(1, _MOST + 1)), len(sound))
    possible = defects_of(feed, day, workbook)
    chosen = [possible[number] for number in rng.choice(len(possible), count, replace=False)]
    bad = _disguised(feed, day, sound[rng.choice(len(sound), count, replace=False)])
    order = rng.permutation(len(rows) + count)
    return pl.concat([rows, bad])[order], {
        int(np.flatnonzero(order == len(rows) + i)[0]): defect for i, defect in enumerate(chosen)
    }


def _of_column(column: Column) -> list[Defect]:
    if column.required and column.type in ("timestamp", "date"):
        return [Defect(column.name, text) for text in (*_BLANKS, *_IMPOSSIBLE_TIMES)]
    defects = [Defect(column.name, text) for text in _BLANKS] if column.required else []
    if column.unknown == "quarantine":
        defects += [Defect(column.name, text) for text in _outside(column)]
    return defects


def _outside(column: Column) -> tuple[str, ...]:
    """Texts that the column cannot mean."""
    if column.type == "integer":
        return ("一", "1.5") if column.minimum is None else ("0", "-1", "1.5", "若干")
    if column.type == "flag":
        return ("2", "综窗")
    return ("8", "省级") if column.codes is not None else ()


def _disguised(feed: Feed, day: date, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows as newer versions of themselves that count otherwise; every other one under a number of no case."""
    invented = pl.int_range(pl.len()) % 2 == 0
    number = (_INVENTED + pl.int_range(pl.len())).cast(pl.String)
    key = pl.col(feed.key[0])
    disguised = rows.with_columns(
        pl.when(invented).then(key.str.head(-6) + number).otherwise(key).alias(feed.key[0]),
        cd_time=pl.lit(f"{day + timedelta(days=1)} 01:59:00"),
    )
    if not feed.has_operations:
        return disguised
    return disguised.with_columns(pl.col("is_composite").replace({"0": "1", "1": "0"}), cd_operation=pl.lit("U"))
