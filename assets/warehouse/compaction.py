"""Tables that are renewed row by row fragment: rows taken out leave holes, and each build's new rows begin a block of their own.

So a table is written anew, in its own order and in the transaction of the build, once as many rows were moved since it was last
whole as are half of it. As it grows this comes ever more seldom, and over the years costs each row a few writings.
"""

import duckdb

from assets.warehouse.increment import Increment

SHARE = 0.5
# rows of one block of DuckDB: below it there is nothing to win
SMALLEST = 122_880
_SCHEMA = (
    "create table if not exists ledger.compacted (table_name varchar primary key, rows bigint not null, moved bigint not null)"
)


def forget(connection: duckdb.DuckDBPyConnection) -> None:
    """All tables were built whole."""
    connection.execute(_SCHEMA)
    connection.execute("delete from ledger.compacted where true")


def compact(build: Increment) -> list[str]:
    """Note what this build has moved in each table and write those anew that are due; their names."""
    build.connection.execute(_SCHEMA)
    for table, moved in build.moved.items():
        rows = build.number(f"select count(*) from {table}")
        build.connection.execute(
            "insert into ledger.compacted values ($table, $rows, $moved) on conflict do update set moved = moved + $moved",
            {"table": table, "rows": rows, "moved": moved},
        )
    due = build.connection.execute(
        "select table_name from ledger.compacted where moved >= $smallest and moved >= $share * rows order by table_name",
        {"smallest": SMALLEST, "share": SHARE},
    ).fetchall()
    for (table,) in due:
        build.connection.execute(f"create or replace table {table} as select * from {table}")
        build.connection.execute("delete from ledger.compacted where table_name = $table", {"table": table})
    return [table for (table,) in due]
