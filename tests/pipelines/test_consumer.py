"""The worked consumer of docs/contract.md as a process of its own: the right figures, or a clear refusal."""

import json
import shutil
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from assets.exports.lake.openings import load_opening
from assets.exports.lake.withdrawals import withdraw
from assets.home import Home
from assets.platform.simulator import simulate
from assets.publication.rollback import roll_back
from assets.publication.store.manifest import current_manifest, note_refusal
from assets.reports.figures.usable import UsableFigure, usable_figures
from pipelines.commands.reading import bulletin
from pipelines.running.run import run
from pipelines.settings import load_settings
from tests.reports.small_site import Site, case, item

CONSUMER = Path(__file__).parents[2] / "docs/consumer.py"
ISSUE = "2023-34"
OPENING = """as_of,org_code,org_level,task_type,is_composite,measure,value
2023-08-25,,2,01,1,accepted,11884
2023-08-25,,2,,1,consulted,44888
"""
CLASSES = {"licence": {"01"}, "public_service": {"20"}, "other_six": {"04", "05", "07", "08", "09", "10"}}
OPENED = {"composite.accepted.ytd": 11884, "licence.accepted.ytd": 11884, "composite.consulted.ytd": 44888}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A home with the issue's accounting week and the closing balance before it; and the truth of the week."""
    home = Home(tmp_path_factory.mktemp("consumer") / "home")
    home.prepare()
    truth = simulate(home.landing, date(2023, 8, 26), date(2023, 9, 1), cases_per_day=20, seed=4)
    opening = home.root / "opening_20230825.csv"
    opening.write_text(OPENING, encoding="utf-8")
    load_opening(opening, home.lake)
    assert run(load_settings(home.root)).exit_code == 0
    return home.root, truth


@pytest.fixture
def home(world: tuple[Path, dict[str, Any]], tmp_path: Path) -> Home:
    shutil.copytree(world[0], tmp_path / "home")
    return Home(tmp_path / "home")


def in_scope(row: dict[str, Any], scope: str) -> bool:
    """Whether a day's count belongs to 省本级综窗 or to a class of 省级政务服务事项."""
    return row["org_level"] == "2" and (row["is_composite"] if scope == "composite" else row["task_type"] in CLASSES[scope])


def consume(home: Home, issue: str = ISSUE, *figures: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(CONSUMER), str(home.published), issue, *figures]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def answer(home: Home, issue: str = ISSUE, *figures: str) -> dict[str, Any]:
    done = consume(home, issue, *figures)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def told(home: Home, issue: str = ISSUE) -> dict[str, UsableFigure]:
    """What ``zhoubao figures`` says, which must be the same."""
    return {each.figure: each for each in usable_figures(home, issue).figures}


def refused(home: Home, exit_code: int, words: str, issue: str = ISSUE, *figures: str) -> None:
    done = consume(home, issue, *figures)
    assert (done.returncode, done.stdout) == (exit_code, ""), done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_it_prints_the_right_figures(home: Home, world: tuple[Path, dict[str, Any]]) -> None:
    rows = world[1]["tables"]["marts.bulletin_figures"]
    expected = {row["figure"]: row["value"] for row in rows if row["issue_key"] == ISSUE}
    assert len(expected) >= 18
    days = world[1]["tables"]["marts.daily_counts"]
    for figure in expected:
        if figure.endswith(".ytd"):
            scope, measure, _ = figure.split(".")
            # what is dated up to the opening's day is in the opening
            counted = sum(row[measure] for row in days if row["event_date"] > "2023-08-25" and in_scope(row, scope))
            expected[figure] = OPENED.get(figure, 0) + counted
    said = answer(home)
    manifest = current_manifest(home)
    assert manifest is not None
    assert (said["issue"], said["version"]) == (ISSUE, manifest.version)
    assert said["figures"] == pytest.approx(expected)
    assert set(said["status"].values()) == {"provisional"} == {each.status for each in told(home).values()}


def test_a_frozen_issue_is_given_as_it_was_published_whatever_comes_later(home: Home) -> None:
    before = answer(home)["figures"]
    bulletin(ISSUE, home=home.root, formats="md", freeze=True, despite="no copy here")
    assert set(answer(home)["status"].values()) == {"final"}
    # corrections of days before, and a run refused since
    simulate(home.landing, date(2023, 9, 4), date(2023, 9, 4), cases_per_day=300, seed=5)
    assert run(load_settings(home.root)).exit_code in (0, 5)
    note_refusal(home, datetime(2999, 1, 1), ["accept.key"])
    said = answer(home)
    assert said["figures"] == before
    assert set(said["status"].values()) == {"final", "revised"}
    found = told(home)
    assert {name: each.value_to_use for name, each in found.items()} == before
    revised = {name for name, status in said["status"].items() if status == "revised"}
    assert {name for name, each in found.items() if each.value != each.published_value} == revised


def test_an_issue_that_is_not_there(home: Home) -> None:
    refused(home, 4, "issue 2023-35 is not in version", "2023-35")


def test_a_gap_refuses_the_figures_that_it_touches_and_no_others(tmp_path: Path) -> None:
    home = Home(tmp_path / "other")
    home.prepare()
    simulate(home.landing, date(2023, 8, 26), date(2023, 9, 8), cases_per_day=5, seed=6)
    # one feed of one day of the second week; the days since January were never there
    (delivery,) = home.landing.glob("20230906_01")
    manifest = json.loads((delivery / "manifest_20230906_01.json").read_text(encoding="utf-8"))
    manifest["files"] = [file for file in manifest["files"] if file["feed"] != "accept"]
    (delivery / "manifest_20230906_01.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert run(load_settings(home.root)).exit_code == 0
    week, year = "composite.accepted.week", "composite.accepted.ytd"
    assert list(answer(home, ISSUE, week)["figures"]) == [week]
    refused(home, 4, f"{year}: 年累计区间缺 237 天的受理信息", ISSUE, week, year)
    refused(home, 4, f"{week}: 统计周缺 1 天的受理信息", "2023-35", week)
    assert answer(home, "2023-35", "composite.consulted.week")["status"] == {"composite.consulted.week": "provisional"}
    with duckdb.connect(str(home.published_database), read_only=True) as con:
        assert con.execute(
            "select issue_key, is_complete, week_is_complete, year_is_complete from marts.issue_coverage order by all"
        ).fetchall() == [(ISSUE, False, True, False), ("2023-35", False, False, False)]
        assert con.execute("select * from marts.coverage_gaps").fetchall() == [(date(2023, 9, 6), "accept", "no_file")]


def test_a_figure_that_there_is_not(home: Home) -> None:
    refused(home, 4, "composite.accepted.month: issue 2023-34 has no such figure", ISSUE, "composite.accepted.month")


def test_a_version_put_in_force_again_by_hand_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site, week = Site(tmp_path / "home", monkeypatch), "composite.accepted.week"
    days = [str(date(2023, 8, 26) + timedelta(days=number)) for number in range(7)]
    for day in days:
        site.deliver(f"{day.replace('-', '')}_01", accept=[case(f"P{day}", day, day)])
    first = site.run()
    site.deliver("20230902_01", accept=[case("LATE", days[-1], "2023-09-02")])
    second = site.run()
    assert answer(site.home, ISSUE, week)["figures"] == {week: 8}
    roll_back(site.home, first.version, datetime(2023, 9, 5, 8))
    said = answer(site.home, ISSUE, week)
    assert (said["version"], said["figures"]) == (first.version, {week: 7})
    assert said["rollback"]["from_version"] == second.version == usable_figures(site.home, ISSUE).rolled_back_from


def test_a_frozen_figure_that_nothing_is_left_of_keeps_its_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(tmp_path / "home", monkeypatch)
    site.deliver("20230829_01", accept=[case("A", "2023-08-29", "2023-08-29")])
    site.deliver("20230830_01", handbook=[item("H1", "2023-08-30", "2023-08-30")])
    site.deliver("20230908_01", accept=[case("B", "2023-09-08", "2023-09-08")])
    site.run()
    site.freeze(ISSUE)
    before = answer(site.home)
    assert set(before["status"].values()) == {"final"}
    withdraw(site.home.lake, "20230830_01", "错送的清单")
    site.run()
    said = answer(site.home)
    assert said["figures"] == before["figures"]
    assert {name for name, status in said["status"].items() if status == "revised"} == {
        *("handbook.finished.week", "handbook.finished.total", "handbook.items", "handbook.share")
    }
    # nothing of the issue's week is left
    withdraw(site.home.lake, "20230829_01", "错送")
    site.run()
    assert answer(site.home)["figures"] == before["figures"]
    found = told(site.home)
    assert {name: each.value_to_use for name, each in found.items()} == before["figures"]
    assert {(each.status, each.value) for each in found.values()} == {("revised", None)}


def test_a_file_that_is_not_the_one_published(home: Home) -> None:
    manifest = current_manifest(home)
    assert manifest is not None
    file = home.published / manifest.database.file
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    refused(home, 8, "is not the file that was published")
    file.write_bytes(content)
    file.with_name(file.name + ".wal").write_bytes(b"written by another program")
    refused(home, 8, "is not the file that was published")


def test_a_refused_run_later_than_what_is_published(home: Home) -> None:
    note_refusal(home, datetime(2023, 1, 1), ["accept.key"])
    assert consume(home).returncode == 0
    note_refusal(home, datetime(2999, 1, 1), ["accept.key"])
    refused(home, 4, "refused by accept.key")
    assert {each.value_to_use for each in told(home).values()} == {None}


def test_another_major_version_of_the_contract(home: Home) -> None:
    manifest = json.loads(home.manifest.read_text(encoding="utf-8"))
    home.manifest.write_text(json.dumps(manifest | {"contract_version": "2.0"}), encoding="utf-8")
    refused(home, 2, "contract 2.0")
    # the columns that it reads came with 1.1
    home.manifest.write_text(json.dumps(manifest | {"contract_version": "1.0"}), encoding="utf-8")
    refused(home, 2, "contract 1.0")


def test_it_is_short_and_needs_nothing_but_duckdb() -> None:
    lines = CONSUMER.read_text(encoding="utf-8").splitlines()
    imported = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert imported == {"hashlib", "json", "sys", "pathlib", "duckdb"}
    assert len([line for line in lines if line.strip()]) <= 45
