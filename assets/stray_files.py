"""Removes what killed processes left behind, half-written files and working folders, under the writer's lock.

A kill while archiving leaves a copy of personal data under a temporary name, so nothing waits here for somebody to notice it.
"""

import fcntl
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from assets.home import Home, storage_errors

TRIAL_PREFIX = "zhoubao-trial-"
# as ``home.replacing`` names them; rows that wait for their file may lie alongside
_TEMPORARY = re.compile(r"\..+\.[a-z0-9_]{8}\.tmp(\.waiting)?")
# what only the holder of the writer's lock writes
_WORKING_FOLDERS = ("lake/.retry", ".duckdb-spill")
# a bulletin, a page or a journal is written without the lock, within seconds
_OLD_SECONDS = 3600


def remove_stray_files(home: Home) -> int:
    """Remove what killed processes left in the home and in the system's temporary folder; how many files and folders went.

    The caller holds the writer's lock, so what lies in archive and lake under a temporary name belongs to nobody.
    """
    strays = list(_strays(home))
    for path in strays:
        with storage_errors(path):
            path.unlink(missing_ok=True)
    folders = [home.root / name for name in _WORKING_FOLDERS if (home.root / name).is_dir()]
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return len(strays) + len(folders) + _remove_trials()


def stray_files(home: Home) -> list[Path]:
    """The temporary files that the next writer would remove, for whoever only looks."""
    return list(_strays(home))


@contextmanager
def trial_folder() -> Iterator[Path]:
    """A private folder in the system's temporary one, which goes at the end; its lock says that its process lives.

    The kernel lets go of the lock however the process ends, and another machine's or container's process is told apart too.
    """
    with tempfile.TemporaryDirectory(prefix=TRIAL_PREFIX) as name:
        handle = os.open(name, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield Path(name)
        finally:
            os.close(handle)


def _strays(home: Home) -> Iterator[Path]:
    for folder in (home.archive, home.lake, home.quarantine):
        yield from _temporary_below(folder)
    before = time.time() - _OLD_SECONDS
    for folder in (home.reports, home.editorial, home.published, home.dagster):
        yield from (path for path in _temporary_below(folder) if _is_older(path, before))
    own = (path for path in home.root.glob(".*") if path.is_file() and _TEMPORARY.fullmatch(path.name))
    yield from (path for path in own if _is_older(path, before))


def _temporary_below(folder: Path) -> Iterator[Path]:
    # text and not ``Path``: an archive of ten years is twenty thousand names
    for parent, _, names in os.walk(folder):
        for name in names:
            if name[0] == "." and _TEMPORARY.fullmatch(name):
                yield Path(parent, name)


def _is_older(path: Path, moment: float) -> bool:
    try:
        return path.stat().st_mtime < moment
    except OSError:
        return False


def _remove_trials() -> int:
    """Folders of dry runs whose process has ended: each holds copies of originals."""
    removed = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{TRIAL_PREFIX}*"):
        with suppress(OSError):
            removed += _remove_trial(folder)
    return removed


def _remove_trial(folder: Path) -> bool:
    # anybody may make a name in that folder; a link or another user's is left alone
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if os.fstat(handle).st_uid != os.getuid():
            return False
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder)
    finally:
        os.close(handle)
    return True
