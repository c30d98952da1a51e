"""The part of ``zhoubao run`` that Dagster records: its job in this process, and what its end says."""

from typing import Any

from assets.errors import StorageError, error_types
from assets.exports.delivery import Intake
from assets.exports.landing import Landing
from assets.guard import HELP, full_disk_words, is_damaged_database
from assets.home import Home
from assets.publication.manifest import current_manifest
from assets.quality.checks import Waivers
from assets.quality.results import CheckResult
from assets.warehouse.store import Warehouse
from pipelines import definitions
from pipelines.checked import checked_facts, checks_of_build, waived_with
from pipelines.instance import instance_of_run, set_aside_damaged
from pipelines.jobs import RUN_JOB
from pipelines.outcome import (
    DONE,
    QUARANTINED,
    REFUSED,
    UNEXPECTED,
    Outcome,
    accounts_of,
    any_quarantined,
    held_entries,
    left_unreported,
)
from pipelines.settings import Settings


def run_on_sound_records(
    settings: Settings, intake: Intake, warehouse: Warehouse, landing: Landing, waivers: dict[str, str]
) -> Outcome:
    """Run; where Dagster's records turn out to be damaged, set them aside, say so, and run again: a run can be repeated."""
    try:
        return _run_job(settings, intake, warehouse, landing, waivers)
    except Exception as error:
        told = set_aside_damaged(settings.place) if is_damaged_database(error) else []
        if not told:
            raise
    outcome = _run_job(settings, intake, warehouse, landing, waivers)
    return Outcome(outcome.exit_code, outcome.facts | {"notes": told})


def _run_job(settings: Settings, intake: Intake, warehouse: Warehouse, landing: Landing, waivers: dict[str, str]) -> Outcome:
    job = definitions.build_definitions(settings).resolve_job_def(RUN_JOB)
    with instance_of_run(settings.place) as instance:
        result = job.execute_in_process(
            instance=instance,
            # the event log keeps everything; the terminal gets the one line that says how it ended
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            resources={
                "intake": intake,
                "warehouse": warehouse,
                "waivers": Waivers(waivers),
                "publishing": settings.publishing,
            },
            raise_on_error=False,
        )
    names = [arrival.manifest.delivery for arrival in landing.arrivals]
    # looked at again: a file that changed while it was taken in waits now
    facts: dict[str, Any] = {"run_id": result.run_id, "arrivals": names, "held": held_entries(intake.survey())}
    checked = checks_of_build(warehouse)
    facts |= checked_facts(warehouse.home, checked, waivers.keys() - waived_with(warehouse, checked))
    retried = [receipt.delivery for receipt in intake.retried]
    earlier = [name for name in left_unreported(intake) if name not in {*names, *retried}]
    accounts = accounts_of(intake, [*earlier, *names, *retried])
    facts |= {"accounts": accounts} | ({"earlier": earlier} if earlier else {})
    if not result.success:
        return _failed(settings.place, checked, result, facts)
    manifest = current_manifest(settings.place)
    facts |= {"version": manifest.version if manifest else None}
    if intake.failed:
        failed = ", ".join(sorted(intake.failed))
        return Outcome(
            UNEXPECTED, facts | {"error": f"{failed}: not taken in, the others are published; its note says why; {HELP}"}
        )
    return Outcome(QUARANTINED if any_quarantined(accounts) else DONE, facts)


def _failed(home: Home, checked: list[CheckResult], result: Any, facts: dict[str, Any]) -> Outcome:
    """Tell a refusal by checks from an error, and give the error back by its own exit code."""
    exit_code, message = _step_error(result)
    blocking = [check for check in checked if check.blocks]
    # a disk that failed before the checks says nothing of what they said of the build before
    if blocking and exit_code in (UNEXPECTED, REFUSED):
        failed = [{"check_id": check.check_id, "rule": check.rule, "who_fixes": check.who_fixes} for check in blocking]
        manifest = current_manifest(home)
        through = str(manifest.business_date_through) if manifest else None
        return Outcome(REFUSED, facts | {"refused_by": failed, "business_date_through": through})
    return Outcome(exit_code, facts | {"error": message})


def _step_error(result: Any) -> tuple[int, str]:
    """Exit code and message of the first error that left a step; each passed the gate, so it is one of this project's own."""
    errors = [event.event_specific_data.error for event in result.all_events if event.is_step_failure]
    causes = [cause for error in errors if error is not None for cause in (error.cause or error,)]
    by_name = error_types()
    for cause in causes:
        if cause.cls_name in by_name:
            # Dagster keeps it as `module.Class: message`
            return by_name[cause.cls_name].exit_code, cause.message.partition(": ")[2].strip()
    for cause in causes:
        full = full_disk_words(cause.message)
        if full is not None:
            return StorageError.exit_code, full
    # what Dagster itself raises alongside the steps may hold anything, so its class alone is said
    kinds = ", ".join(str(cause.cls_name) for cause in causes) or "error outside the steps"
    return UNEXPECTED, f"unexpected {kinds}; {HELP}"
