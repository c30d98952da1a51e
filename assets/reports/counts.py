"""The counts behind the figures: 省本级综窗 by department, 省级政务服务事项 by class, of the week and of the year to date."""

from typing import Any

import duckdb

from assets.reports.facts import MEASURES, Counts
from assets.reports.printable import printable
from assets.warehouse.code_lists import CLASS_NAMES

PROVINCIAL = "2"
OUTSIDE_CLASSES = "未列入上述类别"
OUTSIDE_DEPARTMENTS = "未分部门"
# every department by the name that it had at the issue's cut-off; the parameter is the issue
DEPARTMENTS = (
    "(select organizations.org_code, coalesce(names.org_name, organizations.org_name) as org_name from marts.organizations"
    " left join marts.issue_calendar issues on issues.issue_key = $issue"
    " left join marts.organization_names names on names.org_code = organizations.org_code"
    " and issues.cutoff_date >= names.first_date and issues.cutoff_date <= coalesce(names.last_date, issues.cutoff_date))"
)


def read_composite_by_department(con: duckdb.DuckDBPyConnection, issue_key: str) -> tuple[Counts, ...]:
    """One row per department with counts in the year, in the order of the department's code."""
    label = "coalesce(nullif(o.org_name, ''), nullif(c.org_code, ''), '')"
    source = f"left join {DEPARTMENTS} o on o.org_code = c.org_code"
    rows = _read(con, issue_key, "c.org_code", label, source, "and c.is_composite")
    return tuple(_counts(printable(row[1]) or OUTSIDE_DEPARTMENTS, row[2:]) for row in rows)


def read_provincial_by_class(con: duckdb.DuckDBPyConnection, issue_key: str) -> tuple[Counts, ...]:
    """One row per class with counts in the year, in the bulletin's order; item types in no class come last, as one row."""
    source = "left join marts.task_types t on t.task_type = c.task_type"
    rows = _read(con, issue_key, "t.class", "t.class", source, "")
    by_class = {row[0]: row[2:] for row in rows}
    order = [*CLASS_NAMES, *sorted(name for name in by_class if name and name not in CLASS_NAMES), None]
    return tuple(_counts(class_name(name), by_class[name]) for name in order if name in by_class)


def class_name(name: str | None) -> str:
    """The Chinese name of a class; a class of the site's own keeps its name."""
    return OUTSIDE_CLASSES if name is None else CLASS_NAMES.get(name, name)


def _read(
    con: duckdb.DuckDBPyConnection, issue_key: str, key: str, label: str, source: str, condition: str
) -> list[tuple[Any, ...]]:
    """Rows of key, label, the week's five sums, the year's five sums."""
    week = ", ".join(f"coalesce(sum(c.{measure}) filter (c.period = 'week'), 0)" for measure in MEASURES)
    # without a row of the year to date (a cut-off before the opening balance) there is no sum, which is not a sum of 0
    year = ", ".join(
        f"case when (select count(*) from marts.cumulative_counts where issue_key = $issue) > 0"
        f" then coalesce(sum(c.{measure}) filter (c.period = 'year'), 0) end"
        for measure in MEASURES
    )
    both = (
        "select 'week' as period, * from marts.weekly_counts where issue_key = $issue"
        " union all by name select 'year' as period, * from marts.cumulative_counts where issue_key = $issue"
    )
    return con.execute(
        f"select {key} as key, {label} as label, {week}, {year} from ({both}) c {source}"
        f" where c.org_level = $level {condition} group by key, label order by key nulls last",
        {"issue": issue_key, "level": PROVINCIAL},
    ).fetchall()


def _counts(name: str, sums: tuple[Any, ...]) -> Counts:
    week, year = sums[: len(MEASURES)], sums[len(MEASURES) :]
    return Counts(name, tuple(int(value) for value in week), None if year[0] is None else tuple(int(value) for value in year))
