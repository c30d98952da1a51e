"""Faults at random points of every command: the state is the old or the new, codes and messages are right, the next run finishes."""

import random
from pathlib import Path

from tests.faults import beside
from tests.faults.commands import COMMANDS
from tests.faults.faults import KINDS
from tests.faults.sweeps import Tally, swept
from tests.faults.worker import in_worker
from tests.faults.worlds import World


def _sweep(world: World, place: Path, seed: int) -> Tally:
    # each command once, and the kinds of fault between them
    return swept(world, COMMANDS, place, random.Random(seed), lambda tally: tally.trials < len(COMMANDS))


def test_faults_at_random(world: World, tmp_path: Path) -> None:
    tally = in_worker(_sweep, world, tmp_path / "place", 12)
    assert tally.wrong == []
    assert tally.commands.total() > len(COMMANDS) / 2
    assert set(tally.kinds) == set(KINDS)


def test_a_kill_beside_a_second_run_and_readers(world: World, tmp_path: Path) -> None:
    tally = in_worker(_beside, world, tmp_path)
    assert tally.wrong == []
    assert tally.kills
    assert tally.reads > beside.READERS


def _beside(world: World, place: Path) -> beside.Tally:
    return beside.killed_beside_a_second_run(world, place, random.Random(1), 1)
