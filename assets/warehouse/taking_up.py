"""Lake → ledger: what is in the lake is verified against what the ledger holds of it, and what is new is entered.

Everything that the ledger knew must be there as it was. A receipt may have taken the place of another only where it says so, or
where the same delivery was taken in once more.
"""

from collections.abc import Iterable
from pathlib import Path

import duckdb

from assets.errors import LakeDamageError
from assets.exports.erasure_record import ERASURES
from assets.exports.landing import Held
from assets.exports.receipt import Receipt, Receipts, read_receipt
from assets.exports.sealed import FROM_A_COPY, is_sealed
from assets.home import Home
from assets.warehouse import freezes, lake_files, ledger, openings, recorded
from assets.warehouse.build import record
from assets.warehouse.lake_files import LakeFiles


def take_up(work: duckdb.DuckDBPyConnection, home: Home, held: Iterable[Held] | None) -> LakeFiles:
    """Bring ledger, freezes and openings to what the lake has now, in the caller's transaction; the files of the lake as known.

    New and changed files are hashed. Raises ``LakeDamageError`` naming a file that is gone or not what it was.
    """
    work.execute(ledger.SCHEMA)
    record.make_record(work)
    new = _new_receipts(work, home.lake)
    openings.enter(work, home.lake)
    files = lake_files.enter(work, home.lake, [receipt for receipt, _ in new])
    ledger.enter(work, new, home.lake)
    ledger.enter_withdrawals(work, home.lake)
    ledger.note_held(work, held)
    freezes.enter(work, home.lake)
    ledger.carry_over(work, new)
    recorded.enter(work, home.lake, ERASURES)
    return files


def _new_receipts(work: duckdb.DuckDBPyConnection, lake: Path) -> list[tuple[Receipt, str]]:
    """The receipts that the ledger does not hold, with their hashes."""
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
    """Whether a receipt may take the place of the one with the hash ``former``."""
    return former in receipt.replaces or (is_sealed(path) and ledger.says_the_same(work, receipt))
