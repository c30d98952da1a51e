"""The two processes of ``zhoubao dev``, the pages and the daemon: started together, and ended together in every case."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import count
from types import FrameType

from assets.errors import StorageError, UsageError

LOOPBACK = "127.0.0.1"
_DEATH_SIGNAL = 1
# Dagster's daemon ends its threads; what is not done then is killed
_END_SECONDS = 8.0
_LOOK_SECONDS, _LOOKS_BETWEEN = 0.2, 25


class EndRequestedError(Exception):
    """A signal asked for the end."""


def bound_socket(port: int) -> socket.socket:
    """A socket that listens on loopback, so that no visit is lost before the pages are there; 0 takes a free port.

    Raises ``UsageError`` where the port is another's, ``StorageError`` where it may not be taken.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((LOOPBACK, port))
        listening.listen()
    except PermissionError:
        raise StorageError(f"--port {port}: may not be taken; choose one from 1024") from None
    except (OSError, OverflowError):
        raise UsageError(f"--port {port}: cannot be taken, another program may have it; choose another") from None
    listening.set_inheritable(True)
    return listening


def run_together(
    pages: Sequence[str],
    daemon: Sequence[str],
    environment: Mapping[str, str],
    descriptor: int,
    now_and_then: Callable[[], None] = lambda: None,
) -> int:
    """Run both until one ends or a signal asks for the end, then end the other; the exit code of the first that ended.

    Meanwhile ``now_and_then`` is called every few seconds.

    0 where a signal asked. The pages alone inherit ``descriptor``, their socket. Each process has a session of its own: a terminal's interruption reaches this one alone.
    """
    for asked in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(asked, _ask)
    running: list[subprocess.Popen[bytes]] = []
    try:
        running.append(_started(pages, environment, [descriptor]))
        running.append(_started(daemon, environment, []))
        for look in count():
            if any(process.poll() is not None for process in running):
                break
            if look % _LOOKS_BETWEEN == 0:
                now_and_then()
            time.sleep(_LOOK_SECONDS)
        return next(code for process in running if (code := process.poll()) is not None)
    except EndRequestedError:
        return 0
    finally:
        for asked in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(asked, signal.SIG_IGN)
        end(running)


def _started(command: Sequence[str], environment: Mapping[str, str], descriptors: Sequence[int]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command,
        env=environment,
        pass_fds=descriptors,
        start_new_session=True,
        # this process has one thread
        preexec_fn=_end_with_the_parent,  # noqa: PLW1509
    )


def end(running: Sequence["subprocess.Popen[bytes]"]) -> None:
    """Ask all to end, then kill, with what they started, what has not ended in time."""
    for process in running:
        process.terminate()
    deadline = time.monotonic() + _END_SECONDS
    for process in running:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(deadline - time.monotonic(), 0))
        # its group is of its own number, and may have members though it ended
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _ask(_number: int, _frame: FrameType | None) -> None:
    raise EndRequestedError


def _end_with_the_parent() -> None:
    """A parent that is killed ends nothing by itself: the kernel asks its children to end."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGTERM)
