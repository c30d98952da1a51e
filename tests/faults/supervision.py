"""A command in a child process, each of its effects on the home seen and, at one of them, a fault: the suite's one mechanism.

A child is forked from a process that has imported everything and opened nothing, so a trial costs what its command costs. Its
calls that change files stop in the kernel until this process lets them go on, fails them or kills the child.
"""

import os
import re
import select
import signal
import socket
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from fcntl import ioctl
from pathlib import Path
from stat import S_ISREG
from typing import IO

from tests.faults.calls import Call, Reader, call_of
from tests.faults.faults import Fault
from tests.faults.kernel_filter import RECEIVE, SEND, Notice, answer, empty_notice, notice_of, stop_at_effects

PATIENCE_SECONDS = 300.0
# names that are others in each run: temporary files, hashes, dates, process and version numbers
_VARYING = [
    (re.compile(r"\.[a-z0-9_]{8}(\.tmp)?(?=/|$)"), r".*\1"),
    (re.compile(r"(?<=/)tmp[a-z0-9_]{8}(?=/|$)"), "tmp*"),
    (re.compile(r"\.building-[a-z0-9_]{8}"), ".building-*"),
    (re.compile(r"\d{8}T\d{6}(-[0-9a-f]{8})?"), "VERSION"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22,}"), "RUN"),
    (re.compile(r"[0-9a-f]{64}"), "HASH"),
    # the end of a name in the lake
    (re.compile(r"(?<=_)[0-9a-f]{8}(?=\.)"), "HASH"),
    (re.compile(r"(?<=archive/)[0-9a-f]{2}(?=/|$)"), "HH"),
    (re.compile(r"(?<=lake/)(accept|process|result|issue|consult|handbook)(?=/)"), "FEED"),
    (re.compile(r"(?<=parquet/)\w+(/[^/]+\.parquet)?$"), "TABLE"),
    (re.compile(r"\d+"), "9"),
]


@dataclass(frozen=True)
class Passage:
    """One effect on the home: the call, its path relative to the home, the file's identity, and for a rename or link the other path."""

    name: str
    path: str
    other: str = ""
    inode: int = 0

    @property
    def point(self) -> str:
        """The fault point: the call and the shape of its path, the same in each run."""
        shape = self.path
        for pattern, stand_in in _VARYING:
            shape = pattern.sub(stand_in, shape)
        return f"{self.name} {shape}"


@dataclass
class Supervised:
    """How a supervised command ended: ``exit_code`` is ``None`` where it was killed; ``struck`` says whether the fault was met."""

    exit_code: int | None = None
    said: str = ""
    printed: str = ""
    struck: bool = False
    passages: list[Passage] = field(default_factory=list)


def supervised(command: Callable[[], int], root: Path, fault: Fault | None = None) -> Supervised:
    """Run ``command`` in a child and see its effects below ``root``, one of them ending in ``fault``."""
    ours, theirs = socket.socketpair()
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as printed:
        child = os.fork()
        if child == 0:
            _live(command, ours, theirs, (printed.fileno(), said.fileno()))
        theirs.close()
        _, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
        if not descriptors:
            os.waitpid(child, 0)
            raise OSError("the kernel does not stop calls for a supervisor: see seccomp_unotify(2)")
        result = Supervised()
        try:
            _Supervisor(child, root, fault, result).serve(descriptors[0])
        finally:
            os.close(descriptors[0])
            ours.close()
            # a second command, a reader's process: none outlives the trial
            _kill_group(child)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        result.exit_code = None if status == -signal.SIGKILL else status
        result.said, result.printed = _text(said), _text(printed)
    return result


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def _live(command: Callable[[], int], ours: socket.socket, theirs: socket.socket, outputs: tuple[int, int]) -> None:
    """The child's whole life; it never returns."""
    code = 99
    try:
        os.setpgid(0, 0)
        for number, descriptor in enumerate(outputs, 1):
            os.dup2(descriptor, number)
        ours.close()
        listener = stop_at_effects()
        socket.send_fds(theirs, [b"!"], [listener])
        os.close(listener)
        code = command()
    finally:
        os._exit(code)


def _kill_group(child: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)


class _Supervisor:
    """Answers each stopped call; counts the passages of the fault's point, and from there on does what the fault is."""

    def __init__(self, child: int, root: Path, fault: Fault | None, result: Supervised) -> None:
        self._child, self._root, self._fault, self._result = child, f"{root}/", fault, result
        self._reader = Reader()
        self._met: Counter[str] = Counter()

    def serve(self, listener: int) -> None:
        """Until no process has the filter any more."""
        ended = os.pidfd_open(self._child)
        waiting = select.poll()
        waiting.register(listener, select.POLLIN)
        waiting.register(ended, select.POLLIN)
        try:
            while True:
                ready = waiting.poll(PATIENCE_SECONDS * 1000)
                if not ready:
                    _kill_group(self._child)
                    raise TimeoutError(f"a command did nothing for {PATIENCE_SECONDS:.0f} s")
                events = dict(ready)
                if events.get(listener, 0) & select.POLLIN:
                    self._answer(listener)
                elif listener in events or ended in events:
                    return
        finally:
            os.close(ended)
            self._reader.close()

    def _answer(self, listener: int) -> None:
        raw = empty_notice()
        try:
            ioctl(listener, RECEIVE, raw)
            notice = notice_of(raw)
            error = self._judge(notice)
            if error is not None:
                ioctl(listener, SEND, answer(notice, error))
        except FileNotFoundError:
            # the thread died meanwhile
            return

    def _judge(self, notice: Notice) -> int | None:
        """The error that the call is to have, 0 to let it go on, ``None`` where its process is dead."""
        call = call_of(notice, self._reader)
        if call is None or not f"{call.path}/".startswith(self._root):
            return 0
        passage = self._passage(call)
        self._result.passages.append(passage)
        fault = self._fault
        if fault is None:
            return 0
        if self._result.struck:
            return fault.error_after(call)
        self._met[passage.point] += 1
        if passage.point != fault.point or self._met[passage.point] != fault.nth:
            return 0
        self._result.struck = True
        self._fault = fault.struck_at(call)
        if fault.kind == "kill":
            _kill_group(self._child)
            return None
        return self._fault.error_at(call)

    def _passage(self, call: Call) -> Passage:
        path, other = call.path[len(self._root) :], call.other
        if other.startswith(self._root):
            other = other[len(self._root) :]
        try:
            # what is renamed or linked is the file that it comes from
            state = Path(call.target or call.other or call.path).stat(follow_symlinks=bool(call.target))
        except OSError:
            return Passage(call.name, path, other)
        return Passage(call.name, path, other, state.st_ino if S_ISREG(state.st_mode) else 0)
