"""The gate: whatever leaves a step, no word of a library is left in it or in what Dagster would store of it."""

import errno
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import dagster as dg
import duckdb
import polars as pl
import pytest
from dagster._utils.error import serializable_error_info_from_exc_info

from assets.calendar import find_issue
from assets.errors import DamageError, StorageError, UnexpectedError, ZhoubaoError
from assets.guard import gated, without_values

SECRET = "䶮某某 510106199001011234"


def raising(kind: Callable[[str], BaseException]) -> Callable[[], object]:
    def step() -> object:
        try:
            raise ValueError(SECRET)
        except ValueError as cause:
            error = kind(SECRET)
            error.add_note(SECRET)
            raise error from cause

    return gated(step)


def _raise(error: BaseException) -> None:
    raise error


def _raise_while_handling(first: BaseException, second: BaseException) -> None:
    try:
        raise first
    except type(first):
        raise second  # noqa: B904


def _on_full_sqlite() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("pragma max_page_count = 2")
        connection.execute("create table t (x)")
        connection.execute("insert into t values (zeroblob(100000))")


def _on_readonly_sqlite() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        sqlite3.connect(path).close()
        path.write_bytes(b"")
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("create table t (x)")


def stored(step: Callable[[], object]) -> str:
    """All that Dagster keeps of the error that ``step`` ends with."""
    try:
        step()
    except ZhoubaoError:
        return str(serializable_error_info_from_exc_info(sys.exc_info()))
    raise AssertionError("no error came")


@pytest.mark.parametrize(
    "kind",
    [
        ValueError,
        duckdb.ConversionException,
        pl.exceptions.ComputeError,
        pl.exceptions.PanicException,
        lambda _: DamageError("a file is damaged"),
        lambda words: OSError(errno.ENOSPC, words),
        lambda words: ExceptionGroup(words, [ValueError(words)]),
    ],
)
def test_neither_message_nor_note_nor_cause_is_stored(kind: Callable[[str], BaseException]) -> None:
    kept = stored(raising(kind))
    assert SECRET not in kept
    assert "ValueError: " not in kept


def test_an_error_of_this_project_is_itself_without_what_caused_it() -> None:
    with pytest.raises(DamageError, match=r"^a file is damaged$") as caught:
        raising(lambda _: DamageError("a file is damaged"))()
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_an_unforeseen_error_says_its_classes_and_where_in_this_project() -> None:
    message = r"^unexpected ValueError at a place outside this project's code; see docs/operations\.md$"
    with pytest.raises(UnexpectedError, match=message):
        gated(lambda: int(SECRET))()
    with pytest.raises(UnexpectedError, match=r"^unexpected \w+ at assets/calendar\.py:\d+ \w+"):
        gated(find_issue)(None, None, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(errno.EACCES, SECRET, "landing/a.csv"), "landing/a.csv: Permission denied"),
        (OSError(errno.ENOSPC, SECRET), "the disk: No space left on device"),
        (MemoryError(SECRET), "memory is exhausted at a place outside this project's code"),
        (duckdb.OutOfMemoryException(SECRET), "DuckDB needs more than the setting memory_limit"),
        (duckdb.OutOfMemoryException(f"{SECRET} max_temp_directory_size"), "the disk has no room for what DuckDB spills"),
        (duckdb.IOException(f"{SECRET}: No space left on device"), "the disk is full"),
        (duckdb.IOException(SECRET), "DuckDB cannot read or write a file: see disk and permissions"),
    ],
)
def test_disk_memory_and_permission_are_told_apart_by_class_and_number(error: BaseException, said: str) -> None:
    shown = without_values(error)
    assert (type(shown), str(shown)) == (StorageError, said)


@pytest.mark.parametrize(
    ("raising_it", "said"),
    [
        # polars and pyarrow give the system's words without its number
        (lambda: _raise(OSError(f"{SECRET} (os error 28)")), "the disk is full"),
        (lambda: _raise(pl.exceptions.ComputeError(f"{SECRET}: No space left on device (os error 28)")), "the disk is full"),
        (lambda: _raise(duckdb.FatalException(f"{SECRET} Disk quota exceeded")), "the disk is full: the user may not store more"),
        (lambda: _raise(duckdb.TransactionException(f"{SECRET} Read-only file system")), "the disk cannot be written"),
        # xlsxwriter fails anew while it handles the full disk
        (lambda: _raise_while_handling(OSError(errno.ENOSPC, SECRET), ValueError(SECRET)), "the disk is full"),
        (_on_full_sqlite, "the disk is full"),
        (_on_readonly_sqlite, "SQLite cannot read or write a file: see disk and permissions"),
    ],
)
def test_a_full_or_closed_disk_is_known_by_number_by_code_and_by_words(raising_it: Callable[[], object], said: str) -> None:
    with pytest.raises(StorageError) as caught:
        gated(raising_it)()
    assert str(caught.value) == said


def test_a_missing_file_that_was_handled_does_not_make_another_error_one_of_the_disk() -> None:
    with pytest.raises(UnexpectedError):
        gated(lambda: _raise_while_handling(FileNotFoundError(errno.ENOENT, SECRET), ValueError(SECRET)))()


def test_a_damaged_sqlite_file_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    path.write_bytes(b"x" * 5000)

    def step() -> object:
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute("select 1 from t").fetchall()

    with pytest.raises(DamageError, match="zhoubao run sets them aside"):
        gated(step)()


def test_an_os_error_of_a_library_that_names_no_number_is_unforeseen() -> None:
    assert type(without_values(OSError(SECRET))) is UnexpectedError


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_an_interruption_passes_as_it_is(kind: type[BaseException]) -> None:
    def step() -> None:
        raise kind

    with pytest.raises(kind):
        gated(step)()


def test_a_generator_gives_its_values_and_then_the_retold_error() -> None:
    closed = []

    @gated
    def step() -> Iterator[int]:
        try:
            yield 1
            yield 2
            raise ValueError(SECRET)
        finally:
            closed.append(True)

    assert next(iter(step())) == 1
    given = []
    with pytest.raises(UnexpectedError, match=r"^unexpected ValueError"):
        for value in step():
            given.append(value)
    assert given == [1, 2]
    # the one that was not read to its end is closed too
    assert closed == [True, True]


def test_dagster_sees_the_step_behind_the_gate() -> None:
    @dg.asset
    @gated
    def numbers(context: dg.AssetExecutionContext, factor: dg.ResourceParam[int]) -> dg.MaterializeResult[None]:
        """Its words."""
        context.log.debug("a step has its context")
        return dg.MaterializeResult(metadata={"rows": factor})

    assert dg.materialize([numbers], resources={"factor": 3}).success
    assert numbers.op.description == "Its words."


def test_a_panic_in_native_code_prints_nothing_and_python_still_prints() -> None:
    script = (
        "import os, sys\nfrom assets.guard import gated\n"
        "def step():\n    os.write(2, b'native'); print('python', file=sys.stderr)\n"
        "gated(step)(); os.write(2, b'after'); print('end', file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1], env=os.environ
    )
    assert done.stderr.splitlines() == ["python", "afterend"]
