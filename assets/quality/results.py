"""What the checks found: counts and words, never values; kept as the history ``quality.checks``."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from typing import Literal

import duckdb

from assets.errors import UsageError
from assets.quality.suites import Severity

Status = Literal["passed", "failed", "broken"]

_TABLE = """
create schema if not exists quality;
create table if not exists quality.checks (
    run_at timestamp not null, check_id varchar not null, table_name varchar not null, rule varchar not null,
    severity varchar not null, passed boolean not null, status varchar not null, accepted_reason varchar,
    failing_rows bigint, checked_rows bigint, who_fixes varchar not null
)
"""


@dataclass(frozen=True)
class CheckResult:
    """One check of one run; the fields are the columns of ``quality.checks``. A broken check could not be carried out."""

    run_at: datetime
    check_id: str
    table_name: str
    rule: str
    severity: Severity
    passed: bool
    status: Status
    accepted_reason: str | None
    failing_rows: int | None
    checked_rows: int | None
    who_fixes: str

    @property
    def blocks(self) -> bool:
        """Whether it keeps the run from publishing."""
        return self.severity == "ERROR" and not self.passed and self.accepted_reason is None


def create_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Make ``quality.checks`` where it is missing."""
    connection.execute(_TABLE)


def record(connection: duckdb.DuckDBPyConnection, results: Sequence[CheckResult]) -> None:
    """Add one run's results to the history."""
    create_table(connection)
    if results:
        connection.executemany(
            "insert into quality.checks values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [astuple(result) for result in results]
        )


def last_run(connection: duckdb.DuckDBPyConnection) -> list[CheckResult]:
    """The results of the newest run."""
    create_table(connection)
    rows = connection.execute(
        "select * from quality.checks where run_at = (select max(run_at) from quality.checks) order by check_id"
    ).fetchall()
    return [CheckResult(*row) for row in rows]


def accepting(results: Iterable[CheckResult], reasons: dict[str, str]) -> list[CheckResult]:
    """The results with authorised acceptances. Raises ``UsageError`` for a check that does not exist."""
    results = list(results)
    unknown = reasons.keys() - {result.check_id for result in results}
    if unknown:
        raise UsageError(f"there is no check {', '.join(sorted(unknown))}")
    return [
        replace(result, accepted_reason=reasons[result.check_id]) if result.check_id in reasons and not result.passed else result
        for result in results
    ]
