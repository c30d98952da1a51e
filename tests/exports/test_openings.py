"""Opening balances: a task type outside the code list counts under 未知, as such cases do."""

from pathlib import Path

import polars as pl

from assets.exports.lake.openings import load_opening

ROWS = """as_of,org_code,org_level,task_type,is_composite,measure,value
2023-08-25,,2,77,1,accepted,3
2023-08-25,,2,99,1,accepted,4
2023-08-25,,2,1,1,accepted,5
2023-08-25,,2,,1,consulted,6
"""


def test_unknown_task_types_count_under_the_other(tmp_path: Path) -> None:
    file = tmp_path / "opening_20230825.csv"
    file.write_text(ROWS, encoding="utf-8")
    loaded = load_opening(file, tmp_path / "lake")
    assert (loaded.rows, loaded.is_new, loaded.unknown_types) == (4, True, 1)
    kept = pl.read_parquet(loaded.lake_file)
    assert dict(kept.group_by("task_type").agg(pl.col("value").sum()).iter_rows()) == {"99": 7, "01": 5, "": 6}
    again = load_opening(file, tmp_path / "lake")
    assert (again.is_new, again.unknown_types) == (False, 1)
