"""The ledger inside the warehouse: which deliveries and files are in, from the receipts of the lake.

It decides what is new, not the clock. Written in the same transaction as the tables counted from it.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import duckdb

from assets.exports.landing import Held
from assets.exports.receipt import Receipt

SCHEMA = """
create schema if not exists ledger;
create table if not exists ledger.deliveries (
    delivery varchar primary key, business_date date not null, sequence bigint not null, mode varchar not null,
    produced_at timestamp, received_at timestamp not null, receipt_sha256 varchar not null
);
create table if not exists ledger.files (
    delivery varchar not null, file varchar not null, file_index bigint not null, feed varchar not null,
    sha256 varchar not null, bytes bigint not null, format varchar, encoding varchar, records bigint not null,
    loaded bigint not null, superseded bigint not null, quarantined bigint not null, state varchar not null,
    lake_file varchar, primary key (delivery, file),
    check (records = loaded + superseded + quarantined)
);
create table if not exists ledger.refusals (
    delivery varchar not null, file varchar not null, line bigint, feed varchar not null, column_name varchar,
    reason_code varchar not null, record_key varchar
);
create table if not exists ledger.warnings (
    delivery varchar not null, file varchar not null, column_name varchar not null, reason_code varchar not null,
    row_count bigint not null
);
create table if not exists ledger.held (
    delivery varchar primary key, business_date date, sequence bigint, mode varchar, produced_at timestamp,
    state varchar not null, note varchar not null, files bigint
);
"""

_TABLES = ("deliveries", "files", "refusals", "warnings")


def known_receipts(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Delivery → hash of the receipt that is in the ledger."""
    return dict(connection.execute("select delivery, receipt_sha256 from ledger.deliveries").fetchall())


def receipt_hash(path: Path) -> str:
    """The hash by which a receipt of the lake is known to be in."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def enter(connection: duckdb.DuckDBPyConnection, receipts: Iterable[tuple[Receipt, str]], lake: Path) -> None:
    """Put receipts (each with its hash) in; what an earlier receipt of the same delivery said goes."""
    for receipt, digest in receipts:
        for table in _TABLES:
            connection.execute(f"delete from ledger.{table} where delivery = $delivery", {"delivery": receipt.delivery})
        _enter_one(connection, receipt, digest, lake)


def _enter_one(connection: duckdb.DuckDBPyConnection, receipt: Receipt, digest: str, lake: Path) -> None:
    connection.execute(
        "insert into ledger.deliveries values ($delivery, $business_date, $sequence, $mode, $produced_at, $received_at, $digest)",
        receipt.model_dump(exclude={"files"}) | {"digest": digest},
    )
    for file in receipt.files:
        connection.execute(
            """
            insert into ledger.files values ($delivery, $file, $file_index, $feed, $sha256, $bytes, $format, $encoding,
                $records, $loaded, $superseded, $quarantined, $state, $lake_file)
            """,
            {"delivery": receipt.delivery}
            | file.model_dump(exclude={"refusals_file", "file_reason", "file_column", "detail", "warnings"}),
        )
        where = {"delivery": receipt.delivery, "file": file.file, "feed": file.feed}
        if file.file_reason is not None:
            connection.execute(
                "insert into ledger.refusals values ($delivery, $file, null, $feed, $column, $reason, null)",
                where | {"column": file.file_column, "reason": file.file_reason.value},
            )
        if file.refusals_file is not None:
            connection.execute(
                """
                insert into ledger.refusals
                select $delivery, $file, line, $feed, column_name, reason_code, record_key
                from read_parquet($path, hive_partitioning = false)
                """,
                where | {"path": literal_path(lake / file.refusals_file)},
            )
        for warned in file.warnings:
            connection.execute(
                "insert into ledger.warnings values ($delivery, $file, $column_name, $reason_code, $rows)",
                {"delivery": receipt.delivery, "file": file.file}
                | {"column_name": warned.column_name, "reason_code": warned.reason_code.value, "rows": warned.rows},
            )


def note_held(connection: duckdb.DuckDBPyConnection, held: Iterable[Held]) -> None:
    """Replace the list of deliveries that wait or conflict."""
    connection.execute("delete from ledger.held")
    for entry in held:
        manifest = entry.manifest
        connection.execute(
            "insert into ledger.held values ($delivery, $business_date, $sequence, $mode, $produced_at, $state, $note, $files)",
            {
                "delivery": entry.delivery,
                "business_date": manifest.business_date if manifest else None,
                "sequence": manifest.sequence if manifest else None,
                "mode": manifest.mode if manifest else None,
                "produced_at": manifest.produced_at if manifest else None,
                "state": entry.state,
                "note": entry.note,
                "files": len(manifest.files) if manifest else None,
            },
        )


def literal_path(path: Path) -> str:
    """A path that DuckDB reads as it stands: brackets and stars in a folder's name are no pattern."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in str(path))
