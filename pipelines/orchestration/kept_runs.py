"""Dagster's records of old runs: the oldest go, so that they stay as large as the site says; each takes 2.7 MB otherwise.

What says that a day was delivered stays: the newest materialization of each partition and asset, whichever run made it. Dagster's own
removal of a run takes these along, and leaves the results of the checks.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg
import sqlalchemy as sa

from assets.clock import naive_beijing
from assets.home import storage_errors

_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
_MATERIALIZED = "ASSET_MATERIALIZATION"
# of Dagster's tables, what is needed here
_EVENTS = sa.table("event_logs", *(sa.column(name) for name in ("id", "run_id", "dagster_event_type", "asset_key", "partition")))
_CHECKS = sa.table("asset_check_executions", sa.column("run_id"))
_TAGS = sa.table("asset_event_tags", sa.column("event_id"))
# SQLite binds no more values at once
_AT_ONCE = 500


def remove_old_runs(instance: Any, keep: int, since: datetime | None) -> int:
    """Remove the records of all runs that have ended but the newest ``keep``, and those that began after ``since``; how many.

    ``since`` is naive Beijing time: when the publication in force was built, so that a refusal after it stays.
    """
    records = instance.get_run_records(filters=dg.RunsFilter(statuses=_ENDED))
    # the newest come first
    old = [
        record.dagster_run.run_id
        for record in records[keep:]
        if since is None or naive_beijing(record.create_timestamp.astimezone()) < since
    ]
    if old:
        _remove_events(instance.event_log_storage, old)
    for run_id in old:
        instance.run_storage.delete_run(run_id)
        _remove_shard(instance.event_log_storage, run_id)
    return len(old)


def _remove_events(storage: Any, run_ids: list[str]) -> None:
    with storage.index_connection() as connection:
        newest = sa.select(sa.func.max(_EVENTS.c.id)).where(_EVENTS.c.dagster_event_type == _MATERIALIZED)
        stays = _EVENTS.c.id.in_(newest.group_by(_EVENTS.c.asset_key, _EVENTS.c.partition))
        for some in _parts(run_ids):
            going = sa.and_(_EVENTS.c.run_id.in_(some), sa.not_(stays))
            connection.execute(_TAGS.delete().where(_TAGS.c.event_id.in_(sa.select(_EVENTS.c.id).where(going))))
            connection.execute(_EVENTS.delete().where(going))
            connection.execute(_CHECKS.delete().where(_CHECKS.c.run_id.in_(some)))


def _parts(run_ids: list[str]) -> Iterable[list[str]]:
    return (run_ids[at : at + _AT_ONCE] for at in range(0, len(run_ids), _AT_ONCE))


def _remove_shard(storage: Any, run_id: str) -> None:
    """On SQLite, a run has a file of its own."""
    if not hasattr(storage, "path_for_shard"):
        return
    path = Path(storage.path_for_shard(run_id))
    with storage_errors(path):
        for file in (path, *path.parent.glob(f"{path.name}-*")):
            file.unlink(missing_ok=True)
