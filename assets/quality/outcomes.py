"""Great Expectations' answers → results: passed, failed and broken told apart, counts kept, values never.

A check that raises comes back from the library as a failure without an exception, hence the reading of its reports.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from assets.quality.results import CheckResult, Status
from assets.quality.suites import Check, Suite
from assets.quality.vocabulary import SQL_RULE

_LOG = logging.getLogger(__name__)
# a traceback begins with the root cause; its message may quote a value of a row, so the class alone is kept
_EXCEPTION_CLASS = re.compile(r"^(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w*(?:Error|Exception))(?::|$)", re.ASCII | re.MULTILINE)
_UNKNOWN = "unknown exception"


def results_of(suite: Suite, checks: Sequence[Check], validated: Any, rows: int, run_at: datetime) -> list[CheckResult]:
    """One result for each of ``checks``, in their order, from the library's validation of a table of ``rows`` rows."""
    outcomes = {outcome.expectation_config.meta["check_id"]: outcome for outcome in validated.results}
    return [_result(suite, check, outcomes.get(check.id), rows, run_at) for check in checks]


def broken_results(suite: Suite, checks: Sequence[Check], exception_class: str, run_at: datetime) -> list[CheckResult]:
    """A broken result for each of ``checks`` that could not be run at all."""
    return [_broken(suite, check, exception_class, None, run_at) for check in checks]


def _result(suite: Suite, check: Check, outcome: Any, rows: int, run_at: datetime) -> CheckResult:
    if outcome is None:
        return _broken(suite, check, "no result", rows, run_at)
    raised = next(_raised(outcome.exception_info), None)
    if raised is not None:
        return _broken(suite, check, raised, rows, run_at)
    passed = bool(outcome.success)
    failing = _failing_rows(check, outcome.result or {})
    if failing is None and passed:
        failing = 0
    return _made(suite, check, "passed" if passed else "failed", failing, _checked_rows(outcome.result or {}, rows), run_at)


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
        # whoever sent the data cannot mend a check
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


def _raised(info: Mapping[str, Any] | None) -> Iterator[str]:
    """The class of each exception met: the library nests one report per metric, or gives one flat."""
    reports = [info] if info and "raised_exception" in info else list((info or {}).values())
    for report in reports:
        if isinstance(report, Mapping) and report.get("raised_exception"):
            names = _EXCEPTION_CLASS.findall(str(report.get("exception_traceback") or ""))
            yield names[0] if names else _UNKNOWN
