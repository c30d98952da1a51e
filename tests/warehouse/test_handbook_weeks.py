"""The handbook's weeks over a year, with lists on any weekday: what is finished in the weeks adds up to the growth of the total."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import pytest

from assets.calendar import CalendarRules, issues, load_working_days
from assets.warehouse.models.empty import empty_warehouse
from assets.warehouse.models.model import load_models
from assets.warehouse.models.rules import CountingRules
from assets.warehouse.state.sources import write_reference

FIRST, LAST = date(2024, 1, 1), date(2024, 12, 31)
ITEMS = 120
MODELS = load_models()


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with empty_warehouse(MODELS) as connection:
        days = load_working_days(None)
        of_the_year = [issue for issue in issues(CalendarRules(), days) if FIRST <= issue.cutoff_date <= LAST]
        write_reference(connection, CountingRules(), of_the_year, days)
        connection.execute(
            "insert into core.delivered_days select cast(day as date), true from range($first, $last, interval 1 day) days(day)",
            {"first": FIRST, "last": LAST + timedelta(days=1)},
        )
        yield connection


def deliver_lists(connection: duckdb.DuckDBPyConnection, choose: random.Random, weekday: int | None) -> dict[int, date]:
    """A list a week, on ``weekday`` or on a different one each week, and the day on which each item was finished."""
    finished = {item: FIRST + timedelta(days=choose.randrange(-30, 400)) for item in range(ITEMS)}
    # a first list before the first cut-off, so that every later issue has one before it
    lists = [FIRST] + [
        monday + timedelta(days=choose.randrange(7) if weekday is None else weekday)
        for monday in (FIRST + timedelta(days=7 * week) for week in range(1, 52))
    ]
    rows = [
        (f"{day:%Y%m%d}_01", day, 1, f"T{item}", f"ORG{item % 3}", done if done <= day else None)
        for day in lists
        for item, done in finished.items()
    ]
    connection.executemany(
        "insert into core.handbook_items (delivery, business_date, sequence, task_handle_item, org_code, finished_date)"
        " values (?, ?, ?, ?, ?, ?)",
        rows,
    )
    return finished


@pytest.mark.parametrize("weekday", [*range(7), None])
def test_the_weeks_add_up_to_the_total(connection: duckdb.DuckDBPyConnection, weekday: int | None) -> None:
    finished = deliver_lists(connection, random.Random(weekday), weekday)
    for name in ("core.issue_windows", "marts.handbook_progress"):
        columns = ", ".join(MODELS[name].header.columns)
        connection.execute(f"insert into {name} ({columns}) select {columns} from ({MODELS[name].query})")
    totals = connection.execute(
        "select list_date, sum(finished_in_week), sum(finished_total) from marts.handbook_progress"
        " group by issue_key, list_date order by issue_key"
    ).fetchall()
    assert len(totals) > 45
    # the total is what was finished by the day of the list in force
    assert [total for _, _, total in totals] == [sum(done <= day for done in finished.values()) for day, _, _ in totals]
    assert sum(week for _, week, _ in totals[1:]) == totals[-1][2] - totals[0][2] > 0
