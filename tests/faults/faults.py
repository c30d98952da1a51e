"""What happens at a fault point: the process is killed, an error is met, the disk is full, a folder may not be written."""

import errno
from dataclasses import dataclass, replace
from typing import Literal, get_args

from tests.faults.calls import Call

Kind = Literal["kill", "error", "full", "forbidden"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# what needs room, and what needs the right to write a folder
_NEEDS_ROOM = {"write", "truncate", "mkdir", "link"}
_NEEDS_RIGHT = {"open", "mkdir", "link", "unlink", "rename"}


@dataclass(frozen=True)
class Fault:
    """At the ``nth`` passage of ``point``. A full disk stays full, a forbidden folder stays forbidden; an error is met once."""

    kind: Kind
    point: str
    nth: int = 1
    folder: str = ""

    def struck_at(self, call: Call) -> "Fault":
        """The fault once it was met at ``call``."""
        return replace(self, folder=_folder_of(call))

    def error_at(self, call: Call) -> int:
        """The error that the call at the point itself ends with; 0 for none."""
        return errno.EIO if self.kind == "error" else self.error_after(call)

    def error_after(self, call: Call) -> int:
        """The error that a ``call`` after the point ends with; 0 for none."""
        if self.kind == "full":
            return errno.ENOSPC if call.name in _NEEDS_ROOM or call.is_creating else 0
        if self.kind == "forbidden":
            return errno.EACCES if _folder_of(call) == self.folder and call.name in _NEEDS_RIGHT else 0
        return 0


def can_strike(kind: Kind, point: str) -> bool:
    """Whether such a fault can be met at ``point`` at all: a rename needs no room, and an open file no right."""
    needs = {"full": _NEEDS_ROOM | {"open"}, "forbidden": _NEEDS_RIGHT}.get(kind)
    return needs is None or point.partition(" ")[0] in needs


def _folder_of(call: Call) -> str:
    # no Path: there are thousands of calls
    return call.path.rpartition("/")[0]
