"""Faults at random points of every command: the state is the old or the new, codes and messages are right, the next run finishes."""

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.faults import beside
from tests.faults.commands import BY_NAME
from tests.faults.faults import KINDS, Fault
from tests.faults.sweeps import Tally, swept
from tests.faults.trials import Verdict, tried, undisturbed
from tests.faults.worker import in_worker
from tests.faults.worlds import World

# between them all steps but the checks; `make faults-small` tries every command
_TRIED = [BY_NAME[name] for name in ("opening", "run", "rollback", "rotate")]


def _sweep(world: World, place: Path, seed: int) -> list[Tally]:
    """Each kind of fault in its own sweep over the commands."""
    chance = random.Random(seed)
    return [
        swept(world, [command], place, chance, lambda tally: tally.trials < 2, [kind, "kill"])
        for command, kind in zip(_TRIED, KINDS, strict=True)
    ]


def test_faults_at_random(world: World, tmp_path: Path) -> None:
    tallies = in_worker(_sweep, world, tmp_path / "place", 12)
    assert [wrong for tally in tallies for wrong in tally.wrong] == []
    met = sum((tally.kinds for tally in tallies), Counter[str]())
    assert met["kill"]
    assert met.total() > len(_TRIED)


@pytest.mark.parametrize(
    ("name", "point"),
    [
        # a version that is not finished is no damage
        ("run", "chmod published/versions/VERSION/parquet"),
        # the same command finishes the switch, and says that it did
        ("rollback", "fsync published/versions"),
        # what was read again is built by the same command, though nothing comes out otherwise a second time
        ("reread", "fsync lake/deliveries"),
    ],
)
def test_a_command_killed_midway(world: World, tmp_path: Path, name: str, point: str) -> None:
    verdict = in_worker(_strike, world, tmp_path / "place", name, Fault("kill", point))
    assert (verdict.struck, verdict.wrong) == (True, [])


def _strike(world: World, place: Path, name: str, fault: Fault) -> Verdict:
    return tried(world, undisturbed(world, BY_NAME[name], place), fault, place)


def test_a_kill_beside_a_second_run_and_readers(world: World, tmp_path: Path) -> None:
    tally = in_worker(_beside, world, tmp_path)
    assert tally.wrong == []
    assert tally.kills
    assert tally.reads > beside.READERS


def _beside(world: World, place: Path) -> beside.Tally:
    return beside.killed_beside_a_second_run(world, place, random.Random(1), 1)
