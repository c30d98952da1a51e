"""A run killed at any of its points while a second run waits for it and readers look: nobody sees a torn state, the second finishes."""

import random
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.faults.children import begun, in_child, remade
from tests.faults.commands import BY_NAME, as_program
from tests.faults.states import parquet_faults, published_state, state_of
from tests.faults.supervision import supervised
from tests.faults.sweeps import any_fault
from tests.faults.trials import undisturbed
from tests.faults.worlds import World

READERS = 2
_PAUSE = 0.02
# the second run waits for the first in all its length
_PATIENT = {"ZHOUBAO_LOCK_WAIT_SECONDS": "300"}


@dataclass
class Tally:
    """Kills, what the readers saw, and everything that was wrong."""

    kills: int = 0
    reads: int = 0
    wrong: list[str] = field(default_factory=list)


def killed_beside_a_second_run(world: World, place: Path, chance: random.Random, kills: int) -> Tally:
    """The command ``run`` on a new delivery, killed ``kills`` times; the second run of each is never disturbed."""
    command = BY_NAME["run"]
    course = undisturbed(world, command, place / "course")
    tally = Tally()
    for _ in range(kills):
        root = remade(place / "home", world.stage(command.stage))
        stop = place / "stop"
        stop.unlink(missing_ok=True)
        readers = [begun(partial(_read, root, stop)) for _ in range(READERS)]
        second = begun(partial(_after_the_first, root))
        fault = any_fault(course, chance, ["kill"])
        first = supervised(as_program(course.words, root, {}), root, fault)
        tally.kills += first.struck
        code, said = second()
        stop.touch()
        where = f"kill at passage {fault.nth} of {fault.point}"
        if code not in (course.command.code, *course.command.again):
            tally.wrong.append(f"{where}: the second run ended with {code}: {said[-300:]}")
        for reader in readers:
            seen, states = reader()
            tally.reads += seen
            # the publication before or the one after, by either way in
            allowed = (course.old.by_name, course.new.by_name)
            tally.wrong += [f"{where}: a reader saw {state}" for state in states if state not in allowed]
        at_last = in_child(state_of, root)
        if (at_last.lake, at_last.warehouse, at_last.by_manifest) != (
            course.new.lake,
            course.new.warehouse,
            course.new.by_manifest,
        ):
            tally.wrong.append(f"{where}: after the second run the state is not the new one")
        tally.wrong += [f"{where}: {fault}" for fault in (*at_last.faults, *in_child(parquet_faults, root))]
    return tally


def _after_the_first(root: Path) -> tuple[int | None, str]:
    # once the first has begun to write, so that it waits, not the first
    while not (root / ".writer.holder").exists():
        time.sleep(_PAUSE)
    ended = supervised(as_program(("run",), root, _PATIENT), root)
    return ended.exit_code, ended.said


def _read(root: Path, stop: Path) -> tuple[int, list[object]]:
    """How often the publication was read, and the states that were seen, or what kept it from being read."""
    seen, states = 0, list[object]()
    while not stop.exists():
        try:
            state = published_state(root)
            found = [state.by_name, state.by_manifest, *state.faults]
        except Exception as error:
            found = [f"{type(error).__name__}: {error}"]
        seen += 1
        states += [one for one in found if one not in states]
        time.sleep(_PAUSE)
    return seen, states
