"""The newest row of each key is what is written, whether the rows waited in memory or on disk."""

from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.exports.lake.parquet_file import WaitingRows
from assets.exports.typing.rows import POLARS_TYPES
from assets.platform.contract import load_contract

RESULT = load_contract().feeds["result"]
ROWS = st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 2)), max_size=6)


def _batch(rows: list[tuple[str, int]], first_line: int) -> pl.DataFrame:
    schema = {name: POLARS_TYPES[kind] for name, kind in RESULT.lake_columns.items()}
    sound = {"business_date": date(2023, 8, 28), "delivery": "20230828_01", "sequence": 1, "file_index": 0}
    records = [
        sound | {"project_no": key, "cd_time": datetime(2023, 8, 28, second), "line": first_line + index}
        for index, (key, second) in enumerate(rows)
    ]
    return pl.DataFrame(records, schema=schema)


@settings(max_examples=40)
@given(st.lists(ROWS, max_size=4), st.sampled_from([0, 1000, 10**9]))
def test_the_newest_row_of_each_key_is_written(batches: list[list[tuple[str, int]]], max_bytes: int) -> None:
    newest: dict[str, tuple[int, int]] = {}
    with TemporaryDirectory() as folder:
        target = Path(folder, "out.parquet")
        line = 2
        with WaitingRows(target, RESULT, max_bytes) as waiting:
            for rows in batches:
                waiting.add(_batch(rows, line))
                for key, second in rows:
                    newest[key] = max(newest.get(key, (-1, -1)), (second, line))
                    line += 1
            superseded = waiting.write(target)
        written = pl.read_parquet(target, glob=False)
        assert [path.name for path in Path(folder).iterdir()] == ["out.parquet"]
    assert superseded == line - 2 - len(newest)
    assert written.select("project_no", "line").rows() == sorted(
        ((key, at) for key, (_, at) in newest.items()), key=lambda row: row[1]
    )
    assert written.columns == list(RESULT.lake_columns)
