"""What a build by differences reads and leaves: no old file, no holes, the old state or the new one; and when it is not taken."""

import resource
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from assets.errors import DamageError, LakeDamageError, StorageError
from assets.exports.delivery import Intake, take_in
from assets.exports.pseudonym import PseudonymKey
from assets.exports.source import FileLimits
from assets.warehouse import build as build_module
from assets.warehouse import built, compaction, lake_files, whole
from assets.warehouse.as_left import record_path
from assets.warehouse.rules import CountingRules
from tests.reports.small_site import Site, case
from tests.warehouse.test_increment import BothWays

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
        site.warehouse.build(connection, (), whole=True)


def test_other_rules_build_whole(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    changes: tuple[dict[str, Any], ...] = (
        {"counting": CountingRules(uncounted_result_types=("4",))},
        {"code_version": "another"},
    )
    real = whole.build_whole
    for change in changes:
        names: list[str] = []

        def noted(*given: Any, names: list[str] = names) -> None:
            names.append(given[1].full_name)
            real(*given)

        monkeypatch.setattr(build_module, "build_whole", noted)
        site.warehouse = replace(site.warehouse, **change)
        site.run()
        assert "core.accept" in names


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
        site.warehouse.build(connection, (), whole=True)
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


STEPS = ["lake_changes", "note_built"]


@pytest.mark.parametrize("step", [*STEPS, *sorted(build_module._RENEW)])
def test_a_build_that_ends_at_any_step_leaves_the_old_state(site: Site, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    before = by_day(site)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    if step in STEPS:
        monkeypatch.setattr(built, step, dies)
    else:
        monkeypatch.setitem(build_module._RENEW, step, dies)
    with pytest.raises(KeyboardInterrupt):
        site.run()
    assert by_day(site) == before
    monkeypatch.undo()
    site.at = site.at.replace(day=3)
    with site.warehouse.open("test") as connection:
        site.warehouse.build(connection, ())
    assert by_day(site)[DAYS[0]] == 8


def test_compaction_leaves_equal_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_module, "WHOLE_FROM_SHARE", 1e9)
    monkeypatch.setattr(compaction, "SMALLEST", 1)
    compacted: list[str] = []
    real: Callable[..., list[str]] = compaction.compact
    monkeypatch.setattr(compaction, "compact", lambda build, rows: compacted.extend(real(build, rows)))
    both = BothWays(tmp_path, 7)
    for number in range(8):
        both.lake.step()
        both.compare(f"step {number}")
    both.compare_with_another("the end")
    assert {"core.accept", "marts.daily_counts"} <= set(compacted)


def test_many_small_builds_do_not_fragment_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "SMALLEST", 1)
    monkeypatch.setattr(build_module, "WHOLE_FROM_SHARE", 1e9)
    both = BothWays(tmp_path, 1)
    both.lake.choose = Random(1)
    for _ in range(12):
        both.lake.deliver()
        both.build(both.kept, whole=False)
    blocks = "select count(distinct row_group_id) from pragma_storage_info('core.accept')"
    (found,) = both.kept.execute(blocks).fetchone() or (None,)
    assert found is not None
    assert found <= 3
    assert both.lake.receipts.get(f"{date(2023, 8, 21):%Y%m%d}_01") is not None
