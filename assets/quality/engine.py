"""Suites → results: Great Expectations runs each suite as SQL inside the warehouse's connection.

Great Expectations is imported in the functions that use it: the import takes 4 s, which no definition load may pay. What
its answers mean is ``outcomes.py``'s.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import duckdb

from assets.errors import UsageError
from assets.quality.dialect import lent
from assets.quality.outcomes import broken_results, results_of
from assets.quality.results import CheckResult
from assets.quality.suites import Check, Suite
from assets.quiet import quiet_logger

# views over the loaded interval, so that a check's cost follows the interval and not the history
_SCHEMA = "checking"
_SEVERITIES = {"ERROR": "critical", "WARN": "warning", "INFO": "info"}
# counts only: no value of a row is fetched into a result
_COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0, "exclude_unexpected_values": True}


def run_suites(
    connection: duckdb.DuckDBPyConnection, suites: Iterable[Suite], deliveries: Sequence[str] | None, run_at: datetime
) -> list[CheckResult]:
    """One result per check, in the suites' order; suites of interval ``loaded`` see the rows of ``deliveries``, or all for ``None``.

    A suite that cannot be run at all gives broken results and the others go on. Raises ``UsageError``, before anything is
    checked, for an expectation, or an argument of one, that Great Expectations does not know. ``connection`` must not be in
    a transaction: the checks read what is committed.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    # it logs the messages of failing queries, which quote values
    quiet_logger("great_expectations")
    prepared = [(suite, gx_suite(suite)) for suite in suites]
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    results: list[CheckResult] = []
    with lent(connection) as address:
        source = context.data_sources.add_sql(name="warehouse", connection_string=address)
        for suite, expectations in prepared:
            results += _run_one(connection, source, suite, expectations, deliveries, run_at)
    return results


def _run_one(
    connection: duckdb.DuckDBPyConnection,
    source: Any,
    suite: Suite,
    expectations: Any,
    deliveries: Sequence[str] | None,
    run_at: datetime,
) -> list[CheckResult]:
    try:
        with _seen(connection, suite, deliveries) as (schema, table):
            rows = _count(connection, f"{schema}.{table}")
            asset = source.add_table_asset(suite.table, table_name=table, schema_name=schema)
            batch = asset.add_batch_definition_whole_table("all").get_batch()
            validated = batch.validate(expectations, result_format=_COUNTS_ONLY)
    # a missing table, a damaged file: whatever it is, it says nothing about the data, and the other suites go on
    except Exception as error:
        return broken_results(suite, type(error).__name__, run_at)
    return results_of(suite, validated, rows, run_at)


@contextmanager
def _seen(connection: duckdb.DuckDBPyConnection, suite: Suite, deliveries: Sequence[str] | None) -> Iterator[tuple[str, str]]:
    """Schema and table that the suite's checks see."""
    schema, table = suite.table.split(".")
    if suite.interval == "whole" or deliveries is None:
        yield schema, table
        return
    # left behind where a run was killed
    connection.execute(f"drop schema if exists {_SCHEMA} cascade")
    connection.execute(f"create schema {_SCHEMA}")
    try:
        connection.execute(
            f"create table {_SCHEMA}.deliveries as select unnest($names::varchar[]) as delivery", {"names": list(deliveries)}
        )
        connection.execute(
            f"create view {_SCHEMA}.{table} as "
            f"select * from {suite.table} where delivery in (select delivery from {_SCHEMA}.deliveries)"
        )
        yield _SCHEMA, table
    finally:
        connection.execute(f"drop schema {_SCHEMA} cascade")


def gx_suite(suite: Suite) -> Any:
    """The suite as Great Expectations' own object. Raises ``UsageError`` naming file and check for what it does not know."""
    import great_expectations as gx

    return gx.ExpectationSuite(name=suite.table, expectations=[_gx_expectation(suite, check) for check in suite.checks])


def _gx_expectation(suite: Suite, check: Check) -> Any:
    from great_expectations.exceptions import ExpectationNotFoundError
    from great_expectations.expectations.registry import get_expectation_impl

    place = f"expectations/{suite.file_name}: check {check.id}"
    try:
        # a suite of plain dictionaries would log an unknown type and drop it
        kind: Any = get_expectation_impl(check.expectation.type)
    except ExpectationNotFoundError as error:
        raise UsageError(f"{place}: Great Expectations knows no {check.expectation.type}") from error
    try:
        return kind(**check.expectation.kwargs, meta={"check_id": check.id}, severity=_SEVERITIES[check.severity])
    except Exception as error:
        raise UsageError(f"{place}: an argument of {check.expectation.type} is wrong ({type(error).__name__})") from error


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0
