"""Publishing: build, compare, swap, and the manifest that says what is there."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import duckdb

from assets.errors import DamageError
from assets.hashing import sha256_of
from assets.home import Home, storage_errors
from assets.publication.snapshot.changes import Change, PublicationChanges, document
from assets.publication.snapshot.database import DATABASE_NAME, build_database, export_parquet
from assets.publication.store.access import Access, PublishingRules, access_of
from assets.publication.store.manifest import (
    CONTRACT_VERSION,
    PublicationFacts,
    PublishedDatabase,
    PublishedFile,
    PublishedManifest,
    PublishedTableFile,
    PublishedWaiver,
    current_manifest,
    known_manifest,
    manifest_of,
)
from assets.publication.store.swap import building, leftovers, move_rest, prune, remove_leftover, swap
from assets.publication.store.versions import (
    after_all,
    kept_versions,
    newest_parquet,
    remove_version,
    stray_logs,
    version_changes,
    version_file,
    version_manifest,
    version_page,
    version_parquet,
    versions_folder,
)
from assets.warehouse.models.model import Model

MANIFEST_NAME = "manifest.json"
# the dictionary alongside the published database
PAGE_NAME = "dictionary.html"
DEFAULT_RULES = PublishingRules()


def publish(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    models: Mapping[str, Model],
    facts: PublicationFacts,
    rules: PublishingRules = DEFAULT_RULES,
) -> PublishedManifest:
    """Publish what the private warehouse ``connection`` holds; the caller holds the writer's lock and no open transaction.

    Raises ``DamageError`` where the copy, opened again, differs from the warehouse, ``RefusedError`` where it breaks the contract,
    ``StorageError`` where the disk does not take it, ``UsageError`` where the readers' group is not known; the publication in
    force then stands as it was.
    """
    access = access_of(rules)
    finish_interrupted(home)
    former = known_manifest(home)
    # what was published is compared with, unless it is damaged; then it is removed
    is_damaged = former is not None and bool(damaged_of_version(home, former.version))
    sound = None if is_damaged else former
    refused = former.last_refused_run if former else None
    facts = replace(facts, built_at=after_all(home, facts.built_at, former.built_at if former else None))
    with building(home, access) as folder:
        file = version_file(home, sound.version) if sound else None
        version, changes = build_database(connection, folder, models, facts, refused, file)
        rows = export_parquet(folder, models, version)
        kept = _write_changes(home, folder, version, sound, changes)
        manifest = PublishedManifest(
            version=version,
            built_at=facts.built_at,
            code_version=facts.code_version,
            business_date_through=facts.business_date_through,
            issues=facts.issues,
            last_refused_run=refused,
            inputs_sha256=facts.inputs_sha256,
            database=_database_entry(home, folder, version),
            tables=table_entries(folder, {name: version_parquet(version, name) for name in rows}, rows),
            diff=kept,
            contract_version=CONTRACT_VERSION,
            acceptances=[
                PublishedWaiver.model_validate(each.model_dump(include=set(PublishedWaiver.model_fields)))
                for each in facts.in_force
            ],
        )
        page = version_page(home, version).relative_to(home.published)
        _write_page(folder / page, models, manifest)
        manifest = manifest.model_copy(update={"dictionary": _file_entry(folder, page)})
        put_in_force(home, folder, manifest, access)
    if former and is_damaged:
        with storage_errors(versions_folder(home)):
            remove_version(home, former.version)
    prune(home, version, manifest.tables, rules.kept_versions)
    return manifest


def put_in_force(home: Home, folder: Path, manifest: PublishedManifest, access: Access) -> None:
    """Swap the database, dictionary and changes built in ``folder`` in, its Parquet files under both their names, and ``manifest``, the last."""
    (folder / MANIFEST_NAME).write_bytes(manifest.as_json())
    kept = f"{versions_folder(home).name}/{manifest.version}"
    (folder / versions_folder(home).name).mkdir(exist_ok=True)
    # what a rollback says is of the moment, not of the version
    (folder / f"{kept}.json").write_bytes(manifest.model_copy(update={"rollback": None}).as_json())
    (folder / f"{kept}.duckdb").hardlink_to(folder / DATABASE_NAME)
    for name, entry in manifest.tables.items():
        (folder / newest_parquet(name)).parent.mkdir(parents=True, exist_ok=True)
        (folder / newest_parquet(name)).hardlink_to(folder / entry.file)
    page = version_page(home, manifest.version).relative_to(home.published)
    # the page goes with its version: one put in force again has the words it was published with
    if not (folder / page).exists() and (home.published / page).exists():
        (folder / page).hardlink_to(home.published / page)
    if (folder / page).exists():
        (folder / PAGE_NAME).hardlink_to(folder / page)
    _remove_stray_logs(home)
    swap(folder, home.published, _files_of(manifest, folder), access)
    _remove_stray_logs(home)


def finish_interrupted(home: Home) -> PublishedManifest | None:
    """Finish a publication that was killed after its database was renamed, and remove leftovers; returns what was finished.

    The caller holds the writer's lock. Readers may have seen that version, so it is not taken back.
    """
    finished = None
    for folder in leftovers(home):
        manifest = _prepared(folder)
        if manifest is not None and _is_begun(home, manifest):
            move_rest(folder, home.published, _files_of(manifest, folder))
            finished = manifest
        elif manifest is not None and manifest.version not in kept_versions(home):
            # a part of what goes with it may have its name already
            with storage_errors(versions_folder(home)):
                remove_version(home, manifest.version)
        remove_leftover(folder)
    return finished


def is_in_place(home: Home, manifest: PublishedManifest, rules: PublishingRules) -> bool:
    """Whether the database in force is the one that ``manifest`` names, for the readers that ``rules`` name, and no log alongside it."""
    own, access = version_file(home, manifest.version), access_of(rules)
    if not (own.exists() and home.published_database.exists()) or stray_logs(home):
        return False
    is_same = own.samefile(home.published_database) or holds(home.published_database, manifest.database.sha256)
    return is_same and all(access.is_granted(path) for path in (home.published, home.published_database, home.manifest))


def damaged_files(home: Home) -> list[str]:
    """The files of the publication in force that are not what the manifest says, and logs alongside databases, relative to ``published/``."""
    manifest = current_manifest(home)
    if manifest is None:
        return []
    entries = {newest_parquet(name): entry.sha256 for name, entry in manifest.tables.items()}
    entries[DATABASE_NAME] = manifest.database.sha256
    if manifest.dictionary is not None:
        entries[PAGE_NAME] = manifest.dictionary.sha256
    logs = [path.relative_to(home.published).as_posix() for path in stray_logs(home)]
    return damaged_of_version(home, manifest.version) + _differing(home, entries) + logs


def damaged_of_version(home: Home, version: str) -> list[str]:
    """The files of a kept version that are not what they were published as, relative to ``published/``."""
    own = version_manifest(home, version)
    manifest = manifest_of(own) if own.exists() else None
    if manifest is None or manifest.version != version:
        return [own.relative_to(home.published).as_posix()]
    files = {manifest.database.file: manifest.database.sha256}
    files |= {file.file: file.sha256 for file in (manifest.diff, manifest.dictionary) if file is not None}
    # a version of before has no Parquet files of its own
    files |= {entry.file: entry.sha256 for name, entry in manifest.tables.items() if entry.file == version_parquet(version, name)}
    return _differing(home, files)


def _differing(home: Home, entries: Mapping[str, str]) -> list[str]:
    return [name for name, said in entries.items() if not holds(home.published / name, said)]


def file_hash(path: Path) -> str:
    """The SHA-256 of a published file. Raises ``StorageError`` where it cannot be read."""
    with storage_errors(path):
        return sha256_of(path)


def _write_page(path: Path, models: Mapping[str, Model], manifest: PublishedManifest) -> None:
    # templates, workbooks and the SQL parser, which nothing needs that only looks at a publication
    from assets.publication.dictionary.content import build_dictionary
    from assets.publication.dictionary.files import write_page

    write_page(path, build_dictionary(models, manifest))


def changes_of(home: Home, manifest: PublishedManifest) -> PublicationChanges | None:
    """What ``manifest``'s version changed against the one before it, ``None`` where that was not kept.

    Raises ``DamageError`` where the file is not the one written with the version.
    """
    if manifest.diff is None:
        return None
    path = home.published / manifest.diff.file
    if not holds(path, manifest.diff.sha256):
        raise DamageError(f"{path}: not the file that was published; `zhoubao publish` writes it")
    with storage_errors(path):
        return PublicationChanges.model_validate_json(path.read_bytes())


def table_entries(folder: Path, files: Mapping[str, str], rows: Mapping[str, int]) -> dict[str, PublishedTableFile]:
    """What the manifest says of the Parquet ``files`` in ``folder``, by the tables' full names."""
    return {name: PublishedTableFile(rows=rows[name], file=file, sha256=file_hash(folder / file)) for name, file in files.items()}


def _files_of(manifest: PublishedManifest, folder: Path) -> list[str]:
    """The files of a publication in the order in which they are moved.

    The version's own come first, since nothing names them yet, their manifest after what it names; then the database, whose rename
    decides; the manifest goes last.
    """
    kept = f"versions/{manifest.version}"
    own = [entry.file for entry in manifest.tables.values()]
    newest = [newest_parquet(name) for name in manifest.tables]
    # a version put in force again keeps the changes that it was published with
    beside = [name for name in (f"{kept}.diff.json", f"{kept}.dictionary.html") if (folder / name).exists()]
    page = [PAGE_NAME] if (folder / PAGE_NAME).exists() else []
    files = [*own, *beside, f"{kept}.duckdb", f"{kept}.json", DATABASE_NAME, *newest, *page, MANIFEST_NAME]
    # in what a publisher of before has left, the two names of a table are one
    return list(dict.fromkeys(files))


def _prepared(folder: Path) -> PublishedManifest | None:
    """The manifest of a killed publication, ``None`` if it was not built completely."""
    path = folder / MANIFEST_NAME
    return manifest_of(path) if path.exists() else None


def unfinished_versions(home: Home) -> set[str]:
    """The versions that are being published, or whose publisher was killed: not all of their files are in place yet."""
    prepared = (_prepared(folder) for folder in leftovers(home))
    return {manifest.version for manifest in prepared if manifest is not None}


def _is_begun(home: Home, manifest: PublishedManifest) -> bool:
    """Whether the database of this unfinished version is already in force."""
    own = version_file(home, manifest.version)
    return own.exists() and home.published_database.exists() and own.samefile(home.published_database)


def _remove_stray_logs(home: Home) -> None:
    with storage_errors(home.published):
        for path in stray_logs(home):
            path.unlink()


def _write_changes(
    home: Home, folder: Path, version: str, former: PublishedManifest | None, changes: list[Change]
) -> PublishedFile:
    comparable = former is not None and version_file(home, former.version).exists()
    through = former.business_date_through if former and comparable else None
    kept = document(version, former.version if former and comparable else None, through, changes)
    name = version_changes(home, version).relative_to(home.published)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(kept.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return _file_entry(folder, name)


def _file_entry(folder: Path, name: Path) -> PublishedFile:
    return PublishedFile(file=name.as_posix(), sha256=file_hash(folder / name))


def _database_entry(home: Home, folder: Path, version: str) -> PublishedDatabase:
    built = folder / DATABASE_NAME
    name = version_file(home, version).relative_to(home.published).as_posix()
    return PublishedDatabase(file=name, sha256=file_hash(built), bytes=built.stat().st_size)


def holds(path: Path, said: str) -> bool:
    """Whether the file exists and has the SHA-256 ``said``."""
    return path.is_file() and file_hash(path) == said
