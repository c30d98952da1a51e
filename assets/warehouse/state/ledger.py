"""The ledger inside the warehouse: which deliveries and files are in, from the receipts of the lake.

It decides what is new, not the clock. Written in the same transaction as the tables counted from it.
"""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import duckdb

from assets.errors import LakeDamageError
from assets.exports.lake.receipt import Receipt
from assets.exports.lake.withdrawals import WITHDRAWALS, read_withdrawal
from assets.exports.landing.scan import Held
from assets.warehouse.state import lake_records

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
create table if not exists ledger.withdrawals (
    delivery varchar primary key, reason varchar not null, withdrawn_at timestamp not null
);
create table if not exists ledger.frozen_figures (
    issue_key varchar not null, figure varchar not null, value double not null, frozen_at timestamp not null,
    code_version varchar not null, primary key (issue_key, figure)
);
create table if not exists ledger.published_receipts (receipt_sha256 varchar primary key);
create table if not exists ledger.build (inputs_sha256 varchar, is_checked boolean);
create table if not exists ledger.openings (
    name varchar primary key, receipt_sha256 varchar not null, essence varchar not null, as_of date not null,
    row_count bigint not null
);
create table if not exists ledger.lake_files (
    path varchar not null, delivery varchar not null, sha256 varchar, totals varchar,
    bytes bigint, inode bigint, changed_ns bigint, columns varchar[]
);
"""

# one row: the inputs that the build in force follows from, and whether it was checked
_BUILD = """
create or replace table ledger.build as
select $inputs_sha256::varchar as inputs_sha256, false as is_checked
"""

# of a file's receipt, what other tables hold or none does
_NOT_OF_A_FILE = {
    *("refusals_file", "lake_sha256", "refusals_sha256", "totals", "is_blanked"),
    *("declared_rows", "file_reason", "file_column", "detail", "warnings"),
}
_NOT_OF_A_DELIVERY = {"files", "retried_at", "replaces", "same_rows", "same_events", "salt"}
_SAME_FILE = (
    *("file", "file_index", "feed", "sha256", "bytes", "format", "encoding"),
    *("records", "loaded", "superseded", "quarantined", "state"),
)
_TABLES = ("deliveries", "files", "refusals", "warnings")
_LITERAL = str.maketrans({character: f"[{character}]" for character in "*?["})


def receipts_held(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The hash of each delivery's receipt that is in the ledger."""
    return dict(connection.execute("select delivery, receipt_sha256 from ledger.deliveries").fetchall())


def says_the_same(connection: duckdb.DuckDBPyConnection, receipt: Receipt) -> bool:
    """Whether the ledger holds just what ``receipt`` says, all but when it was taken in: the same delivery was taken in once more."""
    (delivery,) = connection.execute(
        "select business_date, sequence, mode, produced_at from ledger.deliveries where delivery = $delivery",
        {"delivery": receipt.delivery},
    ).fetchall()
    files = connection.execute(
        f"select {', '.join(_SAME_FILE)} from ledger.files where delivery = $delivery order by file_index",
        {"delivery": receipt.delivery},
    ).fetchall()
    hashes = connection.execute(
        "select sha256 from ledger.lake_files where delivery = $delivery and sha256 is not null", {"delivery": receipt.delivery}
    ).fetchall()
    written = [digest for file in receipt.files for digest in (file.lake_sha256, file.refusals_sha256) if digest is not None]
    return (
        delivery == (receipt.business_date, receipt.sequence, receipt.mode, receipt.produced_at)
        and files == [tuple(getattr(file, name) for name in _SAME_FILE) for file in receipt.files]
        and sorted(digest for (digest,) in hashes) == sorted(written)
    )


def deliveries(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The deliveries that are in the ledger."""
    return [name for (name,) in connection.execute("select delivery from ledger.deliveries").fetchall()]


def note_build(connection: duckdb.DuckDBPyConnection, inputs_sha256: str) -> None:
    """Say which inputs the tables follow from now; they are not checked yet."""
    connection.execute(_BUILD, {"inputs_sha256": inputs_sha256})


def note_checked(connection: duckdb.DuckDBPyConnection) -> None:
    """Say that the build in force has its check results."""
    connection.execute("update ledger.build set is_checked = true")


def built_inputs(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The inputs of the build in force, checked or not; ``None`` where nothing was built."""
    row = connection.execute("select inputs_sha256 from ledger.build").fetchone()
    return str(row[0]) if row else None


def is_built(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether there is a build that could be checked."""
    connection.execute(SCHEMA)
    return connection.execute("select 1 from ledger.build").fetchone() is not None


def checked_inputs(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The inputs of the build in force, ``None`` where it was not checked since it was built."""
    # a first build that failed has left no table to ask
    connection.execute(SCHEMA)
    row = connection.execute("select inputs_sha256 from ledger.build where is_checked").fetchone()
    return str(row[0]) if row else None


def loaded_since_publication(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The deliveries that no good publication has held yet: the interval that is checked."""
    rows = connection.execute(
        "select delivery from ledger.deliveries "
        "where receipt_sha256 not in (select receipt_sha256 from ledger.published_receipts) order by delivery"
    ).fetchall()
    return [name for (name,) in rows]


def unsettled_files(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]] | None:
    """(delivery, file) of all that is quarantined and not settled by a later delivery; ``None`` where nothing was built yet."""
    try:
        rows = connection.execute("select distinct delivery, file from meta.quarantine where settled_by is null").fetchall()
    except duckdb.CatalogException:
        return None
    return {(delivery, file) for delivery, file in rows}


def note_published(connection: duckdb.DuckDBPyConnection) -> None:
    """Remember that all that is loaded now has been checked and published: the next interval begins after it."""
    connection.execute(
        "insert into ledger.published_receipts select receipt_sha256 from ledger.deliveries "
        "where receipt_sha256 not in (select receipt_sha256 from ledger.published_receipts)"
    )


def carry_over(connection: duckdb.DuckDBPyConnection, receipts: Iterable[tuple[Receipt, str]]) -> None:
    """Let receipts take the place of the ones before them that a freeze or a publication knows, where those had the same: to blank
    a person is no news to either, and a column that rows got is none to a freeze, but the checks have not seen it.
    """
    for receipt, digest in receipts:
        if receipt.known_events:
            connection.execute(
                "update ledger.frozen_receipts set receipt_sha256 = $digest where delivery = $delivery and receipt_sha256 in $former",
                {"delivery": receipt.delivery, "digest": digest, "former": list(receipt.replaces[: receipt.known_events])},
            )
        if receipt.same_rows:
            connection.execute(
                "insert into ledger.published_receipts select $digest where exists "
                "(select receipt_sha256 from ledger.published_receipts where receipt_sha256 in $former) on conflict do nothing",
                {"digest": digest, "former": list(receipt.replaces[: receipt.same_rows])},
            )


def receipt_hash(path: Path) -> str:
    """The hash by which a receipt of the lake is known to be in."""
    state = path.stat()
    return _hash_of(path, state.st_ino, state.st_mtime_ns, state.st_size)


@cache
def _hash_of(path: Path, *_: int) -> str:
    # asked for several times in a run, and there is one for each day since the site began; a receipt is entered again, never written over
    return hashlib.sha256(path.read_bytes()).hexdigest()


def enter(connection: duckdb.DuckDBPyConnection, receipts: Iterable[tuple[Receipt, str]], lake: Path) -> None:
    """Put receipts (each with its hash) in; what an earlier receipt of the same delivery said goes."""
    known = set(deliveries(connection))
    for receipt, digest in receipts:
        for table in _TABLES if receipt.delivery in known else ():
            connection.execute(f"delete from ledger.{table} where delivery = $delivery", {"delivery": receipt.delivery})
        _enter_one(connection, receipt, digest, lake)


def _enter_one(connection: duckdb.DuckDBPyConnection, receipt: Receipt, digest: str, lake: Path) -> None:
    connection.execute(
        "insert into ledger.deliveries values ($delivery, $business_date, $sequence, $mode, $produced_at, $received_at, $digest)",
        receipt.model_dump(exclude=_NOT_OF_A_DELIVERY) | {"digest": digest},
    )
    for file in receipt.files:
        connection.execute(
            """
            insert into ledger.files values ($delivery, $file, $file_index, $feed, $sha256, $bytes, $format, $encoding,
                $records, $loaded, $superseded, $quarantined, $state, $lake_file)
            """,
            {"delivery": receipt.delivery} | file.model_dump(exclude=_NOT_OF_A_FILE),
        )
        where = {"delivery": receipt.delivery, "file": file.file, "feed": file.feed}
        if file.file_reason is not None:
            connection.execute(
                "insert into ledger.refusals values ($delivery, $file, null, $feed, $column, $reason, null)",
                where | {"column": file.file_column, "reason": file.file_reason.value},
            )
        if file.refusals_file is not None:
            found = connection.execute(
                """
                insert into ledger.refusals
                select $delivery, $file, line, $feed, column_name, reason_code, record_key
                from read_parquet($path, hive_partitioning = false)
                """,
                where | {"path": literal_path(lake / file.refusals_file)},
            ).fetchone()
            # of a file that is refused as a whole, its keys are listed, each once
            if file.state == "loaded" and found != (file.quarantined,):
                raise LakeDamageError(f"{lake / file.refusals_file}: not the {file.quarantined} rows that its receipt says")
        for warned in file.warnings:
            connection.execute(
                "insert into ledger.warnings values ($delivery, $file, $column_name, $reason_code, $rows)",
                {"delivery": receipt.delivery, "file": file.file}
                | {"column_name": warned.column_name, "reason_code": warned.reason_code.value, "rows": warned.rows},
            )


def enter_withdrawals(connection: duckdb.DuckDBPyConnection, lake: Path) -> None:
    """Put in what was withdrawn since. Raises ``LakeDamageError`` naming a record that was removed or changed."""
    for path in lake_records.enter(connection, lake, WITHDRAWALS):
        row = read_withdrawal(path).model_dump()
        connection.execute("insert into ledger.withdrawals values ($delivery, $reason, $withdrawn_at)", row)


def note_held(connection: duckdb.DuckDBPyConnection, held: Iterable[Held] | None) -> None:
    """Replace the list of deliveries that wait or conflict; ``None`` leaves the one noted last."""
    if held is None:
        return
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


def literal_path(path: Path | str) -> str:
    """A path that DuckDB reads as it stands: brackets and stars in a folder's name are no pattern."""
    return str(path).translate(_LITERAL)
