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
from assets.home import Home
from assets.platform.simulator import simulate
from assets.publication.versions import kept_versions, version_file, version_manifest, version_page
from pipelines.cli import app
from pipelines.run import run
from pipelines.settings import load_settings

# what is this machine's, not the home's
ELSEWHERE = {"calendar", "fonts", "disk", "lock"}
ROUNDS = 4


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Two days, published, and published again: one version of the past is kept."""
    home = Home(tmp_path_factory.mktemp("advice") / "home")
    home.prepare()
    simulate(home.landing, date(2023, 8, 31), date(2023, 9, 1), cases_per_day=5, seed=1)
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


def follow(home: Home, copy: Home, mend: str) -> None:
    """Do what it says and nothing else."""
    if mend.startswith("put ") and mend.endswith(" back from a copy of the home"):
        path = Path(mend.removeprefix("put ").removesuffix(" back from a copy of the home"))
        path.unlink(missing_ok=True)
        shutil.copy2(copy.root / path.relative_to(home.root), path)
        return
    words = shlex.split(mend)
    if words[0] == "zhoubao":
        assert invoked(home, *words[1:]) in (0, 3), mend
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


def replaced_by_a_file(path: Path) -> None:
    shutil.rmtree(path)
    path.write_text("no folder")


# independent of each other, so that one home has several; beside each, the part that finds it
DAMAGES: dict[str, list[tuple[str, Callable[[Home], object]]]] = {
    "what follows from nothing else": [
        ("archive", lambda home: flip(next(path for path in sorted(home.archive.rglob("*")) if path.is_file()))),
        ("key", lambda home: home.key_file.unlink()),
    ],
    "the private warehouse, and records of runs": [
        ("warehouse", lambda home: flip(home.warehouse, 0.3)),
        ("dagster", lambda home: flip(home.dagster / "history/runs.db", 0)),
        ("dagster", lambda home: (home.dagster / "dagster.yaml").write_text("{")),
        ("journal", lambda home: home.journal.write_bytes(b"")),
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
    assert {part for part, _ in DAMAGES[name]} <= {one["part"] for one in found}
    assert code == 8
    for _ in range(ROUNDS):
        for mend in dict.fromkeys(one["mend"] for one in found if one["mend"]):
            follow(home, sound, mend)
        code, found = conditions(home)
        if not found:
            break
    assert (code, found) == (0, [])
    assert figures(home) == before


def test_a_damaged_file_of_the_lake_is_made_again_from_its_original(home: Home, sound: Home) -> None:
    paths = sorted((home.lake / "accept").rglob("*.parquet"))
    flip(paths[0])
    paths[1].unlink()
    assert invoked(home, "rebuild", "--lake") == 0
    assert [path.read_bytes() for path in paths] == [(sound.root / path.relative_to(home.root)).read_bytes() for path in paths]
    flip(paths[0])
    shutil.rmtree(home.archive)
    result = CliRunner().invoke(app, ["rebuild", "--lake", "--home", str(home.root)])
    assert isinstance(result.exception, DamageError)
    assert "put it back from a copy of the home" in str(result.exception)


def test_a_sound_home_has_nothing_to_follow(home: Home) -> None:
    assert conditions(home) == (0, [])
