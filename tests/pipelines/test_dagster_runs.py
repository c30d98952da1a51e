"""A run that Dagster launches is ``zhoubao run``: the same steps and journal, and what its pages then say is true."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from assets.home import Home
from pipelines.definitions import build_definitions
from pipelines.orchestration.instance import open_instance
from pipelines.orchestration.jobs import RUN_JOB
from pipelines.running.run import run
from pipelines.settings import Settings, load_settings
from pipelines.upkeep.publishing import roll_back_to
from tests.exports.deliveries import deliver
from tests.exports.feed_files import result_csv
from tests.pipelines.planted import NAME, deliver_day, plant

ROOT = Path(__file__).parents[2]
# two deliveries of one day; the day after it never comes
FIRST, SECOND, LATER = "20230828_01", "20230828_02", "20230830_01"
# of each home, since they take seconds to build; a planted check is reported without one of its own
_jobs: dict[Path, dg.JobDefinition] = {}


def rows(*keys: str) -> dict[str, bytes]:
    return {"a.csv": result_csv([{"project_no": key} for key in keys])}


@contextmanager
def launched(settings: Settings, config: dict[str, Any] | None = None, **asked: Any) -> Iterator[tuple[Any, Any]]:
    """The job as Dagster's own process of a run carries it out; its result and the instance."""
    if settings.home not in _jobs:
        _jobs[settings.home] = build_definitions(settings).resolve_job_def(RUN_JOB)
    job = _jobs[settings.home]
    run_config = {"ops": {"run_all_steps": {"config": config}}} if config else None
    with open_instance(settings.place) as instance:
        yield job.execute_in_process(instance=instance, run_config=run_config, raise_on_error=False, **asked), instance


def journal(home: Home) -> dict[str, Any]:
    return dict(json.loads(home.journal.read_text(encoding="utf-8")))


def test_a_run_that_dagster_launches_is_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One story on one home, since each of its runs takes its time."""
    settings = published_home(tmp_path / "home")
    without_news_nothing_is_published_and_a_rollback_stays(settings)
    a_day_shows_the_sum_of_its_deliveries_and_a_day_that_never_came_shows_nothing(settings)
    quarantine_is_told_and_kept_in_the_journal(settings)
    a_refusal_is_the_commands_own_and_a_waiver_is_config(settings, monkeypatch)
    a_run_of_the_command_is_on_the_page_of_the_job(settings)
    a_killed_run_is_marked_failed_by_the_next_one(settings)


def published_home(folder: Path) -> Settings:
    """A home in which two deliveries of a day were published, one after the other."""
    settings = load_settings(folder, lock_wait_seconds=0, archive_days_to_keep=1)
    settings.place.prepare()
    for name, keys in ((FIRST, ("S1", "S2")), (SECOND, ("S3",))):
        deliver(settings.place.landing / name, rows(*keys), name)
        assert run(settings).exit_code == 0
    return settings


def without_news_nothing_is_published_and_a_rollback_stays(settings: Settings) -> None:
    home = settings.place
    kept = sorted(path.stem for path in (home.published / "versions").glob("*.duckdb"))
    assert roll_back_to(settings, kept[0]) is not None
    before = home.manifest.read_bytes()
    with launched(settings) as (result, instance):
        assert result.success
        tags = instance.get_run_by_id(result.run_id).tags
    assert home.manifest.read_bytes() == before
    assert tags["zhoubao/exit_code"] == "3"
    assert journal(home)["exit_code"] == 3
    # the checks are as they were, and the missing days are listed now
    found = {each.check_name: each for each in result.get_asset_check_evaluations()}
    assert len(found) > 100
    assert not found["newest_day_is_there"].passed
    roll_back_to(settings, kept[-1])


def a_day_shows_the_sum_of_its_deliveries_and_a_day_that_never_came_shows_nothing(settings: Settings) -> None:
    home = settings.place
    deliver(home.landing / LATER, rows("S9"), LATER)
    with launched(settings) as (result, instance):
        assert result.success
        key = dg.AssetKey(["platform", "result"])
        assert instance.get_materialized_partitions(key) == {"2023-08-28", "2023-08-30"}
        found = instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=key, asset_partitions=["2023-08-28"]), limit=1
        ).records[0]
        tags = instance.get_run_by_id(result.run_id).tags
    metadata = found.asset_materialization.metadata
    assert metadata["dagster/row_count"].value == 3
    assert metadata["批次"].value == f"{FIRST}、{SECOND}"
    assert tags["zhoubao/deliveries"] == LATER
    assert tags["zhoubao/version"] == json.loads(home.manifest.read_text())["version"]
    (check,) = [each for each in result.get_asset_check_evaluations() if each.check_name == "every_day_has_come"]
    assert not check.passed
    (last, first) = [record.data for record in check.metadata["缺的业务日期"].records]
    assert first == {"自": "2023-08-29", "至": "2023-08-29", "天数": 1, "其中工作日": 1}
    assert last["自"] == "2023-08-31"
    definitions = build_definitions(settings).resolve_asset_graph()
    days = definitions.get(key).partitions_def
    assert days is not None and days.get_first_partition_key() == "2023-08-28"


def quarantine_is_told_and_kept_in_the_journal(settings: Settings) -> None:
    name = "20230831_01"
    deliver(settings.place.landing / name, {"b.csv": b"nobody,knows\n1,2\n"}, name)
    with launched(settings) as (result, instance):
        assert result.success
        assert instance.get_run_by_id(result.run_id).tags["zhoubao/exit_code"] == "5"
    told = journal(settings.place)
    assert (told["exit_code"], told["run_id"], told["arrivals"]) == (5, result.run_id, [name])
    assert told["workbooks"]
    assert "removed" in told


def a_refusal_is_the_commands_own_and_a_waiver_is_config(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    home = settings.place
    deliver_day(home, date(2023, 9, 1))
    with monkeypatch.context() as planted:
        plant(planted)
        with launched(settings) as (result, instance):
            assert not result.success
            assert instance.get_run_by_id(result.run_id).tags["zhoubao/exit_code"] == "4"
        assert [one["check_id"] for one in journal(home)["refused_by"]] == [NAME]
        with launched(settings, {"waive": {NAME: "试验"}}) as (result, _):
            assert result.success
    assert journal(home)["exit_code"] == 0


def a_run_of_the_command_is_on_the_page_of_the_job(settings: Settings) -> None:
    with open_instance(settings.place) as instance:
        (run_of_command, *_) = instance.get_runs(dg.RunsFilter(tags={"zhoubao/launched_by": "zhoubao"}))
    assert run_of_command.tags[".dagster/repository"] == "__repository__@zhoubao"
    assert {"zhoubao/exit_code", "zhoubao/deliveries", "zhoubao/version"} <= run_of_command.tags.keys()


_STOPPED = """
import os, signal, sys
from pathlib import Path
from pipelines.running import steps
from pipelines.running.run import run
from pipelines.settings import load_settings
steps.check_before_publishing = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
run(load_settings(Path(sys.argv[1]), lock_wait_seconds=0))
"""


def a_killed_run_is_marked_failed_by_the_next_one(settings: Settings) -> None:
    home = settings.place
    name = "20230902_01"
    deliver(home.landing / name, rows("S20"), name)
    killed = subprocess.run([sys.executable, "-c", _STOPPED, str(home.root)], cwd=ROOT, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    with open_instance(home) as instance:
        (zombie,) = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
    assert run(settings).exit_code == 0
    with open_instance(home) as instance:
        assert instance.get_run_by_id(zombie.run_id).status == dg.DagsterRunStatus.FAILURE
        assert not instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
    assert not [path for path in (home.dagster / "running").iterdir() if path.name == zombie.run_id]
