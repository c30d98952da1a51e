"""What the benchmarks stand on: the lake they make, and that a rival which counts otherwise is found. No times here."""

from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from benchmarks.equal_counts import TABLES, assert_equal_counts
from benchmarks.lake_of_days import deliveries
from benchmarks.plain_increments import PlainScript
from benchmarks.site import MEMORY_LIMIT, Site, files_by_feed

SUNDAY, ROWS = date(2023, 8, 27), 1000


def test_the_lake_holds_what_its_receipts_say_and_is_the_same_each_time(tmp_path: Path) -> None:
    receipts = list(deliveries(tmp_path / "one", SUNDAY, 2, ROWS))
    assert receipts == list(deliveries(tmp_path / "two", SUNDAY, 2, ROWS))
    files = [file for receipt in receipts for file in receipt.files]
    # the handbook comes on the Monday
    assert [file.feed for file in files].count("handbook") == 1
    for file in files:
        frame = pl.read_parquet(tmp_path / "one" / str(file.lake_file))
        assert frame.height == file.loaded
        assert frame.equals(pl.read_parquet(tmp_path / "two" / str(file.lake_file)))


def test_one_row_in_fifty_is_a_later_version_of_a_row_of_the_days_before(tmp_path: Path) -> None:
    *_, last = deliveries(tmp_path, SUNDAY, 12, ROWS)
    accept = next(file for file in last.files if file.feed == "accept")
    days = pl.read_parquet(tmp_path / "accept" / "*" / "*.parquet").select(
        "project_no", "cd_operation", "cd_time", "business_date"
    )
    new = days.filter(pl.col("business_date") == last.business_date)
    later = new.filter(pl.col("cd_operation") != "I")
    assert abs(later.height / accept.loaded - 0.02) < 0.005
    before = days.filter(pl.col("business_date") < last.business_date)
    versions = later.join(before, on="project_no", suffix="_before")
    # the number of a case begins with its day; of the 60 days most are before this lake
    here = set(later.filter(pl.col("project_no") > f"510000-{SUNDAY:%Y%m%d}")["project_no"])
    assert here and here == set(versions["project_no"])
    # rows corrected on several days are not in order of time here, the others are
    assert (
        versions.filter(pl.col("cd_operation_before") == "I").select((pl.col("cd_time") > pl.col("cd_time_before")).all()).item()
    )


def test_a_rival_that_counts_otherwise_is_found(tmp_path: Path) -> None:
    receipts = list(deliveries(tmp_path / "lake", SUNDAY, 8, ROWS // 5))
    site = Site(tmp_path / "home", tmp_path / "lake")
    script = PlainScript(tmp_path / "plain.duckdb", site.warehouse.issues, MEMORY_LIMIT)
    script.begin(files_by_feed(tmp_path / "lake", receipts[:-1]))
    script.step(files_by_feed(tmp_path / "lake", receipts[-1:]))
    site.take(receipts)
    site.build()
    assert_equal_counts(site.home.warehouse, script.path)
    for table in TABLES:
        _change_one_row(script.path, table, "+ 1")
        with pytest.raises(AssertionError, match=table):
            assert_equal_counts(site.home.warehouse, script.path)
        _change_one_row(script.path, table, "- 1")


def _change_one_row(database: Path, table: str, by: str) -> None:
    with duckdb.connect(database) as connection:
        connection.execute(f"update {table} set accepted = accepted {by} where rowid = (select min(rowid) from {table})")
