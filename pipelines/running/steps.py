"""The steps of a run with news, in the one order in which they are carried out, and what their end says.

Nothing of Dagster is here: what launches them shows each report in its own way.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

from assets.errors import RefusedError, UnexpectedError, ZhoubaoError
from assets.exports.delivery import take_in
from assets.exports.lake.receipt import Receipt
from assets.guard import HELP, gated
from assets.publication.checking import check_before_publishing
from assets.publication.gate import publish_if_good
from assets.publication.store.manifest import PublishedManifest, current_manifest
from assets.warehouse.state.arrived import DayAccount, day_accounts
from pipelines.running.checked import checked_facts, checks_of_build, waived_with
from pipelines.running.outcome import (
    DONE,
    QUARANTINED,
    REFUSED,
    Outcome,
    accounts_of,
    any_quarantined,
    held_entries,
    left_unreported,
)
from pipelines.running.run import Begun

if TYPE_CHECKING:
    from assets.quality.check_run import CheckRun
    from assets.warehouse.build.transaction import TableRows


@dataclass(frozen=True)
class TakenIn:
    """All that this run took in or read again."""

    receipts: tuple[Receipt, ...]


@dataclass(frozen=True)
class Built:
    """The tables, what each business day now consists of, and the days that this run changed."""

    tables: "list[TableRows]"
    days: dict[tuple[date, str], DayAccount]
    changed: frozenset[date]


Report: TypeAlias = "Receipt | TakenIn | Built | CheckRun | PublishedManifest"


def carried_out(pending: Begun) -> "Iterator[Report]":
    """Take in, build, check, publish; each step gives its report when it is done.

    What ends it is kept in ``pending.error`` and raised. A delivery that could not be taken in is said once the others are published.
    """
    try:
        yield from _steps(pending)
    except ZhoubaoError as error:
        pending.error = error
        raise


@gated
def _steps(pending: Begun) -> "Iterator[Report]":
    intake, warehouse = pending.intake, pending.warehouse
    receipts = list(intake.retried)
    # looked at again: where the records of a run were damaged, it has taken them in before
    for receipt in take_in(intake.survey().arrivals, intake):
        receipts.append(receipt)
        yield receipt
    yield TakenIn(tuple(receipts))
    with warehouse.open("build") as connection:
        tables = warehouse.build(connection, intake.survey().held)
        days = day_accounts(connection)
    yield Built(tables, days, frozenset(receipt.business_date for receipt in receipts) | _withdrawn_day(pending))
    yield check_before_publishing(warehouse, pending.asked.waivers)
    yield publish_if_good(warehouse, pending.settings.publishing)
    if intake.failed:
        failed = ", ".join(sorted(intake.failed))
        raise UnexpectedError(f"{failed}: not taken in, the others are published; its note says why; {HELP}")


def _withdrawn_day(pending: Begun) -> frozenset[date]:
    name = pending.facts.get("withdrawn")
    receipt = pending.intake.receipts.get(name) if name else None
    return frozenset() if receipt is None else frozenset({receipt.business_date})


def outcome_of(pending: Begun, run_id: str | None) -> Outcome:
    """How the steps ended: a refusal by checks told from an error, which has its own exit code."""
    intake, names, error = pending.intake, pending.names, pending.error
    # looked at again: a file that changed while it was taken in waits now
    facts: dict[str, Any] = {"run_id": run_id, "arrivals": names, "held": held_entries(intake.survey())}
    checked = checks_of_build(pending.warehouse)
    facts |= checked_facts(pending.home, checked, pending.asked.waivers.keys() - waived_with(pending.warehouse, checked))
    retried = [receipt.delivery for receipt in intake.retried]
    earlier = [name for name in left_unreported(intake) if name not in {*names, *retried}]
    accounts = accounts_of(intake, [*earlier, *names, *retried])
    facts |= {"accounts": accounts} | ({"earlier": earlier} if earlier else {})
    manifest = current_manifest(pending.home)
    # a disk that failed before the checks says nothing of what they said of the build before
    blocking = [check for check in checked if check.blocks] if isinstance(error, RefusedError) else []
    if blocking:
        failed = [{"check_id": check.check_id, "rule": check.rule, "who_fixes": check.who_fixes} for check in blocking]
        through = str(manifest.business_date_through) if manifest else None
        return Outcome(REFUSED, facts | {"refused_by": failed, "business_date_through": through})
    if error is None or intake.failed:
        facts |= {"version": manifest.version if manifest else None}
    if error is not None:
        return Outcome(error.exit_code, facts | {"error": str(error)})
    return Outcome(QUARANTINED if any_quarantined(accounts) else DONE, facts)
