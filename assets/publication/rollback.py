"""Rolls back to a kept version, removes one, and lists them."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from assets.errors import DamageError, RefusedError, UsageError
from assets.home import Home, storage_errors
from assets.publication.publish import (
    DEFAULT_RULES,
    damaged_files,
    file_hash,
    finish_interrupted,
    holds,
    is_in_place,
    put_in_force,
    table_entries,
)
from assets.publication.snapshot.database import DATABASE_NAME, export_again
from assets.publication.store.access import PublishingRules, access_of
from assets.publication.store.manifest import PublishedManifest, PublishedTableFile, Rollback, known_manifest, manifest_of
from assets.publication.store.swap import building, prune
from assets.publication.store.versions import (
    all_versions,
    kept_versions,
    remove_version,
    version_file,
    version_manifest,
    version_parquet,
)
from assets.sql_text import literal

# what was published as final: whoever reads an issue from a version without it would print other figures
_FINAL = {"published_figures": ("issue_key", "figure", "value"), "errata": ("issue_key", "erratum_no", "text")}


@dataclass(frozen=True)
class KeptVersion:
    """One version that can be put in force; its facts are ``None`` where its manifest cannot be read. ``rows`` are of all tables."""

    version: str
    built_at: datetime | None
    business_date_through: date | None
    rows: int | None
    is_in_force: bool


def list_versions(home: Home) -> list[KeptVersion]:
    """The versions kept, newest first."""
    in_force = known_manifest(home)
    return [_listed(home, version, in_force) for version in reversed(kept_versions(home))]


def roll_back(home: Home, version: str, at: datetime, rules: PublishingRules = DEFAULT_RULES) -> PublishedManifest | None:
    """Put the kept ``version`` in force again, with damaged Parquet files rewritten; ``None`` if it is in force and undamaged.

    ``at`` is naive Beijing time; the caller holds the writer's lock. The refused run last noted stays noted. Raises ``UsageError``
    naming the versions kept, ``DamageError`` where the kept file is not the one once published, ``RefusedError`` where figures that
    are published as final now were not yet so in ``version``.
    """
    access = access_of(rules)
    finished = finish_interrupted(home)
    once, former = _once(home, version), known_manifest(home)
    if former and former.version == version and is_in_place(home, former, rules) and not damaged_files(home):
        # a killed rollback to it has put it in force just now, or it was in force before
        return finished
    _refuse_to_lose_final_figures(home, version, former)
    with building(home, access) as folder:
        (folder / DATABASE_NAME).hardlink_to(version_file(home, version))
        again = {
            "last_refused_run": former.last_refused_run if former else None,
            "tables": _parquet_of(home, folder, once),
            "rollback": _record(once, former, at),
        }
        manifest = once.model_copy(update=again)
        put_in_force(home, folder, manifest, access)
    prune(home, version, manifest.tables, rules.kept_versions)
    return manifest


def forget_version(home: Home, version: str) -> None:
    """Remove a version kept, whole or damaged; the caller holds the writer's lock.

    Raises ``UsageError`` naming those there are, ``RefusedError`` where readers have it.
    """
    finish_interrupted(home)
    there = all_versions(home)
    if version not in there:
        raise UsageError(f"version {version} is not kept; kept are: {', '.join(there) or 'none'}")
    in_force, own = known_manifest(home), version_file(home, version)
    is_read = own.exists() and home.published_database.exists() and own.samefile(home.published_database)
    if is_read or (in_force and in_force.version == version):
        raise RefusedError(f"version {version} is in force; publish, or go back to another, and then remove it")
    with storage_errors(own):
        remove_version(home, version)


def _once(home: Home, version: str) -> PublishedManifest:
    """The manifest with which ``version`` was published, after verifying the hash of its database."""
    kept = kept_versions(home)
    if version not in kept:
        raise UsageError(f"version {version} is not kept; kept are: {', '.join(kept) or 'none'}")
    once = manifest_of(version_manifest(home, version))
    if once is None:
        raise DamageError(f"{version_manifest(home, version)}: not a manifest; choose another version")
    if file_hash(version_file(home, version)) != once.database.sha256:
        raise DamageError(f"{version_file(home, version)}: not the file that was published; choose another version")
    return once


def _parquet_of(home: Home, folder: Path, once: PublishedManifest) -> dict[str, PublishedTableFile]:
    """Put the version's Parquet files below ``folder``: the undamaged ones as they are, all others exported from its database."""
    files = {name: version_parquet(once.version, name) for name in once.tables}
    whole = [name for name, file in files.items() if holds(home.published / file, once.tables[name].sha256)]
    for name in whole:
        (folder / files[name]).parent.mkdir(parents=True, exist_ok=True)
        (folder / files[name]).hardlink_to(home.published / files[name])
    rows = {name: once.tables[name].rows for name in whole}
    rows |= export_again(folder, {name: file for name, file in files.items() if name not in rows})
    return table_entries(folder, files, rows)


def _record(once: PublishedManifest, former: PublishedManifest | None, at: datetime) -> Rollback | None:
    """The manifest's entry of the rollback: of several in a row, the version of the first; none when that one is restored."""
    if former is None:
        return None
    newest = former.rollback.from_version if former.rollback else former.version
    if once.version == newest:
        return None
    return Rollback(at=at, from_version=newest, inputs_sha256=former.settled_inputs)


def _refuse_to_lose_final_figures(home: Home, version: str, former: PublishedManifest | None) -> None:
    if former is None or former.version == version or not version_file(home, former.version).exists():
        return
    try:
        issues = _issues_lost(home, version, former.version)
    except duckdb.Error:
        # a version that cannot be read is what one goes back from
        return
    if issues:
        raise RefusedError(
            f"version {version} is from before issue {', '.join(issues)} was frozen or corrected, and readers would get other figures"
            " for it than those published; choose a version from after that (publish --list), or fix the data and run"
        )


def _issues_lost(home: Home, version: str, former: str) -> list[str]:
    with duckdb.connect() as con:
        for name, kept in (("target", version), ("in_force", former)):
            con.execute(f"attach {literal(str(version_file(home, kept)))} as {name} (read_only)")
        lost: set[str] = set()
        for table, columns in _FINAL.items():
            if not _has(con, "in_force", table):
                continue
            final = f"select {', '.join(columns)} from {{}}.marts.{table}"
            there = f" except {final.format('target')}" if _has(con, "target", table) else ""
            lost |= {row[0] for row in con.execute(final.format("in_force") + there).fetchall()}
    return sorted(lost)


def _has(con: duckdb.DuckDBPyConnection, database: str, table: str) -> bool:
    found = con.execute(
        "select count(*) from duckdb_tables() where database_name = ? and schema_name = 'marts' and table_name = ?",
        [database, table],
    ).fetchone()
    return found is not None and found[0] > 0


def _listed(home: Home, version: str, in_force: PublishedManifest | None) -> KeptVersion:
    kept = manifest_of(version_manifest(home, version))
    is_in_force = in_force is not None and in_force.version == version
    if kept is None:
        return KeptVersion(version, None, None, None, is_in_force)
    rows = sum(table.rows for table in kept.tables.values())
    return KeptVersion(version, kept.built_at, kept.business_date_through, rows, is_in_force)
