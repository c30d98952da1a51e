"""Who may read what is published: every user, or one group; a group that is not there stops it before anything is swapped."""

import os
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from assets.errors import StorageError, UsageError
from assets.home import Home
from assets.publication.publish import is_in_place, publish
from assets.publication.rollback import roll_back
from assets.publication.store.access import PublishingRules, access_of
from assets.publication.store.manifest import current_manifest, note_refusal
from assets.warehouse.models.model import Model

from .small_warehouse import FACTS, LATER

Models = dict[str, Model]
Connection = duckdb.DuckDBPyConnection
OWN = PublishingRules(reader_group=os.getgid())


def modes(published: Path, folder: int, file: int) -> None:
    for path in (published, *published.rglob("*")):
        assert path.stat().st_mode & 0o777 == (folder if path.is_dir() else file), path


def test_a_readers_group_alone_may_read_and_nobody_writes(warehouse: Connection, home: Home, models: Models) -> None:
    first = publish(warehouse, home, models, FACTS, OWN)
    modes(home.published, 0o750, 0o440)
    # neither a refusal nor the next run opens it to others meanwhile
    note_refusal(home, FACTS.built_at, ["a.b"])
    home.prepare()
    modes(home.published, 0o750, 0o440)
    publish(warehouse, home, models, LATER, OWN)
    assert roll_back(home, first.version, LATER.built_at, OWN) is not None
    modes(home.published, 0o750, 0o440)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files to a group it is not in; CI runs as root")
def test_files_and_folders_belong_to_the_group(warehouse: Connection, home: Home, models: Models) -> None:
    group = os.getgid() + 4321
    publish(warehouse, home, models, FACTS, PublishingRules(reader_group=group))
    note_refusal(home, FACTS.built_at, ["a.b"])
    assert {path.stat().st_gid for path in (home.published, *home.published.rglob("*"))} == {group}


def test_a_setting_that_changed_is_something_to_do(warehouse: Connection, home: Home, models: Models) -> None:
    publish(warehouse, home, models, FACTS)
    manifest = current_manifest(home)
    assert manifest is not None
    assert is_in_place(home, manifest, PublishingRules())
    assert not is_in_place(home, manifest, OWN)
    publish(warehouse, home, models, LATER)
    modes(home.published, 0o755, 0o644)


def test_a_group_is_known_by_name_or_number() -> None:
    import grp

    group = grp.getgrgid(os.getgid())
    assert access_of(PublishingRules(reader_group=group.gr_name)) == access_of(PublishingRules(reader_group=group.gr_gid))
    assert access_of(PublishingRules(reader_group="12345")).group == 12345


def test_a_group_that_is_not_there_stops_it_before_anything_is_built(warehouse: Connection, home: Home, models: Models) -> None:
    first = publish(warehouse, home, models, FACTS)
    rules = PublishingRules(reader_group="no-such-group")
    with pytest.raises(UsageError, match="reader_group: there is no group 'no-such-group'"):
        publish(warehouse, home, models, LATER, rules)
    with pytest.raises(UsageError, match="reader_group"):
        roll_back(home, first.version, LATER.built_at + timedelta(days=1), rules)
    assert current_manifest(home) == first
    modes(home.published, 0o755, 0o644)


def test_a_group_one_may_not_give_files_to_stops_it_too(
    warehouse: Connection, home: Home, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish(warehouse, home, models, FACTS)

    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "chown", refused)
    with pytest.raises(StorageError, match="make the user a member"):
        publish(warehouse, home, models, LATER, OWN)
    assert current_manifest(home) == first
    assert sorted(path.name for path in home.published.iterdir()) == [
        "dictionary.html",
        "manifest.json",
        "parquet",
        "versions",
        "warehouse.duckdb",
    ]
    modes(home.published, 0o755, 0o644)
