"""DuckDB's errors told apart: bytes that are not those it wrote, and a disk that takes none."""

import errno
from pathlib import Path

import duckdb
import pytest

from assets.errors import StorageError
from assets.home import Home
from assets.publication.snapshot.database import _duckdb_errors
from assets.warehouse.connection import open_warehouse, writer_lock
from assets.warehouse.damage import tells_damage


@pytest.mark.parametrize("words", ["No space left on device", "Input/output error", "Read-only file system"])
def test_a_disk_that_takes_nothing_is_no_damage(tmp_path: Path, words: str) -> None:
    error = duckdb.FatalException(f'FATAL Error: Failed to create checkpoint: Could not write file "w.duckdb": {words}')
    assert not tells_damage(error)
    with pytest.raises(StorageError, match=str(tmp_path)), _duckdb_errors(tmp_path / "w.duckdb"):
        raise error


@pytest.mark.parametrize("kind", [duckdb.IOException, duckdb.FatalException])
@pytest.mark.parametrize("name", ["warehouse.duckdb.wal", "lake/accept/2023-08-28/a.parquet"])
def test_the_file_that_the_disk_failed_is_named(tmp_path: Path, kind: type[duckdb.Error], name: str) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    path = home.root / name
    with (
        writer_lock(home, 0, "test"),
        pytest.raises(StorageError, match=f"{path}: the disk fails"),
        open_warehouse(home),
    ):
        raise kind(f'Could not write file "{path}": Input/output error')


def test_a_fatal_error_without_such_words_is_damage(tmp_path: Path) -> None:
    error = duckdb.FatalException("FATAL Error: database has been invalidated")
    assert tells_damage(error)
    with pytest.raises(duckdb.FatalException), _duckdb_errors(tmp_path / "w.duckdb"):
        raise error


def test_a_disk_too_full_to_say_who_writes_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path / "home")
    home.prepare()

    def full(*_: object, **__: object) -> int:
        # as a write to an open file tells it: without a name
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(StorageError, match=str(home.root)), writer_lock(home, 0, "test"):
        pass
