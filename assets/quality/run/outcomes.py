"""Great Expectations' answers → results: passed, failed and broken told apart, counts kept, values never.

A check that raises says nothing about the data; its message may quote a row, so the class alone is told.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assets.quality.results import CheckResult, Status
from assets.quality.suites.suite import Check, Suite
from assets.quality.suites.vocabulary import SQL_RULE

_LOG = logging.getLogger(__name__)
# a traceback begins with the root cause; its message may quote a value of a row, so the class alone is kept
_EXCEPTION_CLASS = re.compile(r"^(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w*(?:Error|Exception))(?::|$)", re.ASCII | re.MULTILINE)
_UNKNOWN = "unknown exception"


@dataclass(frozen=True)
class Outcome:
    """What the library found of one expectation: whether the rule holds, its counts, or the traceback of what was raised."""

    success: bool = False
    result: Mapping[str, Any] = field(default_factory=dict)
    raised: str | None = None


def results_of(
    suite: Suite, checks: Sequence[Check], outcomes: Sequence[Outcome], rows: int, run_at: datetime
) -> list[CheckResult]:
    """One result for each of ``checks``, in their order, from their outcomes on a table of ``rows`` rows."""
    return [_result(suite, check, outcome, rows, run_at) for check, outcome in zip(checks, outcomes, strict=True)]


def broken_results(suite: Suite, checks: Sequence[Check], exception_class: str, run_at: datetime) -> list[CheckResult]:
    """A broken result for each of ``checks`` that could not be run at all."""
    return [_broken(suite, check, exception_class, None, run_at) for check in checks]


def _result(suite: Suite, check: Check, outcome: Outcome, rows: int, run_at: datetime) -> CheckResult:
    if outcome.raised is not None:
        return _broken(suite, check, _exception_class(outcome.raised), rows, run_at)
    failing = _failing_rows(check, outcome.result)
    if failing is None and outcome.success:
        failing = 0
    return _made(suite, check, "passed" if outcome.success else "failed", failing, _checked_rows(outcome.result, rows), run_at)


def _broken(suite: Suite, check: Check, exception_class: str, rows: int | None, run_at: datetime) -> CheckResult:
    _LOG.warning("check %s of %s could not be carried out: %s", check.id, suite.table, exception_class)
    return _made(suite, check, "broken", None, rows, run_at)


def _made(suite: Suite, check: Check, status: Status, failing: int | None, rows: int | None, run_at: datetime) -> CheckResult:
    return CheckResult(
        run_at=run_at,
        check_id=check.id,
        table_name=suite.table,
        rule=check.rule,
        severity=check.severity,
        passed=status == "passed",
        status=status,
        accepted_reason=None,
        failing_rows=failing,
        checked_rows=rows,
        # whoever sent the data cannot fix a check
        who_fixes="数据组" if status == "broken" else check.who_fixes,
    )


def _failing_rows(check: Check, result: Mapping[str, Any]) -> int | None:
    """How many rows break the rule, those within a tolerated rate too; ``None`` for rules about a table as a whole."""
    # of other expectations the observed value is a sum, a mean, a list: no number of rows, and perhaps a value
    count = result.get("observed_value" if check.expectation.type == SQL_RULE else "unexpected_count")
    return int(count) if isinstance(count, int | float) else None


def _checked_rows(result: Mapping[str, Any], rows: int) -> int:
    """How many rows were in question: of a rule about a column, those where it has a value; so that a rate can be told."""
    elements, missing = result.get("element_count"), result.get("missing_count")
    return rows if elements is None or missing is None else int(elements) - int(missing)


def _exception_class(raised: str) -> str:
    """The class of the root cause."""
    found = _EXCEPTION_CLASS.search(raised)
    return found[1] if found else _UNKNOWN
