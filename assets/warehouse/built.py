"""What the tables in the warehouse were last built from, and what of it is otherwise now: this decides how they are built next.

Kept in the ledger, in the transaction of the build. A file of the lake is known by its receipt's hash too, since a retry may
bring other rows under a name that stood there before.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from assets.calendar import CalendarRules, Issue, WorkingDays
from assets.exports.reasons import WORDING
from assets.platform.contract import load_contract
from assets.warehouse.code_lists import published_codes
from assets.warehouse.models import Model
from assets.warehouse.rules import CountingRules

# raised with every change of what is kept beside the tables (files, hashes of keys), without which no difference can be trusted
_RECORD = 3
_SCHEMA = """
create table if not exists ledger.built_files (
    delivery varchar not null, file_index bigint not null, feed varchar not null, lake_file varchar not null,
    receipt_sha256 varchar not null, is_live boolean not null, loaded bigint not null
);
create table if not exists ledger.built_receipts (delivery varchar primary key, receipt_sha256 varchar not null);
create table if not exists ledger.built_from (basis_sha256 varchar not null, openings varchar[] not null);
"""
_COLUMNS = "delivery, file_index, feed, lake_file, receipt_sha256, is_live, loaded"
# ``is_live``: its rows compete for their keys; those of a withdrawn file lie in the lake and do not
_FILES_NOW = """
select
    files.delivery, files.file_index, files.feed, files.lake_file, deliveries.receipt_sha256,
    file_states.state = 'loaded' as is_live, files.loaded
from ledger.files
inner join ledger.deliveries on files.delivery = deliveries.delivery
inner join core.file_states on files.delivery = file_states.delivery and files.file_index = file_states.file_index
where files.lake_file is not null
"""


@dataclass(frozen=True)
class LakeFile:
    """One Parquet file of the lake as a build sees it; ``rows`` are those its receipt says it holds."""

    delivery: str
    file_index: int
    feed: str
    lake_file: str
    receipt_sha256: str
    is_live: bool
    rows: int


@dataclass(frozen=True)
class LakeChanges:
    """What entered the lake or left it since the tables were built; a file that is another now does both.

    ``opening_years`` are those whose opening balance is another; ``rows`` are all that the lake holds now. ``deliveries`` are
    those that are new; ``is_any_retaken`` says whether another has a receipt that it did not have.
    """

    come: tuple[LakeFile, ...]
    gone: tuple[LakeFile, ...]
    opening_years: frozenset[int]
    rows: int
    deliveries: tuple[str, ...] = ()
    is_any_retaken: bool = False


def basis(
    models: Mapping[str, Model],
    rules: CountingRules,
    issues: Iterable[Issue],
    days: WorkingDays | None,
    code_version: str,
    calendar: CalendarRules | None = None,
) -> str:
    """A hash of all that the tables follow from but for the data: where it changes, every table is built whole."""
    parts = {
        "models": {name: [model.query, model.header.model_dump(mode="json")] for name, model in sorted(models.items())},
        "rules": rules.model_dump(mode="json"),
        "calendar": calendar.model_dump(mode="json") if calendar else None,
        "days": sorted(days.own.items()) if days else None,
        "festivals": days.festival_days() if days else None,
        "issues": [list(vars(issue).values()) for issue in issues],
        "codes": {name: [codes.values, codes.other] for name, codes in load_contract().codes.items()},
        "published_codes": {name: codes.values for name, codes in published_codes().items()},
        "reasons": {reason.value: [wording.text, wording.who_fixes] for reason, wording in WORDING.items()},
        "code": code_version,
        "record": _RECORD,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def make_record(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the record's tables where they are missing."""
    connection.execute(_SCHEMA)


def last_basis(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The basis of the tables as they stand, ``None`` where none were built."""
    row = connection.execute("select basis_sha256 from ledger.built_from").fetchone()
    return str(row[0]) if row else None


def lake_changes(connection: duckdb.DuckDBPyConnection, openings: Sequence[Path]) -> LakeChanges:
    """How the lake differs from what the tables were built from; ``core.file_states`` says already what counts now."""
    connection.execute(f"create or replace temp table files_now as {_FILES_NOW}")
    now, then = f"select {_COLUMNS} from files_now", f"select {_COLUMNS} from ledger.built_files"
    come = connection.execute(f"{now} except {then}").fetchall()
    gone = connection.execute(f"{then} except {now}").fetchall()
    total = connection.execute("select coalesce(sum(loaded), 0) from ledger.files").fetchone()
    former = connection.execute("select unnest(openings) from ledger.built_from").fetchall()
    changed = {name for (name,) in former} ^ set(_names(openings))
    receipts = "select {columns} from ledger.deliveries anti join ledger.built_receipts using ({columns})"
    new = {name for (name,) in connection.execute(receipts.format(columns="delivery")).fetchall()}
    other = {name for name, _ in connection.execute(receipts.format(columns="delivery, receipt_sha256")).fetchall()}
    return LakeChanges(
        tuple(LakeFile(*row) for row in sorted(come)),
        tuple(LakeFile(*row) for row in sorted(gone)),
        frozenset(int(name.split("/")[0]) for name in changed),
        int(total[0]) if total else 0,
        tuple(sorted(new)),
        other != new,
    )


def live_files(connection: duckdb.DuckDBPyConnection, feed: str, deliveries: str) -> list[LakeFile]:
    """The files of ``feed`` that count now, of the deliveries in the relation ``deliveries``."""
    rows = connection.execute(
        f"select {_COLUMNS} from ({_FILES_NOW}) semi join {deliveries} using (delivery) where is_live and feed = $feed order by all",
        {"feed": feed},
    ).fetchall()
    return [LakeFile(*row) for row in rows]


def files_after(connection: duckdb.DuckDBPyConnection, refusals: str) -> list[LakeFile]:
    """The files, live or not, of every delivery that comes after the first of those in the relation ``refusals``."""
    first = f"select min((business_date, sequence)) from ledger.deliveries semi join {refusals} using (delivery)"
    later = f"select delivery from ledger.deliveries where (business_date, sequence) > ({first})"
    rows = connection.execute(f"select {_COLUMNS} from ({_FILES_NOW}) where delivery in ({later}) order by all").fetchall()
    return [LakeFile(*row) for row in rows]


def note_built(connection: duckdb.DuckDBPyConnection, basis_sha256: str, openings: Sequence[Path]) -> None:
    """Say that the tables follow now from the files that the ledger holds, and from ``openings``."""
    connection.execute("delete from ledger.built_files where true")
    connection.execute(f"insert into ledger.built_files {_FILES_NOW}")
    connection.execute("delete from ledger.built_receipts where true")
    connection.execute("insert into ledger.built_receipts select delivery, receipt_sha256 from ledger.deliveries")
    connection.execute("delete from ledger.built_from where true")
    connection.execute(
        "insert into ledger.built_from values ($basis, $openings)", {"basis": basis_sha256, "openings": _names(openings)}
    )


def _names(openings: Sequence[Path]) -> list[str]:
    # the folder is the year
    return [f"{path.parent.name}/{path.name}" for path in openings]
