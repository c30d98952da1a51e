"""The manifest of the publication: read by programs as the switch that says which files belong together.

Its form is fixed; the database's table ``meta.publication`` says the same facts, as far as they were known when it was built.
"""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from assets.errors import DamageError, LakeDamageError
from assets.exports.lake.sealed import read_sealed, sealed
from assets.home import Home, replacing, storage_errors
from assets.warehouse.state.waivers import Waiver

# added to within a major version, never taken from: see docs/contract.md
CONTRACT_VERSION = "1.1"


@dataclass(frozen=True)
class PublicationFacts:
    """What the run knows of this publication; ``built_at`` is naive Beijing time."""

    built_at: datetime
    code_version: str
    business_date_through: date | None
    issues: list[str]
    inputs_sha256: str
    # all waivers ever recorded, and those that hold for the data of this publication
    waivers: tuple[Waiver, ...] = ()
    in_force: tuple[Waiver, ...] = ()


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RefusedRun(_Entry):
    """A run that a check kept from publishing; older than ``built_at`` where a later run published."""

    run_at: datetime
    checks: list[str]


class PublishedWaiver(_Entry):
    """A failed check that was waived for this publication; ``meta.acceptances`` says more about it."""

    check_id: str
    rule: str
    reason: str
    accepted_at: datetime


class PublishedDatabase(_Entry):
    """The version's own database file, relative to ``published/``; it keeps its content when a later version replaces it."""

    file: str
    sha256: str
    bytes: int


class PublishedFile(_Entry):
    """What goes with the version, relative to ``published/``, and is kept as long: its changes against the one before, its dictionary."""

    file: str
    sha256: str


class Rollback(_Entry):
    """An older version was put in force by hand. It stays until there is other input than ``inputs_sha256``, or ``publish``."""

    at: datetime
    from_version: str
    inputs_sha256: str


class PublishedTableFile(_Entry):
    """One table's Parquet file, relative to ``published/``: the version's own, which stays as it was written."""

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
    # a manifest of before these were kept has none of them
    diff: PublishedFile | None = None
    dictionary: PublishedFile | None = None
    contract_version: str | None = None
    rollback: Rollback | None = None
    # programs know the waivers by this name
    acceptances: list[PublishedWaiver] = []

    @property
    def settled_inputs(self) -> str:
        """The inputs for which no new publication is due: its own, or those that a rollback set aside."""
        return self.rollback.inputs_sha256 if self.rollback else self.inputs_sha256

    @property
    def refused_since(self) -> RefusedRun | None:
        """The run that was refused after this was published, if there is one."""
        refused = self.last_refused_run
        return refused if refused and refused.run_at > self.built_at else None

    def as_json(self) -> bytes:
        """Ends in a checksum of its own: nothing else says what a manifest must be."""
        return sealed(self)


def read_manifest(home: Home) -> dict[str, Any] | None:
    """The manifest as it is on disk, ``None`` where nothing is published.

    Raises ``DamageError`` where it is not a manifest, ``StorageError`` where it cannot be read.
    """
    manifest = current_manifest(home)
    return None if manifest is None else manifest.model_dump(mode="json")


def current_manifest(home: Home) -> PublishedManifest | None:
    """The same, typed."""
    if not home.manifest.exists():
        return None
    manifest = manifest_of(home.manifest)
    if manifest is None:
        raise DamageError(
            f"{home.manifest}: not a manifest of a publication, or not as it was written; `zhoubao publish` writes it"
        )
    return manifest


def known_manifest(home: Home) -> PublishedManifest | None:
    """The manifest in force, ``None`` where it is damaged too: a publication puts it right."""
    try:
        return current_manifest(home)
    except DamageError:
        return None


def manifest_of(path: Path) -> PublishedManifest | None:
    """The manifest in the file ``path``, ``None`` where it holds none or not the one that was written."""
    try:
        return read_sealed(path, PublishedManifest, "a manifest")
    except LakeDamageError:
        return None


def note_refusal(home: Home, run_at: datetime, checks: Sequence[str]) -> None:
    """Say in the manifest that the run of ``run_at`` was refused by ``checks``; where nothing is published, write nothing."""
    manifest = current_manifest(home)
    if manifest is None:
        return
    refused = RefusedRun(run_at=run_at, checks=list(checks))
    _rewrite(home.manifest, manifest.model_copy(update={"last_refused_run": refused}))


def _rewrite(path: Path, manifest: PublishedManifest) -> None:
    """Replace the manifest by another, for the same readers."""
    with storage_errors(path):
        former = path.stat()
        with replacing(path, stat.S_IMODE(former.st_mode)) as temporary:
            temporary.write_bytes(manifest.as_json())
            os.chown(temporary, -1, former.st_gid)
