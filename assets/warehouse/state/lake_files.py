"""``ledger.lake_files``: every Parquet file that a receipt names, with its hash, its totals, and its looks when last hashed.

The hash is that of the receipt. Release 0.1.0 recorded none: its files must stay as they are when this first sees them. "Looks" are
size, inode and time of change. A file is hashed again when its looks changed, before every full build, and before an old file is
read. Its columns are noted as it is hashed.
"""

import json
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from assets.errors import LakeDamageError
from assets.exports.lake.receipt import Receipt
from assets.hashing import sha256_of
from assets.home import storage_errors

_FIX = (
    "`zhoubao rebuild --lake` makes it from its original; else put it back from a copy of the lake,"
    " or remove it and its delivery's receipt while landing still holds the delivery, and run"
)
Looks = tuple[int, int, int]


@dataclass
class LakeFiles:
    """The Parquet files of the lake by their paths within it; ``verified`` are those hashed since this was made."""

    lake: Path
    hashes: dict[str, str | None] = field(default_factory=dict)
    # as JSON: thousands are known, and a build asks for those of its new files
    totals: dict[str, str | None] = field(default_factory=dict)
    looks: dict[str, Looks | None] = field(default_factory=dict)
    # as the file's footer says when it is hashed: an older file lacks what the contract got later
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    verified: set[str] = field(default_factory=set)

    def totals_of(self, name: str) -> dict[str, int] | None:
        """The totals counted when the file was written; empty for a file of release 0.1.0."""
        said = self.totals.get(name)
        found: dict[str, int] | None = json.loads(said) if said else None
        return found

    def alike(self, names: Iterable[str]) -> list[tuple[tuple[str, ...], list[str]]]:
        """The full paths of hashed files by the columns that they hold."""
        found: dict[tuple[str, ...], list[str]] = {}
        for name in names:
            found.setdefault(self.columns[name], []).append(f"{self.lake}/{name}")
        return sorted(found.items())

    def verify(self, names: Iterable[str]) -> None:
        """Hash each file that was not hashed yet. Raises ``LakeDamageError`` naming the first that was removed or changed."""
        chosen = sorted(set(names) - self.verified)
        # hashing lets go of the interpreter
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for name, digest in zip(chosen, pool.map(self._hash, chosen), strict=True):
                expected = self.hashes.get(name)
                if expected is not None and digest != expected:
                    raise LakeDamageError(f"{self.lake / name}: its bytes are not those that were taken in; {_FIX}")
                self.hashes[name] = digest
                self.verified.add(name)

    def verify_all(self) -> None:
        """Hash every file."""
        self.verify(self.hashes)

    def verify_changed(self) -> None:
        """Hash the files that changed by size, inode or time since they were last hashed, or never were."""
        self.verify(name for name, looks in self.looks.items() if looks != self._looks(name))

    def _hash(self, name: str) -> str:
        # looked at before it is read: a change meanwhile is seen the next time
        looks = self._looks(name)
        with storage_errors(self.lake / name):
            digest = sha256_of(self.lake / name)
            self.columns[name] = self._columns(name)
        self.looks[name] = looks
        return digest

    def _columns(self, name: str) -> tuple[str, ...]:
        # a run that finds nothing new hashes nothing, and need not wait for the library
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return tuple(pq.read_schema(self.lake / name).names)
        except pa.ArrowException:
            # its hash tells the damage; a file of release 0.1.0 without one is found out when it is read
            return ()

    def _looks(self, name: str) -> Looks:
        looks = looks_of(f"{self.lake}/{name}")
        if looks is None:
            raise LakeDamageError(f"{self.lake / name}: the ledger holds this file and the lake does not; {_FIX}")
        return looks


def looks_of(path: str) -> Looks | None:
    """The file's size, inode and time of change; unchanged looks mean an untouched file. ``None`` if it is missing."""
    try:
        # thousands are looked at in each run, and a path object costs more than the look
        state = os.stat(path)  # noqa: PTH116
    except FileNotFoundError:
        return None
    return state.st_size, state.st_ino, state.st_ctime_ns


def enter(connection: duckdb.DuckDBPyConnection, lake: Path, receipts: Sequence[Receipt]) -> LakeFiles:
    """Enter the files of ``receipts`` into the ledger; hash all that are new or whose looks changed.

    Raises ``LakeDamageError`` naming a file that was removed or changed.
    """
    files = read(connection, lake)
    noted = {name: digest for name, digest in files.hashes.items() if digest is not None}
    again = [receipt.delivery for receipt in receipts]
    gone = "select path from ledger.lake_files where delivery in (select unnest($names::varchar[]))"
    for (name,) in connection.execute(gone, {"names": again}).fetchall():
        del files.hashes[name], files.totals[name], files.looks[name]
        files.columns.pop(name, None)
    new = [entry for receipt in receipts for entry in _named(receipt)]
    for _, name, digest, totals in new:
        files.hashes[name], files.totals[name], files.looks[name] = (
            digest or noted.get(name),
            json.dumps(totals) if totals is not None else None,
            None,
        )
    files.verify_changed()
    _write(connection, files, again, {name: delivery for delivery, name, _, _ in new})
    return files


def read(connection: duckdb.DuckDBPyConnection, lake: Path) -> LakeFiles:
    """The files that the ledger knows, none of them verified yet."""
    files = LakeFiles(lake)
    rows = connection.execute("select path, sha256, totals, columns, bytes, inode, changed_ns from ledger.lake_files").fetchall()
    for name, digest, totals, columns, *looks in rows:
        files.hashes[name], files.totals[name] = digest, totals
        if columns is not None:
            files.columns[name] = tuple(columns)
        files.looks[name] = None if None in looks else (looks[0], looks[1], looks[2])
    return files


def verify_changed(connection: duckdb.DuckDBPyConnection, lake: Path) -> None:
    """Hash every file that changed in size, inode or time; note the looks of those whose bytes are the same."""
    files = read(connection, lake)
    files.verify_changed()
    if files.verified:
        _write(connection, files, [], {})


def _named(receipt: Receipt) -> list[tuple[str, str, str | None, dict[str, int] | None]]:
    found = []
    for file in receipt.files:
        if file.lake_file is not None:
            found.append((receipt.delivery, file.lake_file, file.lake_sha256, file.totals))
        if file.refusals_file is not None:
            found.append((receipt.delivery, file.refusals_file, file.refusals_sha256, None))
    return found


def _write(connection: duckdb.DuckDBPyConnection, files: LakeFiles, again: list[str], new: dict[str, str]) -> None:
    """Write new files and changed looks, each in one statement: there may be thousands of rows."""
    connection.execute("delete from ledger.lake_files where delivery in (select unnest($names::varchar[]))", {"names": again})
    if new:
        connection.execute(
            "insert into ledger.lake_files (path, delivery, sha256, totals) select unnest($paths::varchar[]),"
            " unnest($deliveries::varchar[]), unnest($hashes::varchar[]), unnest($totals::varchar[])",
            {
                "paths": list(new),
                "deliveries": list(new.values()),
                "hashes": [files.hashes[name] for name in new],
                "totals": [files.totals[name] for name in new],
            },
        )
    looks = [(name, files.looks[name]) for name in sorted(files.verified)]
    seen = [(name, found) for name, found in looks if found is not None]
    if seen:
        connection.execute(
            "update ledger.lake_files as held set bytes = seen.bytes, inode = seen.inode, changed_ns = seen.changed_ns,"
            " sha256 = seen.sha256, columns = seen.columns"
            " from (select unnest($paths::varchar[]) as path, unnest($bytes::bigint[]) as bytes, unnest($inodes::bigint[]) as inode,"
            " unnest($changed::bigint[]) as changed_ns, unnest($hashes::varchar[]) as sha256,"
            " string_split(unnest($columns::varchar[]), ',') as columns) as seen where held.path = seen.path",
            {
                "paths": [name for name, _ in seen],
                "bytes": [found[0] for _, found in seen],
                "inodes": [found[1] for _, found in seen],
                "changed": [found[2] for _, found in seen],
                "hashes": [files.hashes[name] for name, _ in seen],
                "columns": [",".join(files.columns[name]) for name, _ in seen],
            },
        )
