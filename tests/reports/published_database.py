"""A published database of a few rows, made by the interface, with the published figures of issue 2023-34.

Two invented departments; the sums of their counts are the figures, which is what the workbook is held against.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

ISSUE = "2023-34"
# figure → (value, unit, numerator, denominator); the value is what was printed in 2023
FIGURES: dict[str, tuple[float, str, int | None, int | None]] = {
    "composite.consulted.week": (1724, "人次", None, None),
    "composite.accepted.week": (774, "件", None, None),
    "composite.issued.week": (6613, "件", None, None),
    "composite.transferred.week": (12471, "件", None, None),
    "composite.consulted.ytd": (46612, "人次", None, None),
    "composite.accepted.ytd": (12658, "件", None, None),
    "composite.issued.ytd": (115944, "件", None, None),
    "composite.transferred.ytd": (204351, "件", None, None),
    "licence.accepted.ytd": (332407, "件", None, None),
    "licence.completed.ytd": (327016, "件", None, None),
    "public_service.accepted.ytd": (7273758, "件", None, None),
    "public_service.completed.ytd": (5972103, "件", None, None),
    "other_six.accepted.ytd": (25602, "件", None, None),
    "other_six.completed.ytd": (25738, "件", None, None),
    "handbook.finished.week": (31, "个", None, None),
    "handbook.finished.total": (906, "个", None, None),
    "handbook.items": (1650, "个", None, None),
    "handbook.share": (906 / 1650, "", 906, 1650),
}
PRINTED_PERCENTAGE = "54.91%"
FIRST, SECOND = "115100000000000001", "115100000000000002"

MEASURES = "consulted bigint, accepted bigint, completed bigint, issued bigint, transferred bigint"
DIMENSIONS = "org_code varchar, org_level varchar, task_type varchar, is_composite boolean"
TABLES = f"""
create schema marts; create schema quality; create schema meta;
create table marts.issue_calendar (issue_key varchar, issue_year bigint, issue_no bigint, total_no bigint, shown_start date,
    shown_end date, window_start date, cutoff_date date, iso_year bigint, iso_week bigint, working_days bigint);
create table marts.weekly_counts (issue_key varchar, {DIMENSIONS}, {MEASURES});
create table marts.cumulative_counts (issue_key varchar, {DIMENSIONS}, {MEASURES});
create table marts.issue_coverage (issue_key varchar, week_days bigint, week_days_delivered bigint, year_days bigint,
    year_days_delivered bigint, is_complete boolean);
create table marts.handbook_progress (issue_key varchar, org_code varchar, org_name varchar, finished_in_week bigint,
    finished_total bigint, items_total bigint, finished_share double);
create table marts.bulletin_figures (issue_key varchar, figure varchar, value double, unit varchar, numerator double,
    denominator double, window_start date, cutoff_date date, status varchar, value_to_use double, why varchar);
create table marts.opening_balances (as_of date, accepted bigint);
create table marts.coverage_gaps (business_date date, feed varchar, reason varchar);
create table marts.codes (code_list varchar, code varchar, code_name varchar, list_name varchar);
create table meta.files (delivery varchar, file varchar, feed varchar, records bigint, state varchar);
create table meta.quarantine (delivery varchar, file varchar, line bigint, feed varchar, settled_by varchar);
create table marts.published_figures (issue_key varchar, figure varchar, value double, frozen_at timestamp, code_version varchar);
create table marts.period_figures (period_kind varchar, period varchar, figure varchar, period_start date, period_end date,
    days bigint, days_delivered bigint, is_complete boolean, value bigint, unit varchar);
create table marts.figure_changes (period_kind varchar, period varchar, figure varchar, previous_status varchar,
    previous_period varchar, previous_value bigint, previous_difference bigint, previous_change double);
create table marts.revisions (issue_key varchar, figure varchar, published_value double, current_value double, difference double,
    first_seen_at timestamp, deliveries varchar);
create table marts.errata (issue_key varchar, erratum_no bigint, text varchar, recorded_at timestamp);
create table marts.organizations (org_code varchar, org_name varchar, org_level varchar, first_seen_date date,
    last_seen_date date);
create table marts.organization_names (org_code varchar, org_name varchar, first_date date, last_date date);
create table marts.task_types (task_type varchar, task_type_name varchar, class varchar);
create table quality.checks (run_at timestamp, check_id varchar, table_name varchar, rule varchar, severity varchar,
    passed boolean, status varchar, accepted_reason varchar, failing_rows bigint, checked_rows bigint, who_fixes varchar);
create table meta.acceptances (check_id varchar, accepted_at timestamp, rule varchar, reason varchar, failing_rows bigint,
    deliveries varchar, business_date_from date, business_date_through date, is_in_force boolean);
create table meta.deliveries (delivery varchar, business_date date, sequence bigint, mode varchar, produced_at timestamp,
    received_at timestamp, state varchar, files bigint, note varchar);
create table meta.publication (version varchar, built_at timestamp, code_version varchar, business_date_through date);
create table meta.rules (rule varchar, value varchar, description varchar);
"""
ROWS = f"""
insert into marts.issue_calendar values
    ('2023-33', 2023, 33, 453, '2023-08-21', '2023-08-25', '2023-08-19', '2023-08-25', 2023, 34, 5),
    ('2023-34', 2023, 34, 454, '2023-08-28', '2023-09-01', '2023-08-26', '2023-09-01', 2023, 35, 5),
    ('2023-35', 2023, 35, 455, '2023-09-04', '2023-09-08', '2023-09-02', '2023-09-08', 2023, 36, 5);
insert into marts.weekly_counts values
    ('2023-34', '{FIRST}', '2', '01', true, 1000, 700, 650, 6000, 12000),
    ('2023-34', '{SECOND}', '2', '01', true, 724, 74, 60, 613, 471),
    ('2023-34', '{FIRST}', '2', '20', false, 0, 200000, 150000, 0, 0),
    ('2023-34', '{FIRST}', '4', '01', true, 5, 5, 5, 5, 5);
insert into marts.cumulative_counts values
    ('2023-34', '{FIRST}', '2', '01', true, 46000, 12000, 12100, 115000, 204000),
    ('2023-34', '{SECOND}', '2', '01', true, 600, 658, 600, 944, 351),
    ('2023-34', '', '2', '', true, 12, 0, 0, 0, 0),
    ('2023-34', '{FIRST}', '2', '01', false, 0, 319749, 314316, 0, 0),
    ('2023-34', '{FIRST}', '2', '20', false, 0, 7273758, 5972103, 0, 0),
    ('2023-34', '{SECOND}', '2', '07', false, 0, 25602, 25738, 0, 0),
    ('2023-34', '{SECOND}', '4', '07', false, 0, 7, 7, 0, 0);
insert into marts.period_figures
    select 'week', '2023-' || no, 'composite.' || figure, date '2023-08-26' - 7 * (34 - no)::integer, date '2023-09-01' - 7 * (34 - no)::integer,
        7, 7, true, value - 10 * (34 - no), unit
    from (values ('consulted', 1724, '人次'), ('accepted', 774, '件'), ('completed', 710, '件'), ('issued', 6613, '件'),
        ('transferred', 12471, '件')) figures (figure, value, unit), range(20, 35) issues (no);
insert into marts.period_figures values
    ('ytd', '2023-34', 'composite.accepted', '2023-01-01', '2023-09-01', 244, 244, true, 12658, '件');
insert into marts.figure_changes values
    ('week', '2023-34', 'composite.consulted', 'compared', '2023-33', 1714, 10, 10 / 1714),
    ('week', '2023-34', 'composite.accepted', 'compared', '2023-33', 860, -86, -0.1),
    ('week', '2023-34', 'composite.issued', 'different_days', '2023-33', null, null, null),
    ('week', '2023-34', 'composite.transferred', 'compared', '2023-33', 12471, 0, 0);
insert into marts.issue_coverage values ('2023-34', 7, 7, 244, 244, true), ('2023-35', 7, 0, 251, 244, false);
insert into marts.handbook_progress values
    ('2023-34', '{FIRST}', '示例民政厅', 31, 500, 900, 0.5556), ('2023-34', '{SECOND}', '示例水利厅', 0, 406, 750, 0.5413);
insert into marts.codes values ('feed', 'accept', '受理信息', '数据种类'), ('feed', 'consult', '咨询信息', '数据种类');
insert into marts.organizations values
    ('{FIRST}', '示例民政厅', '2', '2023-01-03', '2023-09-01'), ('{SECOND}', '示例水利厅', '2', '2023-01-03', '2023-09-01');
insert into marts.task_types values ('01', '行政许可', 'licence'), ('20', '公共服务', 'public_service'),
    ('05', '行政给付', 'other_six'), ('07', '行政确认', 'other_six'), ('02', '行政处罚', null);
insert into quality.checks values
    ('2023-09-02 03:00', 'accept.project_no', 'core.accept', '办件编号应符合格式', 'WARN', true, 'passed', null, 0, 9, '平台');
insert into meta.deliveries
    select strftime(day, '%Y%m%d') || '_01', day, 1, 'upsert', day, day, 'loaded', 5, null
    from (select cast(unnest(generate_series(date '2023-01-01', date '2023-09-01', interval 1 day)) as date) as day);
insert into meta.publication values ('20230902T030000', '2023-09-02 03:00', 'test', '2023-09-01');
insert into meta.rules values ('counting.uncounted_result_types', '4,5', '不计办结的办结结果：作废、删除');
"""


def make_published(path: Path, changes: Sequence[str] = ()) -> Path:
    """A published database at ``path``; ``changes`` are statements run after the rows are in."""
    with duckdb.connect(str(path)) as con:
        con.execute(TABLES)
        con.execute(ROWS)
        for name, (value, unit, numerator, denominator) in FIGURES.items():
            start = "2023-08-26" if name.endswith(".week") else "2023-01-01"
            con.execute(
                "insert into marts.bulletin_figures values (?, ?, ?, ?, ?, ?, ?, '2023-09-01', 'provisional', ?, '')",
                [ISSUE, name, value, unit, numerator, denominator, start, value],
            )
        for change in changes:
            con.execute(change)
    return path
