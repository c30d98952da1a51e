"""Findings that stay open: what a check found, kept with its age until data or a waiver settles it; the table ``quality.findings``.

A check of what was loaded since the last publication looks at a day once. So what it found is asked again here in every run, of the
same deliveries, as long as the rows still count. How a finding is shown is ``page.py``'s.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields, replace
from datetime import datetime
from typing import Any

import duckdb

from assets.quality.results import CheckResult
from assets.quality.suites.suite import Check, Severity, Suite
from assets.quality.suites.vocabulary import SQL_RULE

_TABLE = """
create schema if not exists quality;
create table if not exists quality.findings (
    check_id varchar not null, table_name varchar not null, rule varchar not null, severity varchar not null, status varchar not null,
    who_fixes varchar not null, failing_rows bigint, checked_rows bigint, deliveries varchar[] not null, workbook varchar not null,
    first_seen_at timestamp not null, last_seen_at timestamp not null, settled_at timestamp, settled_by varchar
)
"""
# INFO is a record, which nobody has to act on
FOLLOWED: tuple[Severity, ...] = ("ERROR", "WARN")
BY_DATA, BY_WAIVER, BY_RULES = "data", "waiver", "rules"
# a table's name, not its schema, may be in the expressions of a suite
_SCHEMA = "checking_again"
# of a feed, the rows that count; a list takes the place of the one before it
_STILL_COUNTS = """
(delivery, file_index, line) in (select (delivery, file_index, line) from core.events where feed = '{feed}')
"""
_NEWEST_LIST = """
delivery = (
    select max_by(deliveries.delivery, (deliveries.business_date, deliveries.sequence)) from ledger.deliveries as deliveries
    where deliveries.delivery in (select delivery from core.handbook_items)
)
"""


@dataclass(frozen=True)
class OpenFinding:
    """One check that failed and was not settled since; the fields are the first columns of ``quality.findings``.

    ``deliveries`` are those it failed on, none where the check looks at a whole table; ``workbook`` is the name of the file in
    ``reports/`` that lists the rows; times are naive Beijing time.
    """

    check_id: str
    table_name: str
    rule: str
    severity: Severity
    status: str
    who_fixes: str
    failing_rows: int | None
    checked_rows: int | None
    deliveries: tuple[str, ...]
    workbook: str
    first_seen_at: datetime
    last_seen_at: datetime

    def days_open(self, now: datetime) -> int:
        """For how many days it has been open; 0 on the day it was found."""
        return (now.date() - self.first_seen_at.date()).days


_COLUMNS = [field.name for field in fields(OpenFinding)]


def create_findings(connection: duckdb.DuckDBPyConnection) -> None:
    """Make ``quality.findings`` where it is missing."""
    connection.execute(_TABLE)


def open_findings(connection: duckdb.DuckDBPyConnection) -> list[OpenFinding]:
    """What is open, the worst and oldest first."""
    create_findings(connection)
    rows = connection.execute(
        f"select {', '.join(_COLUMNS)} from quality.findings where settled_at is null"
        " order by severity = 'ERROR' desc, first_seen_at, check_id"
    ).fetchall()
    return [_read(dict(zip(_COLUMNS, row, strict=True))) for row in rows]


def _read(row: dict[str, Any]) -> OpenFinding:
    return OpenFinding(**row | {"deliveries": tuple(row["deliveries"])})


def waived_at(connection: duckdb.DuckDBPyConnection, run_at: datetime) -> set[str]:
    """The checks whose open finding was settled by a waiver in the run of ``run_at``."""
    create_findings(connection)
    rows = connection.execute(
        "select check_id from quality.findings where settled_at = ? and settled_by = ?", [run_at, BY_WAIVER]
    ).fetchall()
    return {name for (name,) in rows}


@dataclass(frozen=True)
class Followed:
    """What a run means for the findings: those that are open now, and those that were settled, with what settled each."""

    still_open: tuple[OpenFinding, ...]
    settled: tuple[tuple[OpenFinding, str], ...]


def follow(
    connection: duckdb.DuckDBPyConnection,
    suites: Iterable[Suite],
    results: Sequence[CheckResult],
    interval: Sequence[str],
    waived: Mapping[str, str],
    workbook: str,
) -> Followed:
    """What the ``results`` of a run over ``interval`` say of what is open, and what they add to it; nothing is written.

    What was found in other deliveries is checked again on those rows of them that still count. ``waived`` are the checks that are let
    pass in this run, ``workbook`` the name of the file that lists the rows of ``results``.
    """
    run_at = results[0].run_at
    defined = {check.id: (suite, check) for suite in suites for check in suite.checks}
    now = {result.check_id: result for result in results}
    still_open: list[OpenFinding] = []
    settled: list[tuple[OpenFinding, str]] = []
    known = open_findings(connection)
    for finding in known:
        result = now.get(finding.check_id)
        if result is None:
            settled.append((finding, BY_RULES))
        elif finding.check_id in waived or result.accepted_reason is not None:
            settled.append((finding, BY_WAIVER))
        else:
            renewed = _renewed(connection, *defined[finding.check_id], finding, result, interval, workbook)
            if renewed is None:
                settled.append((finding, BY_DATA))
            else:
                still_open.append(renewed)
    new = [result for result in results if _is_new(result, {finding.check_id for finding in known})]
    still_open += [_finding(result, _looked_at(*defined[result.check_id], interval), workbook, run_at) for result in new]
    return Followed(tuple(still_open), tuple(settled))


def _is_new(result: CheckResult, known: set[str]) -> bool:
    failed = not result.passed and result.accepted_reason is None
    return failed and result.severity in FOLLOWED and result.check_id not in known


def keep(connection: duckdb.DuckDBPyConnection, followed: Followed, run_at: datetime) -> None:
    """Write what ``follow`` found; the caller has a transaction open."""
    create_findings(connection)
    connection.execute("delete from quality.findings where settled_at is null")
    still_open = ((finding, None, None) for finding in followed.still_open)
    settled = ((finding, run_at, by) for finding, by in followed.settled)
    for finding, settled_at, by in (*still_open, *settled):
        values = [list(value) if isinstance(value, tuple) else value for value in astuple(finding)]
        marks = ", ".join("?" * (len(_COLUMNS) + 2))
        connection.execute(
            f"insert into quality.findings ({', '.join(_COLUMNS)}, settled_at, settled_by) values ({marks})",
            [*values, settled_at, by],
        )


def as_result(finding: OpenFinding, run_at: datetime, reason: str) -> CheckResult:
    """The finding as the result of a check that is let pass for ``reason``."""
    return CheckResult(
        run_at=run_at,
        check_id=finding.check_id,
        table_name=finding.table_name,
        rule=finding.rule,
        severity=finding.severity,
        passed=False,
        status="failed",
        accepted_reason=reason,
        failing_rows=finding.failing_rows,
        checked_rows=finding.checked_rows,
        who_fixes=finding.who_fixes,
    )


def _looked_at(suite: Suite, check: Check, interval: Sequence[str]) -> tuple[str, ...]:
    return tuple(interval) if suite.interval_of(check) == "loaded" else ()


def _finding(result: CheckResult, deliveries: tuple[str, ...], workbook: str, first_seen_at: datetime) -> OpenFinding:
    return OpenFinding(
        result.check_id,
        result.table_name,
        result.rule,
        result.severity,
        result.status,
        result.who_fixes,
        result.failing_rows,
        result.checked_rows,
        deliveries,
        workbook,
        first_seen_at,
        result.run_at,
    )


def _renewed(
    connection: duckdb.DuckDBPyConnection,
    suite: Suite,
    check: Check,
    finding: OpenFinding,
    result: CheckResult,
    interval: Sequence[str],
    workbook: str,
) -> OpenFinding | None:
    """The finding as it is now; ``None`` where it is settled."""
    failed_now = None if result.passed else _finding(result, _looked_at(suite, check, interval), workbook, finding.first_seen_at)
    # that a share of the interval passed proves nothing of the rows that failed
    is_share = result.passed and check.sample_by is not None
    earlier = [name for name in finding.deliveries if is_share or name not in interval]
    if not earlier:
        return failed_now
    again = _checked_again(connection, suite, check, earlier, result.run_at)
    if again.passed:
        return failed_now
    if failed_now is None:
        return _finding(again, tuple(earlier), finding.workbook, finding.first_seen_at)
    return replace(
        failed_now,
        failing_rows=_sum(failed_now.failing_rows, again.failing_rows),
        checked_rows=_sum(failed_now.checked_rows, again.checked_rows),
        deliveries=tuple(sorted({*earlier, *failed_now.deliveries})),
    )


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _checked_again(
    connection: duckdb.DuckDBPyConnection, suite: Suite, check: Check, deliveries: Sequence[str], run_at: datetime
) -> CheckResult:
    """The check on the rows of ``deliveries``, never on a share of them; a rule about rows on those that still count."""
    # with Great Expectations' dialect, which whoever only reads findings does not need
    from assets.quality.run.engine import run_suites

    # a rule between rows may be about those that lost, too
    is_of_rows = check.expectation.type != SQL_RULE
    with _rows_of(connection, suite.table, deliveries, is_of_rows) as table:
        alone = suite.model_copy(update={"table": table, "checks": (check,)})
        (result,) = run_suites(connection, [alone], None, run_at)
    return replace(result, table_name=suite.table)


@contextmanager
def _rows_of(connection: duckdb.DuckDBPyConnection, table: str, deliveries: Sequence[str], that_count: bool) -> Iterator[str]:
    """The name of a view of the rows of ``deliveries`` in ``table``, which lasts as long as the block."""
    schema, name = table.split(".")
    condition = f"delivery in (select delivery from {_SCHEMA}.deliveries)"
    if schema == "lake" and that_count:
        condition += " and " + (_NEWEST_LIST if name == "handbook" else _STILL_COUNTS.format(feed=name))
    # left behind where a run was killed
    connection.execute(f"drop schema if exists {_SCHEMA} cascade; create schema {_SCHEMA}")
    try:
        connection.execute(
            f"create table {_SCHEMA}.deliveries as select unnest($names::varchar[]) as delivery", {"names": list(deliveries)}
        )
        connection.execute(f"create view {_SCHEMA}.{name} as select * from {table} where {condition}")
        yield f"{_SCHEMA}.{name}"
    finally:
        connection.execute(f"drop schema {_SCHEMA} cascade")
