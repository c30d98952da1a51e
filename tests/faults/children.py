"""Work in forked children: a process that forks must never have opened DuckDB or polars, whose threads a fork would lose."""

import os
import pickle
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

# everything heavy is imported once, in the server that all workers are forked from
_PRELOADED = ["tests.faults.commands"]


def in_child(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What ``work`` returns in a forked child. Raises ``ChildError`` with the words of what it raised."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(writing, lambda: work(*args, **kwargs))
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        answer = stream.read()
    os.waitpid(child, 0)
    is_good, value = pickle.loads(answer) if answer else (False, "it died")
    if not is_good:
        raise ChildError(value)
    result: R = value
    return result


class ChildError(Exception):
    """What a child raised."""


def _answer(writing: int, work: Callable[[], Any]) -> None:
    try:
        try:
            answer = True, work()
        except BaseException as error:
            import traceback

            answer = False, "".join(traceback.format_exception(error))
        with os.fdopen(writing, "wb") as stream:
            stream.write(pickle.dumps(answer))
    finally:
        os._exit(0)


def in_worker(work: Callable[..., R], *args: Any) -> R:
    """What ``work``, a function of a module, returns in a fresh process with everything imported and nothing opened."""
    context = get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, work, args))
    process.start()
    theirs.close()
    try:
        is_good, value = ours.recv()
    except EOFError:
        is_good, value = False, "the worker died"
    process.join()
    if not is_good:
        raise ChildError(value)
    result: R = value
    return result


def _work(theirs: Connection, work: Callable[..., Any], args: tuple[Any, ...]) -> None:
    try:
        theirs.send((True, work(*args)))
    except BaseException as error:
        import traceback

        theirs.send((False, "".join(traceback.format_exception(error))))


def remade(folder: Path, of: Path) -> Path:
    """A fresh copy of the folder ``of``, with its hard links, in the place of ``folder``."""
    import shutil
    import subprocess

    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["cp", "-a", str(of), str(folder)], check=True)
    return folder
