"""Acceptances in the lake, ``lake/acceptances/<check>.NNN.json``: failed checks that an authorised person let pass.

The form of the file, the one way to write it (once), and the ledger that knows it: one that is gone or changed is damage.
When a check may be accepted is the quality step's to say.
"""

import hashlib
import json
from datetime import date, datetime
from pathlib import Path

import duckdb
from pydantic import BaseModel, ConfigDict, ValidationError

from assets.errors import DamageError
from assets.home import storage_errors, write_whole

_FOLDER = "acceptances"
_SCHEMA = "create table if not exists ledger.accepted_files (path varchar primary key, sha256 varchar not null)"


class Acceptance(BaseModel):
    """One failed check, let pass for the data and rules whose hash is ``holds_for``, and for nothing that comes later.

    ``deliveries`` are those that no good publication had held yet, from their first to their last business date;
    ``accepted_at`` is naive Beijing time.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    check_id: str
    rule: str
    reason: str
    accepted_at: datetime
    code_version: str
    holds_for: str
    failing_rows: int | None
    deliveries: tuple[str, ...]
    business_date_from: date | None
    business_date_through: date | None


def put_acceptance(lake: Path, acceptance: Acceptance) -> Path:
    """Write it as a new file; the caller holds the writer's lock, so its number is free."""
    folder = lake / _FOLDER
    number = len(list(folder.glob(f"{acceptance.check_id}.[0-9][0-9][0-9].json"))) + 1
    path = folder / f"{acceptance.check_id}.{number:03d}.json"
    content = json.dumps(acceptance.model_dump(mode="json"), ensure_ascii=False, indent=1)
    write_whole(path, content.encode() + b"\n")
    return path


def read_acceptances(lake: Path) -> list[Acceptance]:
    """All of them, the earliest first. Raises ``DamageError`` for a file that is none."""
    return sorted((_read(path) for path in _paths(lake)), key=lambda acceptance: (acceptance.accepted_at, acceptance.check_id))


def acceptance_hashes(lake: Path) -> dict[str, str]:
    """The SHA-256 of each file, by its name relative to the lake."""
    return {path.relative_to(lake).as_posix(): _digest(path) for path in _paths(lake)}


def enter_acceptances(connection: duckdb.DuckDBPyConnection, lake: Path) -> None:
    """Let the ledger know what was recorded since.

    Raises ``DamageError`` naming a file that the ledger knows and the lake has lost or holds with other content.
    """
    connection.execute(_SCHEMA)
    known = entered_acceptances(connection)
    found = acceptance_hashes(lake)
    for name, digest in known.items():
        if found.get(name) != digest:
            raise DamageError(f"{lake / name}: not the acceptance that was recorded; put it back from a copy of the lake")
    for name in found.keys() - known.keys():
        connection.execute("insert into ledger.accepted_files values ($name, $digest)", {"name": name, "digest": found[name]})


def entered_acceptances(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """What the ledger knows, as ``acceptance_hashes``; nothing in a warehouse that was never checked."""
    try:
        return dict(connection.execute("select path, sha256 from ledger.accepted_files").fetchall())
    except duckdb.CatalogException:
        return {}


def _paths(lake: Path) -> list[Path]:
    return sorted((lake / _FOLDER).glob("*.json"))


def _digest(path: Path) -> str:
    with storage_errors(path):
        return hashlib.sha256(path.read_bytes()).hexdigest()


def _read(path: Path) -> Acceptance:
    with storage_errors(path):
        content = path.read_bytes()
    try:
        return Acceptance.model_validate_json(content)
    except ValidationError as error:
        raise DamageError(f"{path}: not what an acceptance writes; put it back from a copy of the lake") from error
