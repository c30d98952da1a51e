"""Whether the private warehouse opens, and whether its ledger is the lake's: it is looked at only where no other holds it."""

from collections.abc import Iterator

import duckdb

from assets.condition import Condition, State, of_error, sound_unless
from assets.errors import BusyError, DamageError, StorageError
from assets.exports.manifest import sha256_of
from assets.exports.receipt import Receipts
from assets.home import Home
from assets.warehouse.connection import connect_warehouse, writer_lock
from assets.warehouse.ledger import receipt_hash
from assets.warehouse.recorded import recorded_files

_FROM_A_COPY = "put it back from a copy of the lake"
_ANEW = "`zhoubao rebuild` makes it anew from the lake"


def examine_warehouse(home: Home) -> Iterator[Condition]:
    """The condition of ``warehouse.duckdb``; a run that holds it is a notice, not a fault."""
    if not home.warehouse.exists():
        yield Condition("warehouse", State.NOTICE, f"{home.warehouse} is not there yet", "zhoubao run makes it")
        return
    try:
        with writer_lock(home, 0, "doctor"):
            yield from _opened(home)
    except BusyError as error:
        yield Condition("warehouse", State.NOTICE, f"not looked into: {error}")


def _opened(home: Home) -> Iterator[Condition]:
    try:
        connection = connect_warehouse(home.warehouse, read_only=True)
    except (BusyError, DamageError, StorageError) as error:
        yield of_error("warehouse", error)
        return
    with connection:
        try:
            entered = dict(connection.execute("select receipt_sha256, delivery from ledger.deliveries").fetchall())
            recorded = recorded_files(connection)
        except duckdb.CatalogException:
            yield Condition("warehouse", State.NOTICE, "nothing was built yet", "zhoubao run builds it")
            return
        except duckdb.Error:
            yield Condition("warehouse", State.DAMAGED, f"{home.warehouse} cannot be read", _ANEW)
            return
    note = f"its ledger has {len(entered)} deliveries"
    yield from sound_unless("warehouse", _against_lake(home, entered, recorded), note)


def _against_lake(home: Home, entered: dict[str, str], recorded: dict[str, str]) -> Iterator[Condition]:
    receipts = Receipts(home.lake)
    in_lake = {receipt_hash(path): path for path in receipts.paths()}
    for digest, delivery in entered.items():
        if digest in in_lake:
            continue
        path = receipts.path_of(delivery)
        if path.exists():
            yield Condition(
                "warehouse", State.NOTICE, f"{delivery}: its receipt changed since the build", "zhoubao run builds anew"
            )
        else:
            yield Condition("warehouse", State.DAMAGED, f"{path} is gone, though the ledger has the delivery", _FROM_A_COPY)
    known = {receipts.path_of(delivery) for delivery in entered.values()}
    waiting = sum(path not in known for path in in_lake.values())
    if waiting:
        yield Condition(
            "warehouse", State.NOTICE, f"{waiting} deliveries of the lake are not built yet", "zhoubao run builds them"
        )
    for name, digest in recorded.items():
        path = home.lake / name
        if not path.is_file() or sha256_of(path) != digest:
            yield Condition("warehouse", State.DAMAGED, f"{home.lake / name} is not the file that was recorded", _FROM_A_COPY)
