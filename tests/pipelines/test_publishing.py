"""``zhoubao publish``: the warehouse as it stands, going back, and what runs and freezes do after that."""

import json
import os
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import typer

from assets.errors import DamageError, RefusedError, UsageError
from assets.home import Home
from assets.platform.simulator import simulate
from assets.publication.store.manifest import current_manifest
from assets.warehouse.connection import open_warehouse
from assets.warehouse.state.ledger import note_build
from pipelines.commands.publishing import publish
from pipelines.commands.reading import bulletin, status
from pipelines.running.run import run
from pipelines.settings import Settings, load_settings

ISSUE = "2023-34"


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two publications: the issue's week, then a day more."""
    home = Home(tmp_path_factory.mktemp("twice") / "home")
    home.prepare()
    simulate(home.landing, date(2023, 8, 28), date(2023, 9, 1), cases_per_day=10, seed=1)
    assert run(load_settings(home.root)).exit_code == 0
    simulate(home.landing, date(2023, 9, 2), date(2023, 9, 2), cases_per_day=10, seed=2)
    assert run(load_settings(home.root)).exit_code == 0
    return home.root


@pytest.fixture
def home(twice: Path, tmp_path: Path) -> Home:
    # hard links become copies, as in a home that was restored from a backup
    shutil.copytree(twice, tmp_path / "home")
    return Home(tmp_path / "home")


def settings_of(home: Home, **given: Any) -> Settings:
    return load_settings(home.root, **given)


def exit_code_of(home: Home, **words: Any) -> int:
    try:
        publish(home=home.root, **words)
    except typer.Exit as ended:
        return int(ended.exit_code)
    return 0


def in_force(home: Home) -> tuple[str, date | None]:
    manifest = current_manifest(home)
    assert manifest is not None
    with duckdb.connect(home.published_database, read_only=True) as con:
        assert con.execute("select version from meta.publication").fetchone() == (manifest.version,)
    return manifest.version, manifest.business_date_through


def listed(home: Home, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert exit_code_of(home, listed=True, as_json=True) == 0
    entries: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return entries


def test_what_is_in_force_already_is_nothing_to_do(home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    version = in_force(home)
    assert exit_code_of(home) == 3
    assert "in force already" in capsys.readouterr().out
    assert in_force(home) == version
    assert exit_code_of(Home(tmp_path / "fresh")) == 3
    assert not (tmp_path / "fresh/warehouse.duckdb").exists()


def test_a_rollback_stays_until_there_is_something_new(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    newest, oldest = listed(home, capsys)
    assert (newest["in_force"], oldest["in_force"]) == (True, False)
    assert (newest["business_date_through"], oldest["business_date_through"]) == ("2023-09-02", "2023-09-01")
    assert newest["rows"] > oldest["rows"] > 0
    assert exit_code_of(home, rollback=oldest["version"]) == 0
    assert in_force(home) == (oldest["version"], date(2023, 9, 1))
    assert exit_code_of(home, rollback=oldest["version"]) == 3

    status(home=home.root)
    assert f"ROLLED BACK from version {newest['version']}" in capsys.readouterr().out
    assert run(settings_of(home)).exit_code == 3
    assert in_force(home)[0] == oldest["version"]

    simulate(home.landing, date(2023, 9, 3), date(2023, 9, 3), cases_per_day=10, seed=3)
    assert run(settings_of(home)).exit_code == 0
    assert in_force(home)[1] == date(2023, 9, 3)
    assert [entry["version"] for entry in listed(home, capsys)][1:] == [newest["version"], oldest["version"]]


def test_publish_ends_a_rollback(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    newest, oldest = listed(home, capsys)
    assert exit_code_of(home, rollback=oldest["version"]) == 0
    capsys.readouterr()
    assert exit_code_of(home, as_json=True) == 0
    said = json.loads(capsys.readouterr().out)
    version, through = in_force(home)
    assert said == {"exit_code": 0, "version": version}
    assert version > newest["version"]
    assert through == date(2023, 9, 2)
    manifest = current_manifest(home)
    assert manifest is not None
    assert manifest.rollback is None
    assert run(settings_of(home)).exit_code == 3


def test_nothing_is_recorded_from_a_version_that_was_gone_back_to(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    oldest = listed(home, capsys)[-1]["version"]
    assert exit_code_of(home, rollback=oldest) == 0
    for words in ({"freeze": True}, {"erratum": "更正"}):
        with pytest.raises(RefusedError, match="in force by a rollback"):
            bulletin(ISSUE, home=home.root, formats="md", **words)
    assert not list((home.lake / "frozen").rglob("*.json"))
    # the bulletin itself is printed from what is in force
    bulletin(ISSUE, home=home.root, formats="md", draft=True)
    assert exit_code_of(home) == 0
    bulletin(ISSUE, home=home.root, formats="md", freeze=True, despite="no copy here")
    # and what is final is not taken back
    with pytest.raises(RefusedError, match=f"before issue {ISSUE} was frozen"):
        publish(home=home.root, rollback=oldest)


def test_a_wrong_version_or_a_damaged_one_changes_nothing(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    before, oldest = in_force(home), listed(home, capsys)[-1]["version"]
    with pytest.raises(UsageError, match="is not kept") as unknown:
        publish(home=home.root, rollback="20200101T000000-00000000")
    with pytest.raises(UsageError, match="do not go together"):
        publish(home=home.root, rollback=oldest, listed=True)
    file = home.published / f"versions/{oldest}.duckdb"
    file.write_bytes(file.read_bytes() + b"?")
    with pytest.raises(DamageError, match="not the file that was published") as damaged:
        publish(home=home.root, rollback=oldest)
    assert (unknown.value.exit_code, damaged.value.exit_code) == (2, 8)
    assert in_force(home) == before


def test_what_was_not_checked_is_not_published(home: Home) -> None:
    with open_warehouse(home) as con:
        note_build(con, "other inputs")
    with pytest.raises(RefusedError, match="not checked since"):
        publish(home=home.root)


def test_damage_and_a_changed_setting_are_something_to_publish(home: Home) -> None:
    path = home.published / "parquet/marts/daily_counts.parquet"
    path.write_bytes(b"?")
    assert exit_code_of(home) == 0
    assert exit_code_of(home) == 3
    home.settings_file.write_text(f"kept_versions = 1\nreader_group = {os.getgid()}\n", encoding="utf-8")
    # a run takes the setting up too
    outcome = run(settings_of(home))
    assert outcome.exit_code == 0
    assert home.published_database.stat().st_mode & 0o777 == 0o440
    assert len(list((home.published / "versions").glob("*.duckdb"))) == 1
    home.settings_file.write_text('reader_group = "no-such-group"\n', encoding="utf-8")
    with pytest.raises(UsageError, match="no-such-group"):
        run(settings_of(home))
