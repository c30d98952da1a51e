"""A warehouse of one issue in which every rule holds, small enough to check by hand; the people and bodies are invented."""

from functools import cache

import duckdb

from assets.platform.contract import Feed, load_contract
from assets.warehouse.models.empty import empty_warehouse
from assets.warehouse.models.model import load_models

DELIVERY = "20230828_01"
ROWS_PER_FEED = 10

COUNTED = """
insert into core.issue_windows by name
select '2023-34' as issue_key, 2023 as issue_year, date '2023-01-01' as year_start, date '2023-08-26' as window_start,
    date '2023-09-01' as cutoff_date, date '2023-08-25' as previous_cutoff_date, date '2023-08-26' as events_from, date '2023-08-25' as opening_as_of, true as has_year_to_date, true as has_figures;

insert into marts.daily_counts by name
select cast(event_date as date) as event_date, * exclude (event_date) from (values
    ('2023-08-28', 'A', '2', '01', true, 1, 2, 1, 3, 4),
    ('2023-09-01', 'A', '2', '20', false, 0, 5, 4, 0, 0),
    ('2023-09-02', 'B', '3', '01', false, 0, 1, 0, 0, 0)
) counted(event_date, org_code, org_level, task_type, is_composite, consulted, accepted, completed, issued, transferred);

insert into core.events by name
select feed, record_key, measure, counted, false as is_deleted, date '2023-08-28' as event_date,
    date '2023-08-28' as business_date, '20230828_01' as delivery, file_index, 2 as line
from (values
    ('consult', 'Z1', 'consulted', 1, 4), ('accept', '510000-20230828-000001', 'accepted', 8, 0),
    ('result', '510000-20230828-000001', 'completed', 5, 2), ('issue', 'S1', 'issued', 3, 3),
    ('process', '510000-20230828-000001/1', 'transferred', 4, 1)
) events(feed, record_key, measure, counted, file_index);
insert into core.handbook_items by name select '20230828_01' as delivery, 'T1' as task_handle_item;
insert into core.file_states by name
select '20230828_01' as delivery, 'accept.csv' as file, 0 as file_index, 'accept' as feed, date '2023-08-28' as business_date,
    'loaded' as state;
insert into core.delivered_days by name select date '2023-08-28' as business_date, true as is_whole;
insert into core.delivered_feeds by name select date '2023-08-28' as business_date, 'accept' as feed, true as is_whole;
insert into core.issue_feed_days by name select '2023-34' as issue_key, 'accept' as feed;
insert into ledger.deliveries by name
select '20230828_01' as delivery, date '2023-08-28' as business_date, timestamp '2023-08-29 02:10:00' as produced_at;
insert into ref.days
select cast(day as date), isodow(day) < 6, false from range(date '2023-01-01', date '2023-12-31', interval 1 day) days(day);

insert into marts.weekly_counts by name
select * from (values
    ('2023-34', 'A', '2', '01', true, 1, 2, 1, 3, 4),
    ('2023-34', 'A', '2', '20', false, 0, 5, 4, 0, 0)
) counted(issue_key, org_code, org_level, task_type, is_composite, consulted, accepted, completed, issued, transferred);

insert into lake.opening by name
select date '2023-08-25' as as_of, * from (values
    ('', '2', '01', true, 'accepted', 100), ('', '2', '01', true, 'consulted', 10)
) opening(org_code, org_level, task_type, is_composite, measure, value);

insert into marts.cumulative_counts by name
select * from marts.weekly_counts union all select '2023-34', '', '2', '01', true, 10, 100, 0, 0, 0;

insert into marts.task_types by name
select * from (values ('01', 'licence'), ('20', 'public_service'), ('05', 'other_six'), ('02', null)) types(task_type, class);

insert into marts.handbook_progress by name
select '2023-34' as issue_key, 'A' as org_code, 1 as finished_in_week, 2 as finished_total, 4 as items_total;

insert into marts.bulletin_figures by name
select '2023-34' as issue_key, figure, cast(value as double) as value, numerator, denominator from (values
    ('composite.consulted.week', 1, 1, null), ('composite.consulted.ytd', 11, 11, null),
    ('composite.accepted.week', 2, 2, null), ('composite.accepted.ytd', 102, 102, null),
    ('composite.issued.week', 3, 3, null), ('composite.issued.ytd', 3, 3, null),
    ('composite.transferred.week', 4, 4, null), ('composite.transferred.ytd', 4, 4, null),
    ('licence.accepted.ytd', 102, 102, null), ('licence.completed.ytd', 1, 1, null),
    ('public_service.accepted.ytd', 5, 5, null), ('public_service.completed.ytd', 4, 4, null),
    ('other_six.accepted.ytd', 0, 0, null), ('other_six.completed.ytd', 0, 0, null),
    ('handbook.finished.week', 1, 1, null), ('handbook.finished.total', 2, 2, null), ('handbook.items', 4, 4, null),
    ('handbook.share', 0.5, 2, 4)
) figures(figure, value, numerator, denominator);

insert into core.periods by name
select period_kind, period, cast(s as date) as period_start, cast(e as date) as period_end, days, 6 as days_delivered from (values
    ('week', '2023-34', '2023-08-26', '2023-09-01', 7), ('ytd', '2023-34', '2023-01-01', '2023-09-01', 244),
    ('month', '2023-08', '2023-08-01', '2023-08-31', 31), ('month', '2023-09', '2023-09-01', '2023-09-30', 30),
    ('quarter', '2023-Q3', '2023-07-01', '2023-09-30', 92)
) periods(period_kind, period, s, e, days);
insert into marts.monthly_counts by name
select strftime(event_date, '%Y-%m') as month, date_trunc('month', event_date) as month_start, * exclude (event_date)
from marts.daily_counts;
insert into marts.quarterly_counts by name
select '2023-Q3' as quarter, org_code, org_level, task_type, is_composite, consulted, accepted, completed, issued, transferred
from marts.monthly_counts;
insert into marts.period_figures by name
select period_kind, period, figure, cast(value as bigint) as value from (values
    ('week', '2023-34', 'composite.accepted', 2), ('ytd', '2023-34', 'composite.accepted', 102),
    ('ytd', '2023-34', 'licence.completed', 1), ('month', '2023-08', 'composite.accepted', 2)
) figures(period_kind, period, figure, value);
insert into marts.figure_changes by name
select 'week' as period_kind, '2023-34' as period, figure, is_complete, value, 7 as days, 5 as working_days,
    case when is_complete then value / 7 end as per_day, case when is_complete then value / 5 end as per_working_day,
    previous_value, 7 as previous_days, previous_value / 7 as previous_per_day, previous_value / 5 as previous_per_working_day,
    value / nullif(previous_value, 0) - 1 as previous_per_day_change, value / nullif(previous_value, 0) - 1 as previous_per_working_day_change,
    case when year_earlier_status = 'compared' then 7 else 14 end as year_earlier_days, average_then as year_earlier_per_day,
    value / 7 / average_then - 1 as year_earlier_per_day_change, 'none' as festival_status,
    value - previous_value as previous_difference, (value - previous_value) / nullif(previous_value, 0) as previous_change,
    previous_status, year_earlier_value, value - year_earlier_value as year_earlier_difference,
    (value - year_earlier_value) / nullif(year_earlier_value, 0) as year_earlier_change, year_earlier_status
from (values
    ('composite.accepted', true, 2, 4, 'compared', 1, 'compared', 1 / 7), ('composite.issued', true, 3, 0, 'zero', null, 'different_days', 0.5),
    ('composite.consulted', false, 1, null, 'incomplete', null, 'missing', null)
) changes(figure, is_complete, value, previous_value, previous_status, year_earlier_value, year_earlier_status, average_then);
insert into marts.codes by name
select 'org_level' as code_list, '2' as code, '省' as code_name, '行使层级' as list_name;
insert into core.mending_versions by name select 'accept' as feed, '510000-20230828-000001' as record_key, '20230828_01' as delivery;
insert into core.organization_days by name select '11510000MB2476516Y' as org_code, date '2023-08-28' as event_date;
insert into core.organization_names by name select '11510000MB2476516Y' as org_code;

insert into marts.issue_calendar by name
select issue_key, total_no, cast(s as date) as shown_start, cast(e as date) as shown_end, cast(w as date) as window_start,
    cast(c as date) as cutoff_date
from (values
    ('2023-33', 453, '2023-08-21', '2023-08-25', '2023-08-19', '2023-08-25'),
    ('2023-34', 454, '2023-08-28', '2023-09-01', '2023-08-26', '2023-09-01')
) issues(issue_key, total_no, s, e, w, c);

insert into marts.coverage_gaps by name select date '2023-08-01' as business_date, 'accept' as feed;
insert into marts.issue_coverage by name select '2023-34' as issue_key, true as is_complete;
insert into marts.organization_names by name select * from (values
    ('11510000MB2476516Y', '甲局', date '2023-01-01', date '2023-06-30'), ('11510000MB2476516Y', '甲厅', date '2023-07-01', null)
) names(org_code, org_name, first_date, last_date);
insert into marts.organizations by name select '11510000MB2476516Y' as org_code, '甲局' as org_name, '2' as org_level;
insert into marts.published_figures by name select '2023-34' as issue_key, 'handbook.items' as figure, 5.0::double as value;
insert into marts.errata by name select '2023-34' as issue_key, 1 as erratum_no, '更正' as text;
insert into marts.opening_balances by name
select date '2023-08-25' as as_of, '' as org_code, '2' as org_level, '01' as task_type, true as is_composite,
    10 as consulted, 100 as accepted, 0 as completed, 0 as issued, 0 as transferred;
insert into marts.revisions by name
select '2023-34' as issue_key, 'handbook.items' as figure, 5.0::double as published_value, 4.0::double as current_value,
    -1.0::double as difference;

insert into history.changed_figures by name select '2023-34' as issue_key, 'handbook.items' as figure;
insert into history.count_changes by name select '2023-34' as issue_key, 'handbook.items' as figure, '20230828_01' as delivery;
insert into history.handbook_changes by name from history.count_changes;
insert into history.opening_changes by name from history.count_changes;
insert into history.frozen_files by name select '2023-34' as issue_key, '20230828_01' as delivery, 0 as file_index;
insert into history.lost_versions by name select 'accepted' as measure, '20230828_01' as delivery, 0 as file_index, 2 as line;

insert into meta.files by name
select '20230828_01' as delivery, 'accept.csv' as file, 13 as records, 10 as loaded, 1 as superseded, 2 as quarantined,
    'loaded' as state;
insert into meta.rules by name select 'calendar.anchor_total' as rule, '454' as value;
insert into meta.deliveries by name select '20230828_01' as delivery;
insert into meta.warnings by name
select '20230828_01' as delivery, 'accept.csv' as file, '' as column_name, 'unknown_column' as reason_code;
insert into meta.quarantine by name
select '20230828_01' as delivery, 'accept.csv' as file, line from (values (3), (4)) q(line);
"""

# of each type, a value that breaks no rule
VALUES = {"key": "'510000-20230828-' || lpad(cast(n as varchar), 6, '0')", "text": "'x'", "date": "date '2023-08-28'"} | {
    "integer": "n",
    "flag": "true",
}
CODES = {"org_code": "'11510000MB2476516Y'", "task_code": "'11510000MB2476516Y2' || lpad(cast(n as varchar), 12, '0')"}
OF_PERSONS = {"applicant_pseudonym": "repeat('0a', 32)", "applicant_code_is_valid": "true", "key_id": "'k'"}


@cache
def _tables() -> str:
    """Every table that a suite may read, with its columns and types and without its constraints, so that faults can be planted."""
    with empty_warehouse(load_models()) as connection:
        rows = connection.execute(
            """
            select schema_name, 'create table ' || schema_name || '.' || table_name || ' ('
                || string_agg(column_name || ' ' || data_type, ', ' order by column_index) || ')'
            from duckdb_columns()
            where schema_name in ('core', 'history', 'lake', 'ledger', 'marts', 'meta', 'ref')
            group by schema_name, table_name
            """
        ).fetchall()
    return "; ".join(
        [*(f"create schema {schema}" for schema in sorted({schema for schema, _ in rows})), *(ddl for _, ddl in rows)]
    )


def sound_warehouse() -> duckdb.DuckDBPyConnection:
    """A database in memory with the tables that the suites read."""
    connection = duckdb.connect()
    connection.execute(_tables())
    for index, feed in enumerate(load_contract().feeds.values()):
        _fill(connection, feed, index)
    connection.execute(COUNTED)
    return connection


def _fill(connection: duckdb.DuckDBPyConnection, feed: Feed, index: int) -> None:
    origin = {
        "delivery": f"'{DELIVERY}'",
        "business_date": "date '2023-08-28'",
        "sequence": "1",
        "file_index": str(index),
        "line": "n + 1",
    }
    values = {column.inside: _value(feed, column.name) for column in feed.columns if column.inside} | OF_PERSONS | origin
    selected = ", ".join(f"cast({values[name]} as {kind}) as {name}" for name, kind in feed.lake_columns.items())
    connection.execute(f"insert into lake.{feed.name} by name select {selected} from range(1, {ROWS_PER_FEED + 1}) numbers(n)")
    connection.execute(
        "insert into ledger.files (delivery, file, file_index, feed, loaded) values (?, ?, ?, ?, ?)",
        [DELIVERY, f"{feed.name}.csv", index, feed.name, ROWS_PER_FEED],
    )


def _value(feed: Feed, name: str) -> str:
    column = feed.column(name)
    if column.codes is not None:
        return f"'{next(iter(column.codes.values))}'"
    if column.type == "timestamp":
        # never twice the same distance
        return "timestamp '2023-08-28 08:00:00' + to_minutes(cast(n * n as integer))"
    return CODES.get(name, "'x'") if column.type == "code" else VALUES[column.type]
