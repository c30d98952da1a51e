"""Publishing, and going back to an older publication: build, compare, swap, and the manifest that says what is there."""

from collections.abc import Mapping
from hashlib import file_digest
from pathlib import Path

import duckdb

from assets.errors import DamageError, UsageError
from assets.home import Home, storage_errors
from assets.publication.catalogue import published_tables
from assets.publication.changes import Change, PublicationChanges, document
from assets.publication.manifest import (
    PublicationFacts,
    PublishedAcceptance,
    PublishedChanges,
    PublishedDatabase,
    PublishedManifest,
    PublishedTableFile,
    RefusedRun,
    current_manifest,
)
from assets.publication.snapshot import DATABASE_NAME, build_database, export_parquet, parquet_path
from assets.publication.swap import building, prune, swap, version_changes, version_file, version_manifest, versions_folder
from assets.warehouse.models import Model

MANIFEST_NAME = "manifest.json"


def publish(
    connection: duckdb.DuckDBPyConnection, home: Home, models: Mapping[str, Model], facts: PublicationFacts
) -> PublishedManifest:
    """Publish what the private warehouse ``connection`` holds; the caller holds the writer's lock and no open transaction.

    Raises ``DamageError`` where the copy, opened again, differs from the warehouse, ``StorageError`` where the disk does not take
    it; the publication in force then stands as it was.
    """
    refused = _last_refused(home)
    with building(home) as folder:
        former = _former(home)
        file = version_file(home, former.version) if former else None
        version, changes = build_database(connection, folder, models, facts, refused, file)
        rows = export_parquet(folder, models)
        kept = _write_changes(home, folder, version, former, changes)
        manifest = PublishedManifest(
            version=version,
            built_at=facts.built_at,
            code_version=facts.code_version,
            business_date_through=facts.business_date_through,
            issues=facts.issues,
            last_refused_run=refused,
            inputs_sha256=facts.inputs_sha256,
            database=_database_entry(home, folder, version),
            tables=_table_entries(folder, models, rows),
            diff=kept,
            acceptances=[
                PublishedAcceptance.model_validate(each.model_dump(include=set(PublishedAcceptance.model_fields)))
                for each in facts.in_force
            ],
        )
        _put_in_force(home, folder, manifest)
    prune(home, version, {entry.file for entry in manifest.tables.values()})
    return manifest


def roll_back(home: Home, models: Mapping[str, Model], version: str) -> PublishedManifest:
    """Put the kept ``version`` in force again, its Parquet files made anew; the refused run last noted stays noted.

    Raises ``UsageError`` naming the versions kept, ``DamageError`` where the kept file is not the one once published.
    """
    kept = version_manifest(home, version)
    if not (kept.exists() and version_file(home, version).exists()):
        raise UsageError(f"version {version} is not kept; kept are: {', '.join(kept_versions(home)) or 'none'}")
    with storage_errors(kept):
        once = PublishedManifest.model_validate_json(kept.read_bytes())
    if sha256_of(version_file(home, version)) != once.database.sha256:
        raise DamageError(f"{version_file(home, version)}: not the file that was published; choose another version")
    with building(home) as folder:
        (folder / DATABASE_NAME).hardlink_to(version_file(home, version))
        rows = export_parquet(folder, models)
        again = {"last_refused_run": _last_refused(home), "tables": _table_entries(folder, models, rows)}
        manifest = once.model_copy(update=again)
        _put_in_force(home, folder, manifest)
    return manifest


def kept_versions(home: Home) -> list[str]:
    """The versions that can be put in force again, oldest first."""
    return sorted(path.stem for path in versions_folder(home).glob("*.json") if path.with_suffix(".duckdb").exists())


def damaged_files(home: Home) -> list[str]:
    """The files of the publication in force whose content is not what the manifest says, relative to ``published/``."""
    manifest = current_manifest(home)
    if manifest is None:
        return []
    entries = {entry.file: entry.sha256 for entry in manifest.tables.values()}
    entries |= dict.fromkeys([manifest.database.file, DATABASE_NAME], manifest.database.sha256)
    if manifest.diff is not None:
        entries[manifest.diff.file] = manifest.diff.sha256
    return [name for name, said in entries.items() if not _holds(home.published / name, said)]


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content, as hexadecimal digits."""
    with storage_errors(path), path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def _put_in_force(home: Home, folder: Path, manifest: PublishedManifest) -> None:
    (folder / MANIFEST_NAME).write_bytes(manifest.as_json())
    kept = f"{versions_folder(home).name}/{manifest.version}"
    (folder / versions_folder(home).name).mkdir(exist_ok=True)
    (folder / f"{kept}.json").write_bytes(manifest.as_json())
    (folder / f"{kept}.duckdb").hardlink_to(folder / DATABASE_NAME)
    parquet = [entry.file for entry in manifest.tables.values()]
    # a version put in force again keeps the changes that it was published with
    changes = [f"{kept}.diff.json"] if (folder / f"{kept}.diff.json").exists() else []
    swap(folder, home.published, [f"{kept}.duckdb", f"{kept}.json", *changes, *parquet, DATABASE_NAME, MANIFEST_NAME])


def _last_refused(home: Home) -> RefusedRun | None:
    manifest = _former(home)
    return None if manifest is None else manifest.last_refused_run


def _former(home: Home) -> PublishedManifest | None:
    try:
        return current_manifest(home)
    except DamageError:
        # a publication is what mends a damaged manifest
        return None


def changes_of(home: Home, manifest: PublishedManifest) -> PublicationChanges | None:
    """What ``manifest``'s version changed against the one before it, ``None`` where that was not kept.

    Raises ``DamageError`` where the file is not the one written with the version.
    """
    if manifest.diff is None:
        return None
    path = home.published / manifest.diff.file
    if not _holds(path, manifest.diff.sha256):
        raise DamageError(f"{path}: not the file that was published; the next publication writes its own")
    with storage_errors(path):
        return PublicationChanges.model_validate_json(path.read_bytes())


def _write_changes(
    home: Home, folder: Path, version: str, former: PublishedManifest | None, changes: list[Change]
) -> PublishedChanges:
    comparable = former is not None and version_file(home, former.version).exists()
    through = former.business_date_through if former and comparable else None
    kept = document(version, former.version if former and comparable else None, through, changes)
    name = version_changes(home, version).relative_to(home.published)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(kept.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return PublishedChanges(file=name.as_posix(), sha256=sha256_of(folder / name))


def _database_entry(home: Home, folder: Path, version: str) -> PublishedDatabase:
    built = folder / DATABASE_NAME
    name = version_file(home, version).relative_to(home.published).as_posix()
    return PublishedDatabase(file=name, sha256=sha256_of(built), bytes=built.stat().st_size)


def _table_entries(folder: Path, models: Mapping[str, Model], rows: Mapping[str, int]) -> dict[str, PublishedTableFile]:
    files = {table.full_name: parquet_path(table) for table in published_tables(models)}
    return {name: PublishedTableFile(rows=rows[name], file=file, sha256=sha256_of(folder / file)) for name, file in files.items()}


def _holds(path: Path, said: str) -> bool:
    return path.exists() and sha256_of(path) == said
