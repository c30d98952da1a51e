"""Suites → results: Great Expectations runs each suite as SQL inside the warehouse's connection.

Great Expectations is imported in the functions that use it, through ``library.py``, so that no definition load pays for it. What
its answers mean is ``outcomes.py``'s, what it sees ``batches.py``'s.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import duckdb

from assets.errors import UsageError
from assets.quality.batches import parts, seen
from assets.quality.dialect import lent
from assets.quality.library import great_expectations
from assets.quality.outcomes import broken_results, results_of
from assets.quality.results import CheckResult
from assets.quality.suites import Check, Interval, Suite
from assets.quality.vocabulary import SQL_RULE

_SEVERITIES = {"ERROR": "critical", "WARN": "warning", "INFO": "info"}
# counts only: no value of a row is fetched into a result
_COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0, "exclude_unexpected_values": True}


def run_suites(
    connection: duckdb.DuckDBPyConnection, suites: Iterable[Suite], deliveries: Sequence[str] | None, run_at: datetime
) -> list[CheckResult]:
    """One result per check, in the suites' order; checks of interval ``loaded`` see the rows of ``deliveries``, or all for ``None``.

    A suite that cannot be run at all gives broken results and the others go on. Raises ``UsageError``, before anything is
    checked, for an expectation, or an argument of one, that Great Expectations does not know. ``connection`` must not be in
    a transaction: the checks read what is committed.
    """
    gx = great_expectations()
    from great_expectations.data_context.types.base import ProgressBarsConfig

    suites = list(suites)
    prepared = [(suite, interval, checks, gx_suite(suite, checks)) for suite in suites for interval, checks in parts(suite)]
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    found: dict[str, CheckResult] = {}
    with lent(connection) as address:
        source = context.data_sources.add_sql(name="warehouse", connection_string=address)
        for suite, interval, checks, expectations in prepared:
            results = _run_part(connection, source, suite, interval, checks, expectations, deliveries, run_at)
            found |= {result.check_id: result for result in results}
    return [found[check.id] for suite in suites for check in suite.checks]


def _run_part(
    connection: duckdb.DuckDBPyConnection,
    source: Any,
    suite: Suite,
    interval: Interval,
    checks: Sequence[Check],
    expectations: Any,
    deliveries: Sequence[str] | None,
    run_at: datetime,
) -> list[CheckResult]:
    try:
        with seen(connection, suite, interval, checks, deliveries) as (schema, table):
            rows = _count(connection, f"{schema}.{table}")
            asset = source.add_table_asset(expectations.name, table_name=table, schema_name=schema)
            # a named definition would have the library write its whole configuration out once more
            batch = asset.get_batch(asset.build_batch_request())
            validated = batch.validate(expectations, result_format=_COUNTS_ONLY)
    # a missing table, a damaged file: whatever it is, it says nothing about the data, and the other suites go on
    except Exception as error:
        return broken_results(suite, checks, type(error).__name__, run_at)
    return results_of(suite, checks, validated, rows, run_at)


def gx_suite(suite: Suite, checks: Sequence[Check]) -> Any:
    """Some of the suite's checks as Great Expectations' own object. Raises ``UsageError`` naming file and line."""
    expectations = [_gx_expectation(suite, check) for check in checks]
    return great_expectations().ExpectationSuite(name=f"{suite.table} {suite.interval_of(checks[0])}", expectations=expectations)


def _gx_expectation(suite: Suite, check: Check) -> Any:
    from great_expectations.expectations.registry import get_expectation_impl

    place = suite.place("checks", suite.checks.index(check), "expectation")
    said = {"meta": {"check_id": check.id}, "severity": _SEVERITIES[check.severity]}
    try:
        if check.expectation.type == SQL_RULE:
            return _counted_rows()(unexpected_rows_query=check.query, **said)
        # a suite of plain dictionaries would log an unknown type and drop it
        kind: Any = get_expectation_impl(check.expectation.type)
        return kind(**check.expectation.kwargs, **said)
    except Exception as error:
        raise UsageError(
            f"{place}: check {check.id}: an argument of {check.expectation.type} is wrong ({type(error).__name__})"
        ) from error


@cache
def _counted_rows() -> Any:
    """The library's own rule in SQL, which runs its query a second time to fetch the rows; here they are counted alone."""
    from great_expectations.expectations.core import UnexpectedRowsExpectation

    class CountedRowsExpectation(UnexpectedRowsExpectation):  # type: ignore[misc]  # the library is imported untyped
        metric_dependencies = ("unexpected_rows_query.row_count",)

        def _validate(self, metrics: Any, runtime_configuration: Any = None, execution_engine: Any = None) -> dict[str, Any]:
            del runtime_configuration, execution_engine
            rows = metrics["unexpected_rows_query.row_count"]
            return {"success": rows == 0, "result": {"observed_value": rows}}

    return CountedRowsExpectation


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0
