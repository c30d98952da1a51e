"""Work in forked children: a process that forks must never have opened DuckDB or polars, whose threads a fork would lose."""

import os
import pickle
import shutil
import subprocess
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def in_child(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What ``work`` returns in a forked child. Raises ``ChildError`` with the words of what it raised."""
    return begun(lambda: work(*args, **kwargs))()


def begun(work: Callable[[], R]) -> Callable[[], R]:
    """Begin ``work`` in a forked child; what is returned waits for its end, and raises as ``in_child``."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _answer(writing, work)
    os.close(writing)

    def ended() -> R:
        with os.fdopen(reading, "rb") as stream:
            answer = stream.read()
        os.waitpid(child, 0)
        answered: tuple[bool, Any] = pickle.loads(answer) if answer else (False, "it died")
        if not answered[0]:
            raise ChildError(answered[1])
        result: R = answered[1]
        return result

    return ended


class ChildError(Exception):
    """What a child raised."""


def _answer(writing: int, work: Callable[[], Any]) -> None:
    try:
        try:
            answer = True, work()
        except BaseException as error:
            answer = False, "".join(traceback.format_exception(error))
        with os.fdopen(writing, "wb") as stream:
            stream.write(pickle.dumps(answer))
    finally:
        os._exit(0)


def remade(folder: Path, of: Path) -> Path:
    """A fresh copy of the folder ``of``, with its hard links, in the place of ``folder``."""
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["cp", "-a", str(of), str(folder)], check=True)
    return folder


def replaced(module: ModuleType, name: str, by: Callable[..., Any]) -> None:
    """Put ``by`` in the place of a module's function, in this process alone."""
    # a function that was renamed since would be replaced where nobody looks
    assert callable(getattr(module, name))
    setattr(module, name, by)
