"""Reading one issue's facts from the published database, which is opened read-only and locked down.

Says why an issue cannot be printed. Only the published interface is read: marts, quality and meta.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from assets.calendar import Issue, parse_issue_key
from assets.errors import DamageError, RefusedError, StorageError
from assets.publication.store.versions import refuse_stray_log
from assets.reports.facts.counts import DEPARTMENTS, read_composite_by_department
from assets.reports.facts.facts import Coverage, ErratumNote, Figure, HandbookProgress, IssueFacts, WaivedCheck
from assets.reports.figures.background import read_background
from assets.reports.fitness.facts import read_gaps, read_office_checks, read_quarantined
from assets.reports.fitness.limits import DEFAULT_LIMITS, FitnessLimits
from assets.reports.printable import printable
from assets.warehouse.damage import damaged_publication, tells_damage
from assets.warehouse.models.rules import UNCOUNTED_RESULT_TYPES

LOCKED_DOWN: dict[str, str | bool | int | float | list[str]] = {"enable_external_access": "false", "lock_configuration": "true"}
ISSUE_COLUMNS = ", ".join(field.name for field in fields(Issue))


def read_facts(published: Path, issue_key: str, limits: FitnessLimits = DEFAULT_LIMITS) -> IssueFacts:
    """The facts of ``issue_key`` in the database file ``published``.

    Quarantined rows are told where they are more of a feed's records of a day than ``limits`` allow.

    Raises UsageError for a malformed key, RefusedError where nothing is published or the issue has no figures (saying why),
    StorageError where the file cannot be opened, DamageError where it is not a published database.
    """
    parse_issue_key(issue_key)
    with open_published(published) as con:
        through, version = _publication(con, published)
        issue = _issue(con, issue_key, through)
        coverage = _coverage(con, issue)
        figures, is_frozen = _figures(con, issue_key)
        if not figures:
            raise RefusedError(f"issue {issue_key} has no figures: {_reason_without_figures(issue, coverage, through)}")
        return IssueFacts(
            issue=issue,
            figures=figures,
            is_frozen=is_frozen,
            coverage=coverage,
            gaps=read_gaps(con, issue),
            quarantined=read_quarantined(con, issue, limits),
            office_checks=read_office_checks(con, issue),
            handbook=_handbook(con, issue_key),
            waived_checks=_waived_checks(con, issue),
            errata=_errata(con, issue_key),
            business_date_through=through,
            version=version,
            task_classes=_task_classes(con),
            uncounted_result_types=uncounted_result_types(con),
            organizations=_organizations(con, issue_key),
            composite_by_department=read_composite_by_department(con, issue_key),
            background=read_background(con, issue),
        )


@contextmanager
def open_published(published: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published database, read-only and locked down.

    Raises RefusedError where nothing is published, StorageError where it cannot be opened, DamageError where it was removed or lacks
    a table.
    """
    if not published.exists():
        if published.with_name("manifest.json").exists():
            # a manifest is swapped in last: where there is one, there was a database
            raise damaged_publication(published)
        raise RefusedError(
            f"{published}: nothing is published yet; zhoubao run publishes, and zhoubao status says why it has not"
        )
    refuse_stray_log(published)
    try:
        con = duckdb.connect(str(published), read_only=True, config=LOCKED_DOWN)
    except duckdb.Error as error:
        if tells_damage(error):
            raise damaged_publication(published) from error
        raise StorageError(f"{published}: cannot be opened as a published database ({type(error).__name__})") from error
    try:
        yield con
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        raise DamageError(f"{published}: not a published database of this version: {str(error).splitlines()[0]}") from error
    except duckdb.Error as error:
        if tells_damage(error):
            raise damaged_publication(published) from error
        raise
    finally:
        con.close()


def _publication(con: duckdb.DuckDBPyConnection, published: Path) -> tuple[date, str]:
    row = con.execute("select business_date_through, version from meta.publication").fetchone()
    if row is None:
        raise DamageError(f"{published}: meta.publication is empty; publish again")
    if row[0] is None:
        raise RefusedError(f"{published}: no delivery is loaded yet, so there is no issue to print")
    return row[0], str(row[1])


def _issue(con: duckdb.DuckDBPyConnection, issue_key: str, through: date) -> Issue:
    row = con.execute(f"select {ISSUE_COLUMNS} from marts.issue_calendar where issue_key = ?", [issue_key]).fetchone()
    if row is None:
        raise RefusedError(f"there is no issue {issue_key} in the published calendar (data through {through})")
    return Issue(*row)


def _reason_without_figures(issue: Issue, coverage: Coverage | None, through: date) -> str:
    if issue.cutoff_date > through:
        return f"its cut-off {issue.cutoff_date} is after {through}, the last business date loaded"
    if coverage is None or coverage.week_days_delivered == 0:
        return f"no day of its accounting week {issue.window_start} to {issue.cutoff_date} has a loaded delivery"
    return f"the published database was built without them, though {coverage.week_days_delivered} days are there; run zhoubao run"


def _coverage(con: duckdb.DuckDBPyConnection, issue: Issue) -> Coverage | None:
    row = con.execute(
        "select week_days, week_days_delivered, year_days, year_days_delivered from marts.issue_coverage where issue_key = ?",
        [issue.issue_key],
    ).fetchone()
    return None if row is None else Coverage(row[0], row[1], row[2], row[3], _missing_days(con, issue))


def _missing_days(con: duckdb.DuckDBPyConnection, issue: Issue) -> tuple[date, ...]:
    query = "select distinct business_date from meta.deliveries where state = 'loaded' and business_date between ? and ?"
    delivered = {row[0] for row in con.execute(query, [issue.window_start, issue.cutoff_date]).fetchall()}
    length = (issue.cutoff_date - issue.window_start).days + 1
    week = (issue.window_start + timedelta(days=offset) for offset in range(length))
    return tuple(day for day in week if day not in delivered)


def _figures(con: duckdb.DuckDBPyConnection, issue_key: str) -> tuple[dict[str, Figure], bool]:
    """The issue's figures, those known only as frozen among them, and whether the issue is frozen."""
    current = con.execute(
        "select figure, value, unit, numerator, denominator, window_start, cutoff_date, null, status, why"
        " from marts.bulletin_figures where issue_key = ? order by figure",
        [issue_key],
    ).fetchall()
    frozen = con.execute("select figure, value from marts.published_figures where issue_key = ?", [issue_key]).fetchall()
    published: dict[str, Any] = dict(frozen)
    figures = {row[0]: replace(Figure(*row), published_value=published.get(row[0])) for row in current}
    lost = {name: Figure(name, None, published_value=value) for name, value in sorted(published.items()) if name not in figures}
    return figures | lost, bool(published)


def _handbook(con: duckdb.DuckDBPyConnection, issue_key: str) -> tuple[HandbookProgress, ...]:
    rows = con.execute(
        "select coalesce(nullif(org_name, ''), org_code), finished_in_week from marts.handbook_progress"
        " where issue_key = ? and finished_in_week > 0 order by finished_in_week desc, org_code",
        [issue_key],
    ).fetchall()
    return tuple(HandbookProgress(printable(name), finished) for name, finished in rows)


def _waived_checks(con: duckdb.DuckDBPyConnection, issue: Issue) -> tuple[WaivedCheck, ...]:
    """The waivers in force, and those of deliveries of the issue's own week; for each check the newest."""
    rows = con.execute(
        "select check_id, rule, reason from meta.acceptances"
        " where is_in_force or (business_date_from <= $last and business_date_through >= $first)"
        " qualify row_number() over (partition by check_id order by accepted_at desc) = 1 order by check_id",
        {"first": issue.window_start, "last": issue.cutoff_date},
    ).fetchall()
    return tuple(WaivedCheck(*(printable(cell) for cell in row)) for row in rows)


def _errata(con: duckdb.DuckDBPyConnection, issue_key: str) -> tuple[ErratumNote, ...]:
    rows = con.execute(
        "select erratum_no, cast(recorded_at as date), text from marts.errata where issue_key = ? order by erratum_no",
        [issue_key],
    ).fetchall()
    return tuple(ErratumNote(number, day, printable(text)) for number, day, text in rows)


def _organizations(con: duckdb.DuckDBPyConnection, issue_key: str) -> tuple[str, ...]:
    """The names of all departments, those of today and those of the issue's cut-off."""
    rows = con.execute(
        f"select org_name from {DEPARTMENTS} where org_name <> ''"
        " union select org_name from marts.organizations where org_name <> '' order by org_name",
        {"issue": issue_key},
    ).fetchall()
    return tuple(str(row[0]) for row in rows)


def uncounted_result_types(con: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """The result types that the publication does not count as completed, by the rule it was counted by."""
    row = con.execute("select value from meta.rules where rule = ?", [UNCOUNTED_RESULT_TYPES]).fetchone()
    return tuple(sorted(filter(None, str(row[0]).split(",")))) if row else ()


def _task_classes(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, ...]]:
    rows = con.execute(
        "select class, list(task_type_name order by task_type) from marts.task_types where class is not null group by class"
    ).fetchall()
    return {name: tuple(printable(member) for member in members) for name, members in sorted(rows)}
