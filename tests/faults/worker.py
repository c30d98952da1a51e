"""The one process of a suite that forks: everything imported, no database ever opened. It does what it is sent, one after another."""

import atexit
import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from functools import cache
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from tests.faults.children import ChildError

R = TypeVar("R")


def in_worker(work: Callable[..., R], *args: Any) -> R:
    """What ``work``, a function of a module, returns there. Raises ``ChildError`` with the words of what it raised."""
    ours, process = _worker()
    try:
        ours.send((work, args))
        is_good, value = ours.recv()
    except (EOFError, BrokenPipeError):
        _worker.cache_clear()
        raise ChildError(f"the worker died with {process.wait()}") from None
    if not is_good:
        raise ChildError(value)
    result: R = value
    return result


@cache
def _worker() -> tuple[Connection, "subprocess.Popen[bytes]"]:
    """This process's worker, started when it is first needed: an import takes longer than most trials."""
    ours, theirs = Pipe()
    # no fork of this process, in which a test may have opened a database
    process = subprocess.Popen([sys.executable, "-m", __name__, str(theirs.fileno())], pass_fds=(theirs.fileno(),))
    theirs.close()
    atexit.register(process.wait)
    atexit.register(ours.close)
    return ours, process


def _serve(theirs: Connection) -> None:
    from tests.faults.warmth import warm

    warm()
    while True:
        try:
            work, args = theirs.recv()
        except EOFError:
            return
        try:
            answer = True, work(*args)
        except BaseException as error:
            answer = False, "".join(traceback.format_exception(error))
        theirs.send(answer)


if __name__ == "__main__":
    _serve(Connection(int(sys.argv[1])))
    # at an ordinary end DuckDB's binding lists what it takes for leaks
    os._exit(0)
