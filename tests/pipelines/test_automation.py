"""What starts a run by itself, and what it says while it does not: arrivals, and the draft of an issue."""

import shutil
import signal
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import dagster as dg

from assets.exports.lake.receipt import Receipts
from assets.exports.landing.scan import survey
from assets.publication.arrival import newest_expected
from pipelines.orchestration.arrivals_sensor import arrivals_sensor, look
from pipelines.orchestration.living_runs import forget_killed, killed_runs, living, living_runs
from pipelines.orchestration.schedules import draft_due, schedules
from pipelines.settings import load_settings
from tests.exports.deliveries import deliver
from tests.exports.feed_files import result_csv

ROOT = Path(__file__).parents[2]
FILES = {"a.csv": result_csv([{"project_no": "S1"}])}


def seen(landing: Path, cursor: str | None) -> dg.SensorResult | dg.SkipReason:
    return look(survey(landing, Receipts(landing / "no lake")), cursor)


def skipped(landing: Path, cursor: str | None) -> str:
    told = seen(landing, cursor)
    assert isinstance(told, dg.SkipReason)
    return str(told.skip_message)


def begun(landing: Path, cursor: str | None) -> str:
    """The key of the one run that is asked for, which is the next cursor."""
    told = seen(landing, cursor)
    assert isinstance(told, dg.SensorResult)
    (request,) = told.run_requests or ()
    assert request.run_key == told.cursor
    return str(told.cursor)


def test_a_complete_delivery_starts_one_run_and_what_lacks_a_file_is_said(tmp_path: Path) -> None:
    assert "没有新批次" in skipped(tmp_path, None)
    deliver(tmp_path / "one", FILES, "20230828_01")
    (tmp_path / "one" / "a.csv").rename(tmp_path / "a.csv.part")
    assert "20230828_01（waiting）：缺 a.csv" in skipped(tmp_path, None)
    (tmp_path / "a.csv.part").rename(tmp_path / "one" / "a.csv")
    first = begun(tmp_path, None)
    # once for the same, also where it lies there twice
    shutil.copytree(tmp_path / "one", tmp_path / "again")
    assert "20230828_01" in skipped(tmp_path, first)
    deliver(tmp_path / "two", FILES, "20230829_01")
    assert begun(tmp_path, first) != first


def test_all_of_it_is_off_until_the_settings_switch_it_on(tmp_path: Path) -> None:
    off, on = load_settings(tmp_path), load_settings(tmp_path, automation={"enabled": True, "run_at": "06:10"})
    for settings, is_on in ((off, False), (on, True)):
        assert arrivals_sensor(settings).default_status == dg.DefaultSensorStatus("RUNNING" if is_on else "STOPPED")
        assert {one.default_status.value for one in schedules(settings)} == {"RUNNING" if is_on else "STOPPED"}
    assert {one.name: one.cron_schedule for one in schedules(on)}["every_morning"] == "10 6 * * *"


def test_the_draft_of_an_issue_waits_for_its_figures(tmp_path: Path) -> None:
    told = draft_due(load_settings(tmp_path), date(2023, 9, 2))
    assert isinstance(told, dg.SkipReason)
    assert str(told.skip_message) == "2023-34 还没有数字，等截止日 2023-09-01 的批次"


def test_yesterday_is_expected_from_the_hour_that_the_site_names() -> None:
    eight = load_settings(Path("nowhere")).automation.expected_at
    assert newest_expected(datetime(2023, 9, 2, 7, 59), eight) == date(2023, 8, 31)
    assert newest_expected(datetime(2023, 9, 2, 8), eight) == date(2023, 9, 1)


_HOLDING = """
import os, signal, sys
from pathlib import Path
from assets.home import Home
from pipelines.orchestration.living_runs import live_until_the_process_ends
live_until_the_process_ends(Home(Path(sys.argv[1])), "killed")
print("held", flush=True)
sys.stdin.read()
"""


def test_the_kernel_says_which_run_has_a_process(tmp_path: Path) -> None:
    home = load_settings(tmp_path / "home").place
    home.prepare()
    with living(home, "mine"):
        command = [sys.executable, "-c", _HOLDING, str(home.root)]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None and process.stdout.readline() == "held\n"
            assert (living_runs(home), killed_runs(home)) == ({"mine", "killed"}, set())
            process.send_signal(signal.SIGKILL)
        assert (living_runs(home), killed_runs(home)) == ({"mine"}, {"killed"})
    forget_killed(home, "killed")
    assert (living_runs(home), killed_runs(home)) == (set(), set())
