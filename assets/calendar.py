"""The issue calendar: working days, shown and accounting weeks, issue numbers, and the year that a week belongs to.

Pure functions over two inputs, the rules (configuration) and the working days (a library and the site's calendar.csv).
Nothing here reads deliveries; the table marts.issue_calendar is filled from ``issues``.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from assets.calendar_file import CALENDAR_COLUMNS, read_calendar
from assets.errors import RefusedError, UnknownDayError, UsageError

# the two holidays that move work from week to week; as the library names them, and as people do
FESTIVALS = {"Spring Festival": "春节", "National Day": "国庆节"}
KEY_PATTERN = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
# no year has days of its own in more than 53 Monday-to-Friday weeks
MOST_ISSUES_A_YEAR = 53
ONE_DAY = timedelta(days=1)
ONE_WEEK = timedelta(days=7)


class CalendarRules(BaseModel):
    """The office's rules for its issues; every default agrees with issue 2023-34 (total 454)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    anchor_issue: Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|[1-9][0-9])$")] = "2023-34"
    anchor_total: Annotated[int, Field(ge=1)] = 454
    accounting_week: Literal["full", "shown"] = "full"
    owner_year: Literal["last_working_day", "first_working_day"] = "last_working_day"
    skip_weeks: tuple[date, ...] = ()
    owner_years: dict[date, int] = {}

    @field_validator("skip_weeks", "owner_years")
    @classmethod
    def _named_by_mondays(cls, weeks: Collection[date]) -> Collection[date]:
        for day in weeks:
            if day.weekday() != 0:
                raise ValueError(f"{day} is not a Monday; a week is named by its Monday")
        return weeks

    @model_validator(mode="after")
    def _years_touched_by_their_weeks(self) -> "CalendarRules":
        for monday, year in self.owner_years.items():
            if year not in {day.year for day in _weekdays(monday)}:
                raise ValueError(f"the week of {monday} has no day in {year}")
        return self


@dataclass(frozen=True)
class WorkingDays:
    """The working days: the site's own days first, then the State Council's notices of the years that the library holds."""

    own: Mapping[date, bool] = field(default_factory=dict)
    calendar_file: Path | None = None
    # the site's words for its own days, where it has any
    names: Mapping[date, str] = field(default_factory=dict)

    def is_working_day(self, day: date) -> bool:
        """Whether ``day`` is worked, make-up days on weekends included.

        Raises UnknownDayError, naming the year and the file to fill in, where neither the site nor the library says.
        """
        if not self.knows(day):
            raise UnknownDayError(f"{day}: no holiday notice says whether this is a working day. {self.to_fill_in(day)}")
        if day in self.own:
            return self.own[day]
        return day in _notices().make_up_days or (day.weekday() < 5 and day not in _notices().holidays)

    def knows(self, day: date) -> bool:
        """Whether ``is_working_day`` has an answer for ``day``."""
        return day in self.own or day.year in _notices().years

    def festival_days(self) -> list[tuple[date, str]]:
        """Each day off of Spring Festival and National Day with the festival's name, in order.

        Of the site's own days those whose name begins as the festival's does: 春节, 国庆.
        """
        found = {day: FESTIVALS[name] for day, name in _notices().festivals.items() if not self.own.get(day, False)}
        for day, name in self.names.items():
            festival = next((word for word in FESTIVALS.values() if name.startswith(word[:2])), None)
            if festival and not self.own[day]:
                found[day] = festival
        return sorted(found.items())

    def to_fill_in(self, unknown: date) -> str:
        """The next step for a person who meets an unknown day."""
        file = self.calendar_file or "calendar.csv"
        return f"Fill in the days of {unknown.year}, Monday to Friday, in {file} (columns {', '.join(CALENDAR_COLUMNS)})"


@dataclass(frozen=True)
class Issue:
    """One issue; the fields are the columns of marts.issue_calendar. All dates are inclusive."""

    issue_key: str
    issue_year: int
    issue_no: int
    total_no: int
    shown_start: date
    shown_end: date
    window_start: date
    cutoff_date: date
    iso_year: int
    iso_week: int
    working_days: int


def load_working_days(calendar_file: Path | None) -> WorkingDays:
    """The working days by library and ``calendar_file``, whose days go first; a file that is not there adds none.

    Raises UsageError, naming file and line, for anything in the file that is not a day with its yes or no.
    """
    if calendar_file is None or not calendar_file.exists():
        return WorkingDays({}, calendar_file)
    days = read_calendar(calendar_file)
    named = {day: name for day, (_, name) in days.items() if name}
    return WorkingDays({day: worked for day, (worked, _) in days.items()}, calendar_file, named)


def parse_issue_key(key: str) -> tuple[int, int]:
    """Year and number of an issue key such as ``2023-04``; raises UsageError for anything else."""
    match = KEY_PATTERN.fullmatch(key)
    if match is None or match[2] == "00":
        raise UsageError(f"{key!r} is not an issue: expected year and two-digit number, such as 2023-04")
    return int(match[1]), int(match[2])


def issues(rules: CalendarRules, days: WorkingDays) -> list[Issue]:
    """Every issue that can be numbered from the known days, from total number 1 on, in order.

    A week with an unknown day among Monday to Friday ends the list: every later total number depends on it.
    Raises UsageError where the anchor names no issue, UnknownDayError where its days are unknown.
    """
    return [issue for issue in _numbered(rules, days) if issue.total_no >= 1]


def find_issue(key: str, rules: CalendarRules, days: WorkingDays) -> Issue:
    """The issue ``key``.

    Raises UsageError for a malformed key, UnknownDayError where the issue lies beyond the known days (naming the year and the
    file to fill in), RefusedError where the known days leave no such issue.
    """
    year, number = parse_issue_key(key)
    known = issues(rules, days)
    if found := next((issue for issue in known if issue.issue_key == key), None):
        return found
    if number <= MOST_ISSUES_A_YEAR:
        _refuse_beyond_known_days((year, number), known, rules, days)
    raise RefusedError(f"there is no issue {key}: the known issues run from {known[0].issue_key} to {known[-1].issue_key}")


def _refuse_beyond_known_days(wanted: tuple[int, int], known: list[Issue], rules: CalendarRules, days: WorkingDays) -> None:
    (first, last), (earliest, latest) = (known[0], known[-1]), _known_mondays(rules, days)
    missing = None
    if wanted > (last.issue_year, last.issue_no) and wanted[0] >= (latest + ONE_WEEK).year:
        missing = _unknown_day(latest + ONE_WEEK, days)
    elif wanted < (first.issue_year, first.issue_no) and first.total_no > 1:
        missing = _unknown_day(earliest - ONE_WEEK, days)
    if missing:
        needs = f"issue {wanted[0]}-{wanted[1]:02} needs days that are not known: the nearest is {missing}"
        raise UnknownDayError(f"{needs}. {days.to_fill_in(missing)}")


@dataclass(frozen=True)
class _Week:
    """A week that has an issue, before numbering."""

    monday: date
    worked: tuple[date, ...]
    year: int


def _numbered(rules: CalendarRules, days: WorkingDays) -> list[Issue]:
    weeks = list(_issue_weeks(rules, days))
    numbers = _numbers_in_year(weeks)
    at_anchor = [at for at, week in enumerate(weeks) if (week.year, numbers[at]) == parse_issue_key(rules.anchor_issue)]
    # of the first known year it is not settled how many weeks came before
    settled = [at for at, week in enumerate(weeks) if week.year != weeks[0].year]
    if not at_anchor or not settled or at_anchor[0] < settled[0]:
        raise UsageError(f"anchor_issue {rules.anchor_issue}: the calendar has no such issue")
    shift = rules.anchor_total - at_anchor[0]
    return [_issue(weeks[at - 1], weeks[at], numbers[at], at + shift, rules) for at in settled]


def _issue(previous: _Week, week: _Week, number: int, total: int, rules: CalendarRules) -> Issue:
    shown_start, shown_end, iso = week.worked[0], week.worked[-1], week.monday.isocalendar()
    return Issue(
        issue_key=f"{week.year}-{number:02}",
        issue_year=week.year,
        issue_no=number,
        total_no=total,
        shown_start=shown_start,
        shown_end=shown_end,
        window_start=previous.worked[-1] + ONE_DAY if rules.accounting_week == "full" else shown_start,
        cutoff_date=shown_end,
        iso_year=iso.year,
        iso_week=iso.week,
        working_days=len(week.worked),
    )


def _numbers_in_year(weeks: list[_Week]) -> list[int]:
    return [number for _, owned in groupby(weeks, lambda week: week.year) for number, _ in enumerate(owned, start=1)]


def _issue_weeks(rules: CalendarRules, days: WorkingDays) -> Iterator[_Week]:
    earliest, latest = _known_mondays(rules, days)
    for at in range((latest - earliest) // ONE_WEEK + 1):
        monday = earliest + at * ONE_WEEK
        worked = tuple(day for day in _weekdays(monday) if days.is_working_day(day))
        if worked and monday not in rules.skip_weeks:
            yield _Week(monday, worked, _owner_year(monday, worked, rules))


def _owner_year(monday: date, worked: tuple[date, ...], rules: CalendarRules) -> int:
    deciding = worked[-1] if rules.owner_year == "last_working_day" else worked[0]
    return rules.owner_years.get(monday, deciding.year)


def _known_mondays(rules: CalendarRules, days: WorkingDays) -> tuple[date, date]:
    """First and last Monday of the unbroken run of wholly known weeks round the anchor's year."""
    middle = date(parse_issue_key(rules.anchor_issue)[0], 7, 1)
    earliest = latest = middle - middle.weekday() * ONE_DAY
    if missing := _unknown_day(earliest, days):
        raise UnknownDayError(f"anchor_issue {rules.anchor_issue}: {missing} is not known. {days.to_fill_in(missing)}")
    while _unknown_day(earliest - ONE_WEEK, days) is None:
        earliest -= ONE_WEEK
    while _unknown_day(latest + ONE_WEEK, days) is None:
        latest += ONE_WEEK
    return earliest, latest


def _unknown_day(monday: date, days: WorkingDays) -> date | None:
    """The first day of the week, Monday to Friday, of which it is not known whether it is worked."""
    return next((day for day in _weekdays(monday) if not days.knows(day)), None)


def _weekdays(monday: date) -> tuple[date, ...]:
    return tuple(monday + ONE_DAY * offset for offset in range(5))


@dataclass(frozen=True)
class _Notices:
    years: range
    holidays: frozenset[date]
    make_up_days: frozenset[date]
    festivals: Mapping[date, str]


@cache
def _notices() -> _Notices:
    # the library's own question re-reads the range of its years each time: 6,000 days took half a second
    from chinese_calendar.constants import holidays, workdays

    years = range(min(holidays).year, max(holidays).year + 1)
    festivals = {day: name for day, name in holidays.items() if name in FESTIVALS}
    return _Notices(years, frozenset(holidays), frozenset(workdays), festivals)
