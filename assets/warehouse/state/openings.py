"""Opening balances of the lake → ``ledger.openings``, each by the hash of its receipt, which holds the hash of its file.

An opening that was removed, was changed or has no receipt is damage.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

import duckdb

from assets.errors import LakeDamageError
from assets.exports.lake.opening_files import FIX, OpeningFile, finish_interrupted, read_openings


def enter(connection: duckdb.DuckDBPyConnection, lake: Path) -> list[OpeningFile]:
    """Enter new openings into the ledger; returns all openings, verified.

    Raises ``LakeDamageError`` naming a file that is not as it was loaded.
    """
    finish_interrupted(lake)
    found = read_openings(lake)
    for path, wrong in missing(connection, lake, found):
        raise LakeDamageError(f"{path}: {wrong}; {FIX}")
    for opening in found:
        connection.execute(
            "insert or replace into ledger.openings values ($name, $digest, $essence, $as_of, $rows)",
            {"name": opening.name, "digest": opening.receipt_sha256, "essence": opening.receipt.essence}
            | {"as_of": opening.receipt.as_of, "rows": opening.receipt.rows},
        )
    return found


def missing(connection: duckdb.DuckDBPyConnection, lake: Path, found: Collection[OpeningFile]) -> Iterator[tuple[Path, str]]:
    """The openings in the ledger that are missing from ``found`` or differ from it, each with what is wrong."""
    by_name = {opening.name: opening for opening in found}
    known = connection.execute("select name, receipt_sha256, essence from ledger.openings order by name").fetchall()
    for name, digest, essence in known:
        opening, path = by_name.get(name), lake / "opening" / f"{name}.parquet"
        path = path if not path.exists() or path.with_suffix(".json").exists() else path.with_suffix(".json")
        if opening is None:
            yield path, "the ledger holds this opening and the lake does not"
        # the essence is the same where the same source was loaded again, after its receipt was lost
        elif digest != opening.receipt_sha256 and essence != opening.receipt.essence:
            yield path, "not the opening that the ledger holds"
