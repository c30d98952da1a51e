"""What the page of quality says: the newest run's findings, each check over the runs, acceptances, days without a delivery.

Read from the private warehouse and the lake; how it looks is ``page.py``'s.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path

import duckdb

from assets.platform.contract import load_contract
from assets.quality.open_findings import OpenFinding, open_findings
from assets.quality.results import CheckResult, Status, last_run, rate_text, worst_first
from assets.warehouse.state.waivers import Waiver, read_waivers

# a season of mornings; the whole history is in quality.checks
RUNS_SHOWN = 60
WAIVERS_SHOWN = 20


@dataclass(frozen=True)
class PublicationInForce:
    """What readers have now."""

    version: str
    built_at: datetime
    business_date_through: date | None


@dataclass(frozen=True)
class Point:
    """One check in one run; ``rate`` is the share of rows that keep the rule, 0-1, ``None`` where rows are not counted."""

    run_at: datetime
    status: Status
    rate: float | None


@dataclass(frozen=True)
class Finding:
    """What a check found, beside what it found in the run before."""

    result: CheckResult
    before: CheckResult | None

    @property
    def trend(self) -> str:
        """How the count of failing rows went since the run before, in Chinese."""
        if self.before is None:
            return "首次检查"
        if self.before.passed != self.result.passed:
            return "由不通过转为通过" if self.result.passed else "新出现"
        now, then = self.result.failing_rows, self.before.failing_rows
        if now is None or then is None or now == then:
            return "与上次相同"
        share = rate_text(then, self.before.checked_rows)
        return f"{'增' if now > then else '减'} {abs(now - then):,}（上次 {then:,}{'，' + share if share else ''}）"


@dataclass(frozen=True)
class CheckHistory:
    """One check of the newest run with its points, the oldest first."""

    result: CheckResult
    points: tuple[Point, ...]


@dataclass(frozen=True)
class RunCount:
    """How many checks failed in one run, by severity."""

    run_at: datetime
    checks: int
    failed: Counter[str]


@dataclass(frozen=True)
class UnsettledQuarantine:
    """What is quarantined for one reason and was not settled by a later delivery: ``rows`` and whole ``files`` of so many days.

    ``feed`` is its Chinese name; ``since`` is when the first of them was received, naive Beijing time.
    """

    who_fixes: str
    feed: str
    reason: str
    rows: int
    files: int
    days: int
    first_day: date
    last_day: date
    since: datetime


@dataclass(frozen=True)
class QualityFacts:
    """Everything on the page. ``gaps`` are runs of business dates without a delivery, between the first and the last that came."""

    run_at: datetime
    in_force: PublicationInForce | None
    results: tuple[CheckResult, ...]
    findings: tuple[Finding, ...]
    histories: tuple[tuple[str, tuple[CheckHistory, ...]], ...]
    runs: tuple[RunCount, ...]
    acceptances: tuple[Waiver, ...]
    acceptances_in_all: int
    first_day: date | None
    last_day: date | None
    gaps: tuple[tuple[date, date], ...]
    held: tuple[tuple[str, str, str], ...]
    open_findings: tuple[OpenFinding, ...]
    quarantine: tuple[UnsettledQuarantine, ...]

    @property
    def to_do(self) -> dict[str, int]:
        """How many findings and kinds of quarantined rows wait for whom, the most first."""
        waiting = Counter(finding.who_fixes for finding in self.open_findings)
        waiting += Counter(entry.who_fixes for entry in self.quarantine)
        return dict(waiting.most_common())

    @property
    def blocking(self) -> tuple[CheckResult, ...]:
        return tuple(result for result in self.results if result.blocks)

    @property
    def days_missing(self) -> int:
        return sum((last - first).days + 1 for first, last in self.gaps)


def read_quality_facts(connection: duckdb.DuckDBPyConnection, lake: Path, in_force: PublicationInForce | None) -> QualityFacts:
    """The facts as of the newest run in the history. Raises ``ValueError`` where there is no run yet."""
    results = last_run(connection)
    if not results:
        raise ValueError("nothing was checked yet")
    before = _run_before(connection, results[0].run_at)
    acceptances = read_waivers(lake)
    days = [
        day for (day,) in connection.execute("select business_date from core.delivered_days order by business_date").fetchall()
    ]
    return QualityFacts(
        run_at=results[0].run_at,
        in_force=in_force,
        results=tuple(results),
        findings=tuple(Finding(result, before.get(result.check_id)) for result in worst_first(results) if not result.passed),
        histories=_histories(connection, results),
        runs=_runs(connection),
        acceptances=tuple(reversed(acceptances[-WAIVERS_SHOWN:])),
        acceptances_in_all=len(acceptances),
        first_day=days[0] if days else None,
        last_day=days[-1] if days else None,
        gaps=tuple(gaps_between(days)),
        held=tuple(connection.execute("select delivery, state, note from ledger.held order by delivery").fetchall()),
        open_findings=tuple(open_findings(connection)),
        quarantine=_unsettled(connection),
    )


def gaps_between(days: Iterable[date]) -> list[tuple[date, date]]:
    """First and last day of each run of days missing from ``days``, which are sorted."""
    found = []
    for earlier, later in pairwise(days):
        if (later - earlier).days > 1:
            found.append((earlier + timedelta(days=1), later - timedelta(days=1)))
    return found


def _unsettled(connection: duckdb.DuckDBPyConnection) -> tuple[UnsettledQuarantine, ...]:
    rows = connection.execute(
        """
        select
            quarantine.who_fixes, quarantine.feed, quarantine.reason, count(quarantine.line),
            count(*) filter (where quarantine.line is null), count(distinct deliveries.business_date),
            min(deliveries.business_date), max(deliveries.business_date), min(deliveries.received_at) as since
        from meta.quarantine as quarantine
        inner join ledger.deliveries as deliveries
            on quarantine.delivery = deliveries.delivery
        where quarantine.settled_by is null
        group by quarantine.who_fixes, quarantine.feed, quarantine.reason
        order by since, quarantine.feed, quarantine.reason
        """
    ).fetchall()
    feeds = load_contract().feeds
    return tuple(UnsettledQuarantine(who, feeds[feed].title, *counts) for who, feed, *counts in rows)


def _run_before(connection: duckdb.DuckDBPyConnection, run_at: datetime) -> dict[str, CheckResult]:
    rows = connection.execute(
        "select * from quality.checks where run_at = (select max(run_at) from quality.checks where run_at < $run_at)",
        {"run_at": run_at},
    ).fetchall()
    return {result.check_id: result for result in (CheckResult(*row) for row in rows)}


def _histories(
    connection: duckdb.DuckDBPyConnection, results: Iterable[CheckResult]
) -> tuple[tuple[str, tuple[CheckHistory, ...]], ...]:
    rows = connection.execute(
        """
        select check_id, run_at, status, case when checked_rows > 0 then greatest(1 - failing_rows / checked_rows, 0) end as rate
        from quality.checks
        where run_at in (select distinct run_at from quality.checks order by run_at desc limit $runs)
        order by check_id, run_at
        """,
        {"runs": RUNS_SHOWN},
    ).fetchall()
    points = {name: tuple(Point(*row[1:]) for row in found) for name, found in groupby(rows, key=lambda row: row[0])}
    by_table = sorted(results, key=lambda result: (result.table_name, result.check_id))
    return tuple(
        (table, tuple(CheckHistory(result, points[result.check_id]) for result in group))
        for table, group in groupby(by_table, key=lambda result: result.table_name)
    )


def _runs(connection: duckdb.DuckDBPyConnection) -> tuple[RunCount, ...]:
    rows = connection.execute(
        """
        select
            run_at, count(*), count(*) filter (where not passed and severity = 'ERROR'),
            count(*) filter (where not passed and severity = 'WARN'), count(*) filter (where not passed and severity = 'INFO')
        from quality.checks
        group by run_at
        order by run_at desc
        limit $runs
        """,
        {"runs": RUNS_SHOWN},
    ).fetchall()
    return tuple(
        RunCount(run_at, checks, Counter(ERROR=errors, WARN=warnings, INFO=notes))
        for run_at, checks, errors, warnings, notes in reversed(rows)
    )
