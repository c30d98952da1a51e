"""Which recorded runs have a process: each run holds a locked file while it lives, and the kernel lets go of it however that ends.

A number of a process says less: another container's is not seen here, and numbers are used again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from assets.home import PRIVATE_FILE, PRIVATE_FOLDER, Home, storage_errors

# of the runs whose process this is
_held: dict[str, FileLock] = {}


def _folder(home: Home) -> Path:
    return home.dagster / "running"


@contextmanager
def living(home: Home, run_id: str) -> Iterator[None]:
    """While the block lasts, which is longer than its record is open, the run is known to live."""
    lock = _lock_of(home, run_id)
    with lock.acquire(timeout=0):
        try:
            yield
        finally:
            Path(lock.lock_file).unlink(missing_ok=True)


def live_until_the_process_ends(home: Home, run_id: str) -> None:
    """For a run that has a process of its own: its record is closed after its steps have ended."""
    if run_id not in _held:
        _held[run_id] = _lock_of(home, run_id)
        _held[run_id].acquire(timeout=0)


def _lock_of(home: Home, run_id: str) -> FileLock:
    folder = _folder(home)
    with storage_errors(folder):
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    return FileLock(folder / run_id, mode=PRIVATE_FILE)


def killed_runs(home: Home) -> set[str]:
    """The runs whose process was killed and that nobody has ended since."""
    return {path.name for path in _files(home) if not _is_held(path)}


def living_runs(home: Home) -> set[str]:
    """The runs whose process lives."""
    return {path.name for path in _files(home) if _is_held(path)}


def forget_killed(home: Home, run_id: str) -> None:
    """Its record says how it ended."""
    (_folder(home) / run_id).unlink(missing_ok=True)


def _files(home: Home) -> list[Path]:
    folder = _folder(home)
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _is_held(path: Path) -> bool:
    try:
        # a handle of its own, so that it meets this process's lock as well
        with FileLock(path, mode=PRIVATE_FILE).acquire(timeout=0):
            return False
    except Timeout:
        return True
