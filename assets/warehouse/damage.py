"""Tells damage of a DuckDB file from DuckDB's other errors."""

from pathlib import Path

import duckdb

from assets.errors import DamageError
from assets.guard import full_disk_words

_KINDS = (duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)
# a wrong checksum comes as the base class, a cut file as the class of a full disk
_WORDS = ("Corrupt database file", "not a valid DuckDB database", "Could not read enough bytes")


def tells_damage(error: BaseException | None) -> bool:
    """Whether ``error``, or an error that caused it, says that DuckDB read bytes that it did not write."""
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
    """Whether the disk failed or was full: DuckDB reports a checkpoint that fails for this with the same error class as damage."""
    return isinstance(error, duckdb.Error) and full_disk_words(error) is not None


def damaged_publication(published: Path) -> DamageError:
    """The error to raise for damage in a published file."""
    return DamageError(f"{published} is damaged; `zhoubao doctor` names the step that puts it right")
