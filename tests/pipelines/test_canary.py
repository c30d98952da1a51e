"""No personal value is in the clear outside landing and archive: not after good runs, not after any failure, not on a terminal."""

import logging
import os
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import duckdb
import polars as pl
import pyarrow as pa
import pytest
import sqlalchemy.exc
from python_calamine import CalamineError

from assets.home import Home
from assets.platform.contract import load_contract
from pipelines import cli
from tests.pipelines.canaries import People, deliver, deliver_all, slipped_files, sound_files
from tests.pipelines.scan import files_of, found_in, found_in_home

# file and row reasons that the canaries' files meet between them
MANY_REASONS = 14
Command = Callable[..., tuple[int, str]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """Runs ``zhoubao`` in this process; gives its exit code and all it wrote, to Python's streams and to descriptors."""
    for owner, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook"), (warnings, "showwarning")):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    monkeypatch.setattr("faulthandler.enable", lambda *_: None)

    def run(home: Path, *words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["zhoubao", *words, "--home", str(home)])
        umask, handlers = os.umask(0o022), list(logging.getLogger().handlers)
        capfd.readouterr()
        try:
            cli.main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        finally:
            os.umask(umask)
            logging.getLogger().handlers[:] = handlers
        return code, "".join(capfd.readouterr())

    return run


def test_every_personal_column_of_every_feed_stays_in_landing_and_archive(tmp_path: Path, command: Command) -> None:
    people = People()
    deliver_all(tmp_path / "landing", people)
    dry_code, said_dry = command(tmp_path, "run", "--dry-run", "--json")
    code, said = command(tmp_path, "run", "--json")
    shown = [command(tmp_path, *words)[1] for words in (("status",), ("status", "--json"), ("retry",))]
    assert (dry_code, code) == (5, 5)
    # the scan can find: the values are where they may be
    originals = b"".join(path.read_bytes() for path in (tmp_path / "archive").rglob("*") if path.is_file())
    assert all(number.lower().encode() in originals for number in people.id_numbers[:2])
    # and the rows went through: of every feed some are loaded, and all sorts are refused
    assert all(list((tmp_path / "lake" / feed).rglob("*.parquet")) for feed in load_contract().feeds)
    with duckdb.connect(Home(tmp_path).published_database, read_only=True) as connection:
        reasons = connection.execute("select distinct reason_code from meta.quarantine").fetchall()
    assert len(reasons) >= MANY_REASONS
    assert found_in_home(tmp_path, people) == []
    assert found_in("".join([said_dry, said, *shown]), people) == []


def test_no_key_of_a_slipped_record_is_kept_where_it_may_be_somebodys(tmp_path: Path, command: Command) -> None:
    people = People()
    files = [file for feed in load_contract().feeds.values() for file in slipped_files(feed, people)]
    deliver(tmp_path / "landing", "20230828_01", files)
    assert command(tmp_path, "run")[0] == 5
    assert found_in_home(tmp_path, people) == []


def test_every_file_outside_published_is_its_owners_alone(tmp_path: Path, command: Command) -> None:
    deliver(tmp_path / "landing", "20230828_01", [next(sound_files(load_contract().feeds["accept"], People()))])
    assert command(tmp_path, "run")[0] == 0
    home = Home(tmp_path)
    open_to_others = [
        str(path) for path in files_of(tmp_path) if path.stat().st_mode & 0o077 and not path.is_relative_to(home.published)
    ]
    assert open_to_others == []
    private = [folder for folder in tmp_path.iterdir() if folder.is_dir() and folder.name not in ("published", "landing")]
    assert [folder.name for folder in private if folder.stat().st_mode & 0o077] == []


def failing_with(kind: Callable[[str], BaseException], words: str) -> Callable[..., NoReturn]:
    """A stand-in that logs, warns, prints natively and raises as libraries do, with ``words`` in each."""

    def fail(*_: Any, **__: Any) -> NoReturn:
        logging.getLogger("great_expectations.somewhere").error("row: %s", words)
        logging.getLogger("a_library").error("row: %s", words, exc_info=ValueError(words))
        warnings.warn(words, UserWarning, stacklevel=1)
        os.write(2, words.encode())
        error = kind(words)
        error.add_note(words)
        try:
            raise KeyError(words)
        except KeyError as cause:
            raise error from cause

    return fail


def _sql(words: str) -> BaseException:
    return sqlalchemy.exc.DataError("select", {"name": words}, ValueError(words))


FAILURES: list[tuple[str, Callable[[str], BaseException], int]] = [
    ("assets.exports.loading.typed_rows", pl.exceptions.ComputeError, 1),
    ("assets.exports.loading.typed_rows", pl.exceptions.PanicException, 1),
    ("assets.exports.loading.typed_rows", pa.ArrowInvalid, 1),
    ("assets.exports.loading.typed_rows", lambda words: OSError(28, words), 7),
    ("assets.exports.delivery.load_file", CalamineError, 1),
    ("assets.exports.delivery.load_file", lambda words: ExceptionGroup(words, [ValueError(words)]), 1),
    ("assets.warehouse.build.transaction.write_reference", duckdb.ConversionException, 1),
    ("assets.warehouse.build.transaction.write_reference", duckdb.OutOfMemoryException, 7),
    ("assets.quality.check_run.run_suites", duckdb.InvalidInputException, 1),
    ("assets.quality.run.batches._count", _sql, 4),
    ("assets.publication.publish.export_parquet", pa.ArrowInvalid, 1),
    ("assets.publication.snapshot.database._copy", duckdb.ConversionException, 1),
    ("assets.exports.delivery.survey", ValueError, 1),
    ("pipelines.running.run.write_journal", _sql, 1),
]


@pytest.mark.parametrize(("place", "kind", "expected"), FAILURES, ids=lambda value: getattr(value, "__name__", str(value)))
def test_an_error_whose_message_quotes_a_row_leaves_no_word_of_it(
    place: str,
    kind: Callable[[str], BaseException],
    expected: int,
    tmp_path: Path,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people = People()
    accept = load_contract().feeds["accept"]
    deliver(tmp_path / "landing", "20230828_01", [next(sound_files(accept, people))])
    monkeypatch.setattr(place, failing_with(kind, f"{people.text()} {people.id_number()}"))
    code, said = command(tmp_path, "run")
    assert code == expected
    assert found_in(said, people) == []
    assert found_in_home(tmp_path, people) == []
    if code == 1:
        assert "see docs/operations.md" in said
        assert f"unexpected {type(kind('')).__name__} from KeyError at " in said
        assert f"{place.split('.')[1]}" in said
