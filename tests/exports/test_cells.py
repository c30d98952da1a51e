"""What is known of a column's values is told of each of its rows, whether the values were looked for or not."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from assets.exports.typing.cells import cells_by_row, distinct_cells

COLUMNS = st.lists(st.one_of(st.none(), st.text(max_size=3), st.sampled_from(["01", "20", "中"])), max_size=20)


@given(COLUMNS)
def test_the_values_of_the_rows_are_the_column(column: list[str | None]) -> None:
    text = pl.Series(column, dtype=pl.String)
    for cells in (distinct_cells(text), cells_by_row(text)):
        assert cells.by_row(cells.values).to_list() == column
        assert cells.by_row(cells.values.is_null()).to_list() == [value is None for value in column]


@given(COLUMNS)
def test_each_value_is_there_once(column: list[str | None]) -> None:
    assert sorted(map(str, distinct_cells(pl.Series(column, dtype=pl.String)).values)) == sorted(map(str, set(column)))
