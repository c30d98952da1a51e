"""The process that answers a query: it holds no more memory and takes no more time than it may, whatever the query does."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from assets.home import Home
from assets.limited_process import LimitedProcess
from assets.publication.query_limits import QueryLimits
from pipelines.querying.child import END, Request

ROOT = Path(__file__).parents[2]
# 16 GB in one step that DuckDB does not count
HOARD = "select len(range(2000000000))"
# minutes in one step that DuckDB does not interrupt
ENDLESS = "select levenshtein(repeat('a', 400000), repeat('b', 400000))"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    place = Home(tmp_path_factory.mktemp("limits") / "home")
    place.prepare()
    with duckdb.connect(place.published_database) as con:
        con.execute("create schema marts; create table marts.t as select range as n from range(300000)")
    return place


def measured(home: Home, *words: str) -> tuple[int, int, str]:
    """Exit code, peak MiB of the command or a child of it, and what it said on stderr."""
    command = [sys.executable, "-m", "pipelines.cli", "sql", *words, "--home", str(home.root)]
    done = subprocess.run(
        [sys.executable, ".ci/within_memory.py", "100000", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.returncode, int(done.stdout.rpartition("peak memory ")[2].split()[0]), done.stderr


def ended(home: Home, sql: str, limits: QueryLimits) -> int:
    """How the process alone ends, whose parent reads nothing and ends nothing."""
    request = Request(home.published_database, sql, limits, "csv")
    with LimitedProcess("pipelines.querying.child", request, 1) as process:
        return process.wait()


def test_memory_that_duckdb_does_not_count_is_bounded_too(home: Home) -> None:
    limits = QueryLimits(memory_limit="200MB")
    code, peak, said = measured(home, HOARD, "--memory", "200MB", "--seconds", "8")
    assert (code, said.startswith("zhoubao: the query needs more memory than 200MB")) == (2, True)
    assert peak < limits.process_bytes // 2**20


def test_rows_that_are_kept_for_a_table_count_and_rows_that_pass_do_not(home: Home) -> None:
    rows = "select n, repeat('周', 400) as t from marts.t"
    code, peak, said = measured(home, rows, "--limit", "0", "--memory", "100MB")
    assert (code, "or take --csv" in said) == (2, True)
    # 360 MB of text
    code, peak, said = measured(home, rows, "--csv", "--memory", "100MB")
    assert (code, said) == (0, "")
    assert peak < 300


def test_a_step_that_does_not_end_is_ended_from_outside(home: Home) -> None:
    code, _, said = measured(home, ENDLESS, "--seconds", "0.2")
    assert (code, said.startswith("zhoubao: the query took longer than 0.2 seconds and was ended")) == (2, True)


def test_the_process_ends_itself_where_its_parent_does_not(home: Home) -> None:
    assert ended(home, ENDLESS, QueryLimits(seconds=0.2)) in (-signal.SIGALRM, -signal.SIGXCPU)


def test_it_writes_no_file_and_leaves_no_core() -> None:
    probe = "import json, resource, sys\nfrom pipelines.querying import child as q\n" + (
        "q._limit(q.Request(None, '', q.QueryLimits(seconds=3, memory_limit='1GB'), 'csv'))\n"
        "print(json.dumps([resource.getrlimit(getattr(resource, 'RLIMIT_' + n)) for n in ('CORE', 'FSIZE', 'DATA', 'CPU')]))"
    )
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    core, written, data, processor = json.loads(done.stdout)
    cores = os.cpu_count() or 1
    assert (core, written) == ([0, 0], [0, 0])
    assert data == [10**9 + 256 * 10**6 + 16 * 10**6 * cores] * 2
    assert processor == [5 * cores + 1] * 2


def test_its_process_starts_without_dagster_and_great_expectations() -> None:
    probe = (
        "import sys, pipelines.querying.child; print(sorted(sys.modules.keys() & {'dagster', 'great_expectations', 'polars'}))"
    )
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_an_unexpected_error_of_the_process_keeps_its_code(home: Home) -> None:
    request = Request(home.root / "no.duckdb", "select 1", QueryLimits(), "csv")
    with LimitedProcess("pipelines.querying.child", request, 60) as process:
        facts = json.loads((process.frame() or b"").removeprefix(END))
    assert facts["error"] == "NothingPublishedError"


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ("1GB", 10**9),
        ("200 MB", 2 * 10**8),
        ("1.5kib", 1536),
        ("2TiB", 2 * 1024**4),
        ("7B", 7),
        ("999999999999TB", 10**24 - 10**12),
    ],
)
def test_a_size_is_read_as_duckdb_reads_it(size: str, expected: int) -> None:
    assert QueryLimits(memory_limit=size).memory_bytes == expected
