"""Runs whose process was killed: Dagster would show them as running, and keep their place in the pool, for ever."""

from datetime import datetime, timedelta
from typing import Any

import dagster as dg

from assets.home import Home
from pipelines.orchestration.living_runs import forget_killed, killed_runs, living_runs

_OPEN = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
# from its start until its step holds the file a run imports this project; those of releases before this one hold none
_GRACE = timedelta(minutes=5)
_WORDS = "the process of this run was killed; the next run does what it left undone"


def end_zombies(home: Home, instance: Any = None) -> list[str]:
    """Mark as failed each run whose process is gone, which frees its place; their ids."""
    if instance is None:
        from pipelines.orchestration.instance import open_instance

        with open_instance(home) as opened:
            return end_zombies(home, opened)
    alive, killed = living_runs(home), killed_runs(home)
    before = datetime.now().astimezone() - _GRACE
    ended = []
    for record in instance.get_run_records(dg.RunsFilter(statuses=_OPEN)):
        run, begun = record.dagster_run, record.start_time or record.update_timestamp.timestamp()
        if run.run_id in killed or (run.run_id not in alive and begun < before.timestamp()):
            instance.report_run_failed(run, _WORDS)
            ended.append(run.run_id)
    for run_id in killed:
        forget_killed(home, run_id)
    return ended
