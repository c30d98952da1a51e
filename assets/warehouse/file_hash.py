"""The SHA-256 of ``warehouse.duckdb`` as its last writer left it, in ``.warehouse.sha256``: any other byte is damage.

DuckDB checks a block when it reads it. What no query reads, and what another program wrote, only this notices. The record is
removed before the file is opened for writing and written when the writer's lock is given back, so a killed writer leaves none.
"""

from pathlib import Path

from assets.hashing import sha256_of
from assets.home import Home, storage_errors, sync, write_whole


def record_path(home: Home) -> Path:
    return home.root / f".{home.warehouse.stem}.sha256"


def log_path(database: Path) -> Path:
    """DuckDB's log alongside a database. DuckDB replays it when it opens the file; a writer that ended properly leaves none."""
    return database.with_name(f"{database.name}.wal")


def is_unchanged(home: Home) -> bool | None:
    """Whether the file still has the recorded hash; ``None`` without a record. Raises ``StorageError`` if it cannot be read."""
    path = record_path(home)
    if not path.exists():
        return None
    with storage_errors(path):
        said = path.read_bytes()
    return home.warehouse.is_file() and not log_path(home.warehouse).exists() and said == _line(home)


def forget(home: Home) -> None:
    """Remove the record and sync its folder: after a power cut, an old record with a newer file would look like damage."""
    path = record_path(home)
    if path.exists():
        with storage_errors(path):
            path.unlink()
            sync(home.root)


def record(home: Home) -> None:
    """Record the hash of the file, which nobody has open. No sync: a lost record does no harm, since the older one was removed."""
    if home.warehouse.is_file() and not log_path(home.warehouse).exists():
        write_whole(record_path(home), _line(home))


def _line(home: Home) -> bytes:
    """As ``sha256sum -c`` reads it."""
    with storage_errors(home.warehouse):
        return f"{sha256_of(home.warehouse)}  {home.warehouse.name}\n".encode()
