"""One trial: a command met by a fault, what its home then holds, and whether the same command finishes the work afterwards."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from assets.errors import StorageError
from pipelines.doctor import exit_code_of
from tests.faults.children import in_child, remade
from tests.faults.commands import Command, as_program
from tests.faults.examined import examined
from tests.faults.faults import Fault
from tests.faults.power import lost_at_a_power_cut
from tests.faults.states import State, parquet_faults, state_of
from tests.faults.supervision import Supervised, supervised
from tests.faults.worlds import World

DAMAGE = 8
PARTS = ("lake", "key", "warehouse", "by_name", "by_manifest")
Patch = Callable[[], None]
Program = Callable[[], int]


@dataclass(frozen=True)
class Course:
    """A command undisturbed: how it went, and the state before and after."""

    command: Command
    words: tuple[str, ...]
    typed: str
    run: Supervised
    old: State
    new: State

    @property
    def points(self) -> Counter[str]:
        """The fault points that the command passes, and how often."""
        return Counter(passage.point for passage in self.run.passages)


@dataclass
class Verdict:
    """One trial's result: what was wrong, and whether the fault was met."""

    command: str
    fault: Fault
    struck: bool
    ended: str
    wrong: list[str] = field(default_factory=list)


def undisturbed(world: World, command: Command, place: Path) -> Course:
    """Run the command once, without a fault, in ``place``. Raises ``AssertionError`` where it ends otherwise than it should."""
    words, typed = world.words(command.name), world.typed(command.name)
    old = in_child(state_of, world.stage(command.stage))
    root = remade(place, world.stage(command.stage))
    run = supervised(as_program(words, root, command.environment, command.is_plain, typed), root)
    assert run.exit_code == command.code, f"{command.name} ended with {run.exit_code}, not {command.code}: {run.said}"
    new = in_child(state_of, root)
    assert not new.faults, new.faults
    lost = lost_at_a_power_cut(run.passages)
    assert not lost, lost
    return Course(command, words, typed, run, old, new)


def tried(world: World, course: Course, fault: Fault, place: Path, patch: Patch | None = None) -> Verdict:
    """Run the command into the fault, look at the state, run it again. ``patch`` plants a bug in the first run."""
    command = course.command
    root = remade(place, world.stage(command.stage))
    program = as_program(course.words, root, command.environment, command.is_plain, course.typed)
    run = supervised(patched(program, patch), root, fault)
    verdict = Verdict(command.name, fault, run.struck, _ending(run))
    after, damages, _ = in_child(_seen, root)
    verdict.wrong += _of_the_ending(course, fault, run, after, root)
    verdict.wrong += _of_the_state(course, after)
    if damages and not _is_between(course, after):
        verdict.wrong.append(f"doctor calls it damaged: {damages}")
    if run.struck:
        # where nothing was met there is nothing to go on from
        verdict.wrong += _of_going_on(course, after, root)
    return verdict


def _seen(root: Path) -> tuple[State, list[str], list[str]]:
    """The state of a home, what the doctor calls damaged, and Parquet files that are not the manifest's."""
    conditions = examined(root)
    damages = [f"{one.part}: {one.note}" for one in conditions if exit_code_of([one]) == DAMAGE]
    return state_of(root), damages, parquet_faults(root)


def patched(program: Program, patch: Patch | None) -> Program:
    """The program with a bug planted first, if there is one."""

    def main() -> int:
        if patch is not None:
            patch()
        return program()

    return main


def _ending(run: Supervised) -> str:
    return "killed" if run.exit_code is None else f"code {run.exit_code}"


def _of_the_ending(course: Course, fault: Fault, run: Supervised, after: State, root: Path) -> list[str]:
    """A fault of the disk ends a command with 7 and a path, or it did not matter and everything was done."""
    if not run.struck or fault.kind == "kill":
        return []
    said = run.said.replace("\n", " ")
    if run.exit_code == StorageError.exit_code:
        return [] if str(root) in said + run.printed else [f"code 7 names no path: {said[-300:]}"]
    if run.exit_code == course.command.code and _same(after, course.new):
        return []
    return [f"ended with {run.exit_code}: {said[-300:]}"]


def _of_the_state(course: Course, after: State) -> list[str]:
    """Each part is as before or as afterwards, and none is ahead of the one that it follows from."""
    old, new = course.old, course.new
    wrong = list(after.faults)
    # a new key takes its place after the record of keys, at the latest by the next command
    for part in ("warehouse", "by_name", "by_manifest"):
        found = getattr(after, part)
        # what a first run has begun may hold no table yet
        if found not in ({}, getattr(old, part), getattr(new, part)):
            wrong.append(f"{part} is neither old nor new: {_differing(found, getattr(old, part), getattr(new, part))}")
    strange = {name for name, digest in after.lake.items() if digest not in (old.lake.get(name), new.lake.get(name))}
    missing = (old.lake.keys() & new.lake.keys()) - after.lake.keys()
    if strange or missing:
        wrong.append(f"the lake is neither old nor new: {sorted(strange | missing)}")
    is_changed = old.by_name != new.by_name
    if is_changed and after.by_manifest == new.by_manifest and after.by_name == old.by_name:
        wrong.append("the manifest is ahead of the database")
    return wrong


def _differing(found: Mapping[str, str], old: Mapping[str, str], new: Mapping[str, str]) -> str:
    names = {name for name in found.keys() | new.keys() if found.get(name) != new.get(name)}
    others = {name for name in found.keys() | old.keys() if found.get(name) != old.get(name)}
    return f"{sorted(others)[:4]} are not old, {sorted(names)[:4]} are not new"


def _of_going_on(course: Course, after: State, root: Path) -> list[str]:
    """The same command, or the one that finishes its record, reaches the new state, in which nothing is damaged."""
    command, wrong = course.command, list[str]()
    words, typed = course.words, course.typed
    if command.finished_by and after.lake == course.new.lake:
        words = (command.finished_by,)
    again = supervised(as_program(words, root, command.environment, command.is_plain, typed), root)
    # a run puts a new key in its place and finishes a publication whose database is in force, and has nothing to do then
    finished = {"key", "by_manifest"} if command.finished_by else {"key"}
    is_done = all(_equal(after, course.new, part) for part in PARTS if part not in finished)
    expected = {command.code, *command.again} if is_done else {command.code}
    if again.exit_code not in expected:
        wrong.append(f"run again it ended with {again.exit_code}, not {sorted(expected)}: {again.said[-300:]}")
    at_last, damages, parquet = in_child(_seen, root)
    if not _same(at_last, course.new):
        parts = [part for part in PARTS if not _equal(at_last, course.new, part)]
        wrong.append(f"run again it did not reach the new state: {parts}")
    return [*wrong, *at_last.faults, *parquet, *damages]


def _is_between(course: Course, after: State) -> bool:
    """Whether a publication stopped between database and manifest: its Parquet files are not the manifest's then."""
    return after.by_name == course.new.by_name and after.by_manifest == course.old.by_manifest


def _same(one: State, other: State) -> bool:
    return all(_equal(one, other, part) for part in PARTS)


def _equal(one: State, other: State, part: str) -> bool:
    return bool(getattr(one, part) == getattr(other, part))
