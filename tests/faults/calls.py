"""A stopped system call read as an effect: which file it is about, told from the memory and the descriptors of its thread."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.faults.kernel_filter import Notice

_AT_WORKING_FOLDER = -100
_LONGEST_PATH = 4096
# where a call has its path, and the descriptor of the folder that a relative one starts from
_PATHS: dict[str, tuple[int | None, int]] = {
    "open": (None, 0), "creat": (None, 0), "openat": (0, 1), "openat2": (0, 1), "truncate": (None, 0), "unlink": (None, 0),
    "unlinkat": (0, 1), "mkdir": (None, 0), "mkdirat": (0, 1), "rmdir": (None, 0), "mknod": (None, 0), "mknodat": (0, 1),
    "chmod": (None, 0), "fchmodat": (0, 1), "fchmodat2": (0, 1), "rename": (None, 1), "renameat": (2, 3), "renameat2": (2, 3),
    "link": (None, 1), "linkat": (2, 3), "symlink": (None, 1), "symlinkat": (1, 2),
}  # fmt: skip
# where a rename or link comes from
_SOURCES: dict[str, tuple[int | None, int]] = {
    "rename": (None, 0), "renameat": (0, 1), "renameat2": (0, 1), "link": (None, 0), "linkat": (0, 1),
}  # fmt: skip
_DESCRIPTORS = {
    "write": 0, "pwrite64": 0, "writev": 0, "pwritev": 0, "pwritev2": 0, "ftruncate": 0, "fallocate": 0, "fsync": 0,
    "fdatasync": 0, "sync_file_range": 0, "syncfs": 0, "fchmod": 0, "sendfile": 0, "splice": 2, "copy_file_range": 2, "mmap": 4,
}  # fmt: skip
# one word for the calls that do the same
KINDS = {
    "open": "open", "creat": "open", "openat": "open", "openat2": "open", "write": "write", "pwrite64": "write",
    "writev": "write", "pwritev": "write", "pwritev2": "write", "sendfile": "write", "splice": "write",
    "copy_file_range": "write", "truncate": "truncate", "ftruncate": "truncate", "fallocate": "truncate", "rename": "rename",
    "renameat": "rename", "renameat2": "rename", "link": "link", "linkat": "link", "symlink": "link", "symlinkat": "link",
    "unlink": "unlink", "unlinkat": "unlink", "rmdir": "unlink", "mkdir": "mkdir", "mkdirat": "mkdir", "mknod": "mkdir",
    "mknodat": "mkdir", "fsync": "fsync", "fdatasync": "fsync", "sync_file_range": "fsync", "syncfs": "fsync", "chmod": "chmod",
    "fchmod": "chmod", "fchmodat": "chmod", "fchmodat2": "chmod", "mmap": "mmap",
}  # fmt: skip


@dataclass(frozen=True)
class Call:
    """An effect: its kind, the absolute path it is about, and where a rename or link comes from.

    ``target`` is the way to the open file where the call has a descriptor; ``is_creating`` is of an opening.
    """

    name: str
    path: str
    other: str = ""
    target: str = ""
    is_creating: bool = False


class Reader:
    """Reads the memory of stopped threads, each opened once."""

    def __init__(self) -> None:
        self._memories: dict[int, int] = {}

    def text(self, thread: int, address: int) -> str:
        if thread not in self._memories:
            self._memories[thread] = os.open(f"/proc/{thread}/mem", os.O_RDONLY)
        memory = self._memories[thread]
        # a page at a time: the next may not be there
        read = b""
        while b"\0" not in read and len(read) < _LONGEST_PATH:
            at = address + len(read)
            read += os.pread(memory, 4096 - at % 4096, at)
        return os.fsdecode(read.partition(b"\0")[0])

    def close(self) -> None:
        for memory in self._memories.values():
            os.close(memory)


def call_of(notice: Notice, reader: Reader) -> Call | None:
    """The effect that a stopped call would have; ``None`` for one on no file. Raises ``FileNotFoundError`` where its thread died.

    Raises ``NotImplementedError`` for a way of writing that this suite could not see through.
    """
    if notice.name in ("io_uring_setup", "sync", "msync"):
        raise NotImplementedError(f"the command calls {notice.name}, whose files cannot be told")
    kind = KINDS[notice.name]
    if notice.name in _DESCRIPTORS:
        target = f"/proc/{notice.thread}/fd/{_signed(notice.arguments[_DESCRIPTORS[notice.name]])}"
        with suppress(OSError):
            path = str(Path(target).readlink())
            return Call(kind, path.removesuffix(" (deleted)"), target=target) if path.startswith("/") else None
        return None
    path = _path(notice, reader, *_PATHS[notice.name])
    other = _path(notice, reader, *_SOURCES[notice.name]) if notice.name in _SOURCES else ""
    return Call(kind, path, other, is_creating=kind == "open" and not os.path.lexists(path))


def _path(notice: Notice, reader: Reader, folder: int | None, position: int) -> str:
    path = reader.text(notice.thread, notice.arguments[position])
    if path.startswith("/"):
        return os.path.normpath(path)
    base = _AT_WORKING_FOLDER if folder is None else _signed(notice.arguments[folder])
    start = Path(f"/proc/{notice.thread}/cwd" if base == _AT_WORKING_FOLDER else f"/proc/{notice.thread}/fd/{base}").readlink()
    return os.path.normpath(f"{start}/{path}")


def _signed(argument: int) -> int:
    number = argument & 0xFFFFFFFF
    return number - (1 << 32) if number >= 1 << 31 else number
