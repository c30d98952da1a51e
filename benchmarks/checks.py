"""The checks of one feed through Great Expectations against one aggregate query with the same rules, written by hand.

``python -m benchmarks checks --rows 50000`` is a day, the full size the year of the published figures. Timed are a run, which
looks at a share of a long table where a rate or a rule between rows is asked, and ``check --all``; both by the processor. The
library's import, paid once a run, is apart. How often a run reads the feed's files is printed too.
"""

import statistics
import tempfile
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import cast

import duckdb

from assets.platform.contract import load_contract
from assets.quality.results import CheckResult
from assets.quality.run.engine import run_suites
from assets.quality.run.library import great_expectations
from assets.quality.suites.suite import Suite, load_suites
from benchmarks.pairs import spent
from benchmarks.scans import Watched

ROUNDS = 5
ROWS = 7_600_000
# of one file of the lake: a day of the whole province
ROWS_A_FILE = 50_000
FEED = "accept"

_VALUES = {
    "project_no": "'510000-' || strftime(day, '%Y%m%d') || '-' || lpad(cast(row_of_day + 1 as varchar), 6, '0')",
    "task_code": "'11510000MB2476516Y' || '2' || lpad(cast(n % 700 as varchar), 12, '0')",
    "task_name": "'事项' || n % 700",
    "apply_date": "day - interval (n % 3) day",
    "accept_date": "day + interval (hash(n) % 86400) second",
    "promise_date": "day + interval 5 day",
    "applicant_pseudonym": "sha256(cast(n // 2 as varchar))",
    "applicant_code_is_valid": "n % 50 > 0",
    "key_id": "'k'",
    "org_code": "'11510000MB2' || lpad(cast(hash(n) % 60 as varchar), 7, '0')",
    "org_level": "'2'",
    "task_type": "'01'",
    "is_composite": "n % 10 = 0",
    "cd_operation": "'I'",
    "cd_time": "day + interval 1 day",
    "delivery": "strftime(day, '%Y%m%d') || '_01'",
    "business_date": "day",
    "sequence": "1",
    "file_index": "0",
    "line": "row_of_day + 2",
}
_LEDGER = """
create schema ledger; create schema lake;
create view lake.accept as select * from read_parquet('{folder}/*.parquet');
create table ledger.files as select delivery, file_index, 'x' as file, count(*) as loaded from lake.accept group by all;
create table ledger.deliveries as select distinct delivery, business_date + interval 2 day as produced_at from lake.accept;
"""
# each rule of expectations/lake_accept.yaml once, in its order
_BY_HAND = r"""
with judged as (
    select
        count(*) as row_count,
        count(*) filter (where not (
            project_no is not null and cd_time is not null and (cd_operation is not distinct from 'D' or (
                accept_date is not null and org_code is not null and org_level is not null
                and task_type is not null and is_composite is not null
            ))
        )) as unfilled,
        count(*) filter (where cd_operation <> 'D' and cast(accept_date as date) > business_date) as out_of_reach,
        count(*) filter (where org_level not in ('1', '2', '3', '4', '5', '6')) as odd_levels,
        count(*) filter (where not (regexp_full_match(applicant_pseudonym, '[0-9a-f]{64}') and key_id is not null)) as in_the_clear,
        count(*) filter (
            where task_type not in ('01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '20', '99')
        ) as odd_types,
        count(*) filter (where not regexp_full_match(org_code, '[0-9A-HJ-NPQRTUWXY]{18}')) as odd_orgs,
        count(*) filter (
            where not regexp_full_match(project_no, '[0-9]{6}-[0-9]{8}-[0-9]{6}|[0-9A-Z]{31}[0-9]{12}')
        ) as odd_numbers,
        count(*) filter (where not regexp_full_match(task_code, '[0-9A-Z]{31}')) as odd_items,
        count(*) filter (where not applicant_code_is_valid) as odd_codes,
        count(*) filter (where cast(apply_date as date) > cast(accept_date as date)) as applied_after,
        count(*) filter (where cast(promise_date as date) < cast(accept_date as date)) as promised_before,
        count(*) filter (where cast(accept_date as date) < business_date - 400) as old,
        count(*) filter (where cd_time > produced_at + interval 1 day) as written_after
    from lake.accept
    left join ledger.deliveries using (delivery)
),

twice as (
    select count(*) as keys
    from (select 1 from lake.accept group by delivery, file_index, project_no having count(*) > 1)
),

accounts as (
    select count(*) as files
    from (select delivery, file_index, count(*) as row_count from lake.accept group by delivery, file_index) as stored
    left join ledger.files as account using (delivery, file_index)
    where stored.row_count is distinct from account.loaded
),

frequent as (
    select hash(applicant_pseudonym) as applicant, cast(accept_date as date) as event_date
    from lake.accept
    where applicant_pseudonym is not null and cd_operation <> 'D'
    group by all
    having count(*) >= 6 and max(accept_date) > min(accept_date)
),

spaced as (
    select applicant, event_date, accept_date - lag(accept_date) over (partition by applicant, event_date order by accept_date) as gap
    from (select hash(applicant_pseudonym) as applicant, cast(accept_date as date) as event_date, accept_date from lake.accept)
    semi join frequent using (applicant, event_date)
),

persons as (
    select coalesce(sum(cases), 0) as cases
    from (select count(*) as cases from spaced group by applicant, event_date having min(gap) = max(gap))
),

gaps as (
    select
        org_code,
        cast(accept_date as date) as event_date,
        epoch(accept_date) - epoch(lag(accept_date) over (
            partition by org_code, cast(accept_date as date) order by accept_date
        )) as gap
    from lake.accept
    where cd_operation <> 'D'
),

bodies as (
    select count(*) as days
    from (select 1 from gaps group by org_code, event_date having count(*) >= 10 and min(gap) = max(gap) and max(gap) > 0)
)

select * from judged, twice, accounts, persons, bodies
"""


def main(rows: int = ROWS) -> None:
    """Print medians and ratio for ``rows`` rows of accept in Parquet files of a day each, whole history checked."""
    suites = [suite for suite in load_suites() if suite.table == f"lake.{FEED}"]
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        connection.execute("set memory_limit = '1GB'; set enable_progress_bar = false")
        connection.execute("set temp_directory = $folder", {"folder": f"{folder}/spill"})
        _write(connection, Path(folder), rows)
        imported = spent(great_expectations)
        _compare_answers(connection, suites)
        deliveries = [name for (name,) in connection.execute("select delivery from ledger.deliveries").fetchall()]
        print(f"{rows:,} rows of {FEED}, {sum(len(suite.checks) for suite in suites)} rules; import {imported.processor:.2f} s")
        ways: dict[str, Callable[[], object]] = {
            "run": partial(_check, connection, suites, deliveries),
            "all": partial(_check, connection, suites, None),
        }
        ways["by hand"] = partial(_by_hand, connection)
        timed = [{name: spent(way).processor for name, way in ways.items()} for _ in range(ROUNDS)]
        for name in ways:
            median = statistics.median(round_[name] for round_ in timed)
            ratio = statistics.median(round_[name] / round_["by hand"] for round_ in timed)
            print(f"{name} {median:.2f} s of processor time, ratio {ratio:.2f}")
        watched = Watched(connection)
        _check(cast(duckdb.DuckDBPyConnection, watched), suites, deliveries)
        print(f"a run reads the files {watched.scans['parquet']} times")


def _write(connection: duckdb.DuckDBPyConnection, folder: Path, rows: int) -> None:
    types = load_contract().feeds[FEED].lake_columns
    columns = ", ".join(f"cast({_VALUES.get(name, 'null')} as {kind}) as {name}" for name, kind in types.items())
    for first in range(0, rows, ROWS_A_FILE):
        numbers = f"range({first}, {min(rows, first + ROWS_A_FILE)}) numbers(n)"
        day = f"date '2023-01-01' + {first // ROWS_A_FILE} as day"
        connection.execute(
            f"copy (select {columns} from (select n, n - {first} as row_of_day, {day} from {numbers}))"
            f" to '{folder}/{first:09}.parquet' (format parquet, compression lz4)"
        )
    connection.execute(_LEDGER.format(folder=folder))


def _compare_answers(connection: duckdb.DuckDBPyConnection, suites: list[Suite]) -> None:
    """A rival that finds something else would be no rival."""
    found = sorted(result.failing_rows or 0 for result in _check(connection, suites, None))
    row = _by_hand(connection)
    if found != sorted(int(count) for count in row[1:]):
        raise AssertionError("the query by hand does not count what the checks count")


def _check(connection: duckdb.DuckDBPyConnection, suites: list[Suite], deliveries: list[str] | None) -> list[CheckResult]:
    return run_suites(connection, suites, deliveries, datetime(2023, 9, 2))


def _by_hand(connection: duckdb.DuckDBPyConnection) -> tuple[int, ...]:
    row = connection.execute(_BY_HAND).fetchone()
    return row or ()
