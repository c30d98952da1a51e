"""Totals of a Parquet file of the lake, counted in polars while it is written and kept in its receipt.

The build counts the same totals in SQL over what it reads, and compares. No rule of a site enters into them: rows are counted per
value that a rule may ask for.
"""

from collections import Counter

import polars as pl

from assets.platform.contract import Feed

# of the rows that count; in all others a feed's rows count as one each
PARTS = ("result_type", "transfer_type")
SUMS = ("person_count",)
ROWS, DELETED = "rows", "deleted"
_OPERATION = "cd_operation"


def part_column(feed: Feed) -> str | None:
    """The column by whose values the rows of ``feed`` count or do not."""
    return next((name for name in PARTS if name in feed.lake_columns), None)


def sum_column(feed: Feed) -> str | None:
    """The column whose sum is what is counted of ``feed``."""
    return next((name for name in SUMS if name in feed.lake_columns), None)


def part_name(column: str, value: str | None) -> str:
    """The name of the total of rows with ``value``, deleted ones apart."""
    return f"{column} {value or ''}"


def totals_of(rows: pl.DataFrame, feed: Feed) -> Counter[str]:
    """The totals of some rows of ``feed``; those of a file are the sum over its batches."""
    counts = Counter({ROWS: rows.height})
    if _OPERATION not in rows.columns:
        return counts
    live = rows.filter(pl.col(_OPERATION) != "D")
    counts[DELETED] = rows.height - live.height
    part, summed = part_column(feed), sum_column(feed)
    if part:
        counts.update({part_name(part, value): number for value, number in live[part].value_counts().iter_rows()})
    if summed:
        counts[summed] = int(live[summed].sum())
    return counts
