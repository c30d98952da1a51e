"""A fault for every rule: what is planted in a sound warehouse so that this rule, and no other of its table, fails.

``setup`` is what must be there for the rule to be in question at all, such as issues to compare with; with it alone every
rule holds.
"""

from dataclasses import dataclass

from assets.platform.contract import load_contract
from assets.quality.suites.suite import load_suites
from assets.warehouse.models.model import load_models
from tests.quality.sound_warehouse import COUNTED


@dataclass(frozen=True)
class Planted:
    """SQL that breaks the rule ``check`` of ``table``."""

    check: str
    table: str
    fault: str
    setup: str = ""


EVENTS = {
    "accept": "accept_date",
    "process": "event_start_time",
    "result": "result_date",
    "issue": "issue_date",
    "consult": "consult_date",
    "handbook": "finished_date",
}
_OF_FEEDS = {
    "grain": "update {table} set {set_key} where line = 2",
    "required": "update {table} set cd_time = null where line = 2",
    "event_in_reach": "update {table} set {event} = '2023-08-29' where line = 2",
    "account": "delete from {table} where line = 2",
    "org_level": "update {table} set org_level = '7' where line = 2",
    "task_type": "update {table} set task_type = '77' where line = 2",
    "org_code": "update {table} set org_code = 'A' where line <= 4",
    "project_no": "update {table} set project_no = 'P' || line where line <= 4",
    "event_recent": "update {table} set {event} = '2022-07-01' where line = 2",
    "written_before_sent": "update {table} set cd_time = '2923-08-30' where line = 2",
}
# what else is told by the day of an event
_NO_OTHER_DAYS = """
update lake.accept set apply_date = '2022-06-01', promise_date = '2023-12-01'; update lake.process set event_end_time = null;
delete from core.events where feed = 'result'
"""
_NOT_OF_HANDBOOK = ("org_level", "task_type", "project_no", "event_recent")


def _of_feeds() -> list[Planted]:
    found = []
    for feed, event in EVENTS.items():
        key = load_contract().feeds[feed].key_inside
        # the key of line 2 becomes that of line 3
        words = {"table": f"lake.{feed}", "event": event}
        words["set_key"] = ", ".join(f"{name} = (select {name} from lake.{feed} where line = 3)" for name in key)
        for rule, fault in _OF_FEEDS.items():
            if (feed == "handbook" and rule in _NOT_OF_HANDBOOK) or (feed == "consult" and rule == "project_no"):
                continue
            setup = _NO_OTHER_DAYS if rule.startswith("event_") else ""
            found.append(Planted(f"{feed}_{rule}", f"lake.{feed}", fault.format(**words), setup))
    return found


_OF_ONE_FEED = [
    Planted("accept_required", "lake.accept", "update lake.accept set org_code = null where line = 2"),
    Planted("consult_required", "lake.consult", "update lake.consult set person_count = null where line = 2"),
    Planted("process_required", "lake.process", "update lake.process set cd_operation = null, task_type = null where line = 2"),
    Planted("accept_pseudonym", "lake.accept", "update lake.accept set applicant_pseudonym = 'in the clear' where line = 2"),
    Planted("accept_pseudonym", "lake.accept", "update lake.accept set key_id = null where line = 2"),
    Planted("accept_task_code", "lake.accept", "update lake.accept set task_code = 'T' where line <= 4"),
    Planted("accept_applicant_code", "lake.accept", "update lake.accept set applicant_code_is_valid = false where line <= 4"),
    Planted("accept_after_apply", "lake.accept", "update lake.accept set apply_date = '2023-08-29' where line = 2"),
    Planted("accept_promise", "lake.accept", "update lake.accept set promise_date = '2023-08-27' where line = 2"),
    Planted(
        "accept_applicant_cadence",
        "lake.accept",
        "update lake.accept set applicant_pseudonym = repeat('0b', 32), "
        "accept_date = timestamp '2023-08-28 08:00:00' + to_minutes(cast(5 * line as integer)) where line <= 7",
        # the others stay apart, so that the office as a whole has no such spacing
        "delete from lake.accept where line > 9; update ledger.files set loaded = 8 where feed = 'accept'",
    ),
    Planted(
        "accept_org_cadence",
        "lake.accept",
        "update lake.accept set accept_date = timestamp '2023-08-28 08:00:00' + to_minutes(cast(5 * line as integer))",
        "update lake.accept set applicant_pseudonym = null",
    ),
    Planted("process_transfer_type", "lake.process", "update lake.process set transfer_type = '4' where line = 2"),
    Planted("process_end_after_start", "lake.process", "update lake.process set event_end_time = '2023-08-27' where line = 2"),
    Planted("process_step_no", "lake.process", "update lake.process set step_no = 20230828 where line = 2"),
    Planted("result_result_type", "lake.result", "update lake.result set result_type = '8' where line = 2"),
    Planted(
        "issue_after_result",
        "lake.issue",
        "update lake.issue set issue_date = '2023-08-27' where project_no = '510000-20230828-000001'",
    ),
    Planted("consult_person_count", "lake.consult", "update lake.consult set person_count = 0 where line = 2"),
    Planted("consult_person_count_plausible", "lake.consult", "update lake.consult set person_count = 201 where line = 2"),
]

_ACCEPT = "feed = 'accept'"
_MORE_RESULTS = """
insert into core.events by name
select 'result' as feed, '510000-20230828-' || lpad(cast(n as varchar), 6, '0') as record_key, 'completed' as measure, 1 as counted,
    false as is_deleted, date '2023-08-29' as event_date, '20230828_01' as delivery, 2 as file_index, n + 1 as line
from range(2, 11) numbers(n);
insert into core.events by name
select 'accept' as feed, record_key, 'accepted' as measure, 1 as counted, false as is_deleted, date '2023-08-28' as event_date,
    date '2023-08-28' as business_date, '20230828_01' as delivery, 0 as file_index, line
from core.events where feed = 'result' and record_key <> '510000-20230828-000001'
"""
# ten Mondays, each with 100 cases accepted, the last of them loaded now; people come seldom on the holiday among them
_MONDAYS = """
delete from core.delivered_days; delete from marts.daily_counts;
insert into core.delivered_days select date '2023-06-26' + cast(7 * n as integer), true from range(0, 10) numbers(n);
insert into marts.daily_counts by name
select business_date as event_date, 'A' as org_code, '2' as org_level, '01' as task_type, true as is_composite,
    0 as consulted, case when business_date = '2023-08-21' then 1 else 100 end as accepted, 0 as completed, 0 as issued,
    0 as transferred
from core.delivered_days;
update ref.days set is_working_day = false, is_holiday = true where day = '2023-08-21';
insert into core.file_states by name
select '20230828_01' as delivery, 'holiday.csv' as file, 9 as file_index, 'accept' as feed, date '2023-08-21' as business_date,
    'loaded' as state
"""
_ROUND = """
delete from marts.daily_counts;
insert into marts.daily_counts by name
select date '2023-08-01' + cast(n as integer) as event_date, 'A' as org_code, '2' as org_level, '01' as task_type, true as is_composite,
    0 as consulted, case when n = 0 then 10 else 7 end as accepted, 0 as completed, 0 as issued, 0 as transferred
from range(0, 12) numbers(n);
update core.events set counted = case when feed = 'accept' then 87 else 0 end
"""

_OF_CORE = [
    Planted("result_has_accept", "core.events", f"delete from core.events where {_ACCEPT} and line = 3", _MORE_RESULTS),
    Planted(
        "result_has_accept",
        "core.events",
        f"update core.events set is_deleted = true where {_ACCEPT} and line = 3",
        _MORE_RESULTS,
    ),
    Planted(
        "result_after_accept",
        "core.events",
        f"update core.events set event_date = '2023-08-30' where {_ACCEPT} and line = 3",
        _MORE_RESULTS,
    ),
    Planted(
        "accept_sequence",
        "core.events",
        # with their results, which would lack their accepts
        "delete from core.events where line in (3, 5, 7)",
        _MORE_RESULTS,
    ),
    Planted("delivered_days_unbroken", "core.delivered_days", "insert into core.delivered_days values ('2023-08-30', true)"),
    Planted(
        "file_states_volume",
        "core.file_states",
        "update marts.daily_counts set accepted = 210 where event_date = '2023-08-28'",
        _MONDAYS,
    ),
    Planted(
        "file_states_volume",
        "core.file_states",
        "update marts.daily_counts set accepted = 40 where event_date = '2023-08-28'",
        _MONDAYS,
    ),
]


# their grain is broken in faults_of_counts.py: the same row twice would break other rules of the table too
_WITH_OTHER_SUMS = {
    "marts.cumulative_counts",
    "marts.daily_counts",
    "marts.issue_calendar",
    "marts.opening_balances",
    "marts.weekly_counts",
}
_ANY_VALUE = {"VARCHAR": "'x'", "DATE": "date '2023-08-28'", "TIMESTAMP": "timestamp '2023-08-28 09:00:00'", "BOOLEAN": "true"}


def _of_grains() -> list[Planted]:
    """For each grain that a suite proves, the same row twice: a new table needs no fault of its own for it."""
    found = []
    for suite in load_suites():
        for check in suite.checks:
            if check.id.endswith("_grain") and not suite.table.startswith("lake.") and suite.table not in _WITH_OTHER_SUMS:
                setup = "" if f"insert into {suite.table} " in COUNTED else _any_row(suite.table)
                found.append(Planted(check.id, suite.table, f"insert into {suite.table} from {suite.table} limit 1", setup))
    return found


def _any_row(table: str) -> str:
    columns = load_models()[table].header.columns
    values = ", ".join(f"cast({_ANY_VALUE.get(column.type, '1')} as {column.type}) as {name}" for name, column in columns.items())
    return f"insert into {table} by name select {values}"


FAULTS_OF_RECORDS = [
    *_of_feeds(),
    *_OF_ONE_FEED,
    *_OF_CORE,
    *_of_grains(),
    Planted(
        "daily_counts_round",
        "marts.daily_counts",
        "update marts.daily_counts set accepted = 10; update core.events set counted = 120 where feed = 'accept'",
        _ROUND,
    ),
]
