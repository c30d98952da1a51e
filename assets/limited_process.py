"""A child process as its parent sees it: started, awaited within its time, and ended in every case, with all it started.

What the child does is its own module's; how it keeps its limits and writes frames is ``limited_child.py``'s. What its death
means is said by who started it.
"""

import os
import pickle
import select
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from assets.limited_child import LENGTH_BYTES, MAX_FRAME_BYTES, MEMORY_EXIT

_ROOT = Path(__file__).parents[1]
# settings hold the pseudonyms' key, which a child that reads hostile input must not have
_SECRET_PREFIX = "ZHOUBAO_"
_PIECE_BYTES = 1024 * 1024
# native code ends the process so where memory is refused to it, the kernel where the machine's memory is used up
MEMORY_ENDS = frozenset({-signal.SIGABRT, -signal.SIGKILL, MEMORY_EXIT})
TIME_ENDS = frozenset({-signal.SIGXCPU, -signal.SIGALRM})


class ChildTimeError(Exception):
    """The child was waited for as long as it may be."""


class ChildFrameError(Exception):
    """What the child wrote is no frame."""


class LimitedProcess:
    """``module`` run as a process that is handed ``request``; ``seconds`` is how long it may be waited for in all.

    The parent's own work is not counted. The child is started, never forked: a copy of a process in which polars has
    threads would hold their locks. It leads a process group, so that its end is that of what it started.
    """

    def __init__(self, module: str, request: object, seconds: float, environment: Mapping[str, str] | None = None) -> None:
        self._remaining = seconds
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # what it may complain of could quote cells
            stderr=subprocess.DEVNULL,
            env=_environment() | dict(environment or {}),
            bufsize=0,
            start_new_session=True,
        )
        self._end = weakref.finalize(self, _end, self._process)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._output = self._process.stdout.fileno()
        self._poll = select.poll()
        self._poll.register(self._output, select.POLLIN)
        # how a child ended that takes no request is told by its frames, which are none
        with suppress(BrokenPipeError):
            self._process.stdin.write(pickle.dumps(request))
            self._process.stdin.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._end()

    def wait(self) -> int:
        """How it ended: its exit code, or the negative number of the signal."""
        return self._process.wait()

    def frame(self) -> bytes | None:
        """The next frame; ``None`` where the output ends before it does. Raises ``ChildTimeError``, ``ChildFrameError``."""
        length = self._read(LENGTH_BYTES)
        if length is None:
            return None
        size = int.from_bytes(length, "big")
        if size > MAX_FRAME_BYTES:
            raise ChildFrameError("frame too long")
        return self._read(size)

    def frames(self) -> Iterator[bytes]:
        """All frames to the end of the output. Raises as ``frame``."""
        while (content := self.frame()) is not None:
            yield content

    def _read(self, size: int) -> bytes | None:
        content = bytearray()
        while len(content) < size:
            self._wait_for_output()
            piece = os.read(self._output, min(size - len(content), _PIECE_BYTES))
            if not piece:
                return None
            content += piece
        return bytes(content)

    def _wait_for_output(self) -> None:
        """Wait for output, within what is left of the time."""
        begun = time.monotonic()
        is_ready = self._poll.poll(max(self._remaining, 0) * 1000)
        self._remaining -= time.monotonic() - begun
        if not is_ready:
            raise ChildTimeError


def _environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_SECRET_PREFIX)}
    # without the present folder, which may be anyone's
    folders = [str(_ROOT), *filter(None, inherited.get("PYTHONPATH", "").split(os.pathsep))]
    return inherited | {"PYTHONPATH": os.pathsep.join(folders), "RUST_BACKTRACE": "0"}


def _end(process: "subprocess.Popen[bytes]") -> None:
    # until it is waited for, its group's number cannot be another's
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(BrokenPipeError):
                stream.close()
