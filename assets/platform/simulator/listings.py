"""Lists of the handbook that a later row or a later delivery overrules, so that a reader who does not notice counts wrongly.

Takes and gives the text of a list; the right list is the handbook's own.
"""

import numpy as np
import polars as pl

_LACKING = 0.1
_DROPPED = 3
_MIDNIGHT = " 00:00:01"


def outdated(rng: np.random.Generator, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the list before it was put right: some items lacking, nothing of others finished, and some that are no items."""
    kept = rows.filter(pl.Series(rng.random(len(rows)) >= _LACKING))
    dropped = kept.head(_DROPPED).with_columns(pl.col("task_handle_item").str.head(-2) + "99")
    open_again = pl.Series(rng.random(len(kept)) < _LACKING)
    finished = pl.when(~open_again).then("finished_date")
    return pl.concat([kept.with_columns(finished.alias("finished_date")), dropped])


def with_older_row(rng: np.random.Generator, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the list with an older version of one item after all others: it was not finished then."""
    chosen = rows[int(rng.integers(len(rows)))]
    older = chosen.with_columns(
        finished_date=pl.lit(None, pl.String), cd_time=pl.col("cd_time").str.head(len("2023-08-28")) + _MIDNIGHT
    )
    return pl.concat([rows, older])
