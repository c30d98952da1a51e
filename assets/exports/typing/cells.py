"""A column of a batch by its distinct values, so that each value is interpreted once and not in every row.

A day of a province has 57,000 rows and some 2,000 services, 60 departments and a dozen codes.
"""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Cells:
    """The values of a column and, for each row, the index of its value; ``None`` if row n has value n."""

    values: pl.Series
    of_row: pl.Series | None = None

    def by_row(self, of_values: pl.Series) -> pl.Series:
        """A series about the values, expanded to one about the rows."""
        return of_values if self.of_row is None else of_values.gather(self.of_row)


def cells_by_row(text: pl.Series) -> Cells:
    """A column whose values are mostly distinct: searching for repeats would cost more than it saves."""
    return Cells(text)


def distinct_cells(text: pl.Series) -> Cells:
    """A column of few values."""
    # categories of its own: those of polars' common pool would outlive the batch, and stay in memory with what they say
    encoded = text.cast(pl.Categorical(pl.Categories.random())).to_arrow()
    values, of_row = pl.Series(encoded.dictionary, dtype=pl.String), pl.Series(encoded.indices, dtype=pl.UInt32)
    if text.null_count():
        of_row = of_row.fill_null(len(values))
        values = values.append(pl.Series([None], dtype=pl.String))
    return Cells(values, of_row)
