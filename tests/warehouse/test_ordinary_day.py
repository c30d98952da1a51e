"""What a build by differences reads and leaves: no old file, no holes, the old state or the new one; and when it is not taken."""

import resource
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from assets.errors import DamageError, LakeDamageError, StorageError
from assets.exports.delivery import Intake, take_in
from assets.exports.reading.source import FileLimits
from assets.exports.typing.pseudonym import PseudonymKey
from assets.warehouse.build import full, last_build, transaction
from assets.warehouse.file_hash import record_path
from assets.warehouse.models.rules import CountingRules
from assets.warehouse.state import lake_files
from tests.reports.small_site import Site, case

DAYS = [f"2023-08-{day}" for day in range(21, 31)]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Nine days are built; the tenth and a late correction of the first lie in landing."""
    site = Site(tmp_path / "home", monkeypatch)
    for day in DAYS[:-1]:
        site.deliver(f"{day.replace('-', '')}_01", accept=[case(f"P{day}{number}", day, day) for number in range(9)])
    site.run()
    late = case(f"P{DAYS[0]}0", DAYS[0], DAYS[-1], cd_operation="D")
    site.deliver(f"{DAYS[-1].replace('-', '')}_01", accept=[case("P1", DAYS[-1], DAYS[-1]), late])
    return site


def by_day(site: Site) -> dict[str, int]:
    return {str(day): count for day, count in site.private("select event_date, accepted from marts.daily_counts")}


def spoil(path: Path) -> None:
    """Leave the file's footer, of which a view takes its columns, and make every value unreadable."""
    content = bytearray(path.read_bytes())
    metadata = pq.read_metadata(path)
    end = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    assert metadata.num_rows
    content[4:end] = b"\xff" * (end - 4)
    path.write_bytes(content)


def forget_looks(site: Site, path: Path) -> None:
    """Note the file's looks as if it had been like this when it was last hashed."""
    size, inode, changed = lake_files.looks_of(str(path)) or (0, 0, 0)
    with duckdb.connect(site.home.warehouse) as connection:
        connection.execute(
            "update ledger.lake_files set bytes = $size, inode = $inode, changed_ns = $changed where path = $path",
            {"size": size, "inode": inode, "changed": changed, "path": path.relative_to(site.home.lake).as_posix()},
        )
    # the file is another than a command left, which is not what is tried here
    record_path(site.home).unlink(missing_ok=True)


def test_an_ordinary_day_reads_no_old_file(site: Site) -> None:
    for path in (site.home.lake / "accept").rglob("*.parquet"):
        spoil(path)
        forget_looks(site, path)
    site.run()
    assert by_day(site) == {DAYS[0]: 8, **dict.fromkeys(DAYS[1:-1], 9), DAYS[-1]: 1}


def test_built_whole_it_reads_them(site: Site) -> None:
    for path in (site.home.lake / "accept").rglob("*.parquet"):
        spoil(path)
        forget_looks(site, path)
    with site.warehouse.open("test") as connection, pytest.raises(LakeDamageError, match="not those that were taken in"):
        site.warehouse.build(connection, (), full=True)


def test_other_rules_build_whole(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    changes: tuple[dict[str, Any], ...] = (
        {"counting": CountingRules(uncounted_result_types=("4",))},
        {"code_version": "another"},
    )
    real = full.build_full
    for change in changes:
        names: list[str] = []

        def noted(*given: Any, names: list[str] = names) -> None:
            names.append(given[1].full_name)
            real(*given)

        monkeypatch.setattr(transaction, "build_full", noted)
        site.warehouse = replace(site.warehouse, **change)
        site.run()
        assert "core.events" in names


@pytest.mark.parametrize("what", ["receipt", 0, 4, -2])
def test_a_lake_that_lost_something_ends_as_damage_and_keeps_the_state(site: Site, what: str | int) -> None:
    before = by_day(site)
    if isinstance(what, str):
        (site.home.lake / "deliveries" / "20230821_01.json").unlink()
        # else it would be taken in again
        shutil.rmtree(site.home.landing / "20230821_01")
    else:
        next((site.home.lake / "accept" / DAYS[what]).glob("*")).unlink()
    with pytest.raises(DamageError, match="put it back"):
        site.run()
    with site.warehouse.open("test") as connection, pytest.raises(DamageError, match="put it back"):
        site.warehouse.build(connection, (), full=True)
    assert by_day(site) == before


def test_a_full_disk_at_the_end_is_told_as_such_and_keeps_the_state(site: Site) -> None:
    before = by_day(site)
    many = [case(f"Q{number}", DAYS[-1], DAYS[-1]) for number in range(9000)]
    site.deliver(f"{DAYS[-1].replace('-', '')}_02", accept=many)
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    intake = Intake(site.home, site.home.landing, PseudonymKey(b"k" * 32), FileLimits())
    list(take_in(intake.survey().arrivals, intake))
    with site.warehouse.open("test") as connection:
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (site.home.warehouse.stat().st_size, unlimited[1]))
            with pytest.raises(StorageError, match="see to the disk"):
                site.warehouse.build(connection, ())
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    assert by_day(site) == before
    site.run()
    assert by_day(site)[DAYS[-1]] == 9001


def test_a_new_file_of_other_rows_than_were_taken_in_is_damage(site: Site) -> None:
    intake = Intake(site.home, site.home.landing, PseudonymKey(b"k" * 32), FileLimits())
    list(take_in(intake.survey().arrivals, intake))
    path = next((site.home.lake / "accept" / DAYS[-1]).glob("*"))
    pq.write_table(pq.read_table(path, partitioning=None).slice(0, 1), path)
    before = by_day(site)
    with site.warehouse.open("test") as connection, pytest.raises(LakeDamageError, match="not those that were taken in"):
        site.warehouse.build(connection, ())
    assert by_day(site) == before


STEPS = ["lake_changes", "note_files"]


@pytest.mark.parametrize("step", [*STEPS, *sorted(transaction.RENEW)])
def test_a_build_that_ends_at_any_step_leaves_the_old_state(site: Site, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    before = by_day(site)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    if step in STEPS:
        monkeypatch.setattr(last_build, step, dies)
    else:
        monkeypatch.setitem(transaction.RENEW, step, dies)
    with pytest.raises(KeyboardInterrupt):
        site.run()
    assert by_day(site) == before
    monkeypatch.undo()
    site.at = site.at.replace(day=3)
    with site.warehouse.open("test") as connection:
        site.warehouse.build(connection, ())
    assert by_day(site)[DAYS[0]] == 8


CODES = ["115100000000000018", "115100000000000026"]


def test_the_next_best_name_of_a_department_is_looked_for_among_all_rows(site: Site) -> None:
    winner = case("P2023-08-290", DAYS[-2], DAYS[-2], org_code=CODES[0], org_name="某厅")
    site.deliver("20230831_01", accept=[winner | {"cd_time": "2023-08-31 01:00:00"}])
    site.run()
    moved = winner | {"cd_time": "2023-08-31 02:00:00", "org_code": CODES[1]}
    site.deliver("20230831_02", accept=[moved])
    site.run()
    names: dict[str, str] = dict(site.private("select org_code, org_name from core.organization_names"))
    assert CODES[1] in names
    assert CODES[0] not in names


def test_an_old_key_meets_its_row_however_long_ago_that_came(site: Site) -> None:
    for day, code in (("2023-08-31", CODES[0]), ("2023-09-01", CODES[1])):
        again = case(f"P{DAYS[0]}0", DAYS[0], day, cd_time=f"{day} 01:00:00", org_code=code)
        site.deliver(f"{day.replace('-', '')}_01", accept=[again])
        site.run()
    rows = site.private(f"select org_code, delivery from core.events where record_key = 'P{DAYS[0]}0'")
    assert rows == [(CODES[1], "20230901_01")]


def test_tables_of_former_models_go(site: Site) -> None:
    """A home of release 0.1.0 has a table for each feed, and its last build was of other models."""
    with duckdb.connect(site.home.warehouse) as connection:
        connection.execute(
            "create table core.accept as select 'P1' as project_no; create table ledger.last_keys (last_key varchar)"
        )
        connection.execute("drop view core.versions; create table core.versions as select 1 as feed")
        connection.execute("drop table ledger.built_files; create table ledger.built_files (lake_file varchar not null)")
        connection.execute("update ledger.built_from set basis_sha256 = 'of other models'")
    record_path(site.home).unlink()
    site.home.layout_file.unlink()
    site.run()
    assert by_day(site) == {DAYS[0]: 8, **dict.fromkeys(DAYS[1:-1], 9), DAYS[-1]: 1}
    query = "select table_name from duckdb_tables() where table_name in ('accept', 'versions', 'last_keys')"
    assert site.private(query) == []


def test_many_small_builds_do_not_fragment_a_table(site: Site) -> None:
    for number in range(2, 14):
        site.deliver(f"20230830_{number:02d}", accept=[case(f"Q{number}", DAYS[-1], DAYS[-1])])
        site.run()
    found = site.private("select count(distinct row_group_id) from pragma_storage_info('core.events')")
    assert found[0][0] <= 3
