"""The findings of ``zhoubao doctor``: the condition of one part of the home, and the one step that fixes it.

The step is one command, or one file to put back from a copy, so that nobody has to choose.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from shlex import quote

from assets.errors import DamageError, MisnamedError, StorageError, UnexpectedError, UsageError, ZhoubaoError


class State(StrEnum):
    """How a part is: ``sound``, worth a ``notice``, ``refused`` by this program, failing for want of disk or permission, or ``damaged``."""

    SOUND = "sound"
    NOTICE = "notice"
    REFUSED = "refused"
    STORAGE = "storage"
    DAMAGED = "damaged"

    @property
    def exit_code(self) -> int:
        codes = {State.REFUSED: UsageError, State.STORAGE: StorageError, State.DAMAGED: DamageError}
        return codes[self].exit_code if self in codes else 0


@dataclass(frozen=True)
class Condition:
    """One finding about ``part`` of the home; ``fix`` is the one next step, empty where there is nothing to do."""

    part: str
    state: State
    note: str
    fix: str = ""


def of_error(part: str, error: ZhoubaoError, fix: str = "") -> Condition:
    """The condition of ``part`` after ``error``; without ``fix``, the step follows from the file that the error names."""
    states = {
        UnexpectedError.exit_code: State.DAMAGED,
        DamageError.exit_code: State.DAMAGED,
        StorageError.exit_code: State.STORAGE,
    }
    state = states.get(error.exit_code, State.NOTICE)
    return Condition(part, state, str(error), fix or _step(error, state))


def _step(error: ZhoubaoError, state: State) -> str:
    if state is State.NOTICE:
        return ""
    if error.path is None:
        return "send this line to those who maintain zhoubao"
    if isinstance(error, MisnamedError):
        return put_aside(error.path)
    return put_back(error.path) if state is State.DAMAGED else command("chmod", "u+rw", error.path)


def put_back(path: Path) -> str:
    """The step for a file that follows from nothing else."""
    return f"put {path} back from a copy of the home"


def put_aside(path: Path) -> str:
    """The step for a file that should not be there: rename it to a name that nothing reads, so that nothing is lost."""
    return command("mv", path, free_name(path, "aside"))


def free_name(path: Path, suffix: str) -> Path:
    """``path`` with the suffix, or with the suffix and the first number that is free."""
    number = 1
    while (named := path.with_name(f"{path.name}.{suffix}" + (f"-{number}" if number > 1 else ""))).exists():
        number += 1
    return named


def command(*words: str | Path) -> str:
    """The step that is a shell command."""
    return " ".join(quote(str(word)) for word in words)


def sound_unless(part: str, found: Iterator[Condition], note: str) -> Iterator[Condition]:
    """The conditions ``found``, or, if there are none, that ``part`` is sound."""
    first = next(found, None)
    if first is None:
        yield Condition(part, State.SOUND, note)
        return
    yield first
    yield from found
