"""Reads what decides whether an issue is fit to print: gaps, quarantined shares, the office's checks.

What follows from them is decided in ``fitness.py``.
"""

import duckdb

from assets.calendar import Issue
from assets.reports.facts.facts import Gap, OfficeCheck, Quarantined
from assets.reports.fitness.limits import FitnessLimits
from assets.reports.printable import printable

OFFICE = "办公室"


def read_gaps(con: duckdb.DuckDBPyConnection, issue: Issue) -> tuple[Gap, ...]:
    """The feeds missing on days of the accounting week on which something came; whole missing days are the coverage's."""
    rows = con.execute(
        "select business_date, coalesce(code_name, feed), reason = 'quarantined' from marts.coverage_gaps"
        " left join marts.codes on code_list = 'feed' and code = feed"
        " where reason <> 'no_delivery' and business_date between ? and ? order by business_date, feed",
        [issue.window_start, issue.cutoff_date],
    ).fetchall()
    return tuple(Gap(*row) for row in rows)


def read_quarantined(con: duckdb.DuckDBPyConnection, issue: Issue, limits: FitnessLimits) -> tuple[Quarantined, ...]:
    """The feeds and days that the figures count of which more than the limit's share of the records are quarantined and unsettled."""
    rows = con.execute(
        """
        with year as (
            select coalesce(max(as_of) + 1, make_date($year, 1, 1)) as counted_from from marts.opening_balances
            where extract(year from as_of) = $year
        ),
        came as (
            select delivery, business_date from meta.deliveries cross join year
            where state = 'loaded' and business_date between least($window_start, counted_from) and $cutoff_date
        ),
        sent as (
            select business_date, feed, sum(records) as records from meta.files inner join came using (delivery)
            where state = 'loaded' group by business_date, feed
        ),
        unsettled as (
            select business_date, feed, count(*) as refused from meta.quarantine inner join came using (delivery)
            where line is not null and settled_by is null group by business_date, feed
        )
        select business_date, coalesce(code_name, feed), refused, records
        from sent inner join unsettled using (business_date, feed)
        left join marts.codes on code_list = 'feed' and code = feed
        where refused > $share * records order by business_date, feed
        """,
        {
            "year": issue.issue_year,
            "window_start": issue.window_start,
            "cutoff_date": issue.cutoff_date,
            "share": limits.quarantined_share,
        },
    ).fetchall()
    return tuple(Quarantined(day, name, int(refused), int(records)) for day, name, refused, records in rows)


def read_office_checks(con: duckdb.DuckDBPyConnection, issue: Issue) -> tuple[OfficeCheck, ...]:
    """The office's checks that failed in the newest run and that nobody waived; all are about the newest issue with figures."""
    rows = con.execute(
        "select check_id, rule, failing_rows from quality.checks where run_at = (select max(run_at) from quality.checks)"
        " and not passed and accepted_reason is null and who_fixes = ?"
        " and not exists (from marts.bulletin_figures where cutoff_date > ?) order by check_id",
        [OFFICE, issue.cutoff_date],
    ).fetchall()
    return tuple(OfficeCheck(name, printable(rule), failing) for name, rule, failing in rows)
