"""The background of an issue's figures: earlier weeks and years to date, changes against the issue before, handbooks by department,
and revisions of the year's frozen issues. Values, and the functions that read them from the published database.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import duckdb

from assets.calendar import Issue
from assets.reports.printable import printable

# of weekly issues: a year
PERIODS_KEPT = 53


@dataclass(frozen=True)
class Period:
    """A week or a year to date; ``values`` by figure such as ``composite.accepted``, only those that there are."""

    issue_key: str
    start: date
    end: date
    days: int
    is_complete: bool
    values: Mapping[str, int]


@dataclass(frozen=True)
class Change:
    """A week's figure against the issue before: ``ratio`` is ``None`` where ``status`` (marts.figure_changes) says why not."""

    status: str
    previous_issue: str | None
    previous: int | None
    difference: int | None
    ratio: float | None


@dataclass(frozen=True)
class DepartmentHandbooks:
    """One department's handbooks; ``share`` is 0-1, ``None`` where it has no items."""

    org_name: str
    finished_in_week: int
    finished_total: int
    items_total: int
    share: float | None


@dataclass(frozen=True)
class IssueRevision:
    """A frozen figure of this or an earlier issue of the year, whose value has changed since."""

    issue_key: str
    figure: str
    published_value: float
    current_value: float | None
    first_seen: date | None
    deliveries: str


@dataclass(frozen=True)
class Background:
    """All of it; ``weeks`` and ``years`` end with the issue itself."""

    weeks: tuple[Period, ...] = ()
    years: tuple[Period, ...] = ()
    changes: Mapping[str, Change] = field(default_factory=dict)
    handbooks: tuple[DepartmentHandbooks, ...] = ()
    revisions: tuple[IssueRevision, ...] = ()


def read_background(con: duckdb.DuckDBPyConnection, issue: Issue) -> Background:
    """The background of ``issue``."""
    return Background(
        weeks=_periods(con, "week", issue),
        years=_periods(con, "ytd", issue),
        changes=_changes(con, issue),
        handbooks=_handbooks(con, issue),
        revisions=_revisions(con, issue),
    )


def _periods(con: duckdb.DuckDBPyConnection, kind: str, issue: Issue) -> tuple[Period, ...]:
    """The newest periods up to the issue; an issue without figures is not among them."""
    rows = con.execute(
        "select period, period_start, period_end, days, is_complete, figure, value from marts.period_figures"
        " where period_kind = $kind and period_end <= $cutoff order by period_end, figure",
        {"kind": kind, "cutoff": issue.cutoff_date},
    ).fetchall()
    found: dict[str, tuple[str, date, date, int, bool]] = {}
    values: dict[str, dict[str, int]] = {}
    for key, start, end, days, is_complete, figure, value in rows:
        found[key] = (key, start, end, days, is_complete)
        values.setdefault(key, {})[figure] = value
    return tuple(Period(*found[key], values=values[key]) for key in list(found)[-PERIODS_KEPT:])


def _changes(con: duckdb.DuckDBPyConnection, issue: Issue) -> dict[str, Change]:
    rows = con.execute(
        "select figure, previous_status, previous_period, previous_value, previous_difference, previous_change"
        " from marts.figure_changes where period_kind = 'week' and period = ? order by figure",
        [issue.issue_key],
    ).fetchall()
    return {figure: Change(*values) for figure, *values in rows}


def _handbooks(con: duckdb.DuckDBPyConnection, issue: Issue) -> tuple[DepartmentHandbooks, ...]:
    rows = con.execute(
        "select coalesce(nullif(org_name, ''), org_code), finished_in_week, finished_total, items_total, finished_share"
        " from marts.handbook_progress where issue_key = ? order by org_code",
        [issue.issue_key],
    ).fetchall()
    return tuple(DepartmentHandbooks(printable(name), *values) for name, *values in rows)


def _revisions(con: duckdb.DuckDBPyConnection, issue: Issue) -> tuple[IssueRevision, ...]:
    rows = con.execute(
        "select issue_key, figure, published_value, current_value, cast(first_seen_at as date), coalesce(deliveries, '')"
        " from marts.revisions inner join marts.issue_calendar using (issue_key)"
        " where issue_year = ? and cutoff_date <= ? order by cutoff_date, figure",
        [issue.issue_year, issue.cutoff_date],
    ).fetchall()
    return tuple(IssueRevision(*row) for row in rows)
