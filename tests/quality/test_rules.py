"""Each rule of ``expectations/`` holds in a sound warehouse, and is broken by the fault it is there for."""

from datetime import datetime

import pytest

from assets.quality.engine import run_suites
from assets.quality.suites import load_suites
from tests.quality.sound_warehouse import DELIVERY, ROWS_PER_FEED, sound_warehouse

NOW = datetime(2023, 9, 2, 6)
SUITES = {suite.table: suite for suite in load_suites()}
FEEDS = {
    "accept": "accept_date",
    "process": "event_start_time",
    "result": "result_date",
    "issue": "issue_date",
    "consult": "consult_date",
}

OF_EVERY_FEED = [
    ("update {table} set {event} = null where line = 2", "required"),
    ("update {table} set cd_time = null where line = 2", "required"),
    ("update {table} set business_date = '2023-08-27' where line = 2", "event_in_reach"),
    ("update {table} set org_level = '7' where line = 2", "org_level"),
    ("update {table} set task_type = '77' where line = 2", "task_type"),
    ("update {table} set org_code = 'A' where line <= 4", "org_code"),
    ("delete from {table} where line = 2", "account"),
]

OF_ONE_FEED = [
    ("lake.accept", "update lake.accept set project_no = 'P2' where line = 2", "accept_grain"),
    ("lake.process", "update lake.process set project_no = 'P2', step_no = 2 where line = 2", "process_grain"),
    ("lake.result", "update lake.result set project_no = 'P2' where line = 2", "result_grain"),
    ("lake.issue", "update lake.issue set issuance_no = 'P2' where line = 2", "issue_grain"),
    ("lake.consult", "update lake.consult set consult_no = 'P2' where line = 2", "consult_grain"),
    ("lake.handbook", "update lake.handbook set task_handle_item = 'P2' where line = 2", "handbook_grain"),
    ("lake.handbook", "update lake.handbook set org_code = null where line = 2", "handbook_required"),
    ("lake.handbook", "update lake.handbook set finished_date = '2023-08-29' where line = 2", "handbook_event_in_reach"),
    ("lake.handbook", "delete from lake.handbook where line = 2", "handbook_account"),
    ("lake.accept", "update lake.accept set applicant_pseudonym = 'a code in the clear' where line = 2", "accept_pseudonym"),
    ("lake.accept", "update lake.accept set key_id = null where line = 2", "accept_pseudonym"),
    ("lake.accept", "update lake.accept set apply_date = '2023-08-29' where line = 2", "accept_after_apply"),
    ("lake.accept", "update lake.accept set applicant_code_is_valid = false where line <= 4", "accept_applicant_code"),
    ("lake.process", "update lake.process set transfer_type = '4' where line = 2", "process_transfer_type"),
    ("lake.process", "update lake.process set event_end_time = '2023-08-27' where line = 2", "process_end_after_start"),
    ("lake.result", "update lake.result set result_type = '8' where line = 2", "result_result_type"),
    ("lake.consult", "update lake.consult set person_count = 0 where line = 2", "consult_person_count"),
]

OF_COUNTS = [
    (
        "marts.daily_counts",
        "insert into marts.daily_counts select * replace (0 as consulted, 0 as accepted, 0 as completed, "
        "0 as issued, 0 as transferred) from marts.daily_counts limit 1",
        "daily_counts_grain",
    ),
    (
        "marts.daily_counts",
        "update marts.daily_counts set accepted = accepted + 1 where org_code = 'B'",
        "daily_counts_equal_core",
    ),
    (
        "marts.daily_counts",
        "insert into marts.daily_counts values ('2023-09-01', 'B', '3', '02', false, 0, 0, -1, 0, 0), "
        "('2023-09-02', 'B', '3', '02', false, 0, 0, 1, 0, 0)",
        "daily_counts_non_negative",
    ),
    ("marts.weekly_counts", "update marts.weekly_counts set issued = 4 where task_type = '01'", "weekly_counts_equal_daily"),
    ("marts.weekly_counts", "delete from marts.weekly_counts where task_type = '20'", "weekly_counts_equal_daily"),
    # the issue's sum is right, the department's is not
    ("marts.weekly_counts", "update marts.weekly_counts set org_code = 'B' where task_type = '20'", "weekly_counts_equal_daily"),
    ("marts.cumulative_counts", "delete from marts.cumulative_counts where org_code = ''", "cumulative_counts_equal_terms"),
    ("marts.cumulative_counts", "update core.issue_windows set events_from = '2023-08-29'", "cumulative_counts_equal_terms"),
    (
        "marts.cumulative_counts",
        "update marts.cumulative_counts set completed = null where org_code = ''",
        "cumulative_counts_non_negative",
    ),
    ("marts.handbook_progress", "update marts.handbook_progress set finished_total = 5", "handbook_progress_within_items"),
    ("core.periods", "update core.periods set days_delivered = 8 where period_kind = 'week'", "core_periods_days"),
    ("core.periods", "update core.periods set days_delivered = 0 where period = '2023-08'", "core_periods_days"),
    ("marts.monthly_counts", "update marts.monthly_counts set issued = 4 where task_type = '01'", "monthly_counts_equal_daily"),
    ("marts.monthly_counts", "delete from marts.monthly_counts where org_code = 'B'", "monthly_counts_equal_daily"),
    # a month that no delivery reached has no rows
    ("marts.monthly_counts", "delete from core.periods where period = '2023-09'", "monthly_counts_equal_daily"),
    (
        "marts.quarterly_counts",
        "update marts.quarterly_counts set consulted = 0 where task_type = '01'",
        "quarterly_counts_equal_monthly",
    ),
    ("marts.quarterly_counts", "delete from marts.quarterly_counts where org_code = 'B'", "quarterly_counts_equal_monthly"),
    (
        "marts.period_figures",
        "update marts.period_figures set value = null where period_kind = 'month'",
        "period_figures_non_negative",
    ),
    (
        "marts.period_figures",
        "update marts.period_figures set value = 3 where period_kind = 'week'",
        "period_figures_equal_bulletin",
    ),
    ("marts.period_figures", "update marts.bulletin_figures set value = 101 where value = 102", "period_figures_equal_bulletin"),
    (
        "marts.figure_changes",
        "update marts.figure_changes set previous_change = 0 where value = 3",
        "figure_changes_of_whole_periods",
    ),
    (
        "marts.figure_changes",
        "update marts.figure_changes set previous_change = 0.5 where value = 2",
        "figure_changes_of_whole_periods",
    ),
    (
        "marts.figure_changes",
        "update marts.figure_changes set year_earlier_value = 9 where value = 1",
        "figure_changes_of_whole_periods",
    ),
    ("marts.figure_changes", "update marts.figure_changes set is_complete = false", "figure_changes_of_whole_periods"),
    ("marts.handbook_progress", "update marts.handbook_progress set finished_in_week = 3", "handbook_progress_within_items"),
    ("marts.issue_coverage", "update marts.issue_coverage set is_complete = false", "issue_coverage_complete"),
    ("meta.files", "update meta.files set records = 14", "files_balance"),
    ("meta.files", "delete from meta.quarantine where line = 3", "files_quarantine_listed"),
    ("meta.files", "insert into meta.quarantine values ('20230828_01', 'accept.csv', null, null)", "files_taken"),
]

OF_FIGURES = [
    ("update marts.bulletin_figures set value = 3 where figure = 'composite.accepted.week'", "equal_counts"),
    ("update marts.bulletin_figures set value = 3 where figure = 'composite.accepted.ytd'", "equal_counts"),
    ("update marts.bulletin_figures set value = 3 where figure = 'public_service.completed.ytd'", "equal_counts"),
    # nothing was counted for it, so nothing may be printed
    ("update marts.bulletin_figures set value = 3 where figure = 'other_six.accepted.ytd'", "equal_counts"),
    ("update marts.bulletin_figures set value = 3 where figure = 'handbook.items'", "equal_handbook"),
    ("update marts.bulletin_figures set value = 0.6 where figure = 'handbook.share'", "share"),
    ("update marts.bulletin_figures set value = null where figure = 'handbook.share'", "value"),
    ("delete from marts.bulletin_figures where figure = 'composite.issued.week'", "complete"),
    ("delete from marts.bulletin_figures where figure = 'composite.issued.ytd'", "complete"),
    ("insert into marts.bulletin_figures select * from marts.bulletin_figures limit 1", "grain"),
]

OF_WORDS = [
    ("marts.issue_calendar", "update marts.issue_calendar set total_no = 454", "issue_calendar_tiles"),
    (
        "marts.issue_calendar",
        "update marts.issue_calendar set window_start = '2023-08-25' where total_no = 454",
        "issue_calendar_tiles",
    ),
    ("marts.organizations", "insert into marts.organizations values ('A', '乙局')", "organizations_grain"),
    ("marts.organizations", "update marts.organizations set org_name = null", "organizations_named"),
    ("marts.task_types", "insert into marts.task_types values ('01', null)", "task_types_grain"),
    ("marts.task_types", "update marts.task_types set class = 'licences' where task_type = '01'", "task_types_class"),
    ("marts.published_figures", "insert into marts.published_figures from marts.published_figures", "published_figures_grain"),
    ("marts.errata", "insert into marts.errata from marts.errata", "errata_grain"),
    ("marts.errata", "update marts.errata set issue_key = '2023-33'", "errata_of_frozen_issues"),
    (
        "marts.opening_balances",
        "insert into marts.opening_balances select * replace (0 as consulted, 0 as accepted) from marts.opening_balances",
        "opening_balances_grain",
    ),
    (
        "marts.opening_balances",
        "update marts.opening_balances set consulted = -1, accepted = 111",
        "opening_balances_non_negative",
    ),
    ("marts.opening_balances", "update marts.opening_balances set accepted = 101", "opening_balances_equal_lake"),
    ("marts.revisions", "update marts.revisions set difference = 1", "revisions_are_differences"),
]

FAULTS = [
    *OF_ONE_FEED,
    *OF_COUNTS,
    *[("marts.bulletin_figures", fault, f"bulletin_figures_{check}") for fault, check in OF_FIGURES],
    *OF_WORDS,
]


def test_every_rule_holds_in_a_sound_warehouse() -> None:
    results = run_suites(sound_warehouse(), SUITES.values(), [DELIVERY], NOW)
    assert [result.check_id for result in results if result.status != "passed"] == []
    assert [result.check_id for result in results] == [check.id for suite in SUITES.values() for check in suite.checks]
    assert all(result.failing_rows == 0 for result in results)
    assert {result.checked_rows for result in results if result.table_name.startswith("lake.")} == {ROWS_PER_FEED}


@pytest.mark.parametrize(("table", "fault", "check"), FAULTS, ids=[f"{check}-{n}" for n, (_, _, check) in enumerate(FAULTS)])
def test_a_fault_breaks_its_rule_and_no_other(table: str, fault: str, check: str) -> None:
    connection = sound_warehouse()
    connection.execute(fault)
    results = run_suites(connection, [SUITES[table]], [DELIVERY], NOW)
    failed = [result for result in results if not result.passed]
    assert [(result.check_id, result.status) for result in failed] == [(check, "failed")]
    assert failed[0].failing_rows


@pytest.mark.parametrize(("fault", "check"), OF_EVERY_FEED)
def test_a_fault_of_every_feed_breaks_its_rule_and_no_other(fault: str, check: str) -> None:
    connection = sound_warehouse()
    for feed, event in FEEDS.items():
        connection.execute(fault.format(table=f"lake.{feed}", event=event))
    results = run_suites(connection, [SUITES[f"lake.{feed}"] for feed in FEEDS], [DELIVERY], NOW)
    failed = [(result.check_id, result.status) for result in results if not result.passed]
    assert failed == [(f"{feed}_{check}", "failed") for feed in FEEDS]


@pytest.mark.parametrize("table", [table for table in SUITES if table.startswith(("core.", "history.", "meta."))])
def test_a_row_that_stands_twice_breaks_the_grain(table: str) -> None:
    connection = sound_warehouse()
    connection.execute(f"insert into {table} from {table} limit 1")
    results = run_suites(connection, [SUITES[table]], [DELIVERY], NOW)
    assert [result.check_id for result in results if not result.passed and result.check_id.endswith("_grain")]


def test_a_deletion_needs_only_its_key_and_time() -> None:
    connection = sound_warehouse()
    connection.execute(
        "update lake.accept set cd_operation = 'D', accept_date = null, org_code = null, org_level = null, task_type = null, "
        "is_composite = null where line = 2"
    )
    assert all(result.passed for result in run_suites(connection, [SUITES["lake.accept"]], [DELIVERY], NOW))


def test_a_tolerated_rate_is_counted_though_it_passes() -> None:
    connection = sound_warehouse()
    connection.execute("update lake.accept set applicant_code_is_valid = false where line = 2")
    results = {result.check_id: result for result in run_suites(connection, [SUITES["lake.accept"]], None, NOW)}
    assert results["accept_applicant_code"].passed
    assert results["accept_applicant_code"].failing_rows == 1


def test_an_issue_without_cases_has_figures_of_nought() -> None:
    connection = sound_warehouse()
    for table in ("marts.weekly_counts", "marts.cumulative_counts"):
        connection.execute(f"delete from {table}")
    connection.execute("update marts.bulletin_figures set value = 0 where figure not like 'handbook.%'")
    assert all(result.passed for result in run_suites(connection, [SUITES["marts.bulletin_figures"]], None, NOW))
