"""The Parquet files that a manifest names are of one version, whatever is published meanwhile; those of the fixed paths may be of two."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from assets.errors import StorageError
from assets.home import Home
from assets.publication.publish import damaged_files, damaged_of_version, publish
from assets.publication.rollback import forget_version, roll_back
from assets.publication.store import versions
from assets.publication.store.access import PublishingRules
from assets.publication.store.manifest import current_manifest
from assets.publication.store.versions import all_versions, kept_versions, version_manifest
from assets.warehouse.models.model import Model

from .small_warehouse import FACTS, LATER

Models = dict[str, Model]
Connection = duckdb.DuckDBPyConnection
NOW = datetime(2023, 9, 5, 8, 0)
NEWEST = "parquet/{}/{}.parquet"


def number(warehouse: Connection, value: int) -> None:
    """Every row that is published says ``value`` from now on."""
    warehouse.execute(f"update marts.daily_counts set accepted = {value}")
    warehouse.execute(f"update meta.files set note = '{value}'")


def said_by_counts(path: Path) -> set[int]:
    return set(pl.read_parquet(path)["accepted"])


def said_by_files(path: Path) -> set[int]:
    return set(map(int, pl.read_parquet(path)["note"]))


def read_by_manifest(published: Path, between: Callable[[], None] = lambda: None) -> set[int]:
    """As a program: the manifest once, then its files, each proven by its hash; ``between`` happens after the first."""
    tables: dict[str, Any] = json.loads((published / "manifest.json").read_bytes())["tables"]
    for entry in tables.values():
        assert sha256((published / entry["file"]).read_bytes()).hexdigest() == entry["sha256"], entry["file"]
    counts = said_by_counts(published / tables["marts.daily_counts"]["file"])
    between()
    return counts | said_by_files(published / tables["meta.files"]["file"])


def read_by_path(published: Path, between: Callable[[], None] = lambda: None) -> set[int]:
    """As a tool that is pointed at files of fixed paths."""
    counts = said_by_counts(published / NEWEST.format("marts", "daily_counts"))
    between()
    return counts | said_by_files(published / NEWEST.format("meta", "files"))


def test_files_of_the_manifest_are_of_one_version_and_those_of_the_paths_are_not(
    warehouse: Connection, home: Home, models: Models
) -> None:
    number(warehouse, 1)
    publish(warehouse, home, models, FACTS)
    following = iter(range(2, 10))

    def publish_twice() -> None:
        for value in (next(following), next(following)):
            number(warehouse, value)
            publish(warehouse, home, models, LATER)

    assert read_by_manifest(home.published, publish_twice) == {1}
    assert read_by_manifest(home.published, publish_twice) == {3}
    # the risk that the contract states
    assert read_by_path(home.published, publish_twice) == {5, 7}


@pytest.mark.parametrize("goes_back", [False, True])
def test_whatever_is_moved_first_a_reader_by_manifest_sees_one_version(
    goes_back: bool, warehouse: Connection, home: Home, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    number(warehouse, 1)
    first = publish(warehouse, home, models, FACTS).version
    number(warehouse, 2)
    if goes_back:
        publish(warehouse, home, models, LATER)
    seen, torn, real = [], 0, Path.replace

    def replace_and_read(path: Path, target: Path) -> Path:
        nonlocal torn
        moved = real(path, target)
        seen.append(read_by_manifest(home.published))
        torn += len(read_by_path(home.published)) > 1
        return moved

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace_and_read)
        if goes_back:
            roll_back(home, first, NOW)
        else:
            publish(warehouse, home, models, LATER)
    before, after = ({2}, {1}) if goes_back else ({1}, {2})
    assert seen == [before] * (len(seen) - 1) + [after]
    # else the moments between were not met
    assert torn > 0


def test_the_newest_are_the_files_of_the_version_under_another_name(warehouse: Connection, home: Home, models: Models) -> None:
    first, second = (publish(warehouse, home, models, facts) for facts in (FACTS, LATER))
    for manifest in (first, second):
        for name, entry in manifest.tables.items():
            path = NEWEST.format(*name.split("."))
            assert entry.file == f"versions/{manifest.version}/{path}"
            assert (home.published / entry.file).samefile(home.published / path) == (manifest is second)
    assert roll_back(home, first.version, NOW) is not None
    for entry in first.tables.values():
        assert (home.published / entry.file).samefile(home.published / entry.file.removeprefix(f"versions/{first.version}/"))


def test_a_version_keeps_its_files_as_they_were_written_until_it_goes(warehouse: Connection, home: Home, models: Models) -> None:
    rules = PublishingRules(kept_versions=2)
    first = publish(warehouse, home, models, FACTS, rules)
    written = {entry.file: (home.published / entry.file).stat().st_mtime_ns for entry in first.tables.values()}
    number(warehouse, 2)
    publish(warehouse, home, models, LATER, rules)
    back = roll_back(home, first.version, NOW, rules)
    assert back is not None
    assert back.tables == first.tables
    assert {name: (home.published / name).stat().st_mtime_ns for name in written} == written
    for _ in range(2):
        publish(warehouse, home, models, LATER, rules)
    assert len(kept_versions(home)) == 2
    assert sorted(path.name for path in (home.published / "versions").iterdir() if path.is_dir()) == kept_versions(home)
    assert damaged_files(home) == []


def test_a_damaged_file_of_a_version_is_found_written_again_by_going_back_and_removed_with_it(
    warehouse: Connection, home: Home, models: Models
) -> None:
    number(warehouse, 1)
    first = publish(warehouse, home, models, FACTS)
    number(warehouse, 2)
    second = publish(warehouse, home, models, LATER)
    harmed = [first.tables[name].file for name in ("marts.daily_counts", "meta.files")]
    (home.published / harmed[0]).write_bytes(b"?")
    (home.published / harmed[1]).unlink()
    assert sorted(damaged_of_version(home, first.version)) == harmed
    assert roll_back(home, first.version, NOW) is not None
    assert damaged_files(home) == []
    assert read_by_manifest(home.published) == read_by_path(home.published) == {1}
    shutil.rmtree(home.published / "versions" / second.version)
    assert set(damaged_of_version(home, second.version)) == {entry.file for entry in second.tables.values()}
    forget_version(home, second.version)
    assert all_versions(home) == [first.version]


def test_a_version_of_before_has_its_files_after_going_back(warehouse: Connection, home: Home, models: Models) -> None:
    """A version published when the manifest named the fixed paths: nothing in its folder, no damage, and whole again in force."""
    number(warehouse, 1)
    first = publish(warehouse, home, models, FACTS)
    own = version_manifest(home, first.version)
    older = {name: entry.model_copy(update={"file": NEWEST.format(*name.split("."))}) for name, entry in first.tables.items()}
    own.write_bytes(first.model_copy(update={"tables": older}).as_json())
    shutil.rmtree(home.published / "versions" / first.version)
    number(warehouse, 2)
    publish(warehouse, home, models, LATER)
    assert damaged_of_version(home, first.version) == []
    back = roll_back(home, first.version, NOW)
    assert back is not None
    assert all(entry.file.startswith(f"versions/{first.version}/") for entry in back.tables.values())
    assert read_by_manifest(home.published) == {1}
    assert damaged_files(home) == damaged_of_version(home, first.version) == []


def test_what_a_failed_publication_moved_is_taken_back_with_its_folders(
    warehouse: Connection, home: Home, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(warehouse, home, models, FACTS)
    before = sorted(home.published.rglob("*"))

    full, real = [home.published / NEWEST.format("meta", "files")], Path.replace

    def replace_until_full(path: Path, target: Path) -> Path:
        if target in full:
            full.clear()
            raise OSError(28, "No space left on device")
        return real(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace_until_full)
        with pytest.raises(StorageError, match="No space left"):
            publish(warehouse, home, models, replace(FACTS, built_at=FACTS.built_at + timedelta(hours=1)))
    assert sorted(home.published.rglob("*")) == before
    assert current_manifest(home) is not None


def test_a_version_removed_in_part_goes_whole_with_the_next_publication(
    warehouse: Connection, home: Home, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = PublishingRules(kept_versions=1)
    publish(warehouse, home, models, FACTS, rules)

    def killed(folder: Path) -> None:
        (folder / NEWEST.format("meta", "files")).unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(versions, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            publish(warehouse, home, models, LATER, rules)
    assert damaged_files(home) == []
    assert len(all_versions(home)) == 2
    last = publish(warehouse, home, models, LATER, rules)
    assert all_versions(home) == [last.version]
