"""Compares the lake with the ledger: receipts, openings, written-once files, and files whose receipts have no hash.

It reads everything and changes nothing. What can be checked without the ledger is in ``assets/exports/examination.py``.
"""

from collections.abc import Iterator
from contextlib import suppress

import duckdb

from assets.condition import Condition, State, command, put_back
from assets.errors import LakeDamageError, StorageError
from assets.exports.examination import readable_receipts
from assets.exports.lake.opening_files import opening_paths, read_opening
from assets.exports.lake.receipt import FileReceipt, Receipts, read_receipt
from assets.hashing import sha256_of
from assets.home import Home
from assets.warehouse.state import lake_files, openings
from assets.warehouse.state.lake_records import recorded_files
from assets.warehouse.state.ledger import receipt_hash
from assets.warehouse.state.ledger_update import follows


def compare_with_lake(home: Home, connection: duckdb.DuckDBPyConnection, entered: dict[str, str]) -> Iterator[Condition]:
    """Everything that the ledger (with its receipts ``entered``) holds and that the lake lacks or holds with other content."""
    yield from _receipts(home, connection, entered)
    openings_found = []
    for path in opening_paths(home.lake, "json"):
        # what cannot be read is the lake's condition
        with suppress(LakeDamageError, StorageError):
            openings_found.append(read_opening(path))
    for path, wrong in openings.missing(connection, home.lake, openings_found):
        yield Condition("warehouse", State.DAMAGED, f"{path}: {wrong}", put_back(path))
    for name, digest in recorded_files(connection).items():
        path = home.lake / name
        if not path.is_file() or sha256_of(path) != digest:
            yield Condition("warehouse", State.DAMAGED, f"{path} is not the file that was recorded", put_back(path))
    yield from _files_without_hash(home, connection)


def _receipts(home: Home, connection: duckdb.DuckDBPyConnection, entered: dict[str, str]) -> Iterator[Condition]:
    receipts = Receipts(home.lake)
    known, waiting = set(entered.values()), 0
    for delivery in entered:
        path = receipts.path_of(delivery)
        if not path.exists():
            yield Condition("warehouse", State.DAMAGED, f"{path} is missing, though the ledger has the delivery", put_back(path))
    places = {receipts.path_of(delivery) for delivery in entered}
    for path in receipts.paths():
        if receipt_hash(path) in known and path in places:
            continue
        try:
            receipt = read_receipt(path)
        except (LakeDamageError, StorageError):
            continue
        if receipt.delivery not in entered:
            waiting += 1
        elif follows(connection, receipt, path, entered[receipt.delivery]):
            note = f"{receipt.delivery}: its receipt changed since the build"
            yield Condition("warehouse", State.NOTICE, note, command("zhoubao", "run"))
        else:
            note = f"{path} is not the receipt that the ledger holds, and no retry wrote it"
            yield Condition("warehouse", State.DAMAGED, note, put_back(path))
    if waiting:
        note = f"{waiting} deliveries of the lake are not built yet"
        yield Condition("warehouse", State.NOTICE, note, command("zhoubao", "run"))


def _files_without_hash(home: Home, connection: duckdb.DuckDBPyConnection) -> Iterator[Condition]:
    """Files whose receipts have no hash, written by release 0.1.0: only the ledger knows their content."""
    hashes = lake_files.read(connection, home.lake).hashes
    said = {name for receipt in readable_receipts(home.lake)[0] for file in receipt.files for name in _named_with_hash(file)}
    for name in sorted(hashes.keys() - said):
        path = home.lake / name
        if path.is_file() and sha256_of(path) != hashes[name]:
            yield Condition("warehouse", State.DAMAGED, f"{path}: its bytes are not those that were built from", put_back(path))


def _named_with_hash(file: FileReceipt) -> list[str]:
    named = ((file.lake_file, file.lake_sha256), (file.refusals_file, file.refusals_sha256))
    return [name for name, digest in named if name is not None and digest is not None]
