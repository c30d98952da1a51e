"""What a data file is by its first bytes, and its content as a stream of bytes within limits.

Names are data here, never patterns or paths: a zip's member is read through its directory entry, never extracted by name.
"""

import errno
import gzip
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from assets.exports.reading.zip_member import data_member, opened_zip
from assets.exports.typing.reasons import FileDefectError, Reason

Format = Literal["csv", "csv.gz", "zip", "xlsx"]

CHUNK_BYTES = 8 * 1024 * 1024
# a tiny file may compress well by chance; a bomb is large
RATIO_FROM_BYTES = 1024 * 1024
_HEAD_BYTES = 4096
_LONGEST_LINE = 64 * 1024
_GZIP, _OLE = b"\x1f\x8b", b"\xd0\xcf\x11\xe0"
# a file; an empty archive; an archive in parts
_ZIPS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
# a mark of UTF-16 is told by its encoding
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_DAMAGE = (
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    # encryption that no flag told
    RuntimeError,
    # member names that their encoding does not have, offsets before the file
    ValueError,
    OverflowError,
)


class ArchiveLimits(BaseModel):
    """How far a zip or gz, or the parts of a workbook, may unpack; beyond it the file is quarantined."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_unpacked_bytes: int = 4 * 1024**3
    max_ratio: float = 200.0


class WorkbookLimits(BaseModel):
    """What the reading of one workbook may need; beyond it the file is quarantined.

    200,000 rows of 23 columns take 0.7 GB and 10 seconds.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    memory_bytes: int = Field(default=1024**3, ge=128 * 1024**2)
    cpu_seconds: int = Field(default=120, ge=1)
    # of waiting for it, the time in which its rows are loaded not counted
    seconds: float = Field(default=300.0, gt=0)
    max_columns: int = Field(default=256, ge=1)


class FileLimits(BaseModel):
    """The limits of both kinds of packed files."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    archives: ArchiveLimits = ArchiveLimits()
    workbooks: WorkbookLimits = WorkbookLimits()


def format_of(path: Path) -> Format:
    """The format by content, since names lie. Raises ``FileDefectError`` for what the interface does not have."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head:
        raise FileDefectError(Reason.EMPTY_FILE)
    kind = _packed_format(head)
    if kind == "zip":
        return "xlsx" if _is_workbook(path) else "zip"
    if kind is not None:
        return kind
    if head.startswith(_OLE):
        raise FileDefectError(Reason.UNKNOWN_FORMAT, detail="xls, or xlsx with a password")
    # cut off in its first bytes: no header of a CSV is that short
    if any(magic.startswith(head) for magic in (*_ZIPS, _GZIP)):
        raise FileDefectError(Reason.DAMAGED_ARCHIVE)
    if not head.startswith(_UTF_16) and _BINARY.search(head.partition(b"\n")[0]):
        raise FileDefectError(Reason.UNKNOWN_FORMAT, detail="binary")
    return "csv"


def _packed_format(head: bytes) -> Literal["zip", "csv.gz"] | None:
    if head.startswith(_ZIPS):
        return "zip"
    return "csv.gz" if head.startswith(_GZIP) else None


def _is_workbook(path: Path) -> bool:
    with _damage_told(), opened_zip(path) as archive:
        return "[Content_Types].xml" in archive.namelist()


@contextmanager
def _damage_told() -> Iterator[None]:
    """Tell a damaged archive from a damaged disk; the generator's caller is not inside."""
    try:
        yield
    except _DAMAGE as error:
        raise FileDefectError(Reason.DAMAGED_ARCHIVE) from error
    except OSError as error:
        # an offset that lies before the file
        if error.errno == errno.EINVAL:
            raise FileDefectError(Reason.DAMAGED_ARCHIVE) from error
        raise


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
        with opened_zip(path) as archive:
            member = data_member(archive)
            _within(limits, member.compress_size, member.file_size)
            with archive.open(member) as content:
                yield content


def chunks(path: Path, kind: Format, limits: ArchiveLimits, size: int = CHUNK_BYTES) -> Iterator[bytes]:
    """The unpacked bytes in pieces of about ``size``. Raises ``FileDefectError`` at damage or past a limit."""
    if kind == "csv":
        yield from _pieces_of_lines(path, size)
        return
    packed, read = path.stat().st_size, 0
    with _damage_told(), opened(path, kind, limits) as content:
        while chunk := content.read(size):
            if not read and (_packed_format(chunk) or chunk.startswith(_OLE)):
                raise FileDefectError(Reason.ARCHIVE_NESTED)
            read += len(chunk)
            _within(limits, packed, read)
            yield chunk


def _pieces_of_lines(path: Path, size: int) -> Iterator[bytes]:
    """A plain file's first line, then pieces of about ``size`` that end with a line where lines are short: whoever reads on copies less."""
    with path.open("rb") as plain:
        total = os.fstat(plain.fileno()).st_size
        # two pieces of half the size would cost more than one of one and a half
        part = total // max(1, round(total / size)) + _LONGEST_LINE
        position, end = 0, os.pread(plain.fileno(), _LONGEST_LINE, 0).find(b"\n") + 1 or size
        while chunk := plain.read(end - position):
            yield chunk
            position += len(chunk)
            end = _line_end(plain.fileno(), position, position + part)


def _line_end(file: int, start: int, end: int) -> int:
    """The end of the last line that ends shortly before ``end``; ``end`` where there is none, as in the file's last piece."""
    window = max(start, end - _LONGEST_LINE)
    found = os.pread(file, end - window, window)
    return window + found.rfind(b"\n") + 1 if len(found) == end - window and b"\n" in found else end


def _within(limits: ArchiveLimits, packed: int, unpacked: int) -> None:
    if unpacked > limits.max_unpacked_bytes:
        raise FileDefectError(Reason.ARCHIVE_TOO_LARGE)
    if unpacked > RATIO_FROM_BYTES and unpacked > packed * limits.max_ratio:
        raise FileDefectError(Reason.ARCHIVE_RATIO)
