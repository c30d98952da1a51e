"""What the last build used and what changed since; from this the next build decides how to renew the tables.

Kept in the ledger, written in the build's transaction. A file of the lake is identified by its receipt's hash too, since a retry
may bring other rows under the same name.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from assets.calendar import CalendarRules, Issue, WorkingDays
from assets.exports.typing.reasons import WORDING
from assets.platform.contract import load_contract
from assets.warehouse.models.code_lists import published_codes
from assets.warehouse.models.model import Model
from assets.warehouse.models.rules import CountingRules

# raised with every change of what is kept alongside the tables (files, hashes of keys), without which no difference can be trusted
_RECORD = 4
_BUILT_FROM = "create table if not exists ledger.built_from (basis_sha256 varchar not null, openings varchar[] not null)"
# every file that the ledger holds, those that were refused as a whole too: a refusal changes tables as well.
# ``is_live``: its rows compete for their keys; those of a withdrawn file lie in the lake and do not
_FILES_NOW = """
select
    files.delivery, files.file_index, files.feed, files.lake_file, deliveries.receipt_sha256,
    file_states.state = 'loaded' as is_live, files.loaded as rows
from ledger.files
inner join ledger.deliveries on files.delivery = deliveries.delivery
inner join core.file_states on files.delivery = file_states.delivery and files.file_index = file_states.file_index
"""


@dataclass(frozen=True)
class LakeFile:
    """A file as a build sees it; ``rows`` are those its receipt says it holds in the lake, where ``lake_file`` names it."""

    delivery: str
    file_index: int
    feed: str
    lake_file: str | None
    receipt_sha256: str
    is_live: bool
    rows: int


@dataclass(frozen=True)
class LakeChanges:
    """Files that entered or left the lake since the tables were built; a file that changed, or no longer counts, does both.

    ``lost`` are files whose rows are no longer in the lake; ``rows`` is the number of rows that it holds now.
    """

    come: tuple[LakeFile, ...]
    gone: tuple[LakeFile, ...]
    rows: int

    @property
    def lost(self) -> frozenset[tuple[str | None, str]]:
        come, gone = ({(file.lake_file, file.receipt_sha256) for file in files} for files in (self.come, self.gone))
        return frozenset(gone - come)


def basis(
    models: Mapping[str, Model],
    rules: CountingRules,
    issues: Iterable[Issue],
    days: WorkingDays | None,
    code_version: str,
    calendar: CalendarRules | None,
    openings: Sequence[Path],
) -> str:
    """A hash of everything the tables follow from, deliveries apart: if it changes, the next build is full."""
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
        # once a year
        "openings": _names(openings),
        "code": code_version,
        "record": _RECORD,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def make_record(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the table of this record if it is missing."""
    connection.execute(_BUILT_FROM)


def last_basis(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The basis of the last build, ``None`` if there was none."""
    row = connection.execute("select basis_sha256 from ledger.built_from").fetchone()
    return str(row[0]) if row else None


def lake_changes(connection: duckdb.DuckDBPyConnection) -> LakeChanges:
    """The changes of the lake since the last build; ``core.file_states`` must already say which files count now."""
    connection.execute(f"create or replace temp table files_now as {_FILES_NOW}")
    now, then = "from files_now", "from ledger.built_files"
    come, gone = (
        tuple(LakeFile(*row) for row in connection.execute(f"{one} except {other} order by all").fetchall())
        for one, other in ((now, then), (then, now))
    )
    total = connection.execute("select coalesce(sum(rows), 0) from files_now").fetchone()
    return LakeChanges(come, gone, int(total[0]) if total else 0)


def note_files(connection: duckdb.DuckDBPyConnection, basis_sha256: str, openings: Sequence[Path]) -> None:
    """Record that the tables now follow from the files in the ledger and from ``openings``."""
    connection.execute(f"create or replace table ledger.built_files as {_FILES_NOW}")
    connection.execute("delete from ledger.built_from where true")
    connection.execute(
        "insert into ledger.built_from values ($basis, $openings)", {"basis": basis_sha256, "openings": _names(openings)}
    )


def _names(openings: Sequence[Path]) -> list[str]:
    # the folder is the year
    return [f"{path.parent.name}/{path.name}" for path in openings]
