"""What a home holds, apart from times and version numbers: two homes of equal state hold the same data and publish the same figures.

Read with this suite's own queries and hashes, in a child process.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from assets.home import Home

# of a moment or of a version, not of the data
_OF_A_MOMENT = ("_at", "version", "receipt_sha256", "inputs_sha256", "holds_for", "checksum", "replaces", "salt", "signature")
_NOT_COMPARED = {"meta.publication", "meta.publication_changes", "meta.acceptances"}
_PRIVATE = ("core", "marts", "history", "meta")
_PUBLISHED = ("marts", "meta")
_COLUMNS = """
select schema_name || '.' || table_name, list(column_name order by column_index)
from duckdb_columns()
where database_name = current_database() and not internal and list_contains($schemas, schema_name)
    -- a view's rows are those of the lake
    and table_oid in (select table_oid from duckdb_tables() where database_name = current_database())
    and data_type not in ('TIMESTAMP', 'TIMESTAMP WITH TIME ZONE') and not contains(column_name, 'version')
group by all order by all
"""
_LEDGER = {
    "ledger.deliveries": ("delivery", "business_date", "sequence", "mode"),
    "ledger.files": ("delivery", "file", "sha256", "loaded", "superseded", "quarantined", "state", "lake_file"),
    "ledger.refusals": ("delivery", "file", "line", "reason_code"),
    "ledger.built_files": ("delivery", "file_index", "lake_file", "is_live", "rows"),
}
# of each table the rows and the sum of their hashes; each row is read, so that a damaged block is met
_HASHED = "select '{table}', count(*) || ' ' || coalesce(sum(cast(hash({columns}) as hugeint)), 0) from {table}"
Tables = dict[str, str]


@dataclass(frozen=True)
class State:
    """Hashes of the content of each part; a part that is not there has none. ``faults`` are what may never be."""

    lake: Tables = field(default_factory=dict)
    key: Tables = field(default_factory=dict)
    warehouse: Tables = field(default_factory=dict)
    by_name: Tables = field(default_factory=dict)
    by_manifest: Tables = field(default_factory=dict)
    faults: tuple[str, ...] = ()


def state_of(root: Path) -> State:
    """The state of the home ``root``, in whose place nothing is changed."""
    home = Home(root)
    faults: list[str] = []
    return State(
        _lake(home, faults),
        _key(home),
        _database(home.warehouse, _PRIVATE, with_ledger=True),
        _database(home.published_database, _PUBLISHED),
        _by_manifest(home, faults),
        tuple(faults),
    )


def published_state(root: Path) -> State:
    """What readers see, and no more: whoever opens the private warehouse keeps a run from it."""
    home = Home(root)
    faults: list[str] = []
    by_name = _database(home.published_database, _PUBLISHED)
    return State(by_name=by_name, by_manifest=_by_manifest(home, faults), faults=tuple(faults))


def _lake(home: Home, faults: list[str]) -> Tables:
    """Receipts with the rows that they name, openings, and what was recorded."""
    found: Tables = {}
    for path in sorted(home.lake.rglob("*")):
        name = path.relative_to(home.lake).as_posix()
        if not path.is_file() or path.name.startswith("."):
            continue
        if name.startswith("deliveries/"):
            found[name] = _receipt(home, json.loads(path.read_bytes()), faults)
        elif path.suffix == ".json":
            found[name] = _digest(_timeless(json.loads(path.read_bytes())))
        elif name.startswith("opening/") and path.suffix == ".parquet":
            found[name] = _digest(path.read_bytes())
    return found


def _key(home: Home) -> Tables:
    """Whether the key is there; which it is counts once it was changed, since the first is any."""
    if not home.key_file.exists():
        return {}
    record = home.lake / "keys.json"
    is_rotated = record.exists() and len(json.loads(record.read_bytes())["keys"]) > 1
    return {"key": _digest(home.key_file.read_bytes()) if is_rotated else "there"}


def _receipt(home: Home, receipt: dict[str, Any], faults: list[str]) -> str:
    """The receipt and the bytes of its files: it comes last, so all of them are there."""
    rows = []
    for file in receipt["files"]:
        for name in (file["lake_file"], file["refusals_file"]):
            path = home.lake / name if name else None
            if path is not None and not path.is_file():
                faults.append(f"{path} is missing, though a receipt names it")
            rows.append(_digest(path.read_bytes()) if path is not None and path.is_file() else None)
        archived = home.archive / file["sha256"][:2] / file["sha256"]
        is_erased = not archived.exists() and any(file["sha256"] in record.read_text() for record in home.lake.glob("erasures/*"))
        if not is_erased and (not archived.is_file() or _digest(archived.read_bytes()) != file["sha256"]):
            faults.append(f"{archived} is not the original that a receipt names")
    return _digest([_timeless(receipt), rows])


def _database(path: Path, schemas: tuple[str, ...], with_ledger: bool = False) -> Tables:
    if not path.exists():
        return {}
    with duckdb.connect(path, read_only=True) as connection:
        columns: dict[str, Sequence[str]] = dict(connection.execute(_COLUMNS, {"schemas": list(schemas)}).fetchall())
        if with_ledger and columns:
            columns |= _LEDGER
        queries = [
            _HASHED.format(table=table, columns=", ".join(f'"{name}"' for name in names))
            for table, names in sorted(columns.items())
            if table not in _NOT_COMPARED
        ]
        return dict(connection.execute(" union all ".join(queries)).fetchall()) if queries else {}


def _by_manifest(home: Home, faults: list[str]) -> Tables:
    """What a program reads: the manifest, then the version's own file by its hash."""
    if not home.manifest.exists():
        return {}
    manifest = json.loads(home.manifest.read_bytes())
    file = home.published / manifest["database"]["file"]
    if not file.is_file() or _digest(file.read_bytes()) != manifest["database"]["sha256"]:
        faults.append(f"{file} is not what the manifest says")
        return {}
    return _database(file, _PUBLISHED)


def parquet_faults(root: Path) -> list[str]:
    """The Parquet files of the publication in force that are not what the manifest says; true between two publications alone."""
    home = Home(root)
    if not home.manifest.exists():
        return []
    entries = json.loads(home.manifest.read_bytes())["tables"].values()
    paths = [(home.published / entry["file"], entry["sha256"]) for entry in entries]
    return [f"{path} is not what the manifest says" for path, said in paths if _digest(path.read_bytes()) != said]


def _timeless(document: Any) -> Any:
    if isinstance(document, dict):
        return {name: _timeless(value) for name, value in sorted(document.items()) if not name.endswith(_OF_A_MOMENT)}
    return [_timeless(value) for value in document] if isinstance(document, list) else document


def _digest(content: Any) -> str:
    raw = content if isinstance(content, bytes) else repr(content).encode()
    return hashlib.sha256(raw).hexdigest()
