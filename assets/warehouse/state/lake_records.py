"""Written-once files of the lake as the ledger knows them, by path and hash: one that was removed or changed is damage, not news.

How such a file is written and read is in ``assets/exports/lake/sealed.py``; what it says is in the module of each kind
(``freeze_files.py``, ``waivers.py``).
"""

from pathlib import Path

import duckdb

from assets.errors import LakeDamageError
from assets.exports.lake.sealed import FROM_A_COPY, hashes_of
from assets.exports.lake.withdrawals import WITHDRAWALS

# the folders of the lake whose files the tables follow from: a new file in one of them is news for the next run
BUILT_FROM = ("frozen", WITHDRAWALS)
_TABLE = "ledger.recorded_files"


def enter(connection: duckdb.DuckDBPyConnection, lake: Path, folder: str) -> list[Path]:
    """Enter the files that are new in ``folder`` into the ledger; returns them, by name.

    Raises ``LakeDamageError`` naming a file that the ledger knows and that the lake lost or holds with other content.
    """
    make_table(connection)
    known = recorded_files(connection)
    found = hashes_of(lake, folder)
    compare(lake, folder, known, found)
    new = sorted(found.keys() - known.keys())
    for name in new:
        connection.execute(f"insert into {_TABLE} values ($name, $digest)", {"name": name, "digest": found[name]})
    return [lake / name for name in new]


def compare(lake: Path, folder: str, known: dict[str, str], found: dict[str, str]) -> None:
    """Raise ``LakeDamageError`` for the first file of ``folder`` that is ``known`` and not ``found`` with its hash."""
    for name, digest in sorted(known.items()):
        if name.startswith(f"{folder}/") and found.get(name) != digest:
            what = "changed" if name in found else "gone"
            raise LakeDamageError(f"{lake / name}: not the file that was recorded, it is {what}; {FROM_A_COPY}")


def recorded_files(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The hash of every file that the ledger knows, by path."""
    return dict(connection.execute(f"select path, sha256 from {_TABLE}").fetchall())


def make_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the table if it is missing."""
    connection.execute("create schema if not exists ledger")
    connection.execute(f"create table if not exists {_TABLE} (path varchar primary key, sha256 varchar not null)")
