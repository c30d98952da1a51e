"""Suites → results: Great Expectations runs each suite as SQL inside the warehouse's connection.

Great Expectations is imported in the function that runs it: the import takes 4 s, which no definition load may pay.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import duckdb

from assets.errors import UsageError
from assets.quality.dialect import lent
from assets.quality.results import CheckResult
from assets.quality.suites import Check, Suite

# views over the loaded interval, so that a check's cost follows the interval and not the history
_SCHEMA = "checking"
_SEVERITIES = {"ERROR": "critical", "WARN": "warning", "INFO": "info"}


def run_suites(
    connection: duckdb.DuckDBPyConnection, suites: Iterable[Suite], deliveries: Sequence[str] | None, run_at: datetime
) -> list[CheckResult]:
    """Run every suite; those of interval ``loaded`` see the rows of ``deliveries``, or of the whole history for ``None``.

    Raises ``UsageError`` for an expectation, or an argument of one, that Great Expectations does not know.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    results: list[CheckResult] = []
    with lent(connection) as address:
        source = context.data_sources.add_sql(name="warehouse", connection_string=address)
        for number, suite in enumerate(suites):
            with _seen(connection, suite, deliveries) as (schema, table):
                asset = source.add_table_asset(f"batch_{number}", table_name=table, schema_name=schema)
                batch = asset.add_batch_definition_whole_table("all").get_batch()
                validated = batch.validate(
                    _gx_suite(gx, suite), result_format={"result_format": "SUMMARY", "partial_unexpected_count": 0}
                )
                rows = _count(connection, f"{schema}.{table}")
            results += _results(suite, validated, rows, run_at)
    return results


@contextmanager
def _seen(connection: duckdb.DuckDBPyConnection, suite: Suite, deliveries: Sequence[str] | None) -> Iterator[tuple[str, str]]:
    """Schema and table that the suite's checks see."""
    schema, table = suite.table.split(".")
    if suite.interval == "whole" or deliveries is None:
        yield schema, table
        return
    connection.execute(f"create schema if not exists {_SCHEMA}")
    connection.execute(
        f"create or replace table {_SCHEMA}.deliveries as select unnest($names::varchar[]) as delivery",
        {"names": list(deliveries)},
    )
    connection.execute(
        f"create or replace view {_SCHEMA}.{table} as "
        f"select * from {suite.table} where delivery in (select delivery from {_SCHEMA}.deliveries)"
    )
    try:
        yield _SCHEMA, table
    finally:
        connection.execute(f"drop schema {_SCHEMA} cascade")


def _gx_suite(gx: Any, suite: Suite) -> Any:
    configurations = [
        {
            "type": check.expectation.type,
            "kwargs": check.expectation.kwargs,
            "meta": {"check_id": check.id},
            "severity": _SEVERITIES[check.severity],
        }
        for check in suite.checks
    ]
    try:
        made = gx.ExpectationSuite(name=suite.table, expectations=configurations)
    except Exception as error:
        raise UsageError(f"expectations of {suite.table}: an argument is wrong ({type(error).__name__})") from error
    # an unknown type is logged and dropped by the library
    known = {expectation.meta["check_id"] for expectation in made.expectations}
    dropped = [check.id for check in suite.checks if check.id not in known]
    if dropped:
        raise UsageError(f"expectations of {suite.table}: unknown expectation in {', '.join(dropped)}")
    return made


def _results(suite: Suite, validated: Any, rows: int, run_at: datetime) -> Iterator[CheckResult]:
    checks = {check.id: check for check in suite.checks}
    for outcome in validated.results:
        yield _result(suite, checks[outcome.expectation_config.meta["check_id"]], outcome, rows, run_at)


def _result(suite: Suite, check: Check, outcome: Any, rows: int, run_at: datetime) -> CheckResult:
    # success=False covers both bad data and a check that raised
    is_broken = _raised(outcome.exception_info)
    passed = bool(outcome.success) and not is_broken
    failing = 0 if passed else (outcome.result or {}).get("unexpected_count", (outcome.result or {}).get("observed_value"))
    return CheckResult(
        run_at=run_at,
        check_id=check.id,
        table_name=suite.table,
        rule=check.rule,
        severity=check.severity,
        passed=passed,
        status="broken" if is_broken else "passed" if passed else "failed",
        accepted_reason=None,
        failing_rows=_whole(failing),
        checked_rows=rows,
        who_fixes="数据组" if is_broken else check.who_fixes,
    )


def _raised(info: Mapping[str, Any] | None) -> bool:
    """Whether a check raised: the library nests one report per metric, or gives one flat."""
    if not info:
        return False
    if "raised_exception" in info:
        return bool(info["raised_exception"])
    return any(isinstance(entry, Mapping) and entry.get("raised_exception") for entry in info.values())


def _whole(value: object) -> int | None:
    """A count; the observed value of ``unexpected_rows`` is a text or a number of rows."""
    if isinstance(value, int | float):
        return int(value)
    digits = str(value).split(" ", 1)[0] if value is not None else ""
    return int(digits) if digits.isdigit() else None


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0
