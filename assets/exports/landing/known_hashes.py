"""A cache of the hashes of landing files within one process, valid while the system reports the same file."""

import time
from pathlib import Path

from assets.hashing import sha256_of

# a change within one tick of the system's clock shows in no time of the file
_TICKS_APART = 2 * 10**9

_Looks = tuple[int, int, int, int, int]


class KnownHashes:
    """Hashes by path, as long as the file looks as it did when it was read: device, inode, size, times of content and of change.

    Nothing that is kept relies on the cache: a copy to the archive is hashed itself.
    """

    def __init__(self) -> None:
        self._known: dict[Path, tuple[_Looks, str]] = {}

    def of(self, path: Path) -> str:
        """The file's SHA-256 in hex. Raises ``OSError`` where it cannot be read."""
        looks = _looks(path)
        known = self._known.get(path)
        if known is not None and known[0] == looks:
            return known[1]
        begun = time.time_ns()
        digest = sha256_of(path)
        if looks == _looks(path) and looks[-1] < begun - _TICKS_APART:
            self._known[path] = looks, digest
        return digest


def _looks(path: Path) -> _Looks:
    status = path.lstat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
