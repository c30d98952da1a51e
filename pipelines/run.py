"""``zhoubao run``: everything that is pending as one recorded Dagster run, and how it ended as an exit code."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from assets.clock import beijing_now
from assets.errors import StorageError, error_types
from assets.exports.delivery import Intake
from assets.exports.erasure import carry_out
from assets.exports.erasure_record import verify_erasures
from assets.exports.landing import Landing
from assets.exports.pseudonym_retention import blank_old_pseudonyms
from assets.exports.reasons import WORDING
from assets.exports.receipt import FileReceipt, Receipt
from assets.exports.secret import known_keys
from assets.exports.withdrawals import withdraw
from assets.guard import HELP, full_disk_words, is_damaged_database
from assets.home import Home
from assets.publication.access import access_of
from assets.publication.gate import is_current
from assets.publication.manifest import current_manifest
from assets.publication.publish import finish_begun
from assets.quality.acceptance import refuse_needless, refuse_unfounded
from assets.quality.results import CheckResult
from assets.quality.suites import load_suites
from assets.stray_files import remove_stray_files
from assets.warehouse.connection import writer_lock
from assets.warehouse.store import Warehouse
from pipelines.aftercare import see_to_the_rest
from pipelines.checked import checked_facts, checks_of_build
from pipelines.instance import open_instance, set_aside_damaged
from pipelines.journal import clear_reported, note_taken_in, unreported, write_journal
from pipelines.resources import intake_of, warehouse_of
from pipelines.retry import retake_quarantined
from pipelines.settings import Settings

DONE, UNEXPECTED, NOTHING_TO_DO, REFUSED, QUARANTINED = 0, 1, 3, 4, 5
# the ends at which a run has told of all it took in
_FINISHED = (DONE, NOTHING_TO_DO, REFUSED, QUARANTINED)


@dataclass(frozen=True)
class Outcome:
    """How a run ended: its exit code, and the facts that are printed and kept in the journal."""

    exit_code: int
    facts: dict[str, Any]


def run(
    settings: Settings,
    through: date | None = None,
    accepted: dict[str, str] | None = None,
    retrying: bool = False,
    withdrawing: tuple[str, str] | None = None,
) -> Outcome:
    """Take in, build, check and publish all that is pending, and say so in the journal.

    Where it is ``retrying``, quarantined files are read again from the archive first; where it is ``withdrawing`` (a delivery, and
    why), that is recorded first; of one that was withdrawn before, only what a killed run left is done. ``accepted`` gives the reason for each
    check that may fail in this run.

    Raises ``BusyError`` where another run holds the warehouse, ``UsageError`` for wrong settings, a missing key, or an
    acceptance that means nothing.
    """
    accepted = accepted or {}
    refuse_unfounded(accepted, load_suites())
    home = settings.place
    home.prepare()
    # a group that is not there is told before anything is taken in
    access_of(settings.publishing)
    with writer_lock(home, settings.lock_wait_seconds, "run"):
        remove_stray_files(home)
        finish_begun(home)
        intake, _ = intake_of(settings, through)
        withdrawn = _withdrawn(home, withdrawing) if withdrawing else {}
        carry_out(home, verify_erasures(home.lake, known_keys(home, intake.key)))
        blanked = blank_old_pseudonyms(home, settings.pseudonym_days_to_keep, beijing_now())
        warehouse = warehouse_of(settings)
        earlier = _left_unreported(intake)
        intake, retried = retake_quarantined(intake, warehouse) if retrying else (intake, {})
        landing = intake.survey()
        is_news = bool(landing.arrivals) or not is_current(warehouse, settings.publishing)
        if accepted and not is_news:
            refuse_needless(accepted, checks_of_build(warehouse))
        if not is_news and not accepted:
            outcome = _nothing_new(intake, landing, earlier)
        else:
            note_taken_in(home, [arrival.manifest.delivery for arrival in landing.arrivals])
            outcome = _run_on_sound_records(settings, intake, warehouse, landing, accepted)
        outcome = _rounded_off(
            settings, intake, warehouse, Outcome(outcome.exit_code, outcome.facts | retried | withdrawn | {"blanked": blanked})
        )
        write_journal(home, {"exit_code": outcome.exit_code} | outcome.facts)
        if outcome.exit_code in _FINISHED:
            clear_reported(home)
    return outcome


def _withdrawn(home: Home, withdrawing: tuple[str, str]) -> dict[str, Any]:
    """Record that the delivery counts no more, unless that is on record; what is told of it."""
    delivery, reason = withdrawing
    return {"withdrawn": delivery, "is_new": withdraw(home.lake, delivery, reason)}


def _left_unreported(intake: Intake) -> list[str]:
    """Deliveries that a run took in which was ended before it told of them."""
    return [name for name in unreported(intake.home) if intake.receipts.get(name) is not None]


def _nothing_new(intake: Intake, landing: Landing, earlier: list[str]) -> Outcome:
    """Nothing is to be done; what a run that was ended took in, and even published, is told of now."""
    accounts = _accounts(intake, earlier)
    facts: dict[str, Any] = {"arrivals": [], "held": held_entries(landing)}
    if not earlier:
        return Outcome(NOTHING_TO_DO, facts)
    # the ended run would have ended so itself: its publication is in force, and nobody was told
    return Outcome(QUARANTINED if any_quarantined(accounts) else DONE, facts | {"accounts": accounts, "earlier": earlier})


def _rounded_off(settings: Settings, intake: Intake, warehouse: Warehouse, outcome: Outcome) -> Outcome:
    """The outcome with what follows a run whose tables stand; a disk that fails then is said, the publication stands too."""
    if outcome.exit_code not in _FINISHED:
        return outcome
    delivered = [*outcome.facts.get("earlier", []), *outcome.facts["arrivals"], *(receipt.delivery for receipt in intake.retried)]
    further = see_to_the_rest(intake, warehouse, settings.retention, delivered, outcome.exit_code != REFUSED)
    failed = further.pop("storage_error", False)
    return Outcome(StorageError.exit_code if failed else outcome.exit_code, outcome.facts | further)


def _run_on_sound_records(
    settings: Settings, intake: Intake, warehouse: Warehouse, landing: Landing, accepted: dict[str, str]
) -> Outcome:
    """Run; where Dagster's records turn out to be damaged, set them aside, say so, and run again: a run can be repeated."""
    try:
        return _run_job(settings, intake, warehouse, landing, accepted)
    except Exception as error:
        told = set_aside_damaged(settings.place) if is_damaged_database(error) else []
        if not told:
            raise
    outcome = _run_job(settings, intake, warehouse, landing, accepted)
    return Outcome(outcome.exit_code, outcome.facts | {"notes": told})


def _run_job(settings: Settings, intake: Intake, warehouse: Warehouse, landing: Landing, accepted: dict[str, str]) -> Outcome:
    from assets.quality.checks import Acceptances
    from pipelines.definitions import build_definitions
    from pipelines.jobs import RUN_JOB
    from pipelines.run_events import run_events

    job = build_definitions(settings).resolve_job_def(RUN_JOB)
    with open_instance(settings.place) as instance, run_events(instance.event_log_storage):
        result = job.execute_in_process(
            instance=instance,
            # the event log keeps everything; the terminal gets the one line that says how it ended
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            resources={
                "intake": intake,
                "warehouse": warehouse,
                "acceptances": Acceptances(accepted),
                "publishing": settings.publishing,
            },
            raise_on_error=False,
        )
    names = [arrival.manifest.delivery for arrival in landing.arrivals]
    # looked at again: a file that changed while it was taken in waits now
    facts: dict[str, Any] = {"run_id": result.run_id, "arrivals": names, "held": held_entries(intake.survey())}
    checked = checks_of_build(warehouse)
    facts |= checked_facts(warehouse.home, checked, accepted)
    earlier = [name for name in _left_unreported(intake) if name not in names]
    accounts = _accounts(intake, [*earlier, *names, *(receipt.delivery for receipt in intake.retried)])
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
    # what Dagster itself raises beside the steps may hold anything, so its class alone is said
    kinds = ", ".join(str(cause.cls_name) for cause in causes) or "error outside the steps"
    return UNEXPECTED, f"unexpected {kinds}; {HELP}"


def held_entries(landing: Landing) -> list[dict[str, str]]:
    """Deliveries that wait or conflict, as they are printed."""
    return [{"delivery": held.delivery, "state": held.state, "note": held.note} for held in landing.held]


def receipt_accounts(receipt: Receipt) -> list[dict[str, Any]]:
    """A delivery's files with their accounts, as they are printed."""
    wanted = {"file", "feed", "records", "loaded", "superseded", "quarantined", "state"}
    return [{"delivery": receipt.delivery} | file.model_dump(mode="json", include=wanted) | _why(file) for file in receipt.files]


def _why(file: FileReceipt) -> dict[str, str]:
    """Why a whole file was quarantined, in the staff's words, and who mends it."""
    if file.file_reason is None:
        return {}
    wording = WORDING[file.file_reason]
    about = "，".join(filter(None, (file.file_column, file.detail)))
    return {"reason": wording.text + (f"（{about}）" if about else ""), "who_fixes": wording.who_fixes}


def any_quarantined(accounts: list[dict[str, Any]]) -> bool:
    """Whether a row or a whole file, even one without rows, was quarantined."""
    return any(account["quarantined"] or account["state"] == "quarantined" for account in accounts)


def _accounts(intake: Intake, names: list[str]) -> list[dict[str, Any]]:
    found = (intake.receipts.get(name) for name in dict.fromkeys(names))
    return [account for receipt in found if receipt is not None for account in receipt_accounts(receipt)]


def with_landing(settings: Settings, landing: Path | None) -> Settings:
    """The settings with another landing folder for this run."""
    return settings.model_copy(update={"landing": landing}) if landing else settings
