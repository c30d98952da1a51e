"""Between which keys the rows of each business date lie, so that a search for some keys passes over the dates that have none.

Keys begin alike and hold their day further on, and DuckDB's own bounds of a block know eight characters of a text. A span only
widens: it may promise keys that have gone, never hide one that is there.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import duckdb

_SCHEMA = """
create table if not exists ledger.key_spans (
    table_name varchar not null, business_date date not null, lowest varchar not null, highest varchar not null,
    primary key (table_name, business_date)
)
"""
# of a key `<area>-<day>-<number of the day>`; keys of another form are grouped less well, and found all the same
_NUMBER_OF_THE_DAY = 6


def forget(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """The table is another now, whatever was noted of it."""
    connection.execute(_SCHEMA)
    connection.execute("delete from ledger.key_spans where table_name = $table", {"table": table})


def widen(connection: duckdb.DuckDBPyConnection, table: str, key: str, rows: str) -> None:
    """Note the keys of ``rows``, which are in the table from now on."""
    connection.execute(_SCHEMA)
    connection.execute(
        f"insert into ledger.key_spans select $table, business_date, min({key}), max({key}) from {rows} group by business_date"
        " on conflict do update set lowest = least(lowest, excluded.lowest), highest = greatest(highest, excluded.highest)",
        {"table": table},
    )


def where_keys_may_be(connection: duckdb.DuckDBPyConnection, table: str, key: str, sought: str) -> str:
    """A condition on the table's ``business_date`` that holds for every row with a key of the relation ``sought``."""
    days = connection.execute(
        f"select distinct business_date from ledger.key_spans inner join ("
        f"select min({key}) as first_key, max({key}) as last_key from {sought}"
        f" group by left({key}, greatest(length({key}) - {_NUMBER_OF_THE_DAY}, 0))"
        f") on lowest <= last_key and highest >= first_key where table_name = $table order by business_date",
        {"table": table},
    ).fetchall()
    ranges = _ranges([day for (day,) in days])
    return " or ".join(f"business_date between date '{first}' and date '{last}'" for first, last in ranges) or "false"


def _ranges(days: Sequence[date]) -> list[tuple[date, date]]:
    """Days in their order as ranges without a gap."""
    found: list[tuple[date, date]] = []
    for day in days:
        if found and day <= found[-1][1] + timedelta(1):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found
