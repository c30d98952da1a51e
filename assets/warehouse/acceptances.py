"""Acceptances in the lake, ``lake/acceptances/<check>.NNN.json``: failed checks that an authorised person let pass.

The form of the file, the one way to write it (once), and the ledger that knows it: one that is gone or changed is damage.
When a check may be accepted is the quality step's to say.
"""

from datetime import date, datetime
from pathlib import Path

import duckdb
from pydantic import BaseModel, ConfigDict

from assets.exports.sealed import hashes_of, read_sealed, write_once, written_once
from assets.warehouse import recorded

ACCEPTANCES = "acceptances"


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
    folder = lake / ACCEPTANCES
    number = len(list(folder.glob(f"{acceptance.check_id}.[0-9][0-9][0-9].json"))) + 1
    path = folder / f"{acceptance.check_id}.{number:03d}.json"
    write_once(path, acceptance)
    return path


def read_acceptances(lake: Path) -> list[Acceptance]:
    """All of them, the earliest first. Raises ``DamageError`` for a file that is none."""
    found = (_read(path) for path in written_once(lake, ACCEPTANCES))
    return sorted(found, key=lambda acceptance: (acceptance.accepted_at, acceptance.check_id))


def acceptance_hashes(lake: Path) -> dict[str, str]:
    """The SHA-256 of each file, by its name relative to the lake."""
    return hashes_of(lake, ACCEPTANCES)


def enter_acceptances(connection: duckdb.DuckDBPyConnection, lake: Path) -> None:
    """Let the ledger know what was recorded since.

    Raises ``LakeDamageError`` naming a file that the ledger knows and the lake has lost or holds with other content.
    """
    for path in recorded.enter(connection, lake, ACCEPTANCES):
        _read(path)


def _read(path: Path) -> Acceptance:
    return read_sealed(path, Acceptance, "what an acceptance writes")
