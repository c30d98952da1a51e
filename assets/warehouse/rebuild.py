"""The warehouse anew from the lake, by the full-history queries alone, in a file beside; compared with the one kept, then put in its place.

What only the warehouse knows goes with it: which receipts were published, the history of checks, what waits in landing.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from assets.errors import BusyError, DamageError, StorageError
from assets.home import Home, storage_errors, sync
from assets.stray_files import remove_stray_files
from assets.warehouse import freezes, ledger
from assets.warehouse.comparison import TableDifference, differences
from assets.warehouse.connection import open_warehouse, writer_lock
from assets.warehouse.store import Warehouse

State = Literal["equal", "different", "missing", "unreadable"]
_KEPT = "kept"
# with them a run knows that there is nothing to do; they follow from no file of the lake
_CARRIED_OVER = ("ledger.published_receipts", "ledger.held", "quality.checks")


@dataclass(frozen=True)
class Rebuilt:
    """How the kept warehouse stood against the one built anew, where they differ, and whether it was replaced."""

    state: State
    differences: tuple[TableDifference, ...]
    is_replaced: bool
    set_aside: Path | None = None


def rebuild(warehouse: Warehouse, replace: bool = False) -> Rebuilt:
    """Build the warehouse anew and put it in the old one's place where both are equal, or with ``replace`` in any case.

    An old one that is missing is no difference; one that cannot be read is set aside as ``warehouse.duckdb.damaged``. Raises
    ``BusyError``, ``StorageError``, and ``DamageError`` for a lake from which nothing can be built.
    """
    home = warehouse.home
    with writer_lock(home, warehouse.lock_wait_seconds, "rebuild"):
        remove_stray_files(home)
        state: State = _brought_up_to_date(warehouse)
        with _beside(home) as beside:
            with open_warehouse(home, warehouse.memory_limit, beside) as anew:
                found = _compared_and_completed(warehouse, anew, state)
            if found:
                state = "different"
            is_replaced = not found or replace
            set_aside = _set_aside(home) if state == "unreadable" else None
            if is_replaced:
                _put_in_place(home, beside)
        return Rebuilt(state, tuple(found), is_replaced, set_aside)


def _brought_up_to_date(warehouse: Warehouse) -> State:
    """Whether the kept warehouse can be compared; first it takes up what a run would, so that only damage makes a difference."""
    path = warehouse.home.warehouse
    if not path.exists():
        return "missing"
    if not os.access(path, os.R_OK | os.W_OK):
        raise StorageError(f"{path} may not be read or written: see its owner and mode")
    try:
        with open_warehouse(warehouse.home, warehouse.memory_limit) as connection:
            connection.execute(ledger.SCHEMA)
            if ledger.built_inputs(connection) != warehouse.inputs_sha256():
                warehouse.build(connection, None)
    except BusyError:
        raise
    except (duckdb.Error, DamageError, StorageError):
        # where it is the lake that is damaged, building from it says so
        return "unreadable"
    return "equal"


def _compared_and_completed(warehouse: Warehouse, anew: duckdb.DuckDBPyConnection, state: State) -> list[TableDifference]:
    """Build into the empty database ``anew``; the tables in which the kept one differs, and what it alone knows taken over."""
    if state != "equal":
        warehouse.build(anew, (), whole=True)
        return []
    anew.execute(f"attach '{str(warehouse.home.warehouse).replace(chr(39), chr(39) * 2)}' as {_KEPT} (read_only)")
    try:
        anew.execute(ledger.SCHEMA)
        anew.execute(freezes.SCHEMA)
        _carry_over(anew)
        warehouse.build(anew, None, whole=True)
        found = differences(anew, warehouse.models, _KEPT)
        is_checked = anew.execute(f"select is_checked from {_KEPT}.ledger.build").fetchone() == (True,)
        if is_checked and not found:
            ledger.note_checked(anew)
    finally:
        anew.execute(f"detach {_KEPT}")
    # a failed checkpoint at close is hidden by the library
    anew.execute("checkpoint")
    return found


def _carry_over(anew: duckdb.DuckDBPyConnection) -> None:
    for table in _CARRIED_OVER:
        # before the first check there is no history of checks
        with suppress(duckdb.CatalogException):
            anew.execute(f"create schema if not exists {table.split('.')[0]}")
            anew.execute(f"create table if not exists {table} as select * from {_KEPT}.{table} where false")
            anew.execute(f"insert into {table} select * from {_KEPT}.{table}")


@contextmanager
def _beside(home: Home) -> Iterator[Path]:
    """A path for the new file, without what a crash left there; what is still there at the end goes."""
    path = home.warehouse.with_name(f".{home.warehouse.name}.anew")
    try:
        _remove(path)
        yield path
    finally:
        _remove(path)


def _remove(path: Path) -> None:
    for file in (path, _log_of(path)):
        with storage_errors(file):
            file.unlink(missing_ok=True)


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")


def _set_aside(home: Home) -> Path:
    aside = home.warehouse.with_name(f"{home.warehouse.name}.damaged")
    with storage_errors(aside):
        for file, target in ((home.warehouse, aside), (_log_of(home.warehouse), _log_of(aside))):
            if file.exists():
                file.replace(target)
    return aside


def _put_in_place(home: Home, beside: Path) -> None:
    with storage_errors(home.warehouse):
        # the old file's log would be played into the new one
        _log_of(home.warehouse).unlink(missing_ok=True)
        sync(beside)
        beside.replace(home.warehouse)
        sync(home.root)
