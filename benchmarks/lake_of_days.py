"""A lake of many days without the exports: its Parquet files by the project's own writer, from rows that DuckDB makes up.

Of a day's rows one in fifty is a later version of a row of the 60 days before, one in ten of these a deletion; the feeds have
the proportions of the published year. The values follow from day, feed and number alone, so that equal calls give equal rows.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

import duckdb
import polars as pl

from assets.exports.delivery import lake_name
from assets.exports.lake.parquet_file import WaitingRows
from assets.exports.lake.receipt import FileReceipt, Receipt
from assets.hashing import sha256_of
from assets.platform.contract import Feed, load_contract

# of 57,000 rows a day; a handbook is a whole list of 1,650 items, every Monday
SHARES = {"consult": 0.014, "accept": 0.461, "process": 0.095, "result": 0.382, "issue": 0.048, "handbook": 0.029}
CORRECTED_SHARE = 0.02
REACH_DAYS = 60
_MONDAY = 0

# a row is the `version` of the row `number` of the day `origin`; what it says follows from these and from nothing else
_ROWS = """
with placed as (
    select
        i,
        i >= $fresh as is_correction,
        case when i < $fresh then $day::date else $day::date - 1 - (hash($day, i, 'back') % $reach)::int end as origin,
        case when i < $fresh then i else (hash($day, i, 'which') % $fresh)::bigint end as number
    from range($rows) as numbers (i)
),
drawn as (
    select
        *,
        hash(origin, number, $feed) as of_row,
        -- a correction in three says something else than the row before it
        hash(origin, number, $feed, case when is_correction and i % 3 = 0 then i end) as of_version,
        -- cases are decided and handed on up to 20 days after they were accepted
        origin - case when $feed in ('process', 'result') then (number % 20)::int else 0 end as case_day,
        origin - case when is_correction and i % 10 = 1 then 1 else 0 end + interval (8 * 3600 + of_row % 32400) second as happened_at,
        floor(47 * pow((of_version % 10007) / 10007, 2))::int as org
    from placed
)
select {columns} from drawn
"""
_CASE = "'510000-' || strftime(case_day, '%Y%m%d') || '-' || lpad((number + 1)::varchar, 6, '0')"
_SERIAL = "strftime(origin, '%Y%m%d') || '510000' || lpad((number + 1)::varchar, 6, '0')"
_OPERATION = "case when not is_correction then 'I' when i % 10 = 0 then 'D' else 'U' end"
# most are public services, as in the published year
_TASK_TYPE = "coalesce((['01', '05', '07', '10'])[1 + (of_version % 60)::int], '20')"
_VALUES = {
    "project_no": _CASE,
    "step_no": "1 + number % 3",
    "issuance_no": _SERIAL,
    "consult_no": f"'ZX' || {_SERIAL}",
    "task_handle_item": "'115100000000' || lpad(number::varchar, 8, '0')",
    "org_code": "'1151000000' || lpad(org::varchar, 8, '0')",
    "org_name": "'某厅第' || org || '处'",
    "org_level": "case when org < 35 then '2' when org < 41 then '3' else '4' end",
    "area_code": "'510000000000'",
    "task_type": f"case when $feed <> 'consult' or of_row % 3 > 0 then {_TASK_TYPE} end",
    "task_code": "'1151000000' || lpad(org::varchar, 8, '0') || lpad((of_row % 500)::varchar, 13, '0')",
    "task_name": "'事项名称之' || of_row % 500",
    "is_composite": "of_version % 5 = 0",
    "cd_operation": _OPERATION,
    "cd_time": "case when is_correction then $day::date + interval (18 * 3600 + i % 3600) second else happened_at + interval (of_row % 3600) second end",
    "cd_batch": "'B' || strftime($day::date, '%Y%m%d')",
    "applicant_pseudonym": "sha256(of_row::varchar)",
    "applicant_code_is_valid": "true",
    "person_count": "1 + of_version % 2",
    "transfer_type": "(of_row % 4)::varchar",
    "result_type": "case when of_row % 50 = 0 then '4' else '1' end",
    "finished_date": "case when i % 2 = 0 then $day::date - (of_row % 90)::int end",
    "business_date": "$day::date",
    "delivery": "strftime($day::date, '%Y%m%d') || '_01'",
    "sequence": "1",
    "file_index": "$file_index",
    "line": "i + 2",
}
# of a column that has no value of its own above
_BY_TYPE = {"TIMESTAMP": "happened_at", "VARCHAR": "(1 + of_row % 3)::varchar"}


def deliveries(lake: Path, first: date, days: int, rows: int) -> Iterator[Receipt]:
    """Write the files of ``days`` days below ``lake``, about ``rows`` rows each day; a day's receipt is the caller's to put."""
    with duckdb.connect() as connection:
        for day in (first + timedelta(number) for number in range(days)):
            delivery = f"{day:%Y%m%d}_01"
            feeds = [feed for feed in SHARES if feed != "handbook" or day.weekday() == _MONDAY]
            write = partial(_write, connection, lake, delivery, day)
            yield Receipt(
                delivery=delivery,
                business_date=day,
                sequence=1,
                mode="upsert",
                produced_at=None,
                received_at=datetime.combine(day + timedelta(1), time(5, 30)),
                files=tuple(write(index, load_contract().feeds[feed], rows) for index, feed in enumerate(feeds)),
            )


def rows_query(feed: Feed, more: str = "null") -> str:
    """The rows of one feed on one day with the lake's columns, and ``more`` from what they are drawn from."""
    columns = [f"cast({_VALUES.get(name, _BY_TYPE.get(kind))} as {kind}) as {name}" for name, kind in feed.lake_columns.items()]
    return _ROWS.format(columns=", ".join([*columns, "of_row", more]))


def rows_values(feed: Feed, day: date, index: int, count: int) -> dict[str, object]:
    """The parameters of that query for ``count`` rows of a day."""
    return {
        "day": day,
        "feed": feed.name,
        "file_index": index,
        "rows": count,
        "fresh": count if feed.name == "handbook" else count - round(count * CORRECTED_SHARE),
        "reach": REACH_DAYS,
    }


def _rows(connection: duckdb.DuckDBPyConnection, feed: Feed, day: date, index: int, rows: int) -> pl.DataFrame:
    values = rows_values(feed, day, index, round(rows * SHARES[feed.name]))
    names = ", ".join(feed.lake_columns)
    made: pl.DataFrame = connection.sql(f"select {names} from ({rows_query(feed)})", params=values).pl()
    return made


def _write(
    connection: duckdb.DuckDBPyConnection, lake: Path, delivery: str, day: date, index: int, feed: Feed, rows: int
) -> FileReceipt:
    digest = sha256(f"{delivery} {feed.name}".encode()).hexdigest()
    lake_file = Path(feed.name, str(day), lake_name(delivery, index, digest))
    target = lake / lake_file
    target.parent.mkdir(parents=True, exist_ok=True)
    with WaitingRows(target, feed) as waiting:
        waiting.add(_rows(connection, feed, day, index, rows))
        superseded = waiting.write(target)
    return FileReceipt(
        file=f"{feed.name}_{delivery}.csv",
        file_index=index,
        feed=feed.name,
        sha256=digest,
        bytes=target.stat().st_size,
        format="csv",
        encoding="utf-8",
        records=waiting.rows,
        loaded=waiting.rows - superseded,
        superseded=superseded,
        quarantined=0,
        state="loaded",
        lake_file=str(lake_file),
        refusals_file=None,
        lake_sha256=sha256_of(target),
        totals=dict(waiting.totals),
    )
