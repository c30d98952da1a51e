"""Telling that a DuckDB file is damaged from whatever else DuckDB may report."""

from pathlib import Path

import duckdb

from assets.errors import DamageError
from assets.guard import full_disk_words

_KINDS = (duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)
# a wrong checksum comes as the base class, a cut file as the class of a full disk
_WORDS = ("Corrupt database file", "not a valid DuckDB database", "Could not read enough bytes")


def tells_damage(error: BaseException | None) -> bool:
    """Whether DuckDB, in ``error`` or what caused it, met bytes that are not those it wrote."""
    while error is not None:
        if tells_full_disk(error):
            return False
        if isinstance(error, _KINDS):
            return True
        if isinstance(error, duckdb.Error) and any(words in str(error) for words in _WORDS):
            return True
        error = error.__cause__
    return False


def tells_full_disk(error: BaseException) -> bool:
    """Whether the disk failed DuckDB or was full: a checkpoint that ends for that is of the same class of error as damage."""
    return isinstance(error, duckdb.Error) and full_disk_words(error) is not None


def damaged_publication(published: Path) -> DamageError:
    """What to raise where that was met in a published file."""
    return DamageError(f"{published} is damaged; `zhoubao doctor` names the step that puts it right")
