"""What the two rival scripts share: the counted events of each feed, and days, weeks and years from them, in SQL by hand.

Independent of ``sql/``, so that equal counts prove something. It knows one delivery a day and no opening balances.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from assets.calendar import Issue

DIMENSIONS = "org_code, org_level, task_type, is_composite"
# each table of windows with the column of `issues` that begins them; both end with the cut-off
WINDOWS = {"weekly_counts": "window_start", "cumulative_counts": "year_start"}
REACHED = "cutoff_date between (select min(business_date) from days) and (select max(business_date) from days)"


@dataclass(frozen=True)
class Events:
    """What a row of a feed means: its key, its day, and how much a row counts that is no deletion."""

    feed: str
    measure: str
    key: str
    time: str
    counted: str

    def of(self, source: str) -> str:
        """A query of the rows of ``source`` as events: key, version, day, dimensions, count."""
        return f"""
            select '{self.feed}' as feed, {self.key} as key, cd_time, business_date, cast({self.time} as date) as event_date,
                org_code, org_level, coalesce(task_type, '') as task_type, is_composite,
                cast(case when cd_operation = 'D' then 0 else {self.counted} end as smallint) as counted
            from {source}
        """

    def newest(self, source: str) -> str:
        """The same of the newest version of each key."""
        order = "cd_time desc, business_date desc, sequence desc"
        return f"({self.of(source)} qualify row_number() over (partition by {self.key} order by {order}) = 1)"


EVENTS = {
    events.feed: events
    for events in (
        Events("consult", "consulted", "consult_no", "consult_date", "person_count"),
        Events("accept", "accepted", "project_no", "accept_date", "1"),
        Events("result", "completed", "project_no", "result_date", "case when result_type in ('4', '5') then 0 else 1 end"),
        Events("issue", "issued", "issuance_no", "issue_date", "1"),
        Events(
            "process",
            "transferred",
            "project_no || '/' || step_no",
            "event_start_time",
            "case when transfer_type = '0' then 0 else 1 end",
        ),
    )
}
MEASURES = [events.measure for events in EVENTS.values()]
SUMS = ", ".join(f"cast(sum({name}) as bigint) as {name}" for name in MEASURES)


def parquet(files: Sequence[Path]) -> str:
    """The rows of files of the lake, as a relation."""
    return f"read_parquet([{', '.join(repr(str(file)) for file in files)}], hive_partitioning = false)"


def by_measure(sign: str = "") -> str:
    """The five measures from ``feed`` and ``counted``."""
    return ", ".join(
        f"case when feed = '{feed}' then {sign}counted else 0 end as {events.measure}" for feed, events in EVENTS.items()
    )


def daily_counts_query(events: str) -> str:
    """The counts by day of a query of events."""
    counted = f"select event_date, {DIMENSIONS}, {by_measure()} from ({events}) where counted > 0"
    return f"select event_date, {DIMENSIONS}, {SUMS} from ({counted}) group by event_date, {DIMENSIONS}"


def write_issues(connection: duckdb.DuckDBPyConnection, issues: Sequence[Issue]) -> None:
    """The calendar as a table, as any script would be given it."""
    connection.execute("create table issues (issue_key varchar, year_start date, window_start date, cutoff_date date)")
    rows = [(issue.issue_key, date(issue.issue_year, 1, 1), issue.window_start, issue.cutoff_date) for issue in issues]
    connection.executemany("insert into issues values (?, ?, ?, ?)", rows)


def write_windows(connection: duckdb.DuckDBPyConnection) -> None:
    """Weeks and years from ``daily_counts``, for the issues whose cut-off lies within ``days``."""
    for statement in window_statements():
        connection.execute(statement)


def window_statements() -> list[str]:
    """What ``write_windows`` runs."""
    return [f"create table {table} as {windows_query(begins, 'daily_counts', REACHED)}" for table, begins in WINDOWS.items()]


def windows_query(begins: str, counts: str, where: str) -> str:
    """The sums of the daily ``counts`` from the column ``begins`` to the cut-off, for the issues of the condition."""
    return f"""
        select issue_key, {DIMENSIONS}, {SUMS}
        from issues join {counts} on event_date between {begins} and cutoff_date
        where {where}
        group by issue_key, {DIMENSIONS}
    """
