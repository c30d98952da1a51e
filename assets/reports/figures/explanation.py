"""One figure explained: its days, its departments, and the terms from last issue's year to date to this one's, all adding up.

Read from the published database; the deliveries that carry the rows are ``carriers.py``'s, since single cases are not published.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from assets.calendar import parse_issue_key
from assets.errors import DamageError, RefusedError, UsageError
from assets.reports.facts.counts import DEPARTMENTS
from assets.reports.facts.reader import open_published, uncounted_result_types
from assets.reports.figures.identity import IssueYear, Term, identity_terms
from assets.reports.figures.scope import CONDITION, FigureScope, scope_of
from assets.reports.printable import printable

# shares are quotients; everything else is a whole number
_TOLERANCE = 1e-9
_HANDBOOK_COLUMNS = {
    "handbook.finished.week": "finished_in_week",
    "handbook.finished.total": "finished_total",
    "handbook.share": "finished_total",
    "handbook.items": "items_total",
}


@dataclass(frozen=True)
class Part:
    """One summand of a figure: a day, a department or a delivery; ``name`` is its Chinese name or says more of it."""

    key: str
    name: str
    value: float


@dataclass(frozen=True)
class RevisionFact:
    """How a frozen figure has changed since; ``deliveries`` made it, separated by commas."""

    difference: float | None
    first_seen_at: datetime | None
    deliveries: str


@dataclass(frozen=True)
class Explanation:
    """A figure as it is now, with its parts; ``published_value`` and ``revision`` where its issue is frozen."""

    issue_key: str
    figure: str
    title: str
    definition: str
    unit: str
    value: float
    numerator: int | None
    denominator: int | None
    window_start: date | None
    cutoff_date: date
    published_value: float | None
    frozen_at: datetime | None
    revision: RevisionFact | None
    opening_as_of: date | None
    opening: int
    days: tuple[Part, ...]
    departments: tuple[Part, ...]
    identity: tuple[Term, ...]
    previous_issue: str | None
    version: str

    @property
    def events_from(self) -> date | None:
        """The first day whose events count, ``None`` for figures of handbooks."""
        if self.opening_as_of is not None and scope_of(self.figure).is_year_to_date:
            return self.opening_as_of + timedelta(days=1)
        return self.window_start


def explain(published: Path, issue_key: str, figure: str) -> Explanation:
    """The figure of the issue, walked down to its parts.

    Raises UsageError for a figure that the issue has not, naming those it has; RefusedError for an issue without figures;
    DamageError where the parts do not add up to the figure.
    """
    parse_issue_key(issue_key)
    with open_published(published) as con:
        row = _figure_row(con, issue_key, figure)
        scope = scope_of(figure)
        year = _issue_year(con, issue_key)
        counts_from = (year.events_from if scope.is_year_to_date else row["window_start"]) if scope.counts_events else None
        days = _days(con, scope, counts_from, row["cutoff_date"]) if counts_from else ()
        opening = year.opening(con, scope)
        explanation = Explanation(
            issue_key=issue_key,
            figure=figure,
            title=scope.title,
            definition=scope.definition(uncounted_result_types(con)),
            **row,
            revision=_revision(con, issue_key, figure),
            opening_as_of=year.opening_as_of if scope.is_year_to_date else None,
            opening=opening,
            days=days,
            departments=_departments(con, issue_key, scope),
            identity=identity_terms(con, year, scope) if scope.counts_events and scope.is_year_to_date else (),
            previous_issue=year.previous,
            version=_version(con),
        )
    _prove(explanation, scope)
    return explanation


def prove_sum(explanation: Explanation, what: str, parts: Sequence[float], whole: float) -> None:
    """Raise DamageError where ``parts`` do not add up to ``whole``."""
    if abs(sum(parts) - whole) > _TOLERANCE:
        raise DamageError(
            f"{explanation.figure} of issue {explanation.issue_key}: its {what} add up to {sum(parts):.10g}, not to {whole:.10g};"
            " rebuild the warehouse"
        )


def _prove(explanation: Explanation, scope: FigureScope) -> None:
    whole = float(explanation.numerator if explanation.numerator is not None else explanation.value)
    prove_sum(explanation, "departments", [part.value for part in explanation.departments], whole)
    if explanation.denominator:
        prove_sum(explanation, "quotient", [whole / explanation.denominator], explanation.value)
    if scope.counts_events:
        prove_sum(explanation, "days", [explanation.opening, *(part.value for part in explanation.days)], explanation.value)
    if explanation.identity:
        prove_sum(explanation, "terms", [term.value for term in explanation.identity], explanation.value)


def _figure_row(con: duckdb.DuckDBPyConnection, issue_key: str, figure: str) -> dict[str, Any]:
    columns = ("unit", "value", "numerator", "denominator", "window_start", "cutoff_date", "published_value", "frozen_at")
    rows = con.execute(
        "select figures.figure, unit, figures.value, numerator, denominator, window_start, cutoff_date,"
        " published.value, published.frozen_at from marts.bulletin_figures figures"
        " left join marts.published_figures published using (issue_key, figure) where issue_key = ? order by figures.figure",
        [issue_key],
    ).fetchall()
    if not rows:
        raise RefusedError(f"issue {issue_key} has no figures in the published database")
    by_name = {name: dict(zip(columns, values, strict=True)) for name, *values in rows}
    if figure not in by_name:
        raise UsageError(f"issue {issue_key} has no figure {figure!r}; it has: {', '.join(by_name)}")
    return by_name[figure]


def _issue_year(con: duckdb.DuckDBPyConnection, issue_key: str) -> IssueYear:
    row = con.execute(
        "select issue_year, window_start, cutoff_date,"
        " (select max(as_of) from marts.opening_balances where extract(year from as_of) = issue_year),"
        " (select max_by(earlier.issue_key, earlier.cutoff_date) from marts.issue_calendar earlier"
        "  where earlier.issue_year = issues.issue_year and earlier.cutoff_date < issues.cutoff_date)"
        " from marts.issue_calendar issues where issue_key = ?",
        [issue_key],
    ).fetchone()
    if row is None:
        raise DamageError(f"issue {issue_key} has figures and is not in the calendar; rebuild the warehouse")
    return IssueYear(issue_key, *row)


def _days(con: duckdb.DuckDBPyConnection, scope: FigureScope, first: date, last: date) -> tuple[Part, ...]:
    condition = CONDITION.format(task_types="marts.task_types")
    rows = con.execute(
        f"select event_date, sum({scope.measure}) from marts.daily_counts where {condition}"
        f" and event_date between $first and $last group by event_date having sum({scope.measure}) <> 0 order by event_date",
        {"scope": scope.scope, "first": first, "last": last},
    ).fetchall()
    return tuple(Part(str(day), "", int(value)) for day, value in rows)


def _departments(con: duckdb.DuckDBPyConnection, issue_key: str, scope: FigureScope) -> tuple[Part, ...]:
    if not scope.counts_events:
        column = _HANDBOOK_COLUMNS.get(scope.name)
        if column is None:
            raise DamageError(
                f"{scope.name}: no rule says what it is made of; this version of the program is older than the data"
            )
        query = f"select org_code, org_name, {column} from marts.handbook_progress where issue_key = ? order by org_code"
        return tuple(Part(code, printable(name or ""), value) for code, name, value in con.execute(query, [issue_key]).fetchall())
    table = "cumulative_counts" if scope.is_year_to_date else "weekly_counts"
    condition = CONDITION.format(task_types="marts.task_types")
    rows = con.execute(
        f"select counts.org_code, any_value(names.org_name), sum({scope.measure}) from marts.{table} counts"
        f" left join {DEPARTMENTS} names on names.org_code = counts.org_code"
        f" where issue_key = $issue and {condition.replace('org_level', 'counts.org_level')}"
        f" group by counts.org_code having sum({scope.measure}) <> 0 order by counts.org_code",
        {"issue": issue_key, "scope": scope.scope},
    ).fetchall()
    return tuple(Part(code, printable(name or "") or ("" if code else "未分部门"), int(value)) for code, name, value in rows)


def _revision(con: duckdb.DuckDBPyConnection, issue_key: str, figure: str) -> RevisionFact | None:
    row = con.execute(
        "select difference, first_seen_at, deliveries from marts.revisions where issue_key = ? and figure = ?",
        [issue_key, figure],
    ).fetchone()
    return None if row is None else RevisionFact(*row)


def _version(con: duckdb.DuckDBPyConnection) -> str:
    row = con.execute("select version from meta.publication").fetchone()
    return str(row[0]) if row else ""
