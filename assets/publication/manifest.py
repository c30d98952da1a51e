"""The manifest of the publication: read by programs as the switch that says which files belong together.

Its form is fixed; the database's table ``meta.publication`` says the same facts.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from assets.errors import DamageError
from assets.home import PUBLIC_FILE, Home, storage_errors, write_whole
from assets.warehouse.acceptances import Acceptance


@dataclass(frozen=True)
class PublicationFacts:
    """What the run knows of this publication; ``built_at`` is naive Beijing time."""

    built_at: datetime
    code_version: str
    business_date_through: date | None
    issues: list[str]
    inputs_sha256: str
    # all that were ever recorded, and those that hold for the data of this publication
    acceptances: tuple[Acceptance, ...] = ()
    in_force: tuple[Acceptance, ...] = ()


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RefusedRun(_Entry):
    """A run that a check kept from publishing; older than ``built_at`` where a later run published."""

    run_at: datetime
    checks: list[str]


class PublishedAcceptance(_Entry):
    """A failed check that the publication was let pass with; ``meta.acceptances`` has more of it."""

    check_id: str
    rule: str
    reason: str
    accepted_at: datetime


class PublishedDatabase(_Entry):
    """The version's own database file, relative to ``published/``; it keeps its content when a later version replaces it."""

    file: str
    sha256: str
    bytes: int


class PublishedChanges(_Entry):
    """What the version changed against the one before it, relative to ``published/``; kept as long as its version."""

    file: str
    sha256: str


class PublishedTableFile(_Entry):
    """One table's Parquet file, relative to ``published/``."""

    rows: int
    file: str
    sha256: str


class PublishedManifest(_Entry):
    """``published/manifest.json``."""

    version: str
    built_at: datetime
    code_version: str
    business_date_through: date | None
    issues: list[str]
    last_refused_run: RefusedRun | None
    inputs_sha256: str
    database: PublishedDatabase
    tables: dict[str, PublishedTableFile]
    # a manifest of before they were kept has none
    diff: PublishedChanges | None = None
    acceptances: list[PublishedAcceptance] = []

    @property
    def refused_since(self) -> RefusedRun | None:
        """The run that was refused after this was published, if there is one."""
        refused = self.last_refused_run
        return refused if refused and refused.run_at > self.built_at else None

    def as_json(self) -> bytes:
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=2).encode() + b"\n"


def read_manifest(home: Home) -> dict[str, Any] | None:
    """The manifest as it is on disk, ``None`` where nothing is published.

    Raises ``DamageError`` where it is no manifest, ``StorageError`` where it cannot be read.
    """
    manifest = current_manifest(home)
    return None if manifest is None else manifest.model_dump(mode="json")


def current_manifest(home: Home) -> PublishedManifest | None:
    """The same, typed."""
    if not home.manifest.exists():
        return None
    with storage_errors(home.manifest):
        content = home.manifest.read_bytes()
    try:
        return PublishedManifest.model_validate_json(content)
    except ValidationError as error:
        raise DamageError(
            f"{home.manifest}: not a manifest of a publication: move it away, and the next run writes it anew"
        ) from error


def note_refusal(home: Home, run_at: datetime, checks: Sequence[str]) -> None:
    """Say in the manifest that the run of ``run_at`` was refused by ``checks``; where nothing is published, write nothing."""
    manifest = current_manifest(home)
    if manifest is None:
        return
    refused = RefusedRun(run_at=run_at, checks=list(checks))
    write_whole(home.manifest, manifest.model_copy(update={"last_refused_run": refused}).as_json(), PUBLIC_FILE)
