"""The rival of the incremental build: a script by hand with a narrow state table and signed differences.

One file, no ledger, no headers, no checks, no delivery withdrawn or late: the least that keeps the same counts up to date.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from assets.calendar import Issue
from benchmarks.plain_events import (
    DIMENSIONS,
    EVENTS,
    MEASURES,
    SUMS,
    WINDOWS,
    by_measure,
    daily_counts_query,
    parquet,
    windows_query,
    write_issues,
    write_windows,
)
from benchmarks.site import Files

_STEP = f"""
create or replace temp table incoming as select hash(feed, key) as key_hash, * from ({{incoming}});
-- a search for 64-bit hashes reads a fifth of what one for the keys' texts reads; of what it finds the keys are compared
create or replace temp table places as select rowid as place from state semi join incoming using (key_hash);
create or replace temp table found as select rowid as place, * from state where rowid in (select place from places);
create or replace temp table held as select found.* from found semi join incoming using (feed, key);
create or replace temp table won as
    select incoming.* from incoming left join held using (feed, key)
    where held.place is null or (incoming.cd_time, incoming.business_date) >= (held.cd_time, held.business_date);
create or replace temp table lost as
    select held.* from held semi join won using (feed, key);
delete from state where rowid in (select place from lost);
insert into state select * from won;
create or replace temp table differences as
    select event_date, {DIMENSIONS}, {SUMS} from (
        select event_date, {DIMENSIONS}, {by_measure()} from won
        union all
        select event_date, {DIMENSIONS}, {by_measure("-")} from lost
    )
    group by event_date, {DIMENSIONS};
"""
_ADD = f"""
create or replace temp table slices as
    select {{keys}}, {SUMS} from (
        select * from {{differences}}
        union all
        select {{table}}.* from {{table}} semi join {{differences}} using ({{keys}})
    )
    group by {{keys}};
delete from {{table}} where rowid in (select {{table}}.rowid from {{table}} semi join slices using ({{keys}}));
insert into {{table}} select * from slices where {" or ".join(f"{name} <> 0" for name in MEASURES)};
"""


class PlainScript:
    """The script's own database at ``path``."""

    def __init__(self, path: Path, issues: Sequence[Issue], memory_limit: str) -> None:
        self.path, self._issues, self._memory_limit = path, issues, memory_limit

    def begin(self, files: Files) -> None:
        """State and counts of a history, in bulk."""
        with self._connect() as connection:
            write_issues(connection, self._issues)
            states = " union all ".join(events.newest(parquet(files[feed])) for feed, events in EVENTS.items())
            connection.execute(f"create table state as select hash(feed, key) as key_hash, * from ({states})")
            connection.execute(f"create table daily_counts as {daily_counts_query('from state')} order by all")
            connection.execute("create table days as select distinct business_date from state")
            write_windows(connection)

    def step(self, files: Files) -> None:
        """One more day: its rows against the state, the differences into the days, then the weeks and years they touch."""
        with self._connect() as connection:
            connection.execute("begin")
            # a file of the lake has each key once, and a day has one file of a feed
            incoming = " union all ".join(events.of(parquet(files[feed])) for feed, events in EVENTS.items())
            connection.execute(_STEP.format(incoming=incoming))
            _add(connection, "daily_counts", "event_date", "differences")
            for table, begins in WINDOWS.items():
                known = windows_query(begins, "differences", f"issue_key in (select issue_key from {table})")
                connection.execute(f"create or replace temp table of_windows as {known}")
                _add(connection, table, "issue_key", "of_windows")
                reached = "cutoff_date = (select max(business_date) from incoming)"
                connection.execute(f"insert into {table} {windows_query(begins, 'daily_counts', reached)}")
            connection.execute("commit")

    def _connect(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(self.path, config={"memory_limit": self._memory_limit})


def _add(connection: duckdb.DuckDBPyConnection, table: str, of_what: str, differences: str) -> None:
    connection.execute(_ADD.format(table=table, keys=f"{of_what}, {DIMENSIONS}", differences=differences))
