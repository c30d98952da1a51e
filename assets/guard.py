"""The one gate through which every error leaves a step or a command: behind it, no words of a library are left.

DuckDB, polars, pyarrow, Great Expectations and python-calamine quote rows in their messages, and Dagster stores an error with
all that caused it. What libraries print and log by themselves is ``quiet.py``'s.
"""

import errno
import inspect
import os
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from traceback import walk_tb
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, cast

from assets.errors import DamageError, StorageError, UnexpectedError, ZhoubaoError
from assets.quiet import native_stderr_closed

P = ParamSpec("P")
R = TypeVar("R")

HELP = "see docs/operations.md"
_ROOT = Path(__file__).parents[1]
_ROOMS = ("assets", "pipelines")
# pyo3 raises it for a panic in Rust; it is no Exception, and its message may quote rows
_PANIC = "PanicException"
_DISK_WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk is full: the user may not store more",
    errno.EROFS: "the disk cannot be written",
    errno.EIO: "the disk fails",
}
# SQLITE_PERM, _READONLY, _IOERR, _FULL, _CANTOPEN; SQLITE_CORRUPT, _NOTADB
_SQLITE_DISK = (3, 8, 10, 13, 14)
_SQLITE_DAMAGE = (11, 26)


def without_values(error: BaseException) -> ZhoubaoError:
    """``error`` as it may be shown, logged and stored.

    An error of this project is itself, since its message holds no value. Of any other the classes and the places in this
    project's code are kept. What caused it goes; its traceback stays: it holds source lines, no values.
    """
    shown = error if isinstance(error, ZhoubaoError) else _retold(error)
    shown.__cause__ = shown.__context__ = None
    shown.__notes__ = []
    return shown.with_traceback(error.__traceback__)


def gated(step: Callable[P, R]) -> Callable[P, R]:
    """``step``, function or generator, so that each error leaves it through ``without_values`` and native code prints nothing.

    An interruption passes as it is.
    """
    if inspect.isgeneratorfunction(step):
        return cast(Callable[P, R], _gated_generator(cast(Callable[P, Iterator[Any]], step)))

    @wraps(step)
    def passing(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with native_stderr_closed():
                return step(*args, **kwargs)
        except BaseException as error:
            shown = _shown(error)
        # outside the handler: raised within, it would carry the caught error as its context
        raise shown

    return passing


def _gated_generator(step: Callable[P, Iterator[Any]]) -> Callable[P, Iterator[Any]]:
    @wraps(step)
    def passing(*args: P.args, **kwargs: P.kwargs) -> Iterator[Any]:
        try:
            with native_stderr_closed():
                yield from step(*args, **kwargs)
            return
        except BaseException as error:
            shown = _shown(error)
        raise shown

    return passing


def is_interruption(error: BaseException) -> bool:
    """Whether it ends the process or the generator on purpose, rather than telling of a failure."""
    return not isinstance(error, Exception) and type(error).__name__ != _PANIC


def _shown(error: BaseException) -> ZhoubaoError:
    if is_interruption(error):
        raise error
    return without_values(error)


def _retold(error: BaseException) -> ZhoubaoError:
    causes = _causes(error)
    place = _trail(causes)
    for cause in causes:
        words = storage_words(cause)
        if words is not None:
            return StorageError(f"{words} at {place}" if isinstance(cause, MemoryError) else words)
    if any(full_disk_words(beside) for beside in _beside(error)):
        return StorageError(next(words for beside in _beside(error) if (words := full_disk_words(beside))))
    if is_damaged_database(error):
        return DamageError(f"Dagster's records are damaged; zhoubao run sets them aside and goes on; {HELP}")
    kinds = " from ".join(type(cause).__name__ for cause in causes)
    return UnexpectedError(f"unexpected {kinds} at {place}; {HELP}")


def _beside(error: BaseException) -> list[BaseException]:
    """What was being handled when the error and its causes came: a library that tidies up on a full disk fails once more."""
    found = [error]
    for one in found:
        found += [other for other in (one.__cause__, one.__context__) if other is not None and other not in found]
    return found


def _causes(error: BaseException) -> list[BaseException]:
    """The error and what it was raised from, each once: a chain may bite its own tail."""
    causes = [error]
    while (cause := causes[-1].__cause__) is not None and cause not in causes:
        causes.append(cause)
    return causes


def _trail(causes: list[BaseException]) -> str:
    """Where in this project's code, innermost first: ``assets/exports/reading/tables.py:90 _parse <- …``; no source, no values."""
    places = dict.fromkeys(place for cause in reversed(causes) for place in _places(cause.__traceback__))
    return " <- ".join(places) or "a place outside this project's code"


def _places(traceback: TracebackType | None) -> list[str]:
    places = []
    for frame, line in walk_tb(traceback):
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(_ROOT) and path.relative_to(_ROOT).parts[0] in _ROOMS and path != Path(__file__):
            places.append(f"{path.relative_to(_ROOT)}:{line} {frame.f_code.co_name}")
    return places[::-1]


def storage_words(error: BaseException) -> str | None:
    """What to say of an error of disk, memory or permission; ``None`` for another. Libraries put rows into ``strerror`` too."""
    import duckdb

    if isinstance(error, OSError) and error.errno is not None:
        return f"{_file_of(error)}: {os.strerror(error.errno)}"
    if isinstance(error, MemoryError):
        return "memory is exhausted"
    full = full_disk_words(error)
    if full is not None:
        return full
    if isinstance(error, duckdb.OutOfMemoryException):
        is_spill = "max_temp_directory_size" in str(error)
        return "the disk has no room for what DuckDB spills" if is_spill else "DuckDB needs more than the setting memory_limit"
    if isinstance(error, duckdb.IOException):
        return "DuckDB cannot read or write a file: see disk and permissions"
    return "SQLite cannot read or write a file: see disk and permissions" if _sqlite_code(error) in _SQLITE_DISK else None


def full_disk_words(error: BaseException | str) -> str | None:
    """What to say where the disk is full or cannot be written, which libraries tell in the system's words; ``None`` else."""
    said = str(error)
    number = getattr(error, "errno", None)
    if number in _DISK_WORDS:
        return _DISK_WORDS[number]
    return next(
        (words for code, words in _DISK_WORDS.items() if os.strerror(code) in said or f"(os error {code})" in said), None
    ) or (_DISK_WORDS[errno.ENOSPC] if "disk is full" in said else None)


def is_damaged_database(error: BaseException) -> bool:
    """Whether SQLite, which keeps Dagster's records alone, met a file that is not one or is damaged."""
    return any(_sqlite_code(one) in _SQLITE_DAMAGE for one in _causes(error))


def _sqlite_code(error: BaseException) -> int | None:
    """SQLite's own number, without its further detail."""
    import sqlite3

    code = getattr(error, "sqlite_errorcode", None) if isinstance(error, sqlite3.Error) else None
    return code & 0xFF if code is not None else None


def _file_of(error: OSError) -> str:
    name = error.filename
    return os.fsdecode(name) if isinstance(name, str | bytes | os.PathLike) else "the disk"
