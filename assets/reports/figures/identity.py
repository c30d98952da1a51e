"""Last issue's year to date + this week ± revisions = this issue's year to date, as terms.

In a year's first issue, and where last issue has no year to date, the opening balance (or nothing) and the days before the
week stand in for it. Days of the old year belong to the week but to no year to date of the new one.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from assets.reports.figures.scope import CONDITION, FigureScope


@dataclass(frozen=True)
class Term:
    """One summand; ``key`` is ``last_issue``, ``revisions``, ``opening``, ``days_before``, ``outside_week`` or ``this_week``."""

    key: str
    label: str
    value: float


@dataclass(frozen=True)
class IssueYear:
    """An issue's place in its year: its week, the opening balance of the year, the issue before it in the same year."""

    issue_key: str
    issue_year: int
    window_start: date
    cutoff_date: date
    opening_as_of: date | None
    previous: str | None

    @property
    def events_from(self) -> date:
        """The first day whose events the year to date counts."""
        return date(self.issue_year, 1, 1) if self.opening_as_of is None else self.opening_as_of + timedelta(days=1)

    def opening(self, con: duckdb.DuckDBPyConnection, scope: FigureScope) -> int:
        """What the opening balance gives to a year to date; 0 for every other figure."""
        return opening_of(con, scope, self.opening_as_of)


def opening_of(con: duckdb.DuckDBPyConnection, scope: FigureScope, as_of: date | None) -> int:
    """What the opening balance of ``as_of`` gives to a figure; 0 where there is none, and for all but years to date."""
    if as_of is None or not (scope.counts_events and scope.is_year_to_date):
        return 0
    return _sum(con, scope, "opening_balances", "as_of = $as_of", as_of=as_of)


def identity_terms(con: duckdb.DuckDBPyConnection, year: IssueYear, scope: FigureScope) -> tuple[Term, ...]:
    """The terms that must add up to the issue's year to date; whether they do is for the caller to prove."""
    before = _last_issue(con, year, scope)
    if before is None:
        before = _without_last_issue(con, year, scope)
    first = max(year.window_start, year.events_from)
    label = f"本周（{first} 至 {year.cutoff_date}）"
    return (*before, Term("this_week", label, _week(con, year, scope)))


def _last_issue(con: duckdb.DuckDBPyConnection, year: IssueYear, scope: FigureScope) -> tuple[Term, ...] | None:
    row = con.execute(
        "select figures.value, published.value, figures.cutoff_date, revisions.difference, revisions.deliveries"
        " from marts.bulletin_figures figures"
        " left join marts.published_figures published using (issue_key, figure)"
        " left join marts.revisions revisions using (issue_key, figure) where issue_key = ? and figure = ?",
        [year.previous, scope.name],
    ).fetchone()
    if row is None:
        return None
    current, published, cutoff, difference, deliveries = row
    if published is None:
        terms = [
            Term("last_issue", f"上期（{year.previous}）年累计现值，上期未定稿", current),
            Term("revisions", "上期的修订：未定稿，无", 0),
        ]
    else:
        through = f"（{deliveries}）" if deliveries else "（口径、设置或程序）" if difference else "：无"
        terms = [
            Term("last_issue", f"上期（{year.previous}）年累计发布值", published),
            Term("revisions", f"上期定稿后的修订{through}", difference or 0),
        ]
    # where only the shown days make the week, some days fall between two weeks
    outside = _events(con, scope, cutoff + timedelta(days=1), year.window_start - timedelta(days=1))
    if outside:
        terms.append(Term("outside_week", "两期统计周之间的日子", outside))
    return tuple(terms)


def _without_last_issue(con: duckdb.DuckDBPyConnection, year: IssueYear, scope: FigureScope) -> tuple[Term, ...]:
    why = "本年首期" if year.previous is None else f"上期（{year.previous}）没有年累计"
    terms = [Term("last_issue", f"上期年累计：{why}", 0)]
    if year.opening_as_of is not None:
        terms.append(Term("opening", f"期初数（截至 {year.opening_as_of}）", year.opening(con, scope)))
    before = _events(con, scope, year.events_from, year.window_start - timedelta(days=1))
    if before:
        terms.append(Term("days_before", f"统计周之前的日子（{year.events_from} 起）", before))
    return tuple(terms)


def _week(con: duckdb.DuckDBPyConnection, year: IssueYear, scope: FigureScope) -> int:
    """The count of the week; if the week begins before the year to date, of its days since then."""
    if year.window_start < year.events_from:
        return _events(con, scope, year.events_from, year.cutoff_date)
    return _sum(con, scope, "weekly_counts", "issue_key = $issue", issue=year.issue_key)


def _events(con: duckdb.DuckDBPyConnection, scope: FigureScope, first: date, last: date) -> int:
    return _sum(con, scope, "daily_counts", "event_date between $first and $last", first=first, last=last)


def _sum(con: duckdb.DuckDBPyConnection, scope: FigureScope, table: str, where: str, **values: object) -> int:
    row = con.execute(
        f"select coalesce(sum({scope.measure}), 0) from marts.{table} where {where} and {CONDITION.format(task_types='marts.task_types')}",
        values | {"scope": scope.scope},
    ).fetchone()
    return int(row[0]) if row else 0
