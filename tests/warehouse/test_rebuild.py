"""``zhoubao rebuild``: equal and replaced, different and left, missing, unreadable; what is carried over; exit codes."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from assets.errors import DamageError
from assets.quality.results import create_table
from assets.warehouse.file_hash import is_unchanged
from assets.warehouse.rebuild import Rebuilt, rebuild
from assets.warehouse.state import ledger
from pipelines.cli import app
from tests.reports.small_site import Site, case

DAY, NEXT = "2023-08-28", "2023-08-29"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    site = Site(tmp_path / "home", monkeypatch)
    site.deliver("20230828_01", accept=[case("P1", DAY, DAY), case("P2", DAY, DAY)])
    site.deliver("20230829_01", accept=[case("P1", NEXT, NEXT)])
    site.run()
    with site.warehouse.open("test") as connection:
        create_table(connection)
        ledger.note_checked(connection)
        ledger.note_published(connection)
    return site


def do(site: Site, sql: str) -> None:
    with duckdb.connect(site.home.warehouse) as connection:
        connection.execute(sql)


def one(rebuilt: Rebuilt, table: str) -> dict[str, Any]:
    return next(found.as_dict() for found in rebuilt.differences if found.table == table)


def test_an_equal_warehouse_is_replaced_and_knows_what_it_knew(site: Site) -> None:
    before = site.home.warehouse.stat().st_ino
    rebuilt = rebuild(site.warehouse)
    assert (rebuilt.state, rebuilt.differences, rebuilt.is_replaced) == ("equal", (), True)
    assert site.home.warehouse.stat().st_ino != before
    assert site.home.warehouse.stat().st_mode & 0o777 == 0o600
    with site.warehouse.open("test") as connection:
        assert ledger.checked_inputs(connection) == site.warehouse.inputs_sha256()
        assert ledger.loaded_since_publication(connection) == []
    assert {path.name for path in site.home.root.iterdir() if "warehouse" in path.name} == {
        "warehouse.duckdb",
        ".warehouse.sha256",
    }


def test_what_came_since_the_last_build_is_no_damage(site: Site) -> None:
    from assets.exports.delivery import Intake, take_in
    from assets.exports.reading.source import FileLimits
    from assets.exports.typing.pseudonym import PseudonymKey

    site.deliver("20230830_01", accept=[case("P3", "2023-08-30", "2023-08-30")])
    intake = Intake(site.home, site.home.landing, PseudonymKey(b"k" * 32), FileLimits())
    list(take_in(intake.survey().arrivals, intake))
    assert rebuild(site.warehouse).state == "equal"
    with site.warehouse.open("test") as connection:
        # neither checked nor published yet
        assert ledger.checked_inputs(connection) is None
        assert ledger.loaded_since_publication(connection) == ["20230830_01"]


@pytest.mark.parametrize(
    ("harm", "table", "kept", "anew"),
    [
        (
            f"update marts.daily_counts set accepted = accepted + 1 where event_date = '{DAY}'",
            "marts.daily_counts",
            ["2023-08-28"],
            ["2023-08-28"],
        ),
        (f"delete from marts.daily_counts where event_date = '{NEXT}'", "marts.daily_counts", [], ["2023-08-29"]),
        ("insert into marts.daily_counts from marts.daily_counts limit 1", "marts.daily_counts", ["2023-08-28"], []),
    ],
)
def test_a_changed_warehouse_is_left_and_the_difference_named(
    site: Site, harm: str, table: str, kept: list[str], anew: list[str]
) -> None:
    do(site, harm)
    harmed = site.home.warehouse.read_bytes()
    rebuilt = rebuild(site.warehouse)
    assert (rebuilt.state, rebuilt.is_replaced) == ("different", False)
    found = one(rebuilt, table)
    assert [str(key["event_date"]) for key in found["keys_kept"]] == kept
    assert [str(key["event_date"]) for key in found["keys_anew"]] == anew
    assert (found["only_kept"], found["only_anew"]) == (len(kept), len(anew))
    assert site.home.warehouse.read_bytes() == harmed


def test_a_single_case_is_named_by_its_place_in_the_lake(site: Site) -> None:
    do(site, "update core.events set org_level = '3' where feed = 'accept' and record_key = 'P2'")
    found = one(rebuild(site.warehouse), "core.events")
    assert found["keys_kept"] == ({"delivery": "20230828_01", "file_index": 0, "line": 3},)
    assert "P2" not in str(found)


@pytest.mark.parametrize("harm", ["drop table marts.daily_counts", "alter table marts.daily_counts drop column issued"])
def test_a_table_that_is_not_there_is_a_difference(site: Site, harm: str) -> None:
    do(site, harm)
    found = one(rebuild(site.warehouse), "marts.daily_counts")
    assert (found["only_kept"], found["only_anew"]) == (0, 2)


def test_a_difference_replaced_on_demand_is_checked_and_published_again(site: Site) -> None:
    do(site, "update marts.daily_counts set accepted = accepted + 1")
    rebuilt = rebuild(site.warehouse, replace=True)
    assert (rebuilt.state, rebuilt.is_replaced) == ("different", True)
    with site.warehouse.open("test") as connection:
        assert connection.execute("select sum(accepted) from marts.daily_counts").fetchone() == (2,)
        assert ledger.checked_inputs(connection) is None
    assert rebuild(site.warehouse).state == "equal"


def test_a_missing_warehouse_is_built(site: Site) -> None:
    site.home.warehouse.unlink()
    rebuilt = rebuild(site.warehouse)
    assert (rebuilt.state, rebuilt.is_replaced) == ("missing", True)
    assert site.private("select sum(accepted) from marts.daily_counts") == [(2,)]


def test_an_unreadable_warehouse_is_set_aside(site: Site) -> None:
    site.home.warehouse.write_bytes(b"not a database" * 1000)
    rebuilt = rebuild(site.warehouse)
    assert (rebuilt.state, rebuilt.is_replaced) == ("unreadable", True)
    assert rebuilt.set_aside is not None
    assert rebuilt.set_aside.read_bytes().startswith(b"not a database")
    assert site.private("select sum(accepted) from marts.daily_counts") == [(2,)]


def test_one_flipped_bit_is_noticed_by_every_writer_and_the_file_set_aside(site: Site) -> None:
    for name, place in (("warehouse.duckdb.damaged", 0.5), ("warehouse.duckdb.damaged-2", 0.0)):
        content = bytearray(site.home.warehouse.read_bytes())
        # into a block of a table, then into the header
        content[int(len(content) * place) + 100] ^= 1
        site.home.warehouse.write_bytes(content)
        with pytest.raises(DamageError, match="zhoubao rebuild"), site.warehouse.open("test"):
            pass
        rebuilt = rebuild(site.warehouse)
        assert rebuilt.set_aside == site.home.root / name
        assert rebuilt.set_aside.read_bytes() == content
        assert site.private("select sum(accepted) from marts.daily_counts") == [(2,)]


def test_damage_that_is_met_late_sets_the_file_aside_too(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def met(*_: object) -> None:
        raise duckdb.FatalException

    monkeypatch.setattr("assets.warehouse.rebuild.differences", met)
    rebuilt = rebuild(site.warehouse)
    assert (rebuilt.state, rebuilt.is_replaced) == ("unreadable", True)


def test_a_killed_writer_leaves_no_record_and_the_next_one_makes_it(site: Site) -> None:
    assert is_unchanged(site.home) is True
    program = (
        "import os, sys; from pathlib import Path; from assets.home import Home\n"
        "from assets.warehouse.connection import open_warehouse, writer_lock\n"
        "home = Home(Path(sys.argv[1]))\n"
        "with writer_lock(home, 0, 'test'), open_warehouse(home) as connection:\n"
        "    connection.execute('create table core.killed as select 1 as a'); os._exit(9)\n"
    )
    assert subprocess.run([sys.executable, "-c", program, str(site.home.root)], check=False).returncode == 9
    assert is_unchanged(site.home) is None
    with site.warehouse.open("test") as connection:
        connection.execute("drop table core.killed")
    assert is_unchanged(site.home) is True


def test_a_lake_that_lacks_a_file_leaves_the_warehouse(site: Site) -> None:
    kept = site.home.warehouse.read_bytes()
    next((site.home.lake / "accept").rglob("*.parquet")).unlink()
    with pytest.raises(DamageError, match="the lake does not"):
        rebuild(site.warehouse)
    assert site.home.warehouse.read_bytes() == kept


def test_the_command_prints_the_difference_and_ends_as_damage(tmp_path: Path) -> None:
    home = str(tmp_path / "home")
    assert CliRunner().invoke(app, ["rebuild", "--home", home]).stdout == "there was no warehouse; built from the lake\n"
    with duckdb.connect(Path(home, "warehouse.duckdb")) as connection:
        connection.execute("insert into marts.daily_counts values ('2023-08-28', 'A', '2', '01', true, 0, 1, 0, 0, 0)")
    result = CliRunner().invoke(app, ["rebuild", "--home", home])
    assert "marts.daily_counts: 1 rows only in the warehouse, 0 only in the one built from the lake" in result.stdout
    assert "  - event_date=2023-08-28 org_code=A org_level=2 task_type=01 is_composite=True" in result.stdout
    assert isinstance(result.exception, DamageError)
    assert result.exception.exit_code == 8
    assert CliRunner().invoke(app, ["rebuild", "--replace", "--home", home]).exit_code == 0
    assert CliRunner().invoke(app, ["rebuild", "--home", home]).exit_code == 0
