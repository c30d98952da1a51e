"""The system calls that change files, stopped in the kernel until a supervisor answers: seccomp's user notification.

Only numbers, structures and the filter live here. What is done at a call is ``supervision.py``'s. The kernel sees the calls of
DuckDB's C++, polars' Rust and SQLite's C too, which an audit hook of Python does not; and production runs without a trace of it.
"""

import ctypes
import os
import platform
import struct
from dataclasses import dataclass

# x86-64 has the old calls without a folder's descriptor as well
_NUMBERS = {
    "x86_64": {
        "open": 2, "creat": 85, "openat": 257, "openat2": 437, "write": 1, "pwrite64": 18, "writev": 20, "pwritev": 296,
        "pwritev2": 328, "sendfile": 40, "splice": 275, "copy_file_range": 326, "truncate": 76, "ftruncate": 77, "fallocate": 285,
        "rename": 82, "renameat": 264, "renameat2": 316, "link": 86, "linkat": 265, "symlink": 88, "symlinkat": 266,
        "unlink": 87, "unlinkat": 263, "mkdir": 83, "mkdirat": 258, "rmdir": 84, "mknod": 133, "mknodat": 259, "fsync": 74,
        "fdatasync": 75, "sync": 162, "syncfs": 306, "sync_file_range": 277, "msync": 26, "chmod": 90, "fchmod": 91,
        "fchmodat": 268, "fchmodat2": 452, "mmap": 9, "io_uring_setup": 425,
    },
    "aarch64": {
        "openat": 56, "openat2": 437, "write": 64, "pwrite64": 68, "writev": 66, "pwritev": 70, "pwritev2": 287, "sendfile": 71,
        "splice": 76, "copy_file_range": 285, "truncate": 45, "ftruncate": 46, "fallocate": 47, "renameat": 38, "renameat2": 276,
        "linkat": 37, "symlinkat": 36, "unlinkat": 35, "mkdirat": 34, "mknodat": 33, "fsync": 82, "fdatasync": 83, "sync": 81,
        "syncfs": 267, "sync_file_range": 84, "msync": 227, "fchmod": 52, "fchmodat": 53, "fchmodat2": 452, "mmap": 222,
        "io_uring_setup": 425,
    },
}  # fmt: skip
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SECCOMP = {"x86_64": 317, "aarch64": 277}
MACHINE = platform.machine()
NUMBERS = _NUMBERS[MACHINE]
NAMES = {number: name for name, number in NUMBERS.items()}
# of an opening and a mapping, only those that can write
WRITING_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_WRITABLE_PAGE, _SHARED_MAPPING = 2, 1
_FLAGS_ARGUMENT = {"open": 1, "openat": 2}

_LOAD, _JUMP_EQUAL, _JUMP_ANY, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _NOTIFY = 0x7FFF0000, 0x7FC00000
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
_SET_MODE_FILTER, _NEW_LISTENER = 1, 1 << 3
_NO_NEW_PRIVILEGES = 38

RECEIVE, SEND = 0xC0502100, 0xC0182101
_NOTICE = struct.Struct("=QIIiIQ6Q")
_ANSWER = struct.Struct("=QqiI")
_GO_ON = 1
Instruction = tuple[int, int, int, int]


@dataclass(frozen=True)
class Notice:
    """One stopped call: who made it, its name and its six arguments."""

    identity: int
    thread: int
    name: str
    arguments: tuple[int, ...]


def empty_notice() -> bytearray:
    """What the kernel writes a notice into; it must be zero."""
    return bytearray(_NOTICE.size)


def notice_of(raw: bytearray) -> Notice:
    identity, thread, _, number, _, _, *arguments = _NOTICE.unpack(raw)
    return Notice(identity, thread, NAMES[number], tuple(arguments))


def answer(notice: Notice, error: int = 0) -> bytes:
    """Let the call go on, or fail with the ``error`` of ``errno``."""
    return _ANSWER.pack(notice.identity, 0, -error, 0 if error else _GO_ON)


def stop_at_effects() -> int:
    """Put the filter on this process and all that it starts; the descriptor at which a supervisor hears of the calls.

    The process must have one thread. Raises ``OSError`` where the kernel does not do it.
    """
    program = _program()
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    # struct sock_fprog: a length, padding, a pointer
    head = ctypes.create_string_buffer(struct.pack("@HP", len(program), ctypes.addressof(buffer)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")
    listener = int(libc.syscall(_SECCOMP[MACHINE], _SET_MODE_FILTER, _NEW_LISTENER, head))
    if listener < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return listener


def _program() -> list[Instruction]:
    program: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        # a program of another architecture is none of ours
        (_JUMP_EQUAL, 1, 0, _ARCHITECTURES[MACHINE]),
        (_RETURN, 0, 0, _ALLOW),
        (_LOAD, 0, 0, _NUMBER_AT),
    ]
    for name, number in NUMBERS.items():
        then = _then(name)
        program += [(_JUMP_EQUAL, 0, len(then), number), *then]
    return [*program, (_RETURN, 0, 0, _ALLOW)]


def _then(name: str) -> list[Instruction]:
    """What the filter says of a call, its number found."""
    if name in _FLAGS_ARGUMENT:
        return _if_any([(_FLAGS_ARGUMENT[name], WRITING_FLAGS)])
    if name == "mmap":
        return _if_any([(2, _WRITABLE_PAGE), (3, _SHARED_MAPPING)])
    return [(_RETURN, 0, 0, _NOTIFY)]


def _if_any(conditions: list[tuple[int, int]]) -> list[Instruction]:
    """Notify where each of the arguments has one of its bits, else allow."""
    steps: list[Instruction] = []
    for position, (argument, bits) in enumerate(conditions):
        to_allow = 2 * (len(conditions) - position - 1) + 1
        steps += [(_LOAD, 0, 0, _ARGUMENTS_AT + 8 * argument), (_JUMP_ANY, 0, to_allow, bits)]
    return [*steps, (_RETURN, 0, 0, _NOTIFY), (_RETURN, 0, 0, _ALLOW)]
