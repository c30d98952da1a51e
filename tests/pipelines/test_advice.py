"""Whatever the doctor finds, the one step that it names is followed to the letter, until the home is sound and its figures equal."""

import json
import shlex
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from assets.errors import DamageError
from assets.exports.lake.archive import archived_path
from assets.exports.lake.receipt import FileReceipt, Receipts, read_receipt
from assets.home import Home
from assets.platform.simulator import simulate
from assets.publication.store.versions import kept_versions, version_file, version_manifest, version_page
from pipelines.cli import app
from pipelines.running.run import run
from pipelines.settings import load_settings

# what is this machine's, not the home's
ELSEWHERE = {"calendar", "fonts", "disk", "lock"}
ROUNDS = 4
OPENING = "as_of,org_code,org_level,task_type,is_composite,measure,value\n2023-08-25,,2,01,1,accepted,70\n"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Two days, published, and published again: one version of the past is kept."""
    home = Home(tmp_path_factory.mktemp("advice") / "home")
    home.prepare()
    simulate(home.landing, date(2023, 8, 31), date(2023, 9, 1), cases_per_day=5, seed=1)
    opening = tmp_path_factory.mktemp("opening") / "opening.csv"
    opening.write_text(OPENING, encoding="utf-8")
    assert invoked(home, "opening", str(opening)) == 0
    assert run(load_settings(home.root)).exit_code == 0
    (home.published / "parquet/marts/daily_counts.parquet").unlink()
    assert invoked(home, "publish") == 0
    return home


@pytest.fixture
def home(sound: Home, tmp_path: Path) -> Home:
    # hard links stay what they are
    subprocess.run(["cp", "-a", str(sound.root), str(tmp_path / "home")], check=True)
    return Home(tmp_path / "home")


def invoked(home: Home, *words: str) -> int:
    result = CliRunner().invoke(app, [*words, "--home", str(home.root)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code


def conditions(home: Home) -> tuple[int, list[dict[str, Any]]]:
    result = CliRunner().invoke(app, ["doctor", "--json", "--home", str(home.root)])
    found = [one for one in json.loads(result.stdout) if one["part"] not in ELSEWHERE and one["state"] != "sound"]
    return result.exit_code, found


def follow(home: Home, copy: Home, fix: str) -> None:
    """Do what it says and nothing else."""
    if fix.startswith("put ") and fix.endswith(" back from a copy of the home"):
        path = Path(fix.removeprefix("put ").removesuffix(" back from a copy of the home"))
        path.unlink(missing_ok=True)
        shutil.copy2(copy.root / path.relative_to(home.root), path)
        return
    words = shlex.split(fix)
    if words[0] == "zhoubao":
        assert invoked(home, *words[1:]) in (0, 3), fix
    else:
        subprocess.run(words, check=True)


def figures(home: Home) -> list[Any]:
    queries = ("marts.bulletin_figures", "marts.daily_counts", "marts.cumulative_counts", "meta.files")
    with duckdb.connect(home.published_database, read_only=True) as connection:
        return [sorted(map(str, connection.execute(f"select * from {table}").fetchall())) for table in queries]


def flip(path: Path, place: float = 0.5) -> None:
    """One bit is another, under every name that the file has."""
    content = bytearray(path.read_bytes())
    content[int(len(content) * place)] ^= 4
    with path.open("r+b") as file:
        file.write(content)


def past(home: Home) -> str:
    return kept_versions(home)[0]


def in_force(home: Home) -> str:
    return kept_versions(home)[-1]


def receipt(home: Home, number: int) -> Path:
    return Receipts(home.lake).paths()[number]


def taken_in(home: Home, number: int) -> FileReceipt:
    """The first file of a delivery."""
    return read_receipt(receipt(home, number)).files[0]


def lake_file(home: Home, number: int) -> Path:
    name = taken_in(home, number).lake_file
    assert name is not None
    return home.lake / name


def opening(home: Home, suffix: str) -> Path:
    (path,) = (home.lake / "opening").rglob(f"*.{suffix}")
    return path


def replaced_by_a_file(path: Path) -> None:
    shutil.rmtree(path)
    path.write_text("no folder")


# independent of each other, so that one home has several; beside each, the part that finds it
DAMAGES: dict[str, list[tuple[str, Callable[[Home], object]]]] = {
    "what follows from nothing else": [
        ("archive", lambda home: flip(archived_path(home.archive, taken_in(home, 0).sha256))),
        ("key", lambda home: home.key_file.unlink()),
        ("lake", lambda home: flip(lake_file(home, 0))),
        ("lake", lambda home: flip(receipt(home, 1))),
        ("lake", lambda home: flip(opening(home, "parquet"))),
    ],
    "an opening and receipts were removed": [
        ("lake", lambda home: opening(home, "json").unlink()),
        ("warehouse", lambda home: receipt(home, 0).unlink()),
    ],
    # the warehouse is rebuilt and set aside, and the run, for the journal, publishes from the one rebuilt
    "files of the lake, the private warehouse, records of runs and all that is published": [
        ("lake", lambda home: flip(lake_file(home, 0))),
        ("lake", lambda home: lake_file(home, 1).unlink()),
        ("warehouse", lambda home: flip(home.warehouse, 0.3)),
        ("dagster", lambda home: flip(home.dagster / "history/runs.db", 0)),
        ("dagster", lambda home: (home.dagster / "dagster.yaml").write_text("{")),
        ("journal", lambda home: home.journal.write_bytes(b"")),
        ("journal", lambda home: home.unreported.write_text("[")),
        ("dagster", lambda home: (home.dagster / "ui.token").write_text("short")),
        ("publication", lambda home: shutil.rmtree(home.published)),
        ("rights", lambda home: replaced_by_a_file(home.quarantine)),
        ("leftovers", lambda home: (home.archive / ".x.abcdefgh.tmp").write_text("of a kill")),
    ],
    "the warehouse was removed": [("warehouse", lambda home: home.warehouse.unlink())],
    "the published file, whose version it is": [("publication", lambda home: flip(home.published_database))],
    "the manifest": [("publication", lambda home: flip(home.manifest))],
    "the manifest was removed": [("publication", lambda home: home.manifest.unlink())],
    "other files in force": [
        ("publication", lambda home: home.published_database.unlink()),
        ("publication", lambda home: flip(home.published / "parquet/marts/daily_counts.parquet")),
        ("publication", lambda home: (home.published / "dictionary.html").unlink()),
    ],
    "what goes with the version in force": [("publication", lambda home: version_page(home, in_force(home)).unlink())],
    "the file of a version of the past": [("versions", lambda home: flip(version_file(home, past(home)), 0.9))],
    "the manifest of a version of the past": [("versions", lambda home: flip(version_manifest(home, past(home))))],
    "a part of a version of the past was removed": [("versions", lambda home: version_file(home, past(home)).unlink())],
}


@pytest.mark.parametrize("name", DAMAGES)
def test_each_step_named_leads_to_a_sound_home_and_equal_figures(name: str, home: Home, sound: Home) -> None:
    before = figures(sound)
    for _, harm in DAMAGES[name]:
        harm(home)
    code, found = conditions(home)
    assert all(one["fix"] for one in found if one["state"] != "notice")
    assert {part for part, _ in DAMAGES[name]} <= {one["part"] for one in found}
    assert code == 8
    for _ in range(ROUNDS):
        for fix in dict.fromkeys(one["fix"] for one in found if one["fix"]):
            follow(home, sound, fix)
        code, found = conditions(home)
        if not found:
            break
    assert (code, found) == (0, [])
    assert figures(home) == before


def test_a_file_that_no_original_gives_again_is_put_back(home: Home) -> None:
    """The doctor says so beforehand, and ``rebuild --lake`` after it has tried."""
    flip(lake_file(home, 0))
    (said,) = [one["fix"] for one in conditions(home)[1] if one["part"] == "lake"]
    assert said == "zhoubao rebuild --lake"
    archived_path(home.archive, taken_in(home, 0).sha256).unlink()
    (said,) = [one["fix"] for one in conditions(home)[1] if one["part"] == "lake"]
    assert said == f"put {lake_file(home, 0)} back from a copy of the home"
    result = CliRunner().invoke(app, ["rebuild", "--lake", "--home", str(home.root)])
    assert isinstance(result.exception, DamageError)
    assert "put it back from a copy of the home" in str(result.exception)


def test_a_sound_home_has_nothing_to_follow(home: Home) -> None:
    assert conditions(home) == (0, [])
