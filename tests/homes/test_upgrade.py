"""A home that the last release made: upgraded it equals a fresh one, and the way back gives what was there before."""

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from assets.calendar import CalendarRules
from assets.errors import LakeDamageError, UsageError
from assets.exports.delivery import Intake, take_in
from assets.exports.lake.openings import load_opening
from assets.exports.reading.source import FileLimits
from assets.exports.typing.pseudonym import PseudonymKey
from assets.home import LAYOUT, Home, note_layout
from assets.layout import layout_of
from assets.warehouse import upgrade as upgrading
from assets.warehouse.connection import writer_lock
from assets.warehouse.migrations import MIGRATIONS
from assets.warehouse.models.rules import CountingRules
from assets.warehouse.store import Warehouse
from tests.homes import KEY, RELEASES, unpacked
from tests.homes.contents import contents

# when a home took its files in, and what each release wrote of its own
_OF_A_MOMENT = {"received_at", "frozen_at", "code_version", "receipt_sha256"}


def intake_of(home: Home) -> Intake:
    return Intake(home, home.landing, PseudonymKey(KEY.encode()), FileLimits())


def warehouse_of(home: Home) -> Warehouse:
    return Warehouse(home, CalendarRules(), CountingRules(), "test", lock_wait_seconds=0)


def built(home: Home) -> None:
    with warehouse_of(home).open("test") as connection:
        list(take_in(intake_of(home).survey().arrivals, intake_of(home)))
        warehouse_of(home).build(connection, ())


def fresh_home(old: Home, root: Path) -> Home:
    """What the old home was given, taken in by this program; what it has frozen stays frozen."""
    home = Home(root)
    home.prepare()
    shutil.copytree(old.landing, home.landing, dirs_exist_ok=True)
    load_opening(old.root / "opening.csv", home.lake)
    shutil.copytree(old.lake / "frozen", home.lake / "frozen")
    built(home)
    return home


def tables(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    """Every table that was built, and the ledger's accounts."""
    with duckdb.connect(home.warehouse, read_only=True) as connection:
        columns = connection.execute(
            "select schema_name || '.' || table_name, list(column_name order by column_index) from duckdb_columns()"
            " where schema_name in ('core', 'marts', 'history', 'meta') and database_name = current_database()"
            " and table_oid in (select table_oid from duckdb_tables()) group by all order by all"
        ).fetchall()
        named = {table: ", ".join(f'"{name}"' for name in names if name not in _OF_A_MOMENT) for table, names in columns}
        return {
            table: connection.execute(f"select {names} from {table} order by all").fetchall() for table, names in named.items()
        }


@pytest.fixture(params=RELEASES)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    return unpacked(request.param, tmp_path / "old")


def test_the_last_release_left_a_small_home() -> None:
    assert "0.1.0" in RELEASES
    for release in RELEASES:
        assert (Path(__file__).parent / f"{release}.tar.xz").stat().st_size < 10**6


def test_an_upgraded_home_equals_a_fresh_one_and_the_way_back_gives_the_old_one(old: Home, tmp_path: Path) -> None:
    before = contents(old)
    built(old)
    assert layout_of(old) == LAYOUT
    found, expected = tables(old), tables(fresh_home(old, tmp_path / "fresh"))
    assert found.keys() == expected.keys()
    assert [table for table in found if found[table] != expected[table]] == []
    assert sum(map(len, found.values())) > len(found)
    with writer_lock(old, 0, "test", upgrading=False):
        replaced = upgrading.roll_back(old)
    assert (contents(old), layout_of(old)) == (before, 1)
    assert replaced is not None
    assert (replaced / "layout.json").exists()


def test_a_command_that_writes_upgrades_first_and_one_that_looks_does_not(old: Home) -> None:
    with writer_lock(old, 0, "test", upgrading=False):
        assert layout_of(old) == 1
    assert not old.backups.exists()
    with writer_lock(old, 0, "test"):
        assert layout_of(old) == LAYOUT
    (backup,) = old.backups.iterdir()
    assert backup.stat().st_mode & 0o777 == 0o700
    with writer_lock(old, 0, "test"):
        assert list(old.backups.iterdir()) == [backup]


def test_an_upgrade_that_was_killed_is_finished_with_the_first_backup(old: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(old)

    def killed(home: Home) -> None:
        MIGRATIONS[2](home)
        raise KeyboardInterrupt

    monkeypatch.setattr(upgrading, "MIGRATIONS", {2: killed})
    with pytest.raises(KeyboardInterrupt), writer_lock(old, 0, "test"):
        pass
    monkeypatch.undo()
    assert layout_of(old) == 1
    built(old)
    assert len(list(old.backups.iterdir())) == 1
    with writer_lock(old, 0, "test", upgrading=False):
        upgrading.roll_back(old)
    assert contents(old) == before


def test_what_was_damaged_before_the_upgrade_is_told_by_the_build(old: Home) -> None:
    next((old.lake / "accept").rglob("*.parquet")).unlink()
    with pytest.raises(LakeDamageError, match="the ledger holds this file"):
        built(old)
    assert layout_of(old) == LAYOUT


def test_a_home_of_a_newer_layout_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    note_layout(home, LAYOUT + 1)
    with pytest.raises(UsageError, match=f"layout {LAYOUT + 1}.*install a release"), writer_lock(home, 0, "test"):
        pass
