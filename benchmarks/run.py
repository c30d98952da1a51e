"""The whole program as a person runs it, ``zhoubao run`` to the published tables, on a long history of one feed at once.

The rival is what an analyst would write to see the same counts: DuckDB reads all files with all columns, keeps the newest row of each key,
and counts by day, week and year. It keeps no account of rows, no pseudonyms, no checks, nothing for readers.
"""

import sys
import tempfile
from datetime import date
from pathlib import Path

import duckdb

from assets.calendar import CalendarRules, issues, load_working_days
from assets.home import Home
from assets.platform.contract import Feed, load_contract
from benchmarks.command import Cost, compared_costs, cost_of
from benchmarks.equal_counts import assert_equal_counts
from benchmarks.landing_of_days import landing_days
from benchmarks.plain_events import EVENTS, daily_counts_query, window_statements, write_issues

FIRST, ROUNDS = date(2023, 4, 25), 3
FEED = "accept"
_ZHOUBAO = [sys.executable, "-m", "pipelines.cli"]
_ANALYST = "import duckdb, sys; duckdb.connect(sys.argv[1]).execute(open(sys.argv[2], encoding='utf-8').read())"


def main(days: int = 130, rows: int = 57_692, rounds: int = ROUNDS) -> None:
    """Print costs and ratios for ``days`` deliveries of ``rows`` rows of accept each; equal counts are asserted, times never."""
    with tempfile.TemporaryDirectory() as folder:
        landing = Path(folder, "landing")
        written = sum(_bytes(delivery) for delivery in landing_days(landing, FIRST, days, {FEED: rows}))
        print(f"{days * rows:,} rows of {FEED} in {days} deliveries, {written / 1e6:,.0f} MB", flush=True)
        ours: list[Cost] = []
        theirs: list[Cost] = []
        for number in range(rounds):
            home, database = Home(Path(folder, f"home{number}")), Path(folder, f"analyst{number}.duckdb")
            ours.append(cost_of([*_ZHOUBAO, "run", "--home", str(home.root), "--landing", str(landing)]))
            theirs.append(_analyse(landing, database))
            assert_equal_counts(home.published_database, database)
        print(compared_costs("zhoubao run", ours, "analyst's script", theirs))


def _bytes(delivery: Path) -> int:
    return sum(file.stat().st_size for file in delivery.iterdir())


def _analyse(landing: Path, database: Path) -> Cost:
    """The script's cost; the calendar is there before, as a script would find it in a table."""
    with duckdb.connect(database) as connection:
        write_issues(connection, issues(CalendarRules(), load_working_days(None)))
    script = database.with_suffix(".sql")
    script.write_text(";\n".join(_statements(landing)), encoding="utf-8")
    return cost_of([sys.executable, "-c", _ANALYST, str(database), str(script)])


def _statements(landing: Path) -> list[str]:
    feed = load_contract().feeds[FEED]
    read = f"read_csv('{landing}/*/{FEED}_*.csv', header = true, quote = '\"', columns = {{{_columns(feed)}}}, filename = true)"
    delivered = "strptime(filename[-15:-8], '%Y%m%d')::date as business_date, filename[-6:-5]::int as sequence"
    events = EVENTS[FEED]
    newest = f"row_number() over (partition by {events.key} order by cd_time desc, business_date desc, sequence desc) = 1"
    return [
        f"create table {FEED} as select * exclude (filename), {delivered} from {read}",
        f"create table newest as select * from {FEED} qualify {newest}",
        f"create table daily_counts as {daily_counts_query(events.of('newest'))}",
        f"create table days as select distinct business_date from {FEED}",
        *window_statements(),
    ]


def _columns(feed: Feed) -> str:
    return ", ".join(f"'{column.name}': '{column.stored_as}'" for column in feed.columns)
