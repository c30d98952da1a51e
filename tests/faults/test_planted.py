"""The three bugs that the suite is for are found when they are planted; without them the same trials find nothing wrong."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults import planted
from tests.faults.children import remade
from tests.faults.commands import BY_NAME, as_program
from tests.faults.damage_trials import Fuzz
from tests.faults.damage_trials import Tally as Damages
from tests.faults.faults import Fault
from tests.faults.power import lost_at_a_power_cut
from tests.faults.supervision import supervised
from tests.faults.trials import Verdict, patched, tried, undisturbed
from tests.faults.worker import in_worker
from tests.faults.worlds import World

Patch = Callable[[], None]
# after the ledger's own commit, where there is one, and before that of the build
_AT_THE_BUILD = Fault("kill", "write warehouse.duckdb", 3)
_AT_THE_SWITCH = Fault("kill", "rename published/warehouse.duckdb")


def _strike(world: World, place: Path, name: str, fault: Fault, patch: Patch | None) -> Verdict:
    return tried(world, undisturbed(world, BY_NAME[name], place), fault, place, patch)


def test_a_ledger_outside_the_transaction_is_found(world: World, tmp_path: Path) -> None:
    verdict = in_worker(_strike, world, tmp_path / "place", "run", _AT_THE_BUILD, planted.ledger_outside_the_transaction)
    assert verdict.struck
    assert any("warehouse is neither old nor new" in wrong for wrong in verdict.wrong)


def test_a_swap_out_of_order_is_found(world: World, tmp_path: Path) -> None:
    verdict = in_worker(_strike, world, tmp_path / "place", "rollback", _AT_THE_SWITCH, planted.manifest_before_the_database)
    assert verdict.struck
    assert any("ahead of the database" in wrong for wrong in verdict.wrong)


@pytest.mark.parametrize(
    ("name", "patch", "said"),
    [
        ("rollback", planted.swap_without_sync, "published/warehouse.duckdb was on the disk"),
        ("first run", planted.receipt_before_its_files, "lake/result"),
    ],
)
def test_a_name_before_its_bytes_is_found(world: World, tmp_path: Path, name: str, patch: Patch, said: str) -> None:
    found = in_worker(_lost, world, tmp_path / "place", name, patch)
    assert any(said in lost for lost in found), found


def _lost(world: World, place: Path, name: str, patch: Patch) -> list[str]:
    command = BY_NAME[name]
    root = remade(place, world.stage(command.stage))
    run = supervised(patched(as_program(world.words(name), root, command.environment), patch), root)
    assert run.exit_code == command.code, run.said
    return lost_at_a_power_cut(run.passages)


def test_a_hash_that_is_not_checked_is_found(complete_world: World, tmp_path: Path) -> None:
    sound = in_worker(_fuzz, complete_world, tmp_path / "sound", None)
    assert (sound.unnoticed, sound.noticed > 0) == ([], True)
    assert in_worker(_fuzz, complete_world, tmp_path / "planted", planted.originals_unchecked).unnoticed


def _fuzz(world: World, place: Path, patch: Patch | None) -> Damages:
    place.mkdir()
    fuzz, tally = Fuzz(world, place, random.Random(4), ["original"], patch), Damages()
    for _ in range(10):
        fuzz.go_on(tally, act_on_each=10**9)
    return tally
