"""The one data member of a zip, found through the archive's directory and judged before it is opened.

No name is ever used as a path; what the directory says of sizes is bounded again where the content is read.
"""

import io
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from assets.exports.typing.reasons import FileDefectError, Reason

# a directory is read whole, and each entry costs 15 times its bytes in memory; one member needs less than 1 KiB
MAX_DIRECTORY_BYTES = 1024 * 1024
# plain and strong encryption, a masked directory
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UNIX = 3


class _Guarded(io.FileIO):
    """The archive's bytes; while its directory is read, none so long that it could fill the memory."""

    guards_directory = True

    def read(self, size: int | None = -1, /) -> bytes:
        if self.guards_directory and size is not None and size > MAX_DIRECTORY_BYTES:
            raise FileDefectError(Reason.ARCHIVE_MEMBERS, detail=f"directory={size}")
        return super().read(-1 if size is None else size) or b""


@contextmanager
def opened_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive with its directory read. Raises what ``zipfile`` does, and ``FileDefectError`` at too long a directory.

    Names are decoded as code page 437, which knows every byte: Windows writes GBK without saying so, and ``/``, ``.``
    and ``:`` are the same in both.
    """
    with _Guarded(path) as file, zipfile.ZipFile(file) as archive:
        file.guards_directory = False
        yield archive


def data_member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The archive's only data member. Raises ``FileDefectError`` where there is not one, or it may not be opened."""
    entries = archive.infolist()
    if any(_leaves_folder(entry) for entry in entries):
        raise FileDefectError(Reason.ARCHIVE_PATH)
    # ``is_dir`` falls over a name that is empty
    members = [entry for entry in entries if not entry.filename.endswith("/")]
    if len(members) != 1:
        raise FileDefectError(Reason.ARCHIVE_MEMBERS, detail=f"members={len(members)}")
    member = members[0]
    if member.flag_bits & _ENCRYPTED:
        raise FileDefectError(Reason.ARCHIVE_ENCRYPTED)
    if member.compress_type not in _METHODS:
        raise FileDefectError(Reason.ARCHIVE_METHOD, detail=f"method={member.compress_type}")
    if member.volume:
        raise FileDefectError(Reason.DAMAGED_ARCHIVE, detail="one of several parts")
    return member


def _leaves_folder(entry: zipfile.ZipInfo) -> bool:
    """Whether its name, or the link that it is, could lead out of the folder into which others would extract it."""
    # ``filename`` ends before a NUL, ``orig_filename`` does not
    name = entry.orig_filename.replace("\\", "/")
    path = PurePosixPath(name)
    is_link = entry.create_system == _UNIX and stat.S_ISLNK(entry.external_attr >> 16)
    return path.is_absolute() or ".." in path.parts or name[1:2] == ":" or "\0" in name or is_link
