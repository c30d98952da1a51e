"""The worked consumer of docs/contract.md as a process of its own: the right figures, or a clear refusal."""

import json
import shutil
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from assets.exports.openings import load_opening
from assets.home import Home
from assets.platform.simulator import simulate
from assets.publication.manifest import current_manifest, note_refusal
from pipelines.commands.reading import bulletin
from pipelines.run import run
from pipelines.settings import load_settings

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


def consume(home: Home, issue: str = ISSUE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(CONSUMER), str(home.published), issue], capture_output=True, text=True, check=False
    )


def refused(home: Home, exit_code: int, words: str, issue: str = ISSUE) -> None:
    done = consume(home, issue)
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
    done = consume(home)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    manifest = current_manifest(home)
    assert manifest is not None
    assert (said["issue"], said["version"]) == (ISSUE, manifest.version)
    assert said["figures"] == pytest.approx(expected)


def test_a_frozen_issue_is_given_as_it_was_published(home: Home) -> None:
    before = json.loads(consume(home).stdout)["figures"]
    bulletin(ISSUE, home=home.root, formats="md", freeze=True)
    simulate(home.landing, date(2023, 9, 4), date(2023, 9, 4), cases_per_day=300, seed=5)
    assert run(load_settings(home.root)).exit_code in (0, 5)
    assert json.loads(consume(home).stdout)["figures"] == before


def test_an_issue_that_is_not_there(home: Home) -> None:
    refused(home, 4, "issue 2023-35 is not in version", "2023-35")


def test_an_issue_that_lacks_days(tmp_path: Path) -> None:
    home = Home(tmp_path / "other")
    home.prepare()
    simulate(home.landing, date(2023, 8, 28), date(2023, 9, 1), cases_per_day=5, seed=6)
    assert run(load_settings(home.root)).exit_code == 0
    refused(home, 4, "lacks days of data")


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


def test_another_major_version_of_the_contract(home: Home) -> None:
    manifest = json.loads(home.manifest.read_text(encoding="utf-8"))
    home.manifest.write_text(json.dumps(manifest | {"contract_version": "2.0"}), encoding="utf-8")
    refused(home, 2, "contract 2.0")


def test_it_is_short_and_needs_nothing_but_duckdb() -> None:
    lines = CONSUMER.read_text(encoding="utf-8").splitlines()
    imported = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert imported == {"hashlib", "json", "sys", "pathlib", "duckdb"}
    assert len([line for line in lines if line.strip()]) <= 40
