"""Interruption at every step, versions kept, and going back: only the old publication or the new one is ever there."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pytest

from assets.errors import DamageError, UsageError
from assets.home import Home
from assets.publication import publish as publishing
from assets.publication.publish import damaged_files, publish
from assets.publication.rollback import roll_back
from assets.publication.snapshot import database as snapshot
from assets.publication.snapshot import descriptions
from assets.publication.store import swap
from assets.publication.store.manifest import current_manifest, note_refusal
from assets.publication.store.versions import kept_versions, version_file, version_manifest, versions_folder
from assets.warehouse.models.model import Model

from .small_warehouse import FACTS, LATER

NOW = datetime(2023, 9, 5, 8, 0)

Models = dict[str, Model]
Connection = duckdb.DuckDBPyConnection


class Interrupted(BaseException):
    """Like a KeyboardInterrupt: no handler for ordinary errors sees it."""


def failing_at(step: int, real: Callable[..., Any]) -> tuple[Callable[..., Any], list[int]]:
    """``real``, but its call number ``step`` fails; and how often it was called."""
    calls = [0]

    def stand_in(*arguments: Any, **named: Any) -> Any:
        calls[0] += 1
        if calls[0] == step:
            raise Interrupted
        return real(*arguments, **named)

    return stand_in, calls


def content(published: Path) -> dict[str, str]:
    files = (path for path in published.rglob("*") if path.is_file())
    return {path.relative_to(published).as_posix(): sha256(path.read_bytes()).hexdigest() for path in files}


STEPS: list[tuple[object, str]] = [
    (Path, "replace"),
    (Path, "hardlink_to"),
    (swap, "sync"),
    (snapshot, "fingerprint"),
    (snapshot, "_export"),
    (snapshot, "_copy"),
    (descriptions, "describe"),
    (publishing, "table_entries"),
]


@pytest.mark.parametrize(("owner", "name"), STEPS, ids=[name for _, name in STEPS])
def test_a_publication_interrupted_at_any_step_leaves_the_old_one(
    owner: object, name: str, warehouse: Connection, home: Home, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(warehouse, home, models, FACTS)
    before = content(home.published)
    warehouse.execute("update marts.daily_counts set accepted = 10")
    step = 0
    while True:
        step += 1
        with monkeypatch.context() as patch:
            stand_in, calls = failing_at(step, getattr(owner, name))
            patch.setattr(owner, name, stand_in)
            try:
                publish(warehouse, home, models, LATER)
            except Interrupted:
                assert content(home.published) == before, f"{name}, call {step}"
                assert damaged_files(home) == []
                continue
        break
    assert step > 1
    assert calls[0] == step - 1
    with duckdb.connect(home.published_database, read_only=True) as con:
        assert con.execute("select sum(accepted) from marts.daily_counts").fetchone() == (30,)


def test_what_a_killed_run_left_is_removed(warehouse: Connection, home: Home, models: Models) -> None:
    left = home.published / ".building-killed"
    left.mkdir()
    (left / "warehouse.duckdb").write_bytes(b"half")
    publish(warehouse, home, models, FACTS)
    assert not left.exists()


def test_the_last_ten_versions_are_kept_and_the_one_in_force(home: Home) -> None:
    folder = versions_folder(home)
    folder.mkdir(parents=True)
    versions = [f"202309{day:02}T030000-00000000" for day in range(1, 14)]
    for version in versions:
        version_file(home, version).touch()
        version_manifest(home, version).touch()
    swap.prune(home, versions[0], [], kept=10)
    assert kept_versions(home) == [versions[0], *versions[3:]]
    assert len(list(folder.iterdir())) == 2 * 11


def test_going_back_puts_the_old_rows_in_force(warehouse: Connection, home: Home, models: Models) -> None:
    first = publish(warehouse, home, models, FACTS)
    warehouse.execute("update marts.daily_counts set accepted = 10")
    publish(warehouse, home, models, LATER)
    note_refusal(home, LATER.built_at, ["a.b"])
    back = roll_back(home, first.version, NOW)
    assert back is not None
    assert back == current_manifest(home)
    assert back.database == first.database
    assert back.last_refused_run is not None
    assert damaged_files(home) == []
    with duckdb.connect(home.published_database, read_only=True) as con:
        assert con.execute("select sum(accepted) from marts.daily_counts").fetchone() == (3,)
        parquet = str(home.published / "parquet/marts/daily_counts.parquet")
        assert con.execute("select sum(accepted) from read_parquet($file)", {"file": parquet}).fetchone() == (3,)
    assert len(kept_versions(home)) == 2


def test_going_back_to_what_is_not_there_names_what_is(warehouse: Connection, home: Home, models: Models) -> None:
    first = publish(warehouse, home, models, FACTS)
    with pytest.raises(UsageError, match=first.version):
        roll_back(home, "20200101T000000-00000000", NOW)
    kept = home.published / first.database.file
    kept.write_bytes(kept.read_bytes() + b"?")
    with pytest.raises(DamageError):
        roll_back(home, first.version, NOW)


def test_a_table_no_longer_published_loses_its_parquet(warehouse: Connection, home: Home, models: Models) -> None:
    publish(warehouse, home, models, FACTS)
    fewer = {name: model for name, model in models.items() if name != "meta.files"}
    publish(warehouse, home, fewer, LATER)
    assert not (home.published / "parquet/meta/files.parquet").exists()
    assert (home.published / "parquet/meta/columns.parquet").exists()
