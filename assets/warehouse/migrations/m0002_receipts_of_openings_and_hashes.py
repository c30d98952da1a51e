"""Layout 1, of release 0.1.0 → 2: openings get receipts, and the ledger knows every file of the lake.

Release 0.1.0 noted no hash of a Parquet file, so the first build after this step holds each file to what it is then.
"""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from assets.exports.examination import readable_receipts
from assets.exports.lake.opening_files import adopt, opening_name, opening_paths
from assets.exports.lake.receipt import Receipts
from assets.exports.lake.sealed import is_sealed
from assets.home import Home
from assets.warehouse.block_reader import can_be_read
from assets.warehouse.connection import open_warehouse
from assets.warehouse.file_hash import is_unchanged
from assets.warehouse.state import freeze_ledger, lake_records, ledger

# where release 0.1.0 kept the hashes of records, and what it noted for builds by differences
_FORMER_RECORDS = ("ledger.frozen_files", "ledger.accepted_files")
_NO_LONGER_KEPT = ("ledger.built_receipts", "ledger.last_keys", "ledger.compacted")


def migrate(home: Home) -> None:
    """Do it; a warehouse that cannot be read is left to ``zhoubao rebuild``, which makes a new ledger."""
    if not home.warehouse.exists() or is_unchanged(home) is False or not can_be_read(home.warehouse):
        _adopt_all(home.lake)
        return
    with open_warehouse(home, verified=False) as connection:
        tables = _tables(connection)
        if "ledger.openings" not in tables:
            _adopt_counted(connection, home.lake, tables)
        connection.execute("begin")
        _complete_ledger(connection, home.lake, tables)
        connection.execute("commit")


def _adopt_all(lake: Path) -> None:
    """Write receipts for the openings of a lake of which release 0.1.0 wrote every receipt: it sealed none."""
    receipts = Receipts(lake).paths()
    if receipts and not any(map(is_sealed, receipts)):
        adopt(_without_receipt(lake))


def _adopt_counted(connection: duckdb.DuckDBPyConnection, lake: Path, tables: set[str]) -> None:
    """Write receipts for the openings that a build has counted; one that was added by hand gets none."""
    query = "select distinct unnest(openings) from ledger.built_from"
    # the newest of each year were noted
    built = {name for (name,) in connection.execute(query).fetchall()} if "ledger.built_from" in tables else set()
    if built:
        adopt(path for path in _without_receipt(lake) if any(_is_up_to(path, name) for name in built))
    else:
        _adopt_all(lake)


def _without_receipt(lake: Path) -> list[Path]:
    return [path for path in opening_paths(lake) if not path.with_suffix(".json").exists()]


def _is_up_to(path: Path, name: str) -> bool:
    return path.parent.name == name.split("/", maxsplit=1)[0] and f"{opening_name(path)}.parquet" <= name


def _complete_ledger(connection: duckdb.DuckDBPyConnection, lake: Path, tables: set[str]) -> None:
    connection.execute(ledger.SCHEMA + freeze_ledger.SCHEMA)
    lake_records.make_table(connection)
    for former in tables.intersection(_FORMER_RECORDS):
        connection.execute(f"insert or ignore into ledger.recorded_files select path, sha256 from {former}")
    for table in tables.intersection((*_FORMER_RECORDS, *_NO_LONGER_KEPT)):
        connection.execute(f"drop table {table}")
    connection.execute("alter table ledger.lake_files add column if not exists columns varchar[]")
    connection.execute(
        "insert into ledger.lake_files (path, delivery) select lake_file, delivery from ledger.files"
        " where lake_file is not null and lake_file not in (select path from ledger.lake_files)"
    )
    for path, delivery in _refusals(lake):
        connection.execute(
            "insert into ledger.lake_files (path, delivery) select $path, $delivery"
            " where $path not in (select path from ledger.lake_files)"
            " and $delivery in (select delivery from ledger.deliveries)",
            {"path": path, "delivery": delivery},
        )
    # the next build looks into each file of which the columns are not known
    connection.execute("update ledger.lake_files set bytes = null where columns is null")


def _refusals(lake: Path) -> Iterator[tuple[str, str]]:
    for receipt in readable_receipts(lake)[0]:
        for file in receipt.files:
            if file.refusals_file is not None:
                yield file.refusals_file, receipt.delivery


def _tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    query = "select schema_name || '.' || table_name from duckdb_tables() where database_name = current_database()"
    return {name for (name,) in connection.execute(query).fetchall()}
