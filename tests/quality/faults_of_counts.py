"""Faults for the rules about counts and figures; see ``faults.py``."""

from tests.quality.faults import Planted


def _of(table: str, check: str, fault: str, setup: str = "") -> Planted:
    return Planted(f"{table}_{check}", f"marts.{table}", fault, setup)


# twelve weeks before the sound one, each alike, counted from their days
_WEEKS = """
insert into core.issue_windows by name
select '2023-' || (n + 10) as issue_key, 2023 as issue_year, date '2023-01-01' as year_start,
    date '2023-05-06' + cast(7 * n as integer) as window_start, date '2023-05-12' + cast(7 * n as integer) as cutoff_date, date '2023-01-01' as events_from,
    true as has_year_to_date, true as has_figures
from range(0, 12) numbers(n);
insert into marts.daily_counts by name
select window_start + 2 as event_date, 'A' as org_code, '2' as org_level, '01' as task_type, is_composite,
    0 as consulted, case when is_composite then 2 else 5 end as accepted, case when is_composite then 1 else 4 end as completed,
    0 as issued, 0 as transferred
from core.issue_windows cross join (values (true), (false)) kinds(is_composite)
where issue_key <> '2023-34';
insert into marts.weekly_counts by name
select issue_key, org_code, org_level, task_type, is_composite, consulted, accepted, completed, issued, transferred
from core.issue_windows inner join marts.daily_counts on event_date = window_start + 2
where issue_key <> '2023-34'
"""
# the issue before, joined to the sound one without a gap
_ISSUE_33 = """
insert into core.issue_windows by name
select '2023-33' as issue_key, 2023 as issue_year, date '2023-01-01' as year_start, date '2023-08-19' as window_start,
    date '2023-08-25' as cutoff_date, date '2023-08-26' as events_from, date '2023-08-25' as opening_as_of,
    true as has_year_to_date, true as has_figures;
insert into marts.cumulative_counts select '2023-33', '', '2', '01', true, 10, 100, 0, 0, 0
"""
_FIGURES_33 = """
insert into core.issue_windows by name
select '2023-33' as issue_key, 2023 as issue_year, date '2023-01-01' as year_start, date '2023-08-19' as window_start,
    date '2023-08-25' as cutoff_date, true as has_year_to_date, true as has_figures;
insert into marts.bulletin_figures by name
select '2023-33' as issue_key, figure, 0 as value, 0 as numerator from marts.bulletin_figures
where figure like 'composite.%' or figure like '%.ytd'
"""

FAULTS_OF_COUNTS = [
    _of(
        "daily_counts",
        "grain",
        "insert into marts.daily_counts select * replace (0 as consulted, 0 as accepted, 0 as completed, "
        "0 as issued, 0 as transferred) from marts.daily_counts limit 1",
    ),
    _of("daily_counts", "equal_core", "update marts.daily_counts set accepted = accepted + 1 where org_code = 'B'"),
    _of(
        "daily_counts",
        "non_negative",
        "insert into marts.daily_counts values ('2023-09-01', 'B', '3', '02', false, 0, 0, -1, 0, 0), "
        "('2023-09-02', 'B', '3', '02', false, 0, 0, 1, 0, 0)",
    ),
    _of(
        "weekly_counts",
        "grain",
        "insert into marts.weekly_counts select * replace (0 as consulted, 0 as accepted, 0 as completed, "
        "0 as issued, 0 as transferred) from marts.weekly_counts limit 1",
        "delete from core.issue_windows; delete from marts.weekly_counts where task_type = '20'; "
        "update marts.weekly_counts set consulted = 0, accepted = 0, completed = 0, issued = 0, transferred = 0",
    ),
    _of(
        "weekly_counts",
        "non_negative",
        "update marts.weekly_counts set completed = -1 where task_type = '20'; "
        "update marts.daily_counts set completed = -1 where task_type = '20'",
    ),
    _of("weekly_counts", "equal_daily", "update marts.weekly_counts set issued = 4 where task_type = '01'"),
    _of("weekly_counts", "equal_daily", "delete from marts.weekly_counts where task_type = '20'"),
    # the issue's sum is right, the department's is not
    _of("weekly_counts", "equal_daily", "update marts.weekly_counts set org_code = 'B' where task_type = '20'"),
    _of(
        "weekly_counts",
        "composite_share",
        "update marts.weekly_counts set is_composite = true where issue_key = '2023-34'; "
        "update marts.daily_counts set is_composite = true where event_date >= '2023-08-26'",
        _WEEKS,
    ),
    _of(
        "weekly_counts",
        "completion_rate",
        "update marts.weekly_counts set completed = 9 where issue_key = '2023-34' and not is_composite; "
        "update marts.daily_counts set completed = 9 where event_date = '2023-09-01'",
        _WEEKS,
    ),
    _of(
        "cumulative_counts",
        "grain",
        "insert into marts.cumulative_counts from marts.cumulative_counts where org_code = 'Z'",
        "insert into marts.cumulative_counts values ('2023-34', 'Z', '3', '02', false, 0, 0, 0, 0, 0)",
    ),
    _of("cumulative_counts", "equal_terms", "delete from marts.cumulative_counts where org_code = ''"),
    _of("cumulative_counts", "equal_terms", "update core.issue_windows set events_from = '2023-08-29'"),
    _of("cumulative_counts", "non_negative", "update marts.cumulative_counts set completed = null where org_code = ''"),
    _of("cumulative_counts", "equal_weekly", "update marts.weekly_counts set issued = 4 where task_type = '01'", _ISSUE_33),
    _of("coverage_gaps", "recent", "insert into marts.coverage_gaps values ('2023-08-28', 'accept', 'no_file')"),
    _of(
        "handbook_progress",
        "weeks_add_up",
        "update marts.handbook_progress set finished_total = 2 where issue_key = '2023-33'",
        "insert into marts.handbook_progress by name select * replace ('2023-33' as issue_key, 1 as finished_total) "
        "from marts.handbook_progress; insert into core.issue_windows by name "
        "select '2023-33' as issue_key, date '2023-08-25' as cutoff_date, false as has_figures, false as has_year_to_date",
    ),
    _of("handbook_progress", "within_items", "update marts.handbook_progress set finished_total = 5"),
    _of("handbook_progress", "within_items", "update marts.handbook_progress set finished_in_week = 3"),
    _of(
        "handbook_progress",
        "items_steady",
        "update marts.handbook_progress set items_total = 6 where issue_key = '2023-33'",
        "insert into marts.handbook_progress by name select * replace ('2023-33' as issue_key, 1 as finished_total) from marts.handbook_progress;"
        + _FIGURES_33,
    ),
    _of("issue_coverage", "complete", "update marts.issue_coverage set is_complete = false"),
    _of("issue_calendar", "grain", "update marts.issue_calendar set issue_key = '2023-34'"),
    _of("issue_calendar", "tiles", "update marts.issue_calendar set total_no = 454"),
    _of("issue_calendar", "tiles", "update marts.issue_calendar set window_start = '2023-08-25' where total_no = 454"),
    _of("organizations", "named", "update marts.organizations set org_name = null"),
    _of("organizations", "credit_code", "update marts.organizations set org_code = '11510000MB2476517Y'"),
    _of("task_types", "class", "update marts.task_types set class = 'licences' where task_type = '01'"),
    _of("errata", "of_frozen_issues", "update marts.errata set issue_key = '2023-33'"),
    _of(
        "opening_balances",
        "grain",
        "insert into marts.opening_balances select * replace (0 as consulted, 0 as accepted) from marts.opening_balances",
    ),
    _of("opening_balances", "non_negative", "update marts.opening_balances set consulted = -1, accepted = 111"),
    _of("opening_balances", "equal_lake", "update marts.opening_balances set accepted = 101"),
    _of("revisions", "are_differences", "update marts.revisions set difference = 1"),
    _of("bulletin_figures", "value", "update marts.bulletin_figures set value = null where figure = 'handbook.share'"),
    _of("bulletin_figures", "share", "update marts.bulletin_figures set value = 0.6 where figure = 'handbook.share'"),
    _of("bulletin_figures", "complete", "delete from marts.bulletin_figures where figure = 'composite.issued.week'"),
    _of("bulletin_figures", "complete", "delete from marts.bulletin_figures where figure = 'composite.issued.ytd'"),
    _of(
        "bulletin_figures", "equal_counts", "update marts.bulletin_figures set value = 3 where figure = 'composite.accepted.week'"
    ),
    _of(
        "bulletin_figures", "equal_counts", "update marts.bulletin_figures set value = 3 where figure = 'composite.accepted.ytd'"
    ),
    _of(
        "bulletin_figures",
        "equal_counts",
        "update marts.bulletin_figures set value = 3 where figure = 'public_service.completed.ytd'",
    ),
    # nothing was counted for it, so nothing may be printed
    _of(
        "bulletin_figures", "equal_counts", "update marts.bulletin_figures set value = 3 where figure = 'other_six.accepted.ytd'"
    ),
    _of(
        "bulletin_figures",
        "equal_handbook",
        "update marts.bulletin_figures set value = 3 where figure = 'handbook.items'",
    ),
    _of(
        "bulletin_figures",
        "ytd_rises",
        "update marts.bulletin_figures set value = 12, numerator = 12 "
        "where issue_key = '2023-33' and figure = 'composite.consulted.ytd'; "
        "insert into marts.cumulative_counts values ('2023-33', 'A', '2', '02', true, 12, 0, 0, 0, 0)",
        _FIGURES_33,
    ),
    # the figure differs from the one that was frozen, and no revision says so
    _of("bulletin_figures", "revised", "delete from marts.revisions"),
    _of(
        "bulletin_figures",
        "week_volume",
        "update marts.weekly_counts set accepted = 700 where is_composite; "
        "update marts.cumulative_counts set accepted = 9700 where is_composite and org_code = '';"
        "update marts.cumulative_counts set accepted = 700 where is_composite and org_code = 'A';"
        "update marts.bulletin_figures set value = 700 where figure = 'composite.accepted.week';"
        "update marts.bulletin_figures set value = 10400 where figure in ('composite.accepted.ytd', 'licence.accepted.ytd')",
        "insert into core.delivered_days select cast(day as date), true from range(date '2023-08-29', date '2023-09-02', interval 1 day) d(day);"
        "update marts.weekly_counts set accepted = 300 where is_composite; "
        "update marts.cumulative_counts set accepted = 9700 where is_composite and org_code = '';"
        "update marts.cumulative_counts set accepted = 300 where is_composite and org_code = 'A';"
        "update marts.bulletin_figures set value = 300 where figure = 'composite.accepted.week';"
        "update marts.bulletin_figures set value = 10000 where figure in ('composite.accepted.ytd', 'licence.accepted.ytd')",
    ),
    Planted("files_balance", "meta.files", "update meta.files set records = 14"),
    Planted("files_quarantine_listed", "meta.files", "delete from meta.quarantine where line = 3"),
    Planted(
        "files_taken",
        "meta.files",
        "insert into meta.quarantine by name select '20230828_01' as delivery, 'accept.csv' as file",
    ),
]
