"""Comparisons over years, through the models alone: what is said to be comparable is, and all else says why it is not."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import duckdb
import pytest

from assets.calendar import CalendarRules, Issue, issues, load_working_days
from assets.warehouse.models.empty import empty_warehouse
from assets.warehouse.models.model import Model, load_models
from assets.warehouse.models.rules import CountingRules
from assets.warehouse.state.sources import write_reference

THROUGH = (
    "core.issue_windows", "marts.weekly_counts", "marts.cumulative_counts", "core.periods", "marts.monthly_counts",
    "marts.quarterly_counts", "marts.opening_balances", "marts.task_types", "marts.period_figures", "marts.figure_changes",
)  # fmt: skip
WORKING_DAYS = load_working_days(None)
Count = Callable[[date], int]
OTHERS = ("previous", "year_earlier", "festival")
COMPARABLE = {"compared", "zero"}
NOT_COMPARABLE = {"different_days", "festival", "no_days", "incomplete", "missing", "none"}


@cache
def models() -> dict[str, Model]:
    return load_models()


@cache
def all_issues() -> list[Issue]:
    return issues(CalendarRules(), WORKING_DAYS)


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(number) for number in range((last - first).days + 1)]


@contextmanager
def compared(
    first: date, last: date, count: Count, missing: frozenset[date] = frozenset(), opening: tuple[date, int] | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """``count`` composite acceptances of 行政许可 on each day but those ``missing``, and all that is made of them."""
    with empty_warehouse(models()) as connection:
        write_reference(connection, CountingRules(), all_issues(), WORKING_DAYS)
        there = [day for day in days_between(first, last) if day not in missing]
        connection.execute("insert into core.delivered_days select unnest($days::date[]), true", {"days": there})
        connection.execute(
            "insert into marts.daily_counts select unnest($days::date[]), 'A', '2', '01', true, 0, unnest($counts::bigint[]), 0, 0, 0",
            {"days": there, "counts": [count(day) for day in there]},
        )
        if opening is not None:
            connection.execute("drop view lake.opening")
            connection.execute(
                "create table lake.opening as select $as_of::date as as_of, 'A' as org_code, '2' as org_level, '01' as task_type,"
                " true as is_composite, 'accepted' as measure, $value::bigint as value",
                {"as_of": opening[0], "value": opening[1]},
            )
        for name in THROUGH:
            columns = ", ".join(models()[name].header.columns)
            connection.execute(f"insert into {name} ({columns}) select {columns} from ({models()[name].query})")
        yield connection


def change(connection: duckdb.DuckDBPyConnection, kind: str, period: str, *columns: str) -> tuple[object, ...]:
    query = f"select {', '.join(columns)} from marts.figure_changes where period_kind = ? and period = ? and figure = ?"
    row = connection.execute(query, [kind, period, "composite.accepted"]).fetchone()
    assert row is not None
    return tuple(row)


@pytest.fixture(scope="module")
def flat() -> Iterator[duckdb.DuckDBPyConnection]:
    """Ten years of 100 acceptances a day, without a gap."""
    with compared(date(2014, 1, 1), date(2024, 12, 31), lambda _: 100) as connection:
        yield connection


@pytest.fixture(scope="module")
def growing() -> Iterator[duckdb.DuckDBPyConnection]:
    """2022 to 2024; every day has one more than the day before."""
    with compared(date(2022, 1, 1), date(2024, 12, 31), of_day) as connection:
        yield connection


def of_day(day: date) -> int:
    return (day - date(2021, 12, 31)).days


def total(first: date, last: date) -> int:
    return sum(map(of_day, days_between(first, last)))


@pytest.mark.parametrize("other", OTHERS)
def test_in_a_flat_series_every_comparison_is_0_or_says_why_there_is_none(flat: duckdb.DuckDBPyConnection, other: str) -> None:
    rows = flat.execute(
        f"select period_kind, period, {other}_status, {other}_change, {other}_difference from marts.figure_changes"
        " where figure = 'composite.accepted'"
    ).fetchall()
    wrong = [
        row for row in rows if not ((row[2] == "compared" and row[3] == row[4] == 0) or (row[2] in NOT_COMPARABLE and row[3:] == (None, None)))
    ]  # fmt: skip
    assert not wrong, wrong[:5]
    found = Counter((kind, status) for kind, _, status, *_ in rows)
    # most weeks, years to date and quarters are comparable with the year before; of months all but February
    # of a festival's two weeks a year few are as long as the year before's
    assert found["week", "compared"] >= (4 if other == "festival" else 350)
    if other == "year_earlier":
        # beside a leap year the same date is a day further or nearer after February
        ends = [issue.cutoff_date for issue in all_issues() if 2015 <= issue.issue_year <= 2024]
        leap = {2016, 2020, 2024}
        assert found["ytd", "compared"] == sum(
            (end.month, end.day) < (2, 29) or not leap & {end.year, end.year - 1} for end in ends
        )
        assert found["month", "compared"] == 10 * 12 - 5
    assert {status for _, status in found} <= COMPARABLE | NOT_COMPARABLE


@pytest.mark.parametrize("other", OTHERS)
def test_in_a_flat_series_every_average_of_days_is_equal(flat: duckdb.DuckDBPyConnection, other: str) -> None:
    rows = flat.execute(
        f"select {other}_status, {other}_per_day, {other}_per_day_change, per_day from marts.figure_changes where figure = 'composite.accepted'"
    ).fetchall()
    with_average = {"compared", "different_days", "festival"}
    assert {row[0] for row in rows if row[1] is not None} <= with_average
    assert all((per_day, change, own) == (100, 0, 100) for status, per_day, change, own in rows if status in with_average)
    assert sum(status in with_average for status, *_ in rows) > 15


def test_a_year_to_date_is_compared_with_the_same_date_not_the_same_number(growing: duckdb.DuckDBPyConnection) -> None:
    columns = ["days", "value", "year_earlier_period", "year_earlier_days", "year_earlier_value", "year_earlier_status"]
    found = change(growing, "ytd", "2024-04", *columns)
    now, then = total(date(2024, 1, 1), date(2024, 1, 26)), total(date(2023, 1, 1), date(2023, 1, 26))
    assert found == (26, now, "2023-01-26", 26, then, "compared")
    rows = growing.execute(
        "select period_end, year_earlier_period, year_earlier_value, year_earlier_days, days, year_earlier_status"
        " from marts.figure_changes where period_kind = 'ytd' and figure = 'composite.accepted' and period > '2023'"
    ).fetchall()
    for end, period, value, other_days, days, status in rows:
        same = date(end.year - 1, 2, 28) if (end.month, end.day) == (2, 29) else end.replace(year=end.year - 1)
        assert (period, other_days) == (same.isoformat(), (same - date(same.year, 1, 1)).days + 1)
        # from 29 February on, a leap year has a day more
        assert status == ("compared" if days == other_days else "different_days")
        assert value == (total(date(same.year, 1, 1), same) if days == other_days else None)
    assert len(rows) > 90


def test_the_29th_of_february_is_compared_with_the_28th_and_has_a_day_more() -> None:
    with compared(date(2019, 1, 1), date(2020, 3, 31), lambda _: 1) as connection:
        # the only issue of these years that ends on such a day is none: the date is made one by moving a cut-off
        connection.execute("update core.issue_windows set cutoff_date = '2020-02-29' where issue_key = '2020-08'")
        query = models()["core.periods"].query
        found = connection.execute(
            f"select days, year_earlier_period from ({query}) where period_kind = 'ytd' and period = '2020-08'"
        ).fetchone()
        assert found == (60, "2019-02-28")


def test_weeks_of_other_days_have_no_ratio_but_averages(growing: duckdb.DuckDBPyConnection) -> None:
    columns = ["days", "working_days", "previous_days", "previous_working_days", "previous_status"]
    # 28 to 30 September, of which Sunday the 29th is made up and Monday worked, against 21 to 27 September
    assert change(growing, "week", "2024-39", *columns) == (3, 2, 7, 5, "different_days")
    now, then = total(date(2024, 9, 28), date(2024, 9, 30)), total(date(2024, 9, 21), date(2024, 9, 27))
    averages = ["previous_value", "previous_difference", "previous_change", "previous_per_day", "previous_per_day_change"]
    assert change(growing, "week", "2024-39", *averages) == (None, None, None, then / 7, pytest.approx(now / 3 / (then / 7) - 1))
    averages = ["per_working_day", "previous_per_working_day", "previous_per_working_day_change"]
    assert change(growing, "week", "2024-39", *averages) == (now / 2, then / 5, pytest.approx(now / 2 / (then / 5) - 1))


def test_the_weeks_of_spring_festival_are_compared_with_each_other(growing: duckdb.DuckDBPyConnection) -> None:
    # 10 to 23 February: the week before it and the one of the same number a year earlier have no festival
    found = change(growing, "week", "2024-07", "days", "festival", "previous_status", "year_earlier_status", "previous_change")
    assert found == (14, "春节", "festival", "festival", None)
    then = total(date(2023, 1, 21), date(2023, 2, 3))
    now = total(date(2024, 2, 10), date(2024, 2, 23))
    columns = ["festival_period", "festival_days", "festival_value", "festival_change", "festival_status"]
    assert change(growing, "week", "2024-07", *columns) == ("2023-04", 14, then, pytest.approx(now / then - 1), "compared")
    # the issue after it has no festival, and its base has: that is no base either
    assert change(growing, "week", "2024-08", "festival", "previous_status", "festival_status") == (None, "festival", "none")


def test_each_festival_lies_in_one_week_of_a_year() -> None:
    found = Counter(
        (festival, day.year, issue.issue_key)
        for day, festival in WORKING_DAYS.festival_days()
        for issue in all_issues()
        if issue.window_start <= day <= issue.cutoff_date
    )
    years = {(festival, year) for festival, year, _ in found}
    assert len(years) == len(found) > 20


def test_where_a_year_has_but_an_opening_up_to_the_date_there_is_no_comparison() -> None:
    opening = (date(2023, 8, 25), 5000)
    with compared(date(2023, 8, 26), date(2024, 12, 31), of_day, opening=opening) as connection:
        columns = ["year_earlier_status", "year_earlier_value", "year_earlier_per_day_change"]
        # 2024-33 ends on 23 August, 2024-34 on the 30th: then the opening and five days of events are known
        assert change(connection, "ytd", "2024-33", *columns) == ("no_days", None, None)
        then = 5000 + total(date(2023, 8, 26), date(2023, 8, 30))
        columns = ["days", "year_earlier_days", "year_earlier_status", "year_earlier_per_day"]
        assert change(connection, "ytd", "2024-34", *columns) == (243, 242, "different_days", then / 242)


def test_a_gap_in_the_year_before_makes_it_incomplete() -> None:
    gap = frozenset({date(2023, 1, 5)})
    with compared(date(2023, 1, 1), date(2024, 3, 1), of_day, missing=gap) as connection:
        assert change(connection, "ytd", "2024-04", "year_earlier_status", "year_earlier_value") == ("incomplete", None)
        assert change(connection, "ytd", "2023-04", "year_earlier_status", "year_earlier_days") == ("missing", None)


def test_the_sites_own_calendar_names_festivals_and_takes_days_from_them(tmp_path: Path) -> None:
    calendar = tmp_path / "calendar.csv"
    calendar.write_text(
        "date,is_working_day,name\n2027-02-06,0,春节\n2027-02-07,1,春节补班\n2027-10-01,否,国庆\n2024-10-07,1,\n2027-01-01,0,元旦\n",
        encoding="utf-8",
    )
    found = dict(load_working_days(calendar).festival_days())
    assert {day: name for day, name in found.items() if day.year == 2027} == {
        date(2027, 2, 6): "春节",
        date(2027, 10, 1): "国庆节",
    }
    assert [day.day for day in found if (day.year, day.month) == (2024, 10)] == [1, 2, 3, 4, 5, 6]
