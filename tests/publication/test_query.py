"""The query command's limits: rows come out, nothing else can be reached."""

from pathlib import Path

import duckdb
import pytest

from assets.errors import RefusedError, StorageError, UsageError
from assets.publication.query import run_query


@pytest.fixture
def published(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(path) as con:
        con.execute("create schema marts; create table marts.t as select range as n from range(3)")
    return path


def test_rows_and_names_come_out(published: Path) -> None:
    result = run_query(published, 'select n, n * 2 as "双倍" from marts.t order by n')
    assert result.columns == ["n", "双倍"]
    assert result.rows == [(0, 0), (1, 2), (2, 4)]


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_text('{other}')",
        "select * from '{other}'",
        "attach '{other}' as other",
        "copy marts.t to '{other}.out'",
        "set enable_external_access = true",
        "set memory_limit = '9GB'",
        "insert into marts.t values (1)",
        "create table marts.u as select 1 as n",
        "drop table marts.t",
        "select no_such_column from marts.t",
        "selec",
        "",
        "-- nothing",
    ],
)
def test_what_is_not_a_query_of_the_publication_is_refused(published: Path, tmp_path: Path, sql: str) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a\n1\n", encoding="utf-8")
    before = published.read_bytes()
    with pytest.raises(UsageError):
        run_query(published, sql.format(other=other))
    assert published.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.csv", "warehouse.duckdb"]


def test_a_query_without_end_is_interrupted(published: Path) -> None:
    endless = "with recursive r(n) as (select 1 union all select n + 1 from r) select max(n) from r"
    with pytest.raises(UsageError, match="seconds"):
        run_query(published, endless, seconds=0.3)


def test_memory_is_bounded_and_nothing_spills_beside_the_file(published: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Memory"):
        run_query(published, "select count(*) from (select distinct range from range(5000000))", memory_limit="30MB")
    assert [path.name for path in tmp_path.iterdir()] == ["warehouse.duckdb"]


def test_nothing_published_and_no_database_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(RefusedError):
        run_query(tmp_path / "warehouse.duckdb", "select 1")
    (tmp_path / "warehouse.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(StorageError):
        run_query(tmp_path / "warehouse.duckdb", "select 1")
