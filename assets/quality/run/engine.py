"""Suites → results: Great Expectations runs each suite as SQL inside the warehouse's connection.

Great Expectations is imported in the functions that use it, through ``library.py``, so that no definition load pays for it. What
it counts is ``counting.py``'s, what its answers mean ``outcomes.py``'s, what it sees ``batches.py``'s.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import duckdb

from assets.collector import collector_paused
from assets.errors import UsageError
from assets.quality.results import CheckResult
from assets.quality.run.batches import groups, parts, seen
from assets.quality.run.dialect import lent
from assets.quality.run.library import great_expectations
from assets.quality.run.outcomes import broken_results, results_of
from assets.quality.suites.suite import Check, Suite
from assets.quality.suites.vocabulary import SQL_RULE

if TYPE_CHECKING:
    from assets.quality.run.counting import Counting

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
    from assets.quality.run.counting import Counting

    suites = list(suites)
    prepared = [(suite, gx_expectations(suite)) for suite in suites]
    found: dict[str, CheckResult] = {}
    with lent(connection) as address, collector_paused():
        counting = Counting(address)
        for suite, expectations in prepared:
            for checks in parts(suite):
                results = _run_part(connection, counting, suite, checks, expectations, deliveries, run_at)
                found |= {result.check_id: result for result in results}
    return [found[check.id] for suite in suites for check in suite.checks]


def _run_part(
    connection: duckdb.DuckDBPyConnection,
    counting: "Counting",
    suite: Suite,
    checks: Sequence[Check],
    expectations: Mapping[str, Any],
    deliveries: Sequence[str] | None,
    run_at: datetime,
) -> list[CheckResult]:
    results: list[CheckResult] = []
    try:
        for group in groups(connection, suite, checks, deliveries, run_at):
            with seen(connection, suite, group, deliveries) as batch:
                # named for its first check, which is in no other
                outcomes = counting.outcomes(group.checks[0].id, batch, [expectations[check.id] for check in group.checks])
            results += results_of(suite, group.checks, outcomes, batch.rows, run_at)
    # a missing table, a damaged file: whatever it is, it says nothing about the data, and the other suites go on
    except Exception as error:
        return broken_results(suite, checks, type(error).__name__, run_at)
    return results


def gx_expectations(suite: Suite) -> dict[str, Any]:
    """By check, Great Expectations' own object. Raises ``UsageError`` naming file and line."""
    great_expectations()
    return {check.id: _gx_expectation(suite, check) for check in suite.checks}


def _gx_expectation(suite: Suite, check: Check) -> Any:
    from great_expectations.expectations.registry import get_expectation_impl

    from assets.quality.run.counting import CountedRowsExpectation

    place = suite.place("checks", suite.checks.index(check), "expectation")
    said = {"severity": _SEVERITIES[check.severity]}
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
