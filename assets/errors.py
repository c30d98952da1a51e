"""The errors a caller may handle, one type per thing it can do about them, all under one base.

A message names file, line, column, what was expected and the next step. It never holds a value of a personal column.
"""

from pathlib import Path


class ZhoubaoError(Exception):
    """Base of every error this project raises on purpose; ``exit_code`` is what the command line ends with.

    ``path`` is the one file that it is about, where there is one: the doctor names it in the next step.
    """

    exit_code = 1

    def __init__(self, message: str = "", path: Path | None = None) -> None:
        super().__init__(message)
        self.path = path


class UnexpectedError(ZhoubaoError):
    """An unforeseen error, reduced by ``guard.py`` to its class and its places in the code."""


class UsageError(ZhoubaoError):
    """The command, a setting or a file of the home is wrong."""

    exit_code = 2


class RefusedError(ZhoubaoError):
    """A check of severity ERROR kept it from publishing, or an issue is not there or not fit to print."""

    exit_code = 4


class NothingPublishedError(RefusedError):
    """There is no publication yet, so there is nothing to query."""

    exit_code = 3


class UnknownDayError(RefusedError):
    """An issue needs a day that is not known yet to be a working day or a day off."""


class BusyError(ZhoubaoError):
    """Another process writes; the message names it."""

    exit_code = 6


class StorageError(ZhoubaoError):
    """The disk is full, or a file or folder may not be read or written."""

    exit_code = 7


class DamageError(ZhoubaoError):
    """Stored data is not what was stored: a hash, a count or a comparison disagrees."""

    exit_code = 8


class LakeDamageError(DamageError):
    """A file of the lake is damaged: nothing can be built until it is put back, and a rebuild would not help."""


def error_types() -> dict[str, type[ZhoubaoError]]:
    """Every error type by its name, for what another process or Dagster tells by name."""
    found: dict[str, type[ZhoubaoError]] = {}
    open_types: list[type[ZhoubaoError]] = [ZhoubaoError]
    while open_types:
        kind = open_types.pop()
        found[kind.__name__] = kind
        open_types += kind.__subclasses__()
    return found


class MisnamedError(LakeDamageError):
    """A file of the lake is a copy under another name than its own."""
