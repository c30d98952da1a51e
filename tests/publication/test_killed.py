"""Killed before any of its effects, a publication or a rollback leaves the old state or the new, and the next one is clean."""

import subprocess
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from assets.hashing import sha256_of
from assets.home import Home
from assets.publication.publish import damaged_files, finish_interrupted, publish
from assets.publication.store.manifest import current_manifest
from assets.publication.store.swap import leftovers
from assets.publication.store.versions import all_versions, kept_versions

from .dying import EFFECTS, dies
from .small_warehouse import FACTS, LATER, small_models, small_warehouse

OLD, NEW = 3, 30
ONLY_OF_ROLLBACKS = {"prune after rollback"}
ONLY_OF_PUBLICATIONS = {"describe", "prune"}


@dataclass(frozen=True)
class World:
    """A home with one publication (or two, for going back to the first), to be copied for each death."""

    root: Path
    first: str


@pytest.fixture(scope="module")
def published_once(tmp_path_factory: pytest.TempPathFactory) -> World:
    return _world(tmp_path_factory.mktemp("once"), twice=False)


@pytest.fixture(scope="module")
def published_twice(tmp_path_factory: pytest.TempPathFactory) -> World:
    return _world(tmp_path_factory.mktemp("twice"), twice=True)


def _world(root: Path, twice: bool) -> World:
    home, models = Home(root / "home"), small_models(root / "sql")
    con = small_warehouse(home)
    first = publish(con, home, models, FACTS)
    con.execute("update marts.daily_counts set accepted = 10")
    if twice:
        publish(con, home, models, LATER)
    con.close()
    return World(root, first.version)


@pytest.mark.parametrize("effect", sorted(EFFECTS.keys() - ONLY_OF_ROLLBACKS))
def test_a_killed_publication(effect: str, published_once: World, tmp_path: Path) -> None:
    _kill_at_every_step(published_once, None, effect, tmp_path, before=OLD, after=NEW)


@pytest.mark.parametrize("effect", sorted(EFFECTS.keys() - ONLY_OF_PUBLICATIONS))
def test_a_killed_rollback(effect: str, published_twice: World, tmp_path: Path) -> None:
    _kill_at_every_step(published_twice, published_twice.first, effect, tmp_path, before=NEW, after=OLD)


def _kill_at_every_step(world: World, version: str | None, effect: str, folder: Path, before: int, after: int) -> None:
    step = 1
    while True:
        root = folder / str(step)
        # hard links stay what they are, which shutil.copytree would not keep
        subprocess.run(["cp", "-a", str(world.root), str(root)], check=True)
        home = Home(root / "home")
        if not dies(root, version, effect, step):
            break
        by_name, by_manifest = _by_name(home), _by_manifest(home)
        assert {by_name, by_manifest} <= {before, after}, f"{effect}, call {step}"
        # the manifest goes last
        assert by_manifest == before or by_name == after, f"{effect}, call {step}"
        finish_interrupted(home)
        assert _by_name(home) == _by_manifest(home) == by_name, f"{effect}, call {step}"
        _assert_clean(home)
        manifest = current_manifest(home)
        assert manifest is not None
        assert (manifest.rollback is not None) == (version is not None and by_name == after), f"{effect}, call {step}"
        step += 1
    assert step > 1, f"{effect} is not called"
    assert _by_name(home) == _by_manifest(home) == after
    _publish_next(root)


def _publish_next(root: Path) -> None:
    home = Home(root / "home")
    newest = kept_versions(home)[-1]
    with duckdb.connect(home.warehouse) as con:
        con.execute("update marts.daily_counts set accepted = 100")
        manifest = publish(con, home, small_models(root / "sql"), FACTS)
    assert manifest.version > newest
    assert manifest.built_at >= LATER.built_at - timedelta(days=1)
    assert _by_name(home) == _by_manifest(home) == 300
    _assert_clean(home)


def _assert_clean(home: Home) -> None:
    assert leftovers(home) == []
    assert damaged_files(home) == []
    # no part of a version that was never in force
    assert all_versions(home) == kept_versions(home)
    folders = [path.name for path in (home.published / "versions").iterdir() if path.is_dir()]
    assert sorted(folders) == kept_versions(home)


def _by_name(home: Home) -> int:
    return _sum(home.published_database)


def _by_manifest(home: Home) -> int:
    manifest = current_manifest(home)
    assert manifest is not None
    file = home.published / manifest.database.file
    assert sha256_of(file) == manifest.database.sha256
    with duckdb.connect(file, read_only=True) as con:
        assert con.execute("select version from meta.publication").fetchone() == (manifest.version,)
    for entry in manifest.tables.values():
        assert sha256_of(home.published / entry.file) == entry.sha256, entry.file
    return _sum(file)


def _sum(file: Path) -> int:
    with duckdb.connect(file, read_only=True) as con:
        row = con.execute("select sum(accepted) from marts.daily_counts").fetchone()
    assert row is not None
    return int(row[0])
