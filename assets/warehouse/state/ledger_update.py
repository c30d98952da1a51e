"""Lake → ledger: verifies the lake against the ledger, then enters what is new.

Everything that the ledger knows must still be in the lake, unchanged. A receipt may replace another only if it says so, or if the
same delivery was taken in a second time.
"""

from collections.abc import Iterable
from pathlib import Path

import duckdb

from assets.errors import LakeDamageError
from assets.exports.erasing.record import ERASURES
from assets.exports.lake.receipt import Receipt, Receipts, read_receipt
from assets.exports.lake.sealed import FROM_A_COPY, is_sealed
from assets.exports.landing.scan import Held
from assets.home import Home
from assets.warehouse.build import last_build
from assets.warehouse.state import freeze_ledger, lake_files, lake_records, ledger, openings
from assets.warehouse.state.lake_files import LakeFiles


def update_ledger(work: duckdb.DuckDBPyConnection, home: Home, held: Iterable[Held] | None) -> LakeFiles:
    """Enter new receipts, freezes and openings into the ledger, in the caller's transaction; returns the files of the lake.

    New and changed files are hashed. Raises ``LakeDamageError`` naming a file that was removed or changed.
    """
    work.execute(ledger.SCHEMA)
    last_build.make_record(work)
    new = _new_receipts(work, home.lake)
    openings.enter(work, home.lake)
    files = lake_files.enter(work, home.lake, [receipt for receipt, _ in new])
    ledger.enter(work, new, home.lake)
    ledger.enter_withdrawals(work, home.lake)
    ledger.note_held(work, held)
    freeze_ledger.enter(work, home.lake)
    ledger.carry_over(work, new)
    lake_records.enter(work, home.lake, ERASURES)
    return files


def _new_receipts(work: duckdb.DuckDBPyConnection, lake: Path) -> list[tuple[Receipt, str]]:
    """The receipts that are not in the ledger yet, with their hashes."""
    known = ledger.receipts_held(work)
    hashes = set(known.values())
    receipts = Receipts(lake)
    found = [(path, ledger.receipt_hash(path)) for path in receipts.paths()]
    names = {path.name for path, _ in found}
    lost = [path for path in map(receipts.path_of, known) if path.name not in names]
    if lost:
        raise LakeDamageError(
            f"{min(lost)}: the ledger holds this delivery and the lake lacks its receipt; {FROM_A_COPY}, or run while landing "
            "still holds the delivery"
        )
    places = {receipts.path_of(delivery) for delivery in known}
    for path, digest in found:
        if digest in hashes and path not in places:
            raise LakeDamageError(f"{path}: the receipt of another delivery; remove it")
    new = [(read_receipt(path), path, digest) for path, digest in found if digest not in hashes]
    for receipt, path, _ in new:
        if path != receipts.path_of(receipt.delivery):
            raise LakeDamageError(f"{path}: the receipt of another delivery; remove it")
        if receipt.delivery in known and not follows(work, receipt, path, known[receipt.delivery]):
            raise LakeDamageError(f"{path}: not the receipt that the ledger holds, and no retry wrote it; {FROM_A_COPY}")
    return [(receipt, digest) for receipt, _, digest in new]


def follows(work: duckdb.DuckDBPyConnection, receipt: Receipt, path: Path, former: str) -> bool:
    """Whether a receipt may replace the one with the hash ``former``."""
    return former in receipt.replaces or (is_sealed(path) and ledger.says_the_same(work, receipt))
