"""The suite at length: so many faults in all commands, kills beside a second run, damages; each with its figures."""

import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from assets.quality.run.library import great_expectations
from tests.faults.beside import killed_beside_a_second_run
from tests.faults.commands import COMMANDS, WHOLE_RUN, Command
from tests.faults.damage_trials import Fuzz
from tests.faults.damage_trials import Tally as Damages
from tests.faults.faults import KINDS, Kind
from tests.faults.sweeps import Tally, swept
from tests.faults.worlds import World, add_complete_home, make_world
from tests.publication.stress import stress

_PUBLICATIONS_TO_A_KILL = 10
_MOSTLY_KILLS: tuple[Kind, ...] = ("kill",) * 9 + ("error", "full", "forbidden")


def kills(folder: Path, count: int, seconds: float, seed: int) -> dict[str, Any]:
    """Faults of every kind in every command, ``count`` of them kills that were met, or what ``seconds`` allow."""
    return _swept(folder, COMMANDS, seed, seconds, lambda so_far: so_far.kinds["kill"] < count)


def whole_runs(folder: Path, count: int, seconds: float, seed: int) -> dict[str, Any]:
    """The same of whole runs, Dagster and Great Expectations with them; ``count`` trials."""
    # once, for all children
    great_expectations()
    return _swept(folder, [WHOLE_RUN], seed, seconds, lambda so_far: so_far.trials < count)


def _swept(
    folder: Path, commands: Sequence[Command], seed: int, seconds: float, wanted: Callable[[Tally], bool]
) -> dict[str, Any]:
    began: list[float] = []

    def goes_on(so_far: Tally) -> bool:
        # the courses of the commands undisturbed, before the first trial, are not counted: else a busy machine would try nothing
        began[:] = began or [time.monotonic()]
        return wanted(so_far) and time.monotonic() - began[0] < seconds

    tally = swept(_world(folder), commands, folder / "place", random.Random(seed), goes_on, _MOSTLY_KILLS)
    return {
        "trials": tally.trials,
        "met": {kind: tally.kinds[kind] for kind in sorted(KINDS)},
        "commands": dict(sorted(tally.commands.items())),
        "points": len(tally.points),
        "endings": dict(sorted(tally.endings.items())),
        "seconds": round(time.monotonic() - began[0]),
        "wrong": tally.wrong,
    }


def beside(folder: Path, count: int, seed: int) -> dict[str, Any]:
    """Kills of a run while a second one waits and readers look."""
    tally = killed_beside_a_second_run(_world(folder), folder / "place", random.Random(seed), count)
    return {"kills": tally.kills, "reads": tally.reads, "wrong": tally.wrong}


def publications(folder: Path, count: int, seed: int) -> dict[str, Any]:
    """Publications without rest, a tenth of them killed, with readers in other processes."""
    report = stress(folder / "publications", count, count // _PUBLICATIONS_TO_A_KILL, seed)
    return {
        "publications": report.publications,
        "kills": report.kills,
        "in_the_midst": report.in_the_midst,
        "half_swapped": report.half_swapped,
        "reads": sum(report.reads),
        "versions": max(report.versions_seen),
        "wrong": list(report.errors) if all(report.reads) else [*report.errors, "a reader never read"],
    }


def damages(folder: Path, count: int, seconds: float, act_on_each: int, seed: int) -> dict[str, Any]:
    """Damages of the complete home, until ``count`` are done or the time is up."""
    world = _world(folder)
    if not world.stage("complete").exists():
        add_complete_home(world)
    fuzz, tally, began = Fuzz(world, folder / "place", random.Random(seed)), Damages(), time.monotonic()
    while tally.damages < count and time.monotonic() - began < seconds:
        fuzz.go_on(tally, act_on_each)
    return {
        "damages": tally.damages,
        "without_effect": tally.harmless.total(),
        "harmless": dict(sorted(tally.harmless.items())),
        "noticed": tally.noticed,
        "unnoticed": tally.unnoticed,
        "commands_tried": tally.acted,
        "steps_followed": tally.advised,
        "endings": dict(sorted(tally.codes.items())),
        "kinds": dict(sorted(tally.kinds.items())),
        "seconds": round(time.monotonic() - began),
        "wrong": tally.wrong,
    }


def _world(folder: Path) -> World:
    world = World(folder)
    if not (folder / "stages").exists():
        make_world(world.folder)
    (folder / "place").mkdir(exist_ok=True)
    return world
