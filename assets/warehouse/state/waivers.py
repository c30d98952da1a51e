"""Waivers in the lake, ``lake/acceptances/<check>.NNN.json``: each lets one failed check pass, as an authorised person decided.

Here are the file's form, the function that writes it (once) and its entry in the ledger: a file that was removed or changed is
damage. When a waiver holds is in ``assets/quality/check_waivers.py``. Folder, fields and ``meta.acceptances`` keep the former
name, by which existing homes and programs know them.
"""

from datetime import date, datetime
from pathlib import Path

import duckdb
from pydantic import BaseModel, ConfigDict

from assets.exports.lake.sealed import hashes_of, read_sealed, write_once, written_once
from assets.warehouse.state import lake_records

WAIVERS = "acceptances"


class Waiver(BaseModel):
    """The waiver of one failed check, for the data and rules whose hash is ``holds_for`` and for nothing loaded later.

    ``deliveries`` are those that no good publication held yet, from ``business_date_from`` to ``business_date_through``;
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


def put_waiver(lake: Path, waiver: Waiver) -> Path:
    """Write ``waiver`` as a new file; the caller holds the writer's lock, so the next number is free."""
    folder = lake / WAIVERS
    number = len(list(folder.glob(f"{waiver.check_id}.[0-9][0-9][0-9].json"))) + 1
    path = folder / f"{waiver.check_id}.{number:03d}.json"
    write_once(path, waiver)
    return path


def read_waivers(lake: Path) -> list[Waiver]:
    """All waivers, the earliest first. Raises ``DamageError`` for a file that is not a waiver."""
    found = (_read(path) for path in written_once(lake, WAIVERS))
    return sorted(found, key=lambda waiver: (waiver.accepted_at, waiver.check_id))


def waiver_hashes(lake: Path) -> dict[str, str]:
    """The SHA-256 of each waiver's file, by its name relative to the lake."""
    return hashes_of(lake, WAIVERS)


def enter_waivers(connection: duckdb.DuckDBPyConnection, lake: Path) -> None:
    """Enter the waivers that were recorded since the last call into the ledger.

    Raises ``LakeDamageError`` naming a file that the ledger knows and that the lake lost or holds with other content.
    """
    for path in lake_records.enter(connection, lake, WAIVERS):
        _read(path)


def _read(path: Path) -> Waiver:
    return read_sealed(path, Waiver, "a waiver")
