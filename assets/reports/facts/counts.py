"""The counts behind the figures: 省本级综窗 by department, of the week and of the year to date."""

from typing import Any

import duckdb

from assets.reports.facts.facts import MEASURES, Counts
from assets.reports.printable import printable

PROVINCIAL = "2"
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
    rows = con.execute(
        f"select coalesce(nullif(o.org_name, ''), nullif(c.org_code, ''), '') as label, {week}, {year} from ({both}) c"
        f" left join {DEPARTMENTS} o on o.org_code = c.org_code"
        " where c.org_level = $level and c.is_composite group by c.org_code, label order by c.org_code",
        {"issue": issue_key, "level": PROVINCIAL},
    ).fetchall()
    return tuple(_counts(printable(label) or OUTSIDE_DEPARTMENTS, tuple(sums)) for label, *sums in rows)


def _counts(name: str, sums: tuple[Any, ...]) -> Counts:
    week, year = sums[: len(MEASURES)], sums[len(MEASURES) :]
    return Counts(name, tuple(int(value) for value in week), None if year[0] is None else tuple(int(value) for value in year))
