"""Records of old runs go, and what says which days were delivered stays."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from assets.clock import beijing_now
from assets.home import Home
from pipelines.orchestration.instance import are_few_records, open_instance
from pipelines.orchestration.kept_runs import remove_old_runs
from pipelines.running.aftercare import remove_old_records

DAYS = dg.DailyPartitionsDefinition("2023-09-01")


@dg.asset(partitions_def=DAYS, check_specs=[dg.AssetCheckSpec("rule", asset="feed")])
def feed(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """A delivery."""
    yield dg.MaterializeResult(metadata={"day": context.partition_key})
    yield dg.AssetCheckResult(check_name="rule", passed=True)


@dg.asset
def table() -> None:
    """Made in each run."""


@dg.asset
def once() -> None:
    """Made in the first run alone."""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.prepare()
    return home


def days_run(home: Home, days: int) -> list[str]:
    with open_instance(home) as instance:
        ended = [dg.materialize([once], instance=instance)]
        ended += [dg.materialize([feed, table], instance=instance, partition_key=f"2023-09-{day:02}") for day in range(1, days)]
    return [each.run_id for each in ended]


def index_counts(home: Home, table: str, run_id: str) -> int:
    with closing(sqlite3.connect(home.dagster / "history" / "runs" / "index.db")) as connection:
        return int(connection.execute(f"select count(*) from {table} where run_id = ?", [run_id]).fetchone()[0])


def test_the_oldest_go_and_each_day_stays_delivered(home: Home) -> None:
    runs = days_run(home, 5)
    assert are_few_records(home, 5) and not are_few_records(home, 4)
    with open_instance(home) as instance:
        # since the last publication, what was refused among them
        assert remove_old_runs(instance, 2, beijing_now() - timedelta(hours=1)) == 0
        assert remove_old_runs(instance, 2, beijing_now() + timedelta(hours=1)) == 3
        assert [run.run_id for run in instance.get_runs()] == [runs[4], runs[3]]
        assert instance.get_materialized_partitions(dg.AssetKey("feed")) == {f"2023-09-{day:02}" for day in range(1, 5)}
        assert instance.get_latest_materialization_event(dg.AssetKey("once")) is not None
        assert remove_old_runs(instance, 2, None) == 0
    assert are_few_records(home, 2)
    for run_id in runs[:3]:
        assert index_counts(home, "asset_check_executions", run_id) == 0
        # the one materialization that says what is there
        assert index_counts(home, "event_logs", run_id) == 1
    assert index_counts(home, "asset_check_executions", runs[3]) == 1


def test_records_that_cannot_be_removed_are_told_and_end_nothing(home: Home) -> None:
    assert remove_old_records(home, 1) == {}
    history = home.dagster / "history"
    for name in ("runs.db", "runs/a.db", "runs/b.db"):
        history.joinpath(name).write_bytes(b"not a database at all" * 50)
    (note,) = remove_old_records(home, 1)["notes"]
    assert "old records of runs" in note
