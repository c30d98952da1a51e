"""Random damages of a complete home: the doctor notices each or it has no effect, and no command publishes a wrong figure from it."""

import json
import random
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from pipelines.doctor import exit_code_of
from tests.faults.advice import MisledError, follow
from tests.faults.children import ChildError, in_child, remade
from tests.faults.commands import ISSUE, as_program
from tests.faults.damage import KINDS, OF_FIGURES, Damage, any_damage, files_by_kind, inflict
from tests.faults.examined import examined
from tests.faults.states import Tables, state_of
from tests.faults.supervision import Supervised, supervised
from tests.faults.trials import patched
from tests.faults.worlds import World

DAMAGE = 8
# what an operator may do with a damaged home that nobody knows of yet
ACTS: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("run",),),
    (("rebuild", "--replace"), ("run",)),
    (("rebuild",), ("publish",)),
    (("publish",),),
    (("retry",),),
    (("bulletin", ISSUE, "--formats", "md"),),
)
_TOLD_EACH = 100
Findings = frozenset[tuple[str, str, str]]


@dataclass
class Tally:
    """What a fuzz found: ``wrong`` are damages after which a wrong figure was published or the doctor's steps led nowhere.

    ``unnoticed`` are such as no doctor sees.
    """

    damages: int = 0
    acted: int = 0
    advised: int = 0
    noticed: int = 0
    # by what was damaged and how
    harmless: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    unnoticed: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)


class Fuzz:
    """A fuzz in a place of its own; only in a process that may fork."""

    def __init__(
        self,
        world: World,
        place: Path,
        chance: random.Random,
        kinds: Iterable[str] = KINDS,
        patch: Callable[[], None] | None = None,
    ) -> None:
        self._patch = patch
        self._chance, self._place = chance, place
        self._sound = world.stage("complete and landed")
        self._home = remade(place / "home", self._sound)
        found = files_by_kind(self._home)
        missing = [kind for kind, paths in found.items() if not paths]
        assert not missing, f"the complete home has no {missing}"
        self._files = {kind: found[kind] for kind in kinds}
        self._state = in_child(state_of, self._home)
        self._findings, code = in_child(_examined, self._home, None)
        assert code < DAMAGE, self._findings

    @cached_property
    def _published(self) -> list[Tables]:
        """What may be published: what is in force now, or with what a run or a retry takes up."""
        found = [self._state.by_manifest]
        for words in (("run",), ("retry",)):
            root = remade(self._place / "run", self._sound)
            assert supervised(as_program(words, root, {}), root).exit_code in (0, 5)
            found.append(in_child(state_of, root).by_manifest)
        return found

    @cached_property
    def _bulletin(self) -> list[bytes]:
        root = remade(self._place / "run", self._sound)
        ended = supervised(as_program(ACTS[-1][0], root, {}), root)
        assert ended.exit_code == 0
        printed = _printed_by(ended)
        # the issue is frozen and was corrected since
        assert len(printed) == len(("the bulletin", "its notes", "the slip of the erratum"))
        return printed

    def go_on(self, tally: Tally, act_on_each: int) -> None:
        """One more damage; after each ``act_on_each``-th, and after each that no doctor noticed, a command is tried as well."""
        damage, before = any_damage(self._chance, self._files), (len(tally.wrong), len(tally.unnoticed))
        tally.damages += 1
        tally.kinds[damage.kind] += 1
        if not inflict(self._home, damage):
            tally.harmless["the same bytes again"] += 1
        else:
            is_noticed = self._is_noticed(damage)
            tally.noticed += is_noticed
            if not is_noticed:
                self._weigh(damage, tally)
            if not is_noticed or self._chance.randrange(act_on_each) == 0:
                tally.acted += 1
                self._act(damage, tally)
            if is_noticed and self._chance.randrange(act_on_each) == 0:
                tally.advised += 1
                self._follow_advice(damage, tally)
        self._restore(damage)
        # a fuzz may take an hour
        if tally.damages % _TOLD_EACH == 0:
            print(
                f"{tally.damages} damages, {len(tally.wrong)} wrong, {len(tally.unnoticed)} unnoticed",
                file=sys.stderr,
                flush=True,
            )
        for line in tally.wrong[before[0] :] + tally.unnoticed[before[1] :]:
            print(line, file=sys.stderr, flush=True)

    def _is_noticed(self, damage: Damage) -> bool:
        try:
            findings, code = in_child(_examined, self._home, self._patch)
        except ChildError as error:
            raise AssertionError(f"doctor fails on {damage}: {error}") from None
        return code >= DAMAGE if damage.kind in OF_FIGURES and damage.way != "duplicated" else findings != self._findings

    def _weigh(self, damage: Damage, tally: Tally) -> None:
        """A damage that no doctor sees must be none: every table and every file that counts reads as before."""
        try:
            found = in_child(state_of, self._home)
        except ChildError:
            is_harmless = False
        else:
            # a copy that nothing reads is another name in the lake, and no more
            lake = {name: digest for name, digest in found.lake.items() if name in self._state.lake}
            is_harmless = replace(found, lake=lake) == self._state
        if is_harmless and (damage.kind not in OF_FIGURES or damage.kind == "private warehouse" or damage.way == "duplicated"):
            tally.harmless[f"{damage.kind} {damage.way}"] += 1
        else:
            tally.unnoticed.append(f"{damage}")

    def _act(self, damage: Damage, tally: Tally) -> None:
        root = remade(self._place / "acted", self._home)
        before = _version(root)
        commands = self._chance.choice(ACTS)
        for words in commands:
            ended = supervised(patched(as_program(words, root, {}), self._patch), root)
            tally.codes[f"{words[0]} {ended.exit_code}"] += 1
            if ended.exit_code == 1:
                tally.wrong.append(f"{damage}: {words} ended with 1: {ended.said[-200:]}")
            if words[0] == "bulletin":
                self._judge_bulletin(damage, ended, tally)
        if _version(root) != before:
            self._judge_publication(damage, commands, root, tally)

    def _follow_advice(self, damage: Damage, tally: Tally) -> None:
        """The doctor's steps lead to a sound home, which publishes the same figures, or those with what a run takes up besides."""
        root = remade(self._place / "acted", self._home)
        try:
            steps = follow(root, self._sound)
        except MisledError as error:
            tally.wrong.append(f"{damage}: misled: {error}")
            return
        if in_child(state_of, root).by_manifest not in self._published:
            tally.wrong.append(f"{damage}: other figures are published after {steps}")

    def _judge_publication(self, damage: Damage, commands: object, root: Path, tally: Tally) -> None:
        try:
            published = in_child(state_of, root).by_manifest
        except ChildError as error:
            tally.wrong.append(f"{damage}: {commands} published what cannot be read: {str(error)[-200:]}")
            return
        if published not in self._published:
            others = sorted(
                name for name, digest in published.items() if digest not in [was.get(name) for was in self._published]
            )
            tally.wrong.append(f"{damage}: {commands} published other {others}")

    def _judge_bulletin(self, damage: Damage, ended: Supervised, tally: Tally) -> None:
        if ended.exit_code == 0 and _printed_by(ended) != self._bulletin:
            tally.wrong.append(f"{damage}: another bulletin")

    def _restore(self, damage: Damage) -> None:
        """The file, and what lies beside it, as it was; its own inode where it is linked."""
        folder, sound = (self._home / damage.path).parent, (self._sound / damage.path).parent
        for path in folder.iterdir():
            if path.is_file() and not (sound / path.name).exists():
                path.unlink()
        path = self._home / damage.path
        if path.exists():
            path.write_bytes((self._sound / damage.path).read_bytes())
            shutil.copystat(self._sound / damage.path, path)
        else:
            remade(self._home, self._sound)


def _examined(root: Path, patch: Callable[[], None] | None) -> tuple[Findings, int]:
    """What the doctor says that is not sound, apart from numbers, and how it ends."""
    if patch is not None:
        patch()
    conditions = examined(root)
    found = frozenset(
        (one.part, one.state.value, one.note) for one in conditions if one.state.value != "sound" and one.part != "disk"
    )
    return found, exit_code_of(conditions)


def _version(root: Path) -> str | None:
    try:
        return str(json.loads((root / "published/manifest.json").read_bytes())["version"])
    except (OSError, ValueError, KeyError):
        return None


def _printed_by(ended: Supervised) -> list[bytes]:
    """What the command says that it wrote: an older document of the folder is not what was asked for."""
    return [Path(path).read_bytes() for path in ended.printed.split("\n") if path]
