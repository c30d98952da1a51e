"""DuckDB's errors told apart: bytes that are not those it wrote, and a disk that takes none."""

from pathlib import Path

import duckdb
import pytest

from assets.errors import StorageError
from assets.publication.snapshot import _duckdb_errors
from assets.warehouse.damage import tells_damage


@pytest.mark.parametrize("words", ["No space left on device", "Input/output error", "Read-only file system"])
def test_a_disk_that_takes_nothing_is_no_damage(tmp_path: Path, words: str) -> None:
    error = duckdb.FatalException(f'FATAL Error: Failed to create checkpoint: Could not write file "w.duckdb": {words}')
    assert not tells_damage(error)
    with pytest.raises(StorageError, match=str(tmp_path)), _duckdb_errors(tmp_path / "w.duckdb"):
        raise error


def test_a_fatal_error_without_such_words_is_damage(tmp_path: Path) -> None:
    error = duckdb.FatalException("FATAL Error: database has been invalidated")
    assert tells_damage(error)
    with pytest.raises(duckdb.FatalException), _duckdb_errors(tmp_path / "w.duckdb"):
        raise error
