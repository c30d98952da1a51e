"""A whole history at once, lake → tables: the bulk path of the build against a textbook script over the same files."""

import tempfile
from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path

import duckdb

from assets.calendar import Issue
from benchmarks.equal_counts import assert_equal_counts
from benchmarks.lake_of_days import deliveries
from benchmarks.pairs import compared
from benchmarks.plain_events import EVENTS, daily_counts_query, parquet, write_issues, write_windows
from benchmarks.site import MEMORY_LIMIT, Files, Site, files_by_feed

FIRST, ROUNDS = date(2023, 1, 1), 2


def main(days: int = 365, rows: int = 57_000) -> None:
    """Print medians and ratio for a lake of ``days`` days of ``rows`` rows each; equal counts are asserted, times never."""
    with tempfile.TemporaryDirectory() as folder:
        lake, rival = Path(folder, "lake"), Path(folder, "textbook.duckdb")
        receipts = list(deliveries(lake, FIRST, days, rows))
        site = Site(Path(folder, "home"), lake)
        site.take(receipts)
        script = partial(_textbook, rival, files_by_feed(lake, receipts), site.warehouse.issues)
        print(compared("build", site.build_anew, "textbook", script, ROUNDS))
        assert_equal_counts(site.home.warehouse, rival)


def _textbook(path: Path, files: Files, issues: Sequence[Issue]) -> None:
    """All rows of each feed into a wide table, the newest of each key by a window, then days, weeks and years."""
    path.unlink(missing_ok=True)
    with duckdb.connect(path, config={"memory_limit": MEMORY_LIMIT}) as connection:
        write_issues(connection, issues)
        for feed in EVENTS:
            connection.execute(f"create table {feed} as select * from {parquet(files[feed])}")
        newest = " union all ".join(EVENTS[feed].newest(feed) for feed in EVENTS)
        connection.execute(f"create table daily_counts as {daily_counts_query(newest)}")
        connection.execute("create table days as select distinct business_date from accept")
        write_windows(connection)
