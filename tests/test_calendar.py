"""The issue calendar against the rules' own examples and laws; the expectations come from paper calendars, not from the code."""

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from assets.calendar import CalendarRules, Issue, WorkingDays, find_issue, issues, load_working_days, parse_issue_key
from assets.errors import RefusedError, UnknownDayError, UsageError

RULES = CalendarRules()
DAYS = load_working_days(None)
HEADER = "date,is_working_day,name\n"


def of_week(monday: str, rules: CalendarRules = RULES, days: WorkingDays = DAYS) -> Issue | None:
    start = date.fromisoformat(monday)
    found = [issue for issue in issues(rules, days) if start <= issue.shown_end < start + timedelta(days=7)]
    assert len(found) < 2
    return found[0] if found else None


def calendar_file(folder: Path, text: str) -> Path:
    file = folder / "calendar.csv"
    file.write_text(HEADER + text, encoding="utf-8")
    return file


def weekdays_from(first: date, last: date) -> str:
    span = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    return "".join(f"{day},{int(day.weekday() < 5)},\n" for day in span)


@pytest.mark.parametrize(
    ("monday", "key"),
    [
        ("2023-01-30", "2023-04"),
        ("2023-05-01", "2023-17"),
        ("2023-08-28", "2023-34"),
        ("2023-10-09", "2023-39"),
        ("2024-09-30", "2024-39"),
        ("2024-12-30", "2025-01"),
        ("2025-12-29", "2025-53"),
    ],
)
def test_weeks_have_the_numbers_the_office_gave_them(monday: str, key: str) -> None:
    issue = of_week(monday)
    assert issue is not None
    assert issue.issue_key == key
    assert parse_issue_key(key) == (issue.issue_year, issue.issue_no)


@pytest.mark.parametrize("monday", ["2023-01-23", "2023-10-02", "2026-02-16"])
def test_a_week_without_a_weekday_working_day_has_no_issue(monday: str) -> None:
    assert of_week(monday) is None


def test_the_published_issue_has_its_dates_and_its_total() -> None:
    assert find_issue("2023-34", RULES, DAYS) == Issue(
        issue_key="2023-34",
        issue_year=2023,
        issue_no=34,
        total_no=454,
        shown_start=date(2023, 8, 28),
        shown_end=date(2023, 9, 1),
        window_start=date(2023, 8, 26),
        cutoff_date=date(2023, 9, 1),
        iso_year=2023,
        iso_week=35,
        working_days=5,
    )


def test_the_days_of_a_week_without_issue_fall_into_the_next() -> None:
    issue = of_week("2023-10-09")
    assert issue is not None
    # the Friday of the week before the holiday, 29 September, is a holiday itself
    assert (issue.window_start, issue.cutoff_date) == (date(2023, 9, 29), date(2023, 10, 13))


def test_the_shown_week_ends_with_its_last_working_day() -> None:
    issue = of_week("2023-09-25")
    assert issue is not None
    assert (issue.shown_start, issue.shown_end, issue.working_days) == (date(2023, 9, 25), date(2023, 9, 28), 4)


def test_the_week_over_new_year_belongs_to_the_year_of_its_last_working_day() -> None:
    # 1 January 2025 is a holiday, 2 and 3 are worked; 1 and 2 January 2026 are holidays
    first, last = of_week("2024-12-30"), of_week("2025-12-29")
    assert first is not None
    assert last is not None
    assert (first.shown_start, first.cutoff_date, first.working_days) == (date(2024, 12, 30), date(2025, 1, 3), 4)
    assert (last.shown_start, last.cutoff_date, last.working_days) == (date(2025, 12, 29), date(2025, 12, 31), 3)
    following = of_week("2026-01-05")
    assert following is not None
    assert (following.issue_key, following.window_start) == ("2026-01", date(2026, 1, 1))


def test_the_owner_year_is_a_setting_and_single_weeks_may_be_decided() -> None:
    first = CalendarRules(owner_year="first_working_day")
    decided = CalendarRules(owner_years={date(2024, 12, 30): 2024})
    # counted from the other side: 2024 has one issue more than under the default rule
    by_default = max(issue.issue_no for issue in issues(RULES, DAYS) if issue.issue_year == 2024)
    for rules in (first, decided):
        issue = of_week("2024-12-30", rules)
        assert issue is not None
        assert (issue.issue_year, issue.issue_no) == (2024, by_default + 1)
        following = of_week("2025-01-06", rules)
        assert following is not None
        assert following.issue_key == "2025-01"


def test_the_seven_make_up_days_of_2023_are_worked_but_make_no_issue() -> None:
    year = [date(2023, 1, 1) + timedelta(days=offset) for offset in range(365)]
    make_up = [day for day in year if day.weekday() >= 5 and DAYS.is_working_day(day)]
    assert [f"{day:%m-%d}" for day in make_up] == ["01-28", "01-29", "04-23", "05-06", "06-25", "10-07", "10-08"]
    assert not {issue.shown_start for issue in issues(RULES, DAYS)} & set(make_up)
    assert not {issue.shown_end for issue in issues(RULES, DAYS)} & set(make_up)


@given(st.dates(date(2004, 1, 1), date(2026, 12, 31)))
def test_working_days_are_the_library_s(day: date) -> None:
    assert DAYS.is_working_day(day) == chinese_calendar.is_workday(day)


@settings(max_examples=30)
@given(
    st.sets(st.integers(0, 600), max_size=20),
    st.sampled_from(["last_working_day", "first_working_day"]),
    st.integers(1, 900),
)
def test_accounting_weeks_tile_the_calendar_whatever_is_skipped(skipped: set[int], owner: str, total: int) -> None:
    mondays = tuple(date(2014, 10, 20) + timedelta(weeks=week) for week in skipped)
    rules = CalendarRules.model_validate({"skip_weeks": mondays, "owner_year": owner, "anchor_total": total})
    known = issues(rules, DAYS)
    for previous, issue in pairwise(known):
        assert issue.window_start == previous.cutoff_date + timedelta(days=1)
        assert issue.total_no == previous.total_no + 1
        assert issue.issue_no in (1, previous.issue_no + 1)
        assert issue.issue_year == previous.issue_year + (issue.issue_no == 1)
    assert all(issue.window_start <= issue.shown_start <= issue.shown_end == issue.cutoff_date for issue in known)
    assert find_issue("2023-34", rules, DAYS).total_no == total
    assert not any(issue.shown_start - timedelta(days=issue.shown_start.weekday()) in mondays for issue in known)


def test_totals_run_back_over_the_years_to_the_first_issue() -> None:
    known = issues(RULES, DAYS)
    assert [issue.total_no for issue in known] == list(range(1, len(known) + 1))
    short = issues(CalendarRules(anchor_total=3), DAYS)
    assert [issue.issue_key for issue in short[:3]] == ["2023-32", "2023-33", "2023-34"]


def test_a_site_may_count_the_shown_days_only() -> None:
    known = issues(CalendarRules(accounting_week="shown"), DAYS)
    assert known
    assert all(issue.window_start == issue.shown_start for issue in known)


def test_the_calendar_ends_where_the_days_are_unknown() -> None:
    # 28 December 2026 is known, 1 January 2027 of the same week is not
    assert issues(RULES, DAYS)[-1].shown_end == date(2026, 12, 25)
    with pytest.raises(UnknownDayError, match=r"2027.*calendar\.csv"):
        find_issue("2027-01", RULES, DAYS)
    with pytest.raises(UnknownDayError, match=r"2027.*calendar\.csv"):
        DAYS.is_working_day(date(2027, 3, 1))
    with pytest.raises(UnknownDayError, match=r"2003.*calendar\.csv"):
        find_issue("2004-10", CalendarRules(anchor_total=2000), DAYS)


def test_the_first_known_year_is_left_out_since_its_beginning_is_not_known() -> None:
    assert issues(CalendarRules(anchor_total=2000), DAYS)[0].issue_key == "2005-01"


@pytest.mark.parametrize("key", ["2023-53", "2023-99", "2012-01"])
def test_an_issue_that_never_was_is_refused(key: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        find_issue(key, RULES, DAYS)
    assert not isinstance(refusal.value, UnknownDayError)


@pytest.mark.parametrize("key", ["2023-4", "2023-00", "23-04", "2023-034", "2023/04", "", "２０２３-04", "2023-04\n"])
def test_a_malformed_key_is_a_mistake_of_use(key: str) -> None:
    with pytest.raises(UsageError):
        find_issue(key, RULES, DAYS)


def test_the_site_s_file_extends_the_calendar(tmp_path: Path) -> None:
    file = calendar_file(tmp_path, weekdays_from(date(2027, 1, 1), date(2027, 1, 8)))
    days = load_working_days(file)
    last = issues(RULES, days)[-1]
    # here 1 January 2027 is worked, so that its week is 2027's first
    assert (last.issue_key, last.shown_start, last.shown_end) == ("2027-02", date(2027, 1, 4), date(2027, 1, 8))
    with pytest.raises(UnknownDayError, match=f"2027-01-11.*{file.name}"):
        find_issue("2027-03", RULES, days)
    with pytest.raises(RefusedError, match="no issue 2026-53") as refusal:
        find_issue("2026-53", RULES, days)
    assert not isinstance(refusal.value, UnknownDayError)


def test_the_site_s_days_go_before_the_library_s(tmp_path: Path) -> None:
    days = load_working_days(calendar_file(tmp_path, "2023-09-01,0,停电\n2023/8/28,否,\n2023-10-04,是,值班\n"))
    issue = find_issue("2023-34", RULES, days)
    assert (issue.shown_start, issue.cutoff_date, issue.working_days) == (date(2023, 8, 29), date(2023, 8, 31), 3)
    within_holiday = of_week("2023-10-02", days=days)
    assert within_holiday is not None
    assert (within_holiday.issue_key, within_holiday.working_days) == ("2023-39", 1)


def test_a_file_that_is_not_there_adds_nothing(tmp_path: Path) -> None:
    days = load_working_days(tmp_path / "calendar.csv")
    assert issues(RULES, days) == issues(RULES, DAYS)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("", 1),
        ("2023-09-01,1,\n", 1),
        ("date,is_working_day\n2027-01-04,1\n", 1),
        (HEADER + "2027-01-04,1,\n2027-01-05,1\n", 3),
        (HEADER + "2027-02-29,1,\n", 2),
        (HEADER + "20270104,1,\n", 2),
        (HEADER + "2027-01-04,,\n", 2),
        (HEADER + "2027-01-04,yes,\n", 2),
        (HEADER + "2027-01-04,1,\n\n2027/1/4,0,\n", 4),
        (HEADER + '2027-01-04,1,"holiday\n', 2),
    ],
)
def test_a_faulty_file_is_refused_by_name_and_line(tmp_path: Path, content: str, line: int) -> None:
    file = tmp_path / "calendar.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError) as refusal:
        load_working_days(file)
    assert f"{file}:{line}: " in str(refusal.value)


def test_a_file_saved_in_another_encoding_is_refused_by_line(tmp_path: Path) -> None:
    file = tmp_path / "calendar.csv"
    file.write_bytes((HEADER + "2027-01-01,0,元旦\n").encode("gb18030"))
    with pytest.raises(UsageError, match=r"calendar\.csv:2: not UTF-8"):
        load_working_days(file)


@pytest.mark.parametrize(
    "wrong",
    [
        {"anchor": "2023-34"},
        {"anchor_issue": "2023-00"},
        {"anchor_total": 0},
        {"skip_weeks": [date(2023, 8, 29)]},
        {"owner_years": {date(2024, 12, 31): 2024}},
        {"owner_years": {date(2024, 12, 30): 2023}},
        {"accounting_week": "calendar"},
    ],
)
def test_rules_that_cannot_be_meant_so_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CalendarRules.model_validate(wrong)


def test_an_anchor_outside_the_calendar_is_refused() -> None:
    with pytest.raises(UsageError, match="anchor_issue"):
        issues(CalendarRules(anchor_issue="2023-60"), DAYS)
    with pytest.raises(UnknownDayError, match="anchor_issue"):
        issues(CalendarRules(anchor_issue="2031-01"), DAYS)
