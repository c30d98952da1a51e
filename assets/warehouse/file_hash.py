"""Whether ``warehouse.duckdb`` is, byte by byte, the file that its last writer left: its SHA-256 in ``.warehouse.sha256``.

DuckDB checks a block when it reads it. What no query reads, and what another program wrote, only this notices. The record is
removed before the file is opened for writing and written when the writer's lock is given back, so a killed writer leaves none.
"""

from pathlib import Path

from assets.exports.manifest import sha256_of
from assets.home import Home, storage_errors, sync, write_whole


def record_path(home: Home) -> Path:
    return home.root / f".{home.warehouse.stem}.sha256"


def log_path(database: Path) -> Path:
    """DuckDB's log alongside a database, which it plays into the file when it opens it; none is left by a writer that ended."""
    return database.with_name(f"{database.name}.wal")


def is_unchanged(home: Home) -> bool | None:
    """Whether the file is the one recorded, ``None`` without a record. Raises ``StorageError`` where it cannot be read."""
    path = record_path(home)
    if not path.exists():
        return None
    with storage_errors(path):
        said = path.read_bytes()
    return home.warehouse.is_file() and not log_path(home.warehouse).exists() and said == _line(home)


def forget(home: Home) -> None:
    """Remove the record, durably: after a power cut, an old record with a newer file would be taken for damage."""
    path = record_path(home)
    if path.exists():
        with storage_errors(path):
            path.unlink()
            sync(home.root)


def record(home: Home) -> None:
    """Record the file as it is now; nobody has it open. Not durable: a record lost is none, and an older one was removed."""
    if home.warehouse.is_file() and not log_path(home.warehouse).exists():
        write_whole(record_path(home), _line(home))


def _line(home: Home) -> bytes:
    """As ``sha256sum -c`` reads it."""
    with storage_errors(home.warehouse):
        return f"{sha256_of(home.warehouse)}  {home.warehouse.name}\n".encode()
