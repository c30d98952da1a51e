"""A warehouse of one issue in which every rule holds, small enough to check by hand; the people and bodies are invented."""

import duckdb

from assets.platform.contract import Feed, load_contract

DELIVERY = "20230828_01"
ROWS_PER_FEED = 10

COUNTED = """
create schema core; create schema history; create schema marts; create schema meta;

create table core.issue_windows as
select '2023-34' as issue_key, date '2023-08-26' as window_start, date '2023-09-01' as cutoff_date,
    date '2023-08-26' as events_from, date '2023-08-25' as opening_as_of, true as has_year_to_date, true as has_figures;

create table marts.daily_counts as
select cast(event_date as date) as event_date, * exclude (event_date) from (values
    ('2023-08-28', 'A', '2', '01', true, 1, 2, 1, 3, 4),
    ('2023-09-01', 'A', '2', '20', false, 0, 5, 4, 0, 0),
    ('2023-09-02', 'B', '3', '01', false, 0, 1, 0, 0, 0)
) counted(event_date, org_code, org_level, task_type, is_composite, consulted, accepted, completed, issued, transferred);

create table core.consult as select 'Z1' as consult_no, 1 as counted;
create table core.accept as select 'P1' as project_no, 8 as counted;
create table core.result as select 'P1' as project_no, 5 as counted;
create table core.issuance as select 'S1' as issuance_no, 3 as counted;
create table core.process as select 'P1' as project_no, 1 as step_no, 4 as counted;
create table core.organization_days as select 'A' as org_code, date '2023-08-28' as event_date;
create table core.organization_names as select 'A' as org_code;
create table core.mending_versions as select 'accept' as feed, 'P1' as record_key, '20230828_01' as delivery;
create table core.handbook_items as select '20230828_01' as delivery, 'T1' as task_handle_item;
create table core.file_states as select '20230828_01' as delivery, 0 as file_index;
create table core.delivered_days as select date '2023-08-28' as business_date;

create table marts.weekly_counts as
select * from (values
    ('2023-34', 'A', '2', '01', true, 1, 2, 1, 3, 4),
    ('2023-34', 'A', '2', '20', false, 0, 5, 4, 0, 0)
) counted(issue_key, org_code, org_level, task_type, is_composite, consulted, accepted, completed, issued, transferred);

create table lake.opening as
select date '2023-08-25' as as_of, * from (values
    ('', '2', '01', true, 'accepted', 100), ('', '2', '01', true, 'consulted', 10)
) opening(org_code, org_level, task_type, is_composite, measure, value);

create table marts.cumulative_counts as
select * from marts.weekly_counts union all select '2023-34', '', '2', '01', true, 10, 100, 0, 0, 0;

create table marts.task_types as
select * from (values ('01', 'licence'), ('20', 'public_service'), ('05', 'other_six'), ('02', null)) types(task_type, class);

create table marts.handbook_progress as
select '2023-34' as issue_key, 'A' as org_code, 1 as finished_in_week, 2 as finished_total, 4 as items_total;

create table marts.bulletin_figures as
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

create table marts.issue_calendar as
select issue_key, total_no, cast(s as date) as shown_start, cast(e as date) as shown_end, cast(w as date) as window_start,
    cast(c as date) as cutoff_date
from (values
    ('2023-33', 453, '2023-08-21', '2023-08-25', '2023-08-19', '2023-08-25'),
    ('2023-34', 454, '2023-08-28', '2023-09-01', '2023-08-26', '2023-09-01')
) issues(issue_key, total_no, s, e, w, c);

create table marts.issue_coverage as select '2023-34' as issue_key, true as is_complete;
create table marts.organizations as select 'A' as org_code, '甲局' as org_name;
create table marts.published_figures as select '2023-34' as issue_key, 'handbook.items' as figure, 5.0::double as value;
create table marts.errata as select '2023-34' as issue_key, 1 as erratum_no, '更正' as text;
create table marts.opening_balances as
select date '2023-08-25' as as_of, '' as org_code, '2' as org_level, '01' as task_type, true as is_composite,
    10 as consulted, 100 as accepted, 0 as completed, 0 as issued, 0 as transferred;
create table marts.revisions as
select '2023-34' as issue_key, 'handbook.items' as figure, 5.0::double as published_value, 4.0::double as current_value,
    -1.0::double as difference;

create table history.changed_figures as select '2023-34' as issue_key, 'handbook.items' as figure;
create table history.count_changes as select '2023-34' as issue_key, 'handbook.items' as figure, '20230828_01' as delivery;
create table history.handbook_changes as from history.count_changes;
create table history.opening_changes as from history.count_changes;
create table history.frozen_files as select '2023-34' as issue_key, '20230828_01' as delivery, 0 as file_index;
create table history.lost_versions as select 'accepted' as measure, '20230828_01' as delivery, 0 as file_index, 2 as line;

create table meta.files as
select '20230828_01' as delivery, 'accept.csv' as file, 13 as records, 10 as loaded, 1 as superseded, 2 as quarantined,
    'loaded' as state;
create table meta.deliveries as select '20230828_01' as delivery;
create table meta.warnings as
select '20230828_01' as delivery, 'accept.csv' as file, '' as column_name, 'unknown_column' as reason_code;
create table meta.quarantine as
select '20230828_01' as delivery, 'accept.csv' as file, line, cast(null as varchar) as settled_by from (values (3), (4)) q(line);
"""

# of each type, a value that breaks no rule
VALUES = {"key": "'P' || n", "text": "'x'", "date": "date '2023-08-28'", "integer": "n", "flag": "true"}
CODES = {"org_code": "'115100000000000017'"}
OF_PERSONS = {"applicant_pseudonym": "repeat('0a', 32)", "applicant_code_is_valid": "true", "key_id": "'k'"}


def sound_warehouse() -> duckdb.DuckDBPyConnection:
    """A database in memory with the tables that the suites read."""
    connection = duckdb.connect()
    connection.execute("create schema lake; create schema ledger")
    connection.execute("create table ledger.files (delivery varchar, file_index bigint, feed varchar, loaded bigint)")
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
    connection.execute(f"create table lake.{feed.name} as select {selected} from range(1, {ROWS_PER_FEED + 1}) numbers(n)")
    connection.execute("insert into ledger.files values (?, ?, ?, ?)", [DELIVERY, index, feed.name, ROWS_PER_FEED])


def _value(feed: Feed, name: str) -> str:
    column = feed.column(name)
    if column.codes is not None:
        return f"'{next(iter(column.codes.values))}'"
    if column.type == "timestamp":
        return "timestamp '2023-08-28 10:00:00'"
    return CODES.get(name, "'x'") if column.type == "code" else VALUES[column.type]
