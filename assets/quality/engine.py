"""Suites → results: Great Expectations runs each suite as SQL inside the warehouse's connection.

Great Expectations is imported in the functions that use it, through ``library.py``, so that no definition load pays for it. What
it counts is ``counting.py``'s, what its answers mean ``outcomes.py``'s, what it sees ``batches.py``'s.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import duckdb

from assets.errors import UsageError
from assets.quality.batches import parts, seen
from assets.quality.dialect import lent
from assets.quality.library import collector_paused, great_expectations
from assets.quality.outcomes import broken_results, results_of
from assets.quality.results import CheckResult
from assets.quality.suites import Check, Interval, Suite
from assets.quality.vocabulary import SQL_RULE

if TYPE_CHECKING:
    from assets.quality.counting import Counting

_SEVERITIES = {"ERROR": "critical", "WARN": "warning", "INFO": "info"}


def run_suites(
    connection: duckdb.DuckDBPyConnection, suites: Iterable[Suite], deliveries: Sequence[str] | None, run_at: datetime
) -> list[CheckResult]:
    """One result per check, in the suites' order; checks of interval ``loaded`` see the rows of ``deliveries``, or all for ``None``.

    A suite that cannot be run at all gives broken results and the others go on. Raises ``UsageError``, before anything is
    checked, for an expectation, or an argument of one, that Great Expectations does not know. ``connection`` must not be in
    a transaction: the checks read what is committed.
    """
    great_expectations()
    from assets.quality.counting import Counting

    suites = list(suites)
    prepared = [
        (suite, interval, checks, gx_expectations(suite, checks)) for suite in suites for interval, checks in parts(suite)
    ]
    found: dict[str, CheckResult] = {}
    with lent(connection) as address, collector_paused():
        counting = Counting(address)
        for suite, interval, checks, expectations in prepared:
            results = _run_part(connection, counting, suite, interval, checks, expectations, deliveries, run_at)
            found |= {result.check_id: result for result in results}
    return [found[check.id] for suite in suites for check in suite.checks]


def _run_part(
    connection: duckdb.DuckDBPyConnection,
    counting: "Counting",
    suite: Suite,
    interval: Interval,
    checks: Sequence[Check],
    expectations: Sequence[Any],
    deliveries: Sequence[str] | None,
    run_at: datetime,
) -> list[CheckResult]:
    try:
        with seen(connection, suite, interval, checks, deliveries) as (schema, table):
            rows, outcomes = counting.outcomes(_batch(suite, interval), schema, table, expectations)
    # a missing table, a damaged file: whatever it is, it says nothing about the data, and the other suites go on
    except Exception as error:
        return broken_results(suite, checks, type(error).__name__, run_at)
    return results_of(suite, checks, outcomes, rows, run_at)


def gx_expectations(suite: Suite, checks: Sequence[Check]) -> list[Any]:
    """Some of the suite's checks, of one interval, as Great Expectations' own objects. Raises ``UsageError`` naming file and line."""
    great_expectations()
    return [_gx_expectation(suite, check) for check in checks]


def _gx_expectation(suite: Suite, check: Check) -> Any:
    from great_expectations.expectations.registry import get_expectation_impl

    from assets.quality.counting import CountedRowsExpectation

    place = suite.place("checks", suite.checks.index(check), "expectation")
    said = {"severity": _SEVERITIES[check.severity], "batch_id": _batch(suite, suite.interval_of(check))}
    try:
        if check.expectation.type == SQL_RULE:
            return CountedRowsExpectation(unexpected_rows_query=check.query, **said)
        # a suite of plain dictionaries would log an unknown type and drop it
        kind: Any = get_expectation_impl(check.expectation.type)
        return kind(**check.expectation.kwargs, **said)
    except Exception as error:
        raise UsageError(
            f"{place}: check {check.id}: an argument of {check.expectation.type} is wrong ({type(error).__name__})"
        ) from error


def _batch(suite: Suite, interval: Interval) -> str:
    return f"{suite.table} {interval}"
