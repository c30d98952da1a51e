"""The gate: whatever leaves a step, no word of a library is left in it or in what Dagster would store of it."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
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
