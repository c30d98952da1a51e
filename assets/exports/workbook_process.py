"""The reading process as its parent sees it: started, awaited within its time, and ended in every case.

What its death tells becomes a ``FileDefectError``; what it reads is ``workbook_reader.py``'s.
"""

import os
import pickle
import select
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from assets.errors import ZhoubaoError
from assets.exports.reasons import FileDefectError, Reason
from assets.exports.workbook_protocol import LENGTH_BYTES, MAX_FRAME_BYTES, MEMORY_EXIT, Request

_MODULE = "assets.exports.workbook_reader"
_ROOT = Path(__file__).parents[2]
# settings hold the pseudonyms' key, which a reader of hostile files must not have
_SECRET_PREFIX = "ZHOUBAO_"
_PIECE_BYTES = 1024 * 1024
# Rust ends the process so where memory is refused to it, the kernel where the time or the machine's memory is used up
_LIMIT_ENDS = {-signal.SIGABRT, -signal.SIGKILL, -signal.SIGXCPU, MEMORY_EXIT}


class WorkbookProcess:
    """One reading process; ``seconds`` is how long it may be waited for in all, the parent's own work not counted.

    Started anew, never forked: a copy of a process in which polars has threads would hold their locks.
    """

    def __init__(self, request: Request, seconds: float) -> None:
        self._remaining = seconds
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", _MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # what it may complain of could quote cells
            stderr=subprocess.DEVNULL,
            env=_environment(),
            bufsize=0,
        )
        self._end = weakref.finalize(self, _end, self._process)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._output = self._process.stdout.fileno()
        self._poll = select.poll()
        self._poll.register(self._output, select.POLLIN)
        try:
            self._process.stdin.write(pickle.dumps(request))
            self._process.stdin.close()
        except BrokenPipeError:
            # how it ended is told by its frames, which are none
            pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._end()

    def frames(self) -> Iterator[bytes]:
        """What it answers, frame by frame.

        Raises ``FileDefectError`` where a limit or the file ended it, ``ZhoubaoError`` where it did not start.
        """
        if self._frame() is None:
            # the first frame says that it is ready
            raise ZhoubaoError(f"the process that reads workbooks did not start (it ended with {self._process.wait()})")
        while (content := self._frame()) is not None:
            yield content
        ended = self._process.wait()
        if ended:
            reason = Reason.WORKBOOK_LIMITS if ended in _LIMIT_ENDS else Reason.DAMAGED_WORKBOOK
            raise FileDefectError(reason, detail=f"ended={ended}")

    def _frame(self) -> bytes | None:
        """The next frame; ``None`` where the output ends before it does."""
        length = self._read(LENGTH_BYTES)
        if length is None:
            return None
        size = int.from_bytes(length, "big")
        if size > MAX_FRAME_BYTES:
            raise FileDefectError(Reason.DAMAGED_WORKBOOK, detail="frame too long")
        return self._read(size)

    def _read(self, size: int) -> bytes | None:
        content = bytearray()
        while len(content) < size:
            self._wait()
            piece = os.read(self._output, min(size - len(content), _PIECE_BYTES))
            if not piece:
                return None
            content += piece
        return bytes(content)

    def _wait(self) -> None:
        """Wait for output, within what is left of the time."""
        begun = time.monotonic()
        is_ready = self._poll.poll(max(self._remaining, 0) * 1000)
        self._remaining -= time.monotonic() - begun
        if not is_ready:
            raise FileDefectError(Reason.WORKBOOK_LIMITS, detail="time")


def _environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_SECRET_PREFIX)}
    # without the present folder, which may be anyone's
    folders = [str(_ROOT), *filter(None, inherited.get("PYTHONPATH", "").split(os.pathsep))]
    return inherited | {"PYTHONPATH": os.pathsep.join(folders), "RUST_BACKTRACE": "0"}


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
