"""What an examination of the home says: the condition of one part of it, and what mends it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from assets.errors import DamageError, StorageError, ZhoubaoError


class State(StrEnum):
    """How a part is: ``sound``, worth a ``notice``, failing for want of disk or permission, or ``damaged``."""

    SOUND = "sound"
    NOTICE = "notice"
    STORAGE = "storage"
    DAMAGED = "damaged"

    @property
    def exit_code(self) -> int:
        return {State.STORAGE: StorageError.exit_code, State.DAMAGED: DamageError.exit_code}.get(self, 0)


@dataclass(frozen=True)
class Condition:
    """One finding about ``part`` of the home; ``mend`` is the next step, empty where there is nothing to do."""

    part: str
    state: State
    note: str
    mend: str = ""


def of_error(part: str, error: ZhoubaoError) -> Condition:
    """What an error that was met on the way says about ``part``; its message names the mend."""
    states = {DamageError.exit_code: State.DAMAGED, StorageError.exit_code: State.STORAGE}
    return Condition(part, states.get(error.exit_code, State.NOTICE), str(error))


def sound_unless(part: str, found: Iterator[Condition], note: str) -> Iterator[Condition]:
    """What was ``found``, or where that is nothing, that ``part`` is sound."""
    first = next(found, None)
    if first is None:
        yield Condition(part, State.SOUND, note)
        return
    yield first
    yield from found
