"""Waivers of failed checks: those that this run asks for, and those that were recorded for the same data before.

A waiver holds for the check as it is defined, and for the data, opening balances and rules on which the check failed. After
anything more is loaded, or a rule changes, a failure is a new one and the run is refused again. How a waiver is kept in the
lake is in ``assets/warehouse/state/waivers.py``.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

import duckdb

from assets.errors import UsageError
from assets.quality.results import CheckResult
from assets.quality.suites.suite import Check, Suite
from assets.warehouse.state.waivers import Waiver, put_waiver, read_waivers
from assets.warehouse.store import Warehouse


def refuse_unfounded(requested: Mapping[str, str], suites: Iterable[Suite]) -> None:
    """Raise ``UsageError`` for a check that does not exist, an empty reason, or one that holds a person's number."""
    known = {check.id for suite in suites for check in suite.checks}
    unknown = requested.keys() - known
    if unknown:
        raise UsageError(f"--waive: there is no check {', '.join(sorted(unknown))}; zhoubao check lists those that failed")
    if any(not reason.strip() for reason in requested.values()):
        raise UsageError("--reason: a text is expected that says why the check may fail; it is printed in the bulletin")
    for reason in requested.values():
        # imports polars, which a run without a waiver may not need
        from assets.exports.typing.slipped import refuse_personal_number

        refuse_personal_number("--reason", reason)


def refuse_needless(requested: Mapping[str, str], results: Iterable[CheckResult]) -> None:
    """Raise ``UsageError`` if every check that is to be waived passed in ``results``."""
    passed = {result.check_id for result in results if result.passed}
    if requested.keys() <= passed:
        raise UsageError(f"--waive: {', '.join(sorted(requested))} did not fail, so there is nothing to waive")


def apply_waivers(results: Iterable[CheckResult], reasons: Mapping[str, str]) -> list[CheckResult]:
    """The results; one that did not pass carries the reason of its waiver, if it has one."""
    return [
        replace(result, accepted_reason=reasons[result.check_id]) if result.check_id in reasons and not result.passed else result
        for result in results
    ]


def waivers_in_force(warehouse: Warehouse, suites: Iterable[Suite]) -> list[Waiver]:
    """For each check, the newest waiver that holds for the data as they are now."""
    data = warehouse.data_sha256()
    holding = {check.id: _holds_for(data, suite, check) for suite in suites for check in suite.checks}
    newest = {
        waiver.check_id: waiver
        for waiver in read_waivers(warehouse.home.lake)
        if holding.get(waiver.check_id) == waiver.holds_for
    }
    return list(newest.values())


def reasons_in_force(warehouse: Warehouse, suites: Iterable[Suite]) -> dict[str, str]:
    """The reason of each waiver in force, by check."""
    return {waiver.check_id: waiver.reason for waiver in waivers_in_force(warehouse, suites)}


def record_waivers(
    connection: duckdb.DuckDBPyConnection,
    warehouse: Warehouse,
    suites: Iterable[Suite],
    results: Iterable[CheckResult],
    deliveries: list[str],
) -> None:
    """Write each waiver of ``results`` that the lake does not hold yet; ``deliveries`` are the interval that was checked."""
    suites = list(suites)
    in_force, data = reasons_in_force(warehouse, suites), warehouse.data_sha256()
    defined = {check.id: (suite, check) for suite in suites for check in suite.checks}
    first, last = _business_dates(connection, deliveries)
    for result in results:
        if result.accepted_reason is None or in_force.get(result.check_id) == result.accepted_reason:
            continue
        waiver = Waiver(
            check_id=result.check_id,
            rule=result.rule,
            reason=result.accepted_reason,
            accepted_at=result.run_at.replace(microsecond=0),
            code_version=warehouse.code_version,
            holds_for=_holds_for(data, *defined[result.check_id]),
            failing_rows=result.failing_rows,
            deliveries=tuple(deliveries),
            business_date_from=first,
            business_date_through=last,
        )
        put_waiver(warehouse.home.lake, waiver)


def _holds_for(data_sha256: str, suite: Suite, check: Check) -> str:
    said = check.model_dump_json(exclude={"rule", "who_fixes", "prints", "reason", "sample_by"})
    return hashlib.sha256(f"{data_sha256} {suite.table} {suite.interval} {suite.computed} {said}".encode()).hexdigest()


def _business_dates(connection: duckdb.DuckDBPyConnection, deliveries: list[str]) -> tuple[date | None, date | None]:
    row = connection.execute(
        "select min(business_date), max(business_date) from ledger.deliveries where delivery in (select unnest($names::varchar[]))",
        {"names": deliveries},
    ).fetchone()
    return (row[0], row[1]) if row else (None, None)
