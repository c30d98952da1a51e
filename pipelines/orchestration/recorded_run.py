"""The part of ``zhoubao run`` that Dagster records: its job in this process, and what its end says."""

from typing import Any
from uuid import uuid4

from assets.errors import StorageError, UnexpectedError, ZhoubaoError, error_types
from assets.guard import HELP, full_disk_words, is_damaged_database
from pipelines import definitions
from pipelines.orchestration.instance import instance_of_run, set_aside_damaged
from pipelines.orchestration.jobs import RUN_JOB
from pipelines.orchestration.living_runs import living
from pipelines.orchestration.tags import LAUNCHED_BY, REPOSITORY, asked_tags, outcome_tags
from pipelines.orchestration.whole_run import STEP, Launch
from pipelines.orchestration.zombies import end_zombies
from pipelines.running.outcome import Outcome
from pipelines.running.run import Begun, ended


def run_recorded(pending: Begun) -> Outcome:
    """Run; where Dagster's records turn out to be damaged, set them aside, say so, and run again: a run can be repeated."""
    try:
        return _run_job(pending)
    except Exception as error:
        told = set_aside_damaged(pending.home) if is_damaged_database(error) else []
        if not told:
            raise
    pending.error = None
    outcome = _run_job(pending)
    return Outcome(outcome.exit_code, outcome.facts | {"notes": told})


def _run_job(pending: Begun) -> Outcome:
    job = definitions.build_definitions(pending.settings).resolve_job_def(RUN_JOB)
    run_id = str(uuid4())
    with instance_of_run(pending.home) as instance, living(pending.home, run_id):
        end_zombies(pending.home, instance)
        result = job.execute_in_process(
            run_id=run_id,
            instance=instance,
            tags=REPOSITORY | {LAUNCHED_BY: "zhoubao"} | asked_tags(pending),
            run_config={
                # the event log keeps everything; the terminal gets the one line that says how it ended
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                "ops": {STEP: {"config": {"waive": pending.asked.waivers}}},
            },
            resources={"launch": Launch(pending.settings, pending)},
            raise_on_error=False,
        )
        if not result.success and pending.error is None:
            pending.error = _error_beside_the_steps(result)
        outcome = ended(pending, run_id)
        instance.add_run_tags(run_id, outcome_tags(outcome))
    return outcome


def _error_beside_the_steps(result: Any) -> ZhoubaoError:
    """What Dagster itself raised, which may hold anything, so its class alone is said; or this project's own by its name."""
    errors = [event.event_specific_data.error for event in result.all_events if event.is_step_failure]
    causes = [cause for error in errors if error is not None for cause in (error.cause or error,)]
    by_name = error_types()
    for cause in causes:
        if cause.cls_name in by_name:
            # Dagster keeps it as `module.Class: message`
            return by_name[cause.cls_name](cause.message.partition(": ")[2].strip())
    for cause in causes:
        full = full_disk_words(cause.message)
        if full is not None:
            return StorageError(full)
    kinds = ", ".join(str(cause.cls_name) for cause in causes) or "error outside the steps"
    return UnexpectedError(f"unexpected {kinds}; {HELP}")
