"""The archive of originals: each data file once, by its hash, readable by the pipeline's user only.

Nothing else keeps the values of personal columns.
"""

import hashlib
import os
import stat
from pathlib import Path
from typing import IO

from assets.errors import DamageError
from assets.hashing import sha256_of
from assets.home import PRIVATE_FOLDER, replacing, storage_errors

_CHUNK_BYTES = 1024 * 1024


class ChangedMeanwhileError(Exception):
    """The landing file is not, or no longer, what its manifest says; its delivery waits."""


def archived_path(archive: Path, sha256: str) -> Path:
    """Where the original with this hash lies, or will lie."""
    return archive / sha256[:2] / sha256


def keep_original(archive: Path, path: Path, sha256: str) -> Path:
    """Copy ``path`` into the archive, unless it is there; landing and archive may be different disks.

    What the archive then holds has the hash ``sha256``, and a copy's bytes are on the disk before it has its name; the caller syncs
    the folder (``sync_all``). Raises ``ChangedMeanwhileError`` where ``path`` has another one,
    ``DamageError`` where the archive has.
    """
    target = archived_path(archive, sha256)
    if target.exists():
        return verified_original(archive, sha256)
    with storage_errors(target):
        target.parent.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    with (
        _opened(path) as source,
        storage_errors(target),
        replacing(target, durable=False) as temporary,
        temporary.open("wb") as copy,
    ):
        if _copied(source, copy) != sha256:
            raise ChangedMeanwhileError
        # a name over bytes that a power cut lost would be damage to whoever finds it
        copy.flush()
        os.fsync(copy.fileno())
    return target


def verified_original(archive: Path, sha256: str) -> Path:
    """The archived original, read once to see that it is still what it was. Raises ``DamageError`` naming it where it is not."""
    target = archived_path(archive, sha256)
    with storage_errors(target):
        found = sha256_of(target)
    if found != sha256:
        raise DamageError(f"{target}: the archived original has the hash {found}; put it back from a copy, or move it away")
    return target


def _opened(path: Path) -> IO[bytes]:
    """The landing file, opened as what it was seen to be: no link, no pipe that would never end."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        raise ChangedMeanwhileError from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise ChangedMeanwhileError
    return os.fdopen(handle, "rb")


def _copied(source: IO[bytes], copy: IO[bytes]) -> str:
    """Copy all bytes and return the hash of those that were copied."""
    digest = hashlib.sha256()
    while chunk := _read(source):
        digest.update(chunk)
        copy.write(chunk)
    return digest.hexdigest()


def _read(source: IO[bytes]) -> bytes:
    try:
        return source.read(_CHUNK_BYTES)
    except OSError:
        # a landing folder on another machine may go away
        raise ChangedMeanwhileError from None
