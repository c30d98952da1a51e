"""Many trials: faults chosen at random over the points that the commands pass, and what they came to."""

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.commands import Command
from tests.faults.faults import KINDS, Fault, Kind, can_strike
from tests.faults.trials import Course, Verdict, tried, undisturbed
from tests.faults.worlds import World

_TOLD_EACH = 10


@dataclass
class Tally:
    """How many faults were tried and met, by kind and command, and everything that was wrong."""

    trials: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    commands: Counter[str] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)
    points: set[tuple[str, str]] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def take(self, verdict: Verdict) -> None:
        self.trials += 1
        if verdict.struck:
            self.kinds[verdict.fault.kind] += 1
            self.commands[verdict.command] += 1
            self.endings[f"{verdict.fault.kind}: {verdict.ended}"] += 1
            self.points.add((verdict.command, verdict.fault.point))
        where = f"{verdict.command}: {verdict.fault.kind} at passage {verdict.fault.nth} of {verdict.fault.point}"
        for wrong in verdict.wrong:
            self.wrong.append(f"{where}: {wrong}")
            # a sweep may take an hour
            print(self.wrong[-1], file=sys.stderr, flush=True)


def any_fault(course: Course, chance: random.Random, kinds: Iterable[Kind] = KINDS) -> Fault:
    """A kind of ``kinds``, where one may stand several times; then each point where it can be met, then each passage of it."""
    kind = chance.choice(list(kinds))
    points = course.points
    point = chance.choice(sorted(point for point in points if can_strike(kind, point)))
    return Fault(kind, point, chance.randint(1, points[point]))


def swept(
    world: World,
    commands: Iterable[Command],
    place: Path,
    chance: random.Random,
    wanted: Callable[[Tally], bool],
    kinds: Iterable[Kind] = KINDS,
) -> Tally:
    """Faults in each of the commands in turn, until no more are ``wanted``."""
    courses = [undisturbed(world, command, place) for command in commands]
    tally = Tally()
    while wanted(tally):
        if tally.trials % _TOLD_EACH == 0:
            print(f"{tally.trials} trials, {dict(tally.kinds)}, {len(tally.wrong)} wrong", file=sys.stderr, flush=True)
        course = courses[tally.trials % len(courses)]
        tally.take(tried(world, course, any_fault(course, chance, kinds), place))
    return tally
