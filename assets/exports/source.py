"""What a data file is by its first bytes, and its content as a stream of bytes within limits.

Names are data here, never patterns or paths: a zip's member is read through its directory entry, never extracted by name.
"""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Literal, cast

from pydantic import BaseModel, ConfigDict

from assets.exports.reasons import FileDefectError, Reason

Format = Literal["csv", "csv.gz", "zip", "xlsx"]

CHUNK_BYTES = 16 * 1024 * 1024
_ZIP, _GZIP, _OLE = b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0"
_EMPTY_ZIP = b"PK\x05\x06"
_ENCRYPTED = 0x1


class ArchiveLimits(BaseModel):
    """How far a zip or gz may unpack; beyond it the file is quarantined."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_unpacked_bytes: int = 4 * 1024**3
    max_ratio: float = 200.0


def format_of(path: Path) -> Format:
    """The format by content, since names lie. Raises ``FileDefectError`` for what the interface does not have."""
    with path.open("rb") as file:
        magic = file.read(4)
    if not magic:
        raise FileDefectError(Reason.EMPTY_FILE)
    if magic in (_ZIP, _EMPTY_ZIP):
        return "xlsx" if _is_workbook(path) else "zip"
    if magic.startswith(_GZIP):
        return "csv.gz"
    if magic == _OLE:
        raise FileDefectError(Reason.UNKNOWN_FORMAT, detail="xls")
    return "csv"


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FileDefectError(Reason.DAMAGED_ARCHIVE) from error


@contextmanager
def opened(path: Path, kind: Format, limits: ArchiveLimits) -> Iterator[IO[bytes]]:
    """The unpacked content of a ``csv``, ``csv.gz`` or ``zip``. Raises ``FileDefectError`` where it is not as the interface says."""
    if kind == "csv":
        with path.open("rb") as plain:
            yield plain
    elif kind == "csv.gz":
        with gzip.open(path) as unpacked:
            yield cast(IO[bytes], unpacked)
    else:
        with _zip_member(path, limits) as member:
            yield member


def chunks(path: Path, kind: Format, limits: ArchiveLimits, size: int = CHUNK_BYTES) -> Iterator[bytes]:
    """The unpacked bytes in pieces of ``size``. Raises ``FileDefectError`` at damage or past a limit."""
    packed, read = path.stat().st_size, 0
    try:
        with opened(path, kind, limits) as content:
            while chunk := content.read(size):
                read += len(chunk)
                if kind != "csv":
                    _within(limits, packed, read)
                yield chunk
    except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise FileDefectError(Reason.DAMAGED_ARCHIVE) from error


def _within(limits: ArchiveLimits, packed: int, unpacked: int) -> None:
    if unpacked > limits.max_unpacked_bytes:
        raise FileDefectError(Reason.ARCHIVE_TOO_LARGE)
    # a tiny file may compress well by chance; a bomb is large
    if unpacked > CHUNK_BYTES // 16 and unpacked > packed * limits.max_ratio:
        raise FileDefectError(Reason.ARCHIVE_RATIO)


@contextmanager
def _zip_member(path: Path, limits: ArchiveLimits) -> Iterator[IO[bytes]]:
    # Windows writes Chinese member names in GBK; the names matter only for being harmless
    with zipfile.ZipFile(path, metadata_encoding="gbk") as archive:
        members = [entry for entry in archive.infolist() if not entry.is_dir()]
        if any(_leaves_folder(entry.filename) for entry in members):
            raise FileDefectError(Reason.ARCHIVE_PATH)
        if len(members) != 1:
            raise FileDefectError(Reason.ARCHIVE_MEMBERS, detail=f"members={len(members)}")
        member = members[0]
        if member.flag_bits & _ENCRYPTED:
            raise FileDefectError(Reason.ARCHIVE_ENCRYPTED)
        _within(limits, member.compress_size, member.file_size)
        with archive.open(member) as content:
            magic = content.read(4)
        if magic in (_ZIP, _EMPTY_ZIP, _OLE) or magic.startswith(_GZIP):
            raise FileDefectError(Reason.ARCHIVE_NESTED)
        with archive.open(member) as content:
            yield content


def _leaves_folder(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or (len(name) > 1 and name[1] == ":")
