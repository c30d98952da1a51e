"""The query command's limits: rows come out, nothing else can be reached."""

from pathlib import Path

import duckdb
import pytest

from assets.errors import DamageError, NothingPublishedError, UsageError
from assets.publication.query import open_query, run_query
from assets.publication.query_limits import QueryLimits


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
        "from marts.t",
        "describe marts.t",
        "summarize marts.t",
        "show all tables",
        "explain select n from marts.t",
        "with doubled as (select n * 2 as n from marts.t) select n from doubled;",
        "pivot marts.t on n in (0, 1) using count(*)",
        "values (1)",
    ],
)
def test_queries_in_their_other_forms_are_answered(published: Path, sql: str) -> None:
    assert run_query(published, sql).rows


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("select 1; drop table marts.t", "2 statements were given; give one query at a time"),
        ("attach 'other.duckdb' as o", "only queries are answered here, and this is a statement of the kind `attach`"),
        ("pivot marts.t on n using count(*)", "a pivot must list its values"),
        ("", "there is no query; for example"),
    ],
)
def test_a_refusal_says_what_to_do(published: Path, sql: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        run_query(published, sql)


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
        "select 1; select 2",
        "insert into marts.t values (1) returning n",
        "with added as (insert into marts.t values (1) returning n) select n from added",
        "explain analyze insert into marts.t values (1)",
        "create temp table u as select 1 as n",
        "pragma enable_profiling",
        "call pragma_version()",
        "load json",
        "install httpfs",
        "use marts",
        "checkpoint",
        "begin",
        "reset memory_limit",
        "export database '{other}.d'",
        "detach warehouse",
        "pivot marts.t on n using count(*)",
        "select * from glob('{other}')",
        "select * from sniff_csv('{other}')",
        "select * from before",
        "select $1",
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
        run_query(published, endless, QueryLimits(seconds=0.3))


def test_rows_that_take_too_long_are_interrupted_where_they_are_read(published: Path) -> None:
    many = "select a.range from range(100000) a, range(100000) b"
    with open_query(published, many, QueryLimits(seconds=0.3)) as query, pytest.raises(UsageError, match="seconds"):
        for _ in query.rows:
            pass


def test_all_rows_come_out_however_many(published: Path) -> None:
    assert [n for (n,) in run_query(published, "select range as n from range(25001)").rows] == list(range(25001))


def test_memory_is_bounded_and_nothing_spills_beside_the_file(published: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="30MB"):
        run_query(published, "select count(*) from (select distinct range from range(5000000))", QueryLimits(memory_limit="30MB"))
    assert [path.name for path in tmp_path.iterdir()] == ["warehouse.duckdb"]


def test_nothing_published_and_no_database_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(NothingPublishedError):
        run_query(tmp_path / "warehouse.duckdb", "select 1")
    (tmp_path / "warehouse.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(DamageError):
        run_query(tmp_path / "warehouse.duckdb", "select 1")


@pytest.mark.parametrize("start", [0, 3 * 4096])
def test_a_damaged_database_is_told_as_damage(published: Path, start: int) -> None:
    content = bytearray(published.read_bytes())
    # the headers, then every block after them
    content[start : start + 4096] = b"\0" * 4096
    published.write_bytes(content)
    with pytest.raises(DamageError, match="zhoubao doctor"):
        run_query(published, "select sum(n) from marts.t")
