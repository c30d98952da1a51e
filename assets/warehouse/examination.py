"""Examines the private warehouse: whether it opens, and whether its ledger matches the lake. Skipped while a writer holds it."""

from collections.abc import Iterator

import duckdb

from assets.condition import Condition, State, command, of_error, sound_unless
from assets.errors import BusyError, DamageError, StorageError
from assets.home import Home
from assets.warehouse.block_reader import can_be_read
from assets.warehouse.connection import connect_warehouse, writer_lock
from assets.warehouse.file_hash import is_unchanged, record_path
from assets.warehouse.state import ledger
from assets.warehouse.state.freeze_files import FrozenIssues
from assets.warehouse.state.lake_comparison import compare_with_lake

_REBUILD = command("zhoubao", "rebuild")


def examine_warehouse(home: Home) -> Iterator[Condition]:
    """The condition of ``warehouse.duckdb``; a run that holds it is a notice, not a fault."""
    if not home.warehouse.exists():
        yield _missing(home)
        return
    try:
        with writer_lock(home, 0, "doctor", upgrading=False):
            yield from _wholly_read(home)
    except BusyError as error:
        yield Condition("warehouse", State.NOTICE, f"not looked into: {error}")


def examine_freezes(home: Home) -> Iterator[Condition]:
    """Each document of each freeze is the one that was printed."""
    freezes = FrozenIssues(home.lake)
    wrong = (of_error("freezes", error) for error in freezes.damaged_documents())
    yield from sound_unless("freezes", wrong, f"{len(freezes.paths())} issues are frozen, each with its documents")


def _missing(home: Home) -> Condition:
    if record_path(home).exists():
        return Condition("warehouse", State.DAMAGED, f"{home.warehouse} was removed", _REBUILD)
    return Condition("warehouse", State.NOTICE, f"{home.warehouse} is not there yet", command("zhoubao", "run"))


def _wholly_read(home: Home) -> Iterator[Condition]:
    """Compare the file's hash, then read every block in another process, and only then open it here: damage can end a process."""
    is_same = is_unchanged(home)
    if is_same is False:
        note = f"{home.warehouse} is not the file that the last command left"
        yield Condition("warehouse", State.DAMAGED, note, _REBUILD)
        return
    if not can_be_read(home.warehouse):
        yield Condition("warehouse", State.DAMAGED, f"{home.warehouse} cannot be read to its end", _REBUILD)
        return
    if is_same is None:
        note = f"{home.warehouse}: every table can be read; there is no hash of the file, as its last writer was ended or of an earlier release"
        yield Condition("warehouse", State.NOTICE, note, command("zhoubao", "run"))
    yield from _opened(home)


def _opened(home: Home) -> Iterator[Condition]:
    try:
        connection = connect_warehouse(home.warehouse, read_only=True)
    except (BusyError, DamageError, StorageError) as error:
        yield of_error("warehouse", error, _REBUILD if isinstance(error, DamageError) else "")
        return
    with connection:
        try:
            entered = ledger.receipts_held(connection)
            # what is wrong is listed while the file is open
            found = list(compare_with_lake(home, connection, entered))
        except duckdb.CatalogException:
            yield Condition("warehouse", State.NOTICE, "nothing was built yet", command("zhoubao", "run"))
            return
        except duckdb.Error:
            yield Condition("warehouse", State.DAMAGED, f"{home.warehouse} cannot be read", _REBUILD)
            return
    yield from sound_unless("warehouse", iter(found), f"its ledger has {len(entered)} deliveries")
