"""The counts of the warehouse and of a rival's script, compared: a rival that counts otherwise proves nothing."""

from pathlib import Path

import duckdb

TABLES = ("daily_counts", "weekly_counts", "cumulative_counts")


def assert_equal_counts(warehouse: Path, rival: Path) -> None:
    """Raise ``AssertionError`` naming the first table whose rows differ, or that has none."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
        connection.execute(f"attach '{rival}' as rival (read_only)")
        for table in TABLES:
            ours, theirs = f"select * from warehouse.marts.{table}", f"select * from rival.{table}"
            query = (
                f"select (select count(*) from ({ours})), (select count(*) from ({ours} except all {theirs})),"
                f" (select count(*) from ({theirs} except all {ours}))"
            )
            rows, more, less = connection.sql(query).fetchall()[0]
            assert rows and not more and not less, (
                f"{table}: {more} rows of {rows} are not the rival's, and {less} of the rival's not ours"
            )
            print(f"{table}: {rows:,} rows, equal")
