"""``zhoubao rebuild``: a full build from the lake into a new file, compared with the kept warehouse before it replaces it.

What only the warehouse knows is copied over: which receipts were published, the history of checks, what waits in landing. From a
file that cannot be read nothing is copied.
"""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from assets.errors import BusyError, LakeDamageError, StorageError
from assets.home import Home, storage_errors, sync
from assets.stray_files import remove_stray_files
from assets.warehouse.block_reader import can_be_read
from assets.warehouse.comparison import TableDifference, differences
from assets.warehouse.connection import begin_writing, open_warehouse, writer_lock
from assets.warehouse.file_hash import is_unchanged, log_path
from assets.warehouse.state import freeze_ledger, ledger
from assets.warehouse.store import Warehouse

State = Literal["equal", "different", "missing", "unreadable"]
_KEPT = "kept"
# with them a run knows that there is nothing to do, and the bytes that receipts without hashes meant; they follow from no file of the lake
_CARRIED_OVER = ("ledger.published_receipts", "ledger.held", "ledger.lake_files", "quality.checks", "quality.findings")


@dataclass(frozen=True)
class Rebuilt:
    """The result of a rebuild: how the kept warehouse compared, where they differ, and whether it was replaced."""

    state: State
    differences: tuple[TableDifference, ...]
    is_replaced: bool
    set_aside: Path | None = None


class _UnreadableError(Exception):
    """The kept warehouse cannot be read completely."""


def rebuild(warehouse: Warehouse, replace: bool = False) -> Rebuilt:
    """Rebuild the warehouse from the lake; it replaces the old one if both are equal, or in any case with ``replace``.

    A missing old warehouse counts as equal. One that cannot be read is set aside as ``warehouse.duckdb.damaged`` (numbered, so that
    earlier ones stay). Raises ``BusyError``, ``StorageError``, and ``DamageError`` for a lake from which nothing can be built.
    """
    home = warehouse.home
    with writer_lock(home, warehouse.lock_wait_seconds, "rebuild"):
        remove_stray_files(home)
        try:
            return _compared(warehouse, replace)
        except _UnreadableError:
            pass
        with _alongside(home) as new:
            with open_warehouse(home, warehouse.memory_limit, new) as connection:
                warehouse.build(connection, (), full=True)
            state: State = "unreadable" if home.warehouse.exists() else "missing"
            set_aside = _set_aside(home) if state == "unreadable" else None
            _put_in_place(home, new)
        return Rebuilt(state, (), True, set_aside)


def _compared(warehouse: Warehouse, replace: bool) -> Rebuilt:
    """Rebuild against a kept warehouse. Raises ``_UnreadableError`` where there is none that can be read."""
    home = warehouse.home
    _refuse_unreadable(home)
    with _alongside(home) as new:
        try:
            _bring_up_to_date(warehouse)
            with open_warehouse(home, warehouse.memory_limit, new) as connection:
                found = _compared_and_completed(warehouse, connection)
        except (BusyError, LakeDamageError):
            raise
        except Exception as error:
            # whatever it was: the build that follows reads the lake alone, and says so where the lake or the disk was the reason
            raise _UnreadableError from error
        if not found or replace:
            _put_in_place(home, new)
    return Rebuilt("different" if found else "equal", tuple(found), not found or replace)


def _refuse_unreadable(home: Home) -> None:
    """Raise ``_UnreadableError`` for a warehouse that is missing, or that is not as it was left and cannot be read either."""
    path = home.warehouse
    if not path.exists():
        raise _UnreadableError
    if not os.access(path, os.R_OK | os.W_OK):
        raise StorageError(f"{path} may not be read or written: see its owner and mode")
    # damage can end the process that reads it, so a file that is not known to be whole is read by another first
    if not is_unchanged(home) and not can_be_read(path):
        raise _UnreadableError


def _bring_up_to_date(warehouse: Warehouse) -> None:
    """Build the kept warehouse as a run would, so that only damage can make a difference."""
    with open_warehouse(warehouse.home, warehouse.memory_limit, verified=False) as connection:
        connection.execute(ledger.SCHEMA)
        if ledger.built_inputs(connection) != warehouse.inputs_sha256():
            warehouse.build(connection, None)
        else:
            # it alone knows what the lake was
            warehouse.verify(connection)


def _compared_and_completed(warehouse: Warehouse, new: duckdb.DuckDBPyConnection) -> list[TableDifference]:
    """Build into the empty database ``new`` and copy over what only the kept one knows; returns the tables that differ."""
    new.execute(f"attach '{str(warehouse.home.warehouse).replace(chr(39), chr(39) * 2)}' as {_KEPT} (read_only)")
    try:
        new.execute(ledger.SCHEMA)
        new.execute(freeze_ledger.SCHEMA)
        _carry_over(new)
        warehouse.build(new, None, full=True)
        found = differences(new, warehouse.models, _KEPT)
        is_checked = new.execute(f"select is_checked from {_KEPT}.ledger.build").fetchone() == (True,)
        if is_checked and not found:
            ledger.note_checked(new)
    finally:
        # what is damaged may not let go; what was met before is what is to be told
        with suppress(duckdb.Error):
            new.execute(f"detach {_KEPT}")
    # a failed checkpoint at close is hidden by the library
    new.execute("checkpoint")
    return found


def _carry_over(new: duckdb.DuckDBPyConnection) -> None:
    for table in _CARRIED_OVER:
        # before the first check there is no history of checks
        with suppress(duckdb.CatalogException):
            new.execute(f"create schema if not exists {table.split('.')[0]}")
            new.execute(f"create table if not exists {table} as select * from {_KEPT}.{table} where false")
            new.execute(f"insert into {table} select * from {_KEPT}.{table}")


@contextmanager
def _alongside(home: Home) -> Iterator[Path]:
    """A path for the new file; leftovers of a crash are removed before, an unused file after."""
    path = home.warehouse.with_name(f".{home.warehouse.name}.anew")
    try:
        _remove(path)
        yield path
    finally:
        _remove(path)


def _remove(path: Path) -> None:
    for file in (path, log_path(path)):
        with storage_errors(file):
            file.unlink(missing_ok=True)


def _set_aside(home: Home) -> Path:
    """Rename the old file and its log to the first name that is free."""
    first = home.warehouse.with_name(f"{home.warehouse.name}.damaged")
    names = itertools.chain([first], (first.with_name(f"{first.name}-{number}") for number in itertools.count(2)))
    aside = next(path for path in names if not path.exists() and not log_path(path).exists())
    with storage_errors(aside):
        begin_writing(home, verified=False)
        for file, target in ((home.warehouse, aside), (log_path(home.warehouse), log_path(aside))):
            if file.exists():
                file.replace(target)
    return aside


def _put_in_place(home: Home, new: Path) -> None:
    with storage_errors(home.warehouse):
        begin_writing(home, verified=False)
        # the old file's log would be played into the new one
        log_path(home.warehouse).unlink(missing_ok=True)
        sync(new)
        new.replace(home.warehouse)
        sync(home.root)
