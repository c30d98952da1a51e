"""Opening balances of the lake → ``ledger.openings``, each by the hash of its receipt, which holds the hash of its file.

An opening that was removed, was changed or has no receipt is damage. Release 0.1.0 wrote no receipts; its openings get them once.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

import duckdb

from assets.errors import LakeDamageError
from assets.exports.opening_files import (
    FIX,
    OpeningFile,
    adopt,
    finish_interrupted,
    is_of_first_release,
    opening_name,
    opening_paths,
    read_openings,
)

_TABLE = """
create table ledger.openings (
    name varchar primary key, receipt_sha256 varchar not null, essence varchar not null, as_of date not null,
    row_count bigint not null
)
"""


def enter(connection: duckdb.DuckDBPyConnection, lake: Path) -> list[OpeningFile]:
    """Enter new openings into the ledger; returns all openings, verified.

    Raises ``LakeDamageError`` naming a file that is not as it was loaded.
    """
    finish_interrupted(lake)
    if not _is_kept(connection):
        connection.execute(_TABLE)
        adopt(_of_first_release(connection, lake))
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
    if not _is_kept(connection):
        return
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


def _of_first_release(connection: duckdb.DuckDBPyConnection, lake: Path) -> list[Path]:
    """Openings without a receipt that a build of release 0.1.0 has counted, or that lie in a lake of which it wrote every file."""
    without = [path for path in opening_paths(lake) if not path.with_suffix(".json").exists()]
    built = {name for (name,) in connection.execute("select unnest(openings) from ledger.built_from").fetchall()}
    if built:
        # the newest of each year were noted
        return [path for path in without if any(_is_before(path, name) for name in built)]
    return without if is_of_first_release(lake) else []


def _is_before(path: Path, name: str) -> bool:
    return path.parent.name == name.split("/", maxsplit=1)[0] and f"{opening_name(path)}.parquet" <= name


def _is_kept(connection: duckdb.DuckDBPyConnection) -> bool:
    query = "select 1 from duckdb_tables() where database_name = current_database() and schema_name = 'ledger' and table_name = 'openings'"
    return connection.execute(query).fetchone() is not None
