"""The doctor's advice followed to the letter in a damaged home, until nothing is found that a sound one has not."""

import shlex
import shutil
import subprocess
from pathlib import Path

from assets.condition import Condition, State
from tests.faults.children import in_child
from tests.faults.commands import as_program
from tests.faults.examined import examined
from tests.faults.supervision import supervised

# a step may bring to light what it was hidden by
_ROUNDS = 5
# done, nothing to do, done with rows in quarantine
_GOOD = (0, 3, 5)


class MisledError(Exception):
    """A step that cannot be followed, or steps that lead to no sound home."""


def follow(root: Path, copy: Path) -> list[str]:
    """Follow each step named for the damaged home ``root``, of which ``copy`` is the sound copy; the steps, in their order.

    A notice that names no step, such as a file that nothing reads, needs none. Raises ``MisledError`` where the steps lead nowhere.
    """
    known = {_known_by(one, copy) for one in in_child(examined, copy)}
    steps: list[str] = []
    for _ in range(_ROUNDS):
        found = [
            one
            for one in in_child(examined, root)
            if one.state is not State.SOUND and (one.fix or one.state is not State.NOTICE) and _known_by(one, root) not in known
        ]
        if not found:
            return steps
        for fix in dict.fromkeys(one.fix for one in found if one.fix):
            steps.append(fix)
            _do(fix, root, copy)
    raise MisledError(f"after {steps} there is still {[one.note for one in found]}")


def _known_by(condition: Condition, root: Path) -> tuple[str, str]:
    return condition.part, condition.note.replace(str(root), "")


def _do(fix: str, root: Path, copy: Path) -> None:
    if fix.startswith("put ") and fix.endswith(" back from a copy of the home"):
        path = Path(fix.removeprefix("put ").removesuffix(" back from a copy of the home"))
        path.unlink(missing_ok=True)
        shutil.copy2(copy / path.relative_to(root), path)
        return
    words = shlex.split(fix)
    if words[0] == "zhoubao":
        ended = supervised(as_program(tuple(words[1:]), root, {}), root)
        if ended.exit_code not in _GOOD:
            raise MisledError(f"{fix} ended with {ended.exit_code}: {ended.said[-300:]}")
    elif words[0] in ("mv", "rm", "chmod"):
        subprocess.run(words, check=True)
    else:
        raise MisledError(f"{fix} is no step that can be followed")
