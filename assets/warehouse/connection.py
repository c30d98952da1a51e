"""The one way to open the private warehouse: the writer's lock first, then the file.

DuckDB lets one process write; a lock file of our own names the holder and lets others wait, since Dagster's in-process
executor does not enforce its pools.
"""

import json
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from assets.backups import is_begun
from assets.errors import BusyError, DamageError, StorageError
from assets.guard import full_disk_words
from assets.home import LAYOUT, PRIVATE_FILE, Home, storage_errors
from assets.layout import layout_of
from assets.warehouse.damage import tells_damage, tells_full_disk
from assets.warehouse.file_hash import forget, is_unchanged, record

# homes whose warehouse this process has opened for writing since it took their lock
_written: set[Path] = set()


@contextmanager
def writer_lock(home: Home, wait_seconds: float, purpose: str, upgrading: bool = True) -> Iterator[None]:
    """Hold the writer's lock of the home; a process that holds it may enter again.

    A home of an older layout is upgraded first, unless the caller changes nothing and is not ``upgrading``.
    Raises ``BusyError`` naming the holder if the lock is not free after ``wait_seconds``, ``UsageError`` for a home of a newer layout.
    """
    # the singleton counts its holders, so a Dagster step inside a run that holds the lock passes
    lock = FileLock(home.lock_file, is_singleton=True, mode=PRIVATE_FILE)
    holder = home.lock_file.with_suffix(".holder")
    try:
        with lock.acquire(timeout=wait_seconds):
            if lock.lock_counter == 1:
                with storage_errors(holder):
                    holder.write_text(json.dumps(_myself(purpose)), encoding="utf-8")
            try:
                if lock.lock_counter == 1 and upgrading:
                    _bring_up_to_date(home)
                yield
            finally:
                if lock.lock_counter == 1:
                    _record_what_was_written(home)
                    holder.unlink(missing_ok=True)
    except Timeout as error:
        raise BusyError(f"the warehouse is held by {_describe(home)}; try again when it has ended") from error


def _bring_up_to_date(home: Home) -> None:
    if layout_of(home) != LAYOUT or is_begun(home):
        from assets.warehouse.upgrade import upgrade

        upgrade(home)


def _record_what_was_written(home: Home) -> None:
    if home.root in _written:
        _written.remove(home.root)
        # a disk that is full now takes no record, and the writer ends as it did: nothing is damaged
        with suppress(StorageError):
            record(home)


def begin_writing(home: Home, verified: bool = True) -> None:
    """Remove the record of the file's hash before the first write; the caller holds the writer's lock.

    If ``verified``, raises ``DamageError`` when the file is not the one that the last writer left.
    """
    if home.root in _written:
        return
    if verified and home.warehouse.exists() and is_unchanged(home) is False:
        raise DamageError(
            f"{home.warehouse} is not the file that the last command left; `zhoubao rebuild` builds it from the lake"
        )
    _written.add(home.root)
    forget(home)


def _myself(purpose: str) -> dict[str, str | int]:
    return {
        "purpose": purpose,
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now().astimezone().isoformat(timespec="seconds"),
    }


def lock_holder(home: Home) -> dict[str, str | int] | None:
    """The holder of the lock, or ``None``; a killed process holds nothing."""
    if not home.lock_file.exists():
        return None
    try:
        # a handle of its own, so that it meets this process's lock as well
        with FileLock(home.lock_file, mode=PRIVATE_FILE).acquire(timeout=0):
            return None
    except Timeout:
        return _named_holder(home)


def _named_holder(home: Home) -> dict[str, str | int] | None:
    try:
        entry: dict[str, str | int] = json.loads(home.lock_file.with_suffix(".holder").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return entry


def _describe(home: Home) -> str:
    entry = _named_holder(home)
    if entry is None:
        return "another process"
    return f"'{entry['purpose']}' (pid {entry['pid']} on {entry['host']}, since {entry['since']})"


def connect_warehouse(path: Path, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """The private database at ``path``; the caller holds the writer's lock. Raises ``BusyError``, ``StorageError`` or ``DamageError``."""
    try:
        return duckdb.connect(path, read_only=read_only)
    except duckdb.Error as error:
        words = str(error)
        if not isinstance(error, duckdb.IOException) or tells_damage(error):
            raise DamageError(f"{path} is damaged: `zhoubao rebuild` builds it from the lake") from error
        if "lock" in words:
            raise BusyError(f"{path} is open in another program; close it there") from error
        raise StorageError(f"{path} cannot be opened: see the disk and its permissions") from error


def _file_of(error: Exception, home: Home) -> str | None:
    """The file of the home that DuckDB's words name."""
    found = re.search(rf'"({re.escape(str(home.root))}/[^"]+)"', str(error))
    return found[1] if found else None


@contextmanager
def open_warehouse(
    home: Home, memory_limit: str = "1GB", file: Path | None = None, verified: bool = True
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The private database, or ``file`` alongside it, read-write; the caller holds the writer's lock. A fresh file gets mode 0600.

    Raises ``DamageError`` if the database is damaged, also when that shows only inside the block; ``verified`` as in ``begin_writing``.
    """
    path = file or home.warehouse
    if file is None:
        begin_writing(home, verified)
    connection = connect_warehouse(path)
    try:
        path.chmod(PRIVATE_FILE)
        connection.execute("set memory_limit = $limit", {"limit": memory_limit})
        connection.execute("set temp_directory = $folder", {"folder": str(home.root / ".duckdb-spill")})
        # a table name that happens to be a Python variable must not be read as one
        connection.execute("set global python_enable_replacements = false")
        yield connection
    except Exception as error:
        if tells_full_disk(error):
            raise StorageError(f"{_file_of(error, home) or path}: {full_disk_words(error)}") from error
        if tells_damage(error):
            raise DamageError(f"{path} is damaged: `zhoubao rebuild` builds it from the lake") from error
        raise
    finally:
        connection.close()
