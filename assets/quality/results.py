"""What the checks found: counts and words, never values; kept as the history ``quality.checks``."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from typing import Literal, get_args

import duckdb

from assets.quality.suites.suite import Severity

_SMALLEST_SHOWN = 0.0001
Status = Literal["passed", "failed", "broken"]
STATUS_WORDS: dict[Status, str] = {"passed": "通过", "failed": "不通过", "broken": "检查未能执行"}

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

    @property
    def rate_text(self) -> str:
        """The share of failing rows, for a person; blank where there is none."""
        return rate_text(self.failing_rows, self.checked_rows)


def create_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Make ``quality.checks`` where it is missing."""
    connection.execute(_TABLE)


def record(connection: duckdb.DuckDBPyConnection, results: Sequence[CheckResult]) -> None:
    """Add one run's results to the history."""
    create_table(connection)
    if not results:
        return
    # one statement: a row at a time took a tenth of a second
    columns = [list(column) for column in zip(*map(astuple, results), strict=True)]
    connection.execute(f"insert into quality.checks select {', '.join(['unnest(?)'] * len(fields(CheckResult)))}", columns)


def last_run(connection: duckdb.DuckDBPyConnection) -> list[CheckResult]:
    """The results of the newest run."""
    create_table(connection)
    rows = connection.execute(
        "select * from quality.checks where run_at = (select max(run_at) from quality.checks) order by check_id"
    ).fetchall()
    return [CheckResult(*row) for row in rows]


def worst_first(results: Iterable[CheckResult]) -> list[CheckResult]:
    """The results with what keeps from publishing first, then by severity, what failed before what passed, and by id."""
    order = list(get_args(Severity))
    return sorted(results, key=lambda result: (result.passed, not result.blocks, order.index(result.severity), result.check_id))


def rate_text(failing: int | None, checked: int | None) -> str:
    """``failing`` of ``checked`` as a percentage, never rounded to none; blank where one of them is not known or nothing was checked."""
    if failing is None or not checked:
        return ""
    share = failing / checked
    return f"{share:.2%}" if failing == 0 or share >= _SMALLEST_SHOWN else f"<{_SMALLEST_SHOWN:.2%}"
