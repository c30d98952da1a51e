"""A run, whoever launches it: what comes before and after the steps (``steps.py``), under one lock, and ``zhoubao run`` itself.

Most runs of a day find nothing new, so what only a run with news needs is imported where that is known.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assets.clock import beijing_now
from assets.collector import collector_paused
from assets.errors import StorageError, ZhoubaoError
from assets.exports.delivery import Intake
from assets.exports.erasing.record import verify_erasures
from assets.exports.keys.secret import known_keys
from assets.exports.lake.withdrawals import withdraw
from assets.exports.landing.scan import Landing
from assets.home import Home
from assets.publication.gate import is_current
from assets.publication.publish import finish_interrupted
from assets.publication.store.access import access_of
from assets.quality.suites.suite import load_suites
from assets.stray_files import remove_stray_files
from assets.warehouse.connection import writer_lock
from assets.warehouse.store import Warehouse
from pipelines.alerts.sending import failures_told, tell_of_run
from pipelines.resources import intake_of, warehouse_of
from pipelines.running.journal import clear_reported, note_taken_in, write_journal
from pipelines.running.outcome import (
    DONE,
    FINISHED,
    NOTHING_TO_DO,
    QUARANTINED,
    REFUSED,
    Outcome,
    accounts_of,
    any_quarantined,
    held_entries,
    left_unreported,
)
from pipelines.settings import Settings

if TYPE_CHECKING:
    # most runs read nothing again
    from pipelines.running.retry import Chosen


@dataclass(frozen=True)
class Asked:
    """What is asked of a run: the last business date it takes in, and by check the reason why it is waived.

    Where it is ``retrying``, quarantined files are read again from the archive first, where it is ``rereading``, all that are chosen;
    where it is ``withdrawing`` (a delivery, and why), that is recorded first; of one that was withdrawn before, only what a killed
    run left is done.
    """

    through: date | None = None
    waivers: dict[str, str] = field(default_factory=dict)
    retrying: bool = False
    withdrawing: tuple[str, str] | None = None
    rereading: "Chosen | None" = None


@dataclass
class Begun:
    """A run that holds the lock and knows what there is to do; ``error`` is what ended its steps."""

    settings: Settings
    asked: Asked
    intake: Intake
    warehouse: Warehouse
    landing: Landing
    is_news: bool
    # taken in by a run that was killed before it said so
    earlier: list[str]
    # what was done before the steps
    facts: dict[str, Any]
    error: ZhoubaoError | None = None

    @property
    def home(self) -> Home:
        return self.settings.place

    @property
    def names(self) -> list[str]:
        """The deliveries that arrived."""
        return [arrival.manifest.delivery for arrival in self.landing.arrivals]


def run(
    settings: Settings,
    through: date | None = None,
    waivers: dict[str, str] | None = None,
    retrying: bool = False,
    withdrawing: tuple[str, str] | None = None,
    rereading: "Chosen | None" = None,
) -> Outcome:
    """Take in, build, check and publish all that is pending, and say so in the journal; the arguments are those of ``Asked``.

    Raises as ``begun``.
    """
    with begun(settings, Asked(through, waivers or {}, retrying, withdrawing, rereading)) as pending:
        if pending.is_news:
            with collector_paused():
                from pipelines.orchestration.recorded_run import run_recorded

                return run_recorded(pending)
        _end_runs_of_killed_processes(pending.home)
        return ended(pending)


@contextmanager
def begun(settings: Settings, asked: Asked) -> Iterator[Begun]:
    """The writer's lock and, under it, all that comes before the steps: what a kill left is finished, and whether there is news.

    Raises ``BusyError`` where another run holds the warehouse, ``UsageError`` for wrong settings, a missing key, or a
    waiver that means nothing.
    """
    if asked.waivers:
        _refuse_unfounded(asked.waivers)
    home = settings.place
    home.prepare()
    # a group that is not there is told before anything is taken in
    access_of(settings.publishing)
    with failures_told(settings), writer_lock(home, settings.lock_wait_seconds, "run"):
        remove_stray_files(home)
        finish_interrupted(home)
        intake, _ = intake_of(settings, asked.through)
        facts = _withdrawn(home, asked.withdrawing) if asked.withdrawing else {}
        facts["blanked"] = _blanked(settings, intake)
        warehouse = warehouse_of(settings)
        earlier = left_unreported(intake)
        if asked.retrying or asked.rereading:
            intake, retried = _retaken(intake, warehouse, asked.rereading)
            facts |= retried
        landing = intake.survey()
        is_news = bool(landing.arrivals) or not is_current(warehouse, settings.publishing)
        if asked.waivers and not is_news:
            _refuse_needless(asked.waivers, warehouse)
        pending = Begun(settings, asked, intake, warehouse, landing, is_news or bool(asked.waivers), earlier, facts)
        if pending.is_news:
            note_taken_in(home, pending.names)
        yield pending


def ended(pending: Begun, run_id: str | None = None) -> Outcome:
    """How the run ended, with what follows it done: retention, and the journal, whoever launched it."""
    if pending.is_news:
        from pipelines.running.steps import outcome_of

        outcome = outcome_of(pending, run_id)
    else:
        outcome = _nothing_new(pending.intake, pending.landing, pending.earlier)
    exit_code = _told_of_originals(outcome.exit_code, pending)
    outcome = _rounded_off(pending.settings, pending.intake, pending.warehouse, Outcome(exit_code, outcome.facts | pending.facts))
    write_journal(pending.home, {"exit_code": outcome.exit_code} | outcome.facts)
    if outcome.exit_code in FINISHED:
        clear_reported(pending.home)
    tell_of_run(pending.settings, outcome.exit_code, outcome.facts)
    return outcome


def _refuse_unfounded(waivers: dict[str, str]) -> None:
    from assets.quality.check_waivers import refuse_unfounded

    refuse_unfounded(waivers, load_suites())


def _refuse_needless(waivers: dict[str, str], warehouse: Warehouse) -> None:
    from assets.quality.check_waivers import refuse_needless
    from pipelines.running.checked import checks_of_build, checks_of_open_findings

    is_open = checks_of_open_findings(warehouse)
    refuse_needless(waivers, [result for result in checks_of_build(warehouse) if result.check_id not in is_open])


def _end_runs_of_killed_processes(home: Home) -> None:
    from pipelines.orchestration.living_runs import killed_runs

    if killed_runs(home):
        from pipelines.orchestration.zombies import end_zombies

        end_zombies(home)


def _blanked(settings: Settings, intake: Intake) -> int:
    """Blank the pseudonyms of erased persons, and those that the site keeps no longer; of how many old deliveries."""
    home = settings.place
    erasures = verify_erasures(home.lake, known_keys(home, intake.key))
    if not erasures and settings.pseudonym_days_to_keep is None:
        return 0
    from assets.exports.erasing.erasure import carry_out
    from assets.exports.erasing.pseudonym_retention import blank_old_pseudonyms

    carry_out(home, erasures)
    return blank_old_pseudonyms(home, settings.pseudonym_days_to_keep, beijing_now())


def _retaken(intake: Intake, warehouse: Warehouse, chosen: "Chosen | None") -> tuple[Intake, dict[str, Any]]:
    from pipelines.running.retry import reread_chosen, retake_quarantined

    return reread_chosen(intake, chosen) if chosen else retake_quarantined(intake, warehouse)


def _told_of_originals(exit_code: int, pending: Begun) -> int:
    """A person who asked for files gets to know where not all of them could be read."""
    is_partly_read = bool(pending.asked.rereading and pending.facts["without_original"])
    return QUARANTINED if is_partly_read and exit_code in (DONE, NOTHING_TO_DO) else exit_code


def _withdrawn(home: Home, withdrawing: tuple[str, str]) -> dict[str, Any]:
    """Record that the delivery counts no more, unless that is on record; what is told of it."""
    delivery, reason = withdrawing
    return {"withdrawn": delivery, "is_new": withdraw(home.lake, delivery, reason)}


def _nothing_new(intake: Intake, landing: Landing, earlier: list[str]) -> Outcome:
    """Nothing is to be done; what a run that was ended took in, and even published, is told of now."""
    accounts = accounts_of(intake, earlier)
    facts: dict[str, Any] = {"arrivals": [], "held": held_entries(landing)}
    if not earlier:
        return Outcome(NOTHING_TO_DO, facts)
    # the ended run would have ended so itself: its publication is in force, and nobody was told
    return Outcome(QUARANTINED if any_quarantined(accounts) else DONE, facts | {"accounts": accounts, "earlier": earlier})


def _rounded_off(settings: Settings, intake: Intake, warehouse: Warehouse, outcome: Outcome) -> Outcome:
    """The outcome with what follows a run whose tables stand; a disk that fails then is said, the publication stands too."""
    if outcome.exit_code not in FINISHED:
        return outcome
    delivered = [*outcome.facts.get("earlier", []), *outcome.facts["arrivals"], *(receipt.delivery for receipt in intake.retried)]
    from pipelines.running.aftercare import remove_old_records, see_to_the_rest

    further = see_to_the_rest(intake, warehouse, settings.retention, delivered, outcome.exit_code != REFUSED)
    failed = further.pop("storage_error", False)
    if outcome.facts.get("run_id") and outcome.exit_code != REFUSED:
        told = remove_old_records(settings.place, settings.kept_runs)
        further |= told | {"notes": [*outcome.facts.get("notes", []), *told.get("notes", [])]}
    return Outcome(StorageError.exit_code if failed else outcome.exit_code, outcome.facts | further)


def with_landing(settings: Settings, landing: Path | None) -> Settings:
    """The settings with another landing folder for this run."""
    return settings.model_copy(update={"landing": landing}) if landing else settings
