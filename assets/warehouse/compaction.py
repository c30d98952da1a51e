"""Tables that are renewed row by row fragment: rows taken out leave holes, and each build's new rows begin a block of their own.

So a table is written anew, in its own order and in the transaction of the build, once as many rows were moved since it was last
whole as are half of it. As it grows this comes ever more seldom, and over the years costs each row a few writings.
"""

from collections.abc import Mapping

import duckdb

from assets.warehouse.increment import Increment

SHARE = 0.5
# below it there is nothing to win; small tables count too, since DuckDB joins no blocks by itself (``connection.py``)
SMALLEST = 10_000
_SCHEMA = (
    "create table if not exists ledger.compacted (table_name varchar primary key, rows bigint not null, moved bigint not null)"
)


def forget(connection: duckdb.DuckDBPyConnection) -> None:
    """All tables were built whole."""
    connection.execute(_SCHEMA)
    connection.execute("delete from ledger.compacted where true")


def compact(build: Increment, rows: Mapping[str, int]) -> list[str]:
    """Note what this build has moved in each table, which has so many ``rows``, and write those anew that are due; their names."""
    build.connection.execute(_SCHEMA)
    build.connection.execute(
        "insert into ledger.compacted select unnest($tables::varchar[]), unnest($rows::bigint[]), unnest($moved::bigint[])"
        " on conflict do update set moved = compacted.moved + excluded.moved",
        {"tables": list(build.moved), "rows": [rows[table] for table in build.moved], "moved": list(build.moved.values())},
    )
    due = build.connection.execute(
        "select table_name from ledger.compacted where moved >= $smallest and moved >= $share * rows order by table_name",
        {"smallest": SMALLEST, "share": SHARE},
    ).fetchall()
    for (table,) in due:
        build.connection.execute(f"create or replace table {table} as select * from {table}")
        build.connection.execute("delete from ledger.compacted where table_name = $table", {"table": table})
    return [table for (table,) in due]
