"""The readers' pages and the dictionary against a real publication: every query runs and gives what the page says."""

import re
import shutil
import subprocess
import sys
from contextlib import chdir
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from assets.errors import UsageError
from assets.exports.lake.openings import load_opening
from assets.home import Home
from assets.platform.simulator import simulate
from assets.publication.dictionary.content import build_dictionary, example_queries
from assets.publication.query import run_query
from assets.publication.store.manifest import current_manifest, note_refusal
from assets.warehouse.models.code_lists import published_codes
from assets.warehouse.models.model import load_models
from pipelines.running.run import run
from pipelines.settings import load_settings

PAGES = Path(__file__).parents[2] / "docs" / "readers"
BLOCK = re.compile(r"```sql\n(?P<sql>.+?)```\n\n?(?P<after>[^\n]*)", re.DOTALL)
QUESTION = re.compile(r"^### (\d+)\. (.+)$", re.MULTILINE)
MAY_BE_EMPTY = "没有行"
OPENING = """as_of,org_code,org_level,task_type,is_composite,measure,value
2023-08-18,,2,01,1,accepted,11884
2023-08-18,,2,,1,consulted,44888
2023-08-18,,2,05,0,completed,5000
"""
# what a table may be empty of in a first publication without a frozen issue
EMPTY_AT_FIRST = ("meta.acceptances", "marts.errata", "marts.published_figures", "marts.coverage_gaps", "marts.revisions", "meta.publication_changes", "meta.deliveries", "quality.checks", "marts.issue_coverage")  # fmt: skip


def blocks(page: Path) -> list[tuple[str, str]]:
    """Each SQL block of a page with the paragraph's first line after it."""
    return [(match["sql"], match["after"]) for match in BLOCK.finditer(page.read_text(encoding="utf-8"))]


ASKED = [
    (page.stem, number, sql, after) for page in sorted(PAGES.glob("*.md")) for number, (sql, after) in enumerate(blocks(page))
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Sixteen untidy days around issue 2023-34 and an opening balance, published."""
    place = Home(tmp_path_factory.mktemp("home"))
    place.prepare()
    simulate(place.landing, date(2023, 8, 19), date(2023, 9, 3), cases_per_day=30, seed=7, mess=True)
    opening = place.root / "opening_20230818.csv"
    opening.write_text(OPENING, encoding="utf-8")
    load_opening(opening, place.lake)
    # 5: published, and the defective rows are quarantined
    assert run(load_settings(place.root, lock_wait_seconds=0)).exit_code == 5
    return place


def test_there_are_twenty_questions_each_with_a_query_and_the_shape_of_its_answer() -> None:
    numbers = []
    for page in (PAGES / "分析人员.md", PAGES / "数据组.md"):
        parts = QUESTION.split(page.read_text(encoding="utf-8"))[1:]
        for number, _, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
            numbers.append(int(number))
            assert len(BLOCK.findall(body)) == 1, number
            assert "\n列：`" in body, number
    assert numbers == list(range(1, 21))


@pytest.mark.parametrize(("page", "number", "sql", "after"), ASKED, ids=[f"{page}-{number}" for page, number, _, _ in ASKED])
def test_a_query_of_a_page_gives_what_the_page_says(home: Home, page: str, number: int, sql: str, after: str) -> None:
    rows, columns = by_own_client(home, sql) if "read_json(" in sql else by_program(home, sql)
    assert rows or MAY_BE_EMPTY in after, (page, number)
    if after.startswith("列："):
        assert re.findall(r"`([^`]+)`", after.split("。", maxsplit=1)[0]) == columns, (page, number)


def by_program(home: Home, sql: str) -> tuple[list[tuple[Any, ...]], list[str]]:
    result = run_query(home.published_database, sql)
    return result.rows, result.columns


def by_own_client(home: Home, sql: str) -> tuple[list[tuple[Any, ...]], list[str]]:
    """As in DuckDB's own client in the folder of the home: the program's reads no file."""
    with pytest.raises(UsageError):
        run_query(home.published_database, sql)
    with chdir(home.root), duckdb.connect() as con:
        found = con.execute(sql)
        return found.fetchall(), [column[0] for column in found.description or ()]


def test_question_15_knows_a_refusal_that_came_after_the_file_was_built(home: Home, tmp_path: Path) -> None:
    copy = Home(tmp_path)
    shutil.copytree(home.published, copy.published, ignore=shutil.ignore_patterns("versions", "parquet"))
    (sql,) = (sql for sql, _ in blocks(PAGES / "数据组.md") if '"最近被拒"' in sql)
    ((*_, run_at, checks, is_since),) = by_own_client(copy, sql)[0]
    assert (run_at, checks, is_since) == (None, None, False)
    refused_at = datetime(2100, 1, 1, 5, 30)
    note_refusal(copy, refused_at, ["accept.key"])
    ((*_, run_at, checks, is_since),) = by_own_client(copy, sql)[0]
    assert (run_at, checks, is_since) == (refused_at, '["accept.key"]', True)
    # what the page said before
    assert run_query(copy.published_database, "select last_refused_run from meta.publication").rows == [(None,)]


def test_the_python_of_a_page_runs_as_it_stands(home: Home) -> None:
    found = [
        code
        for page in PAGES.glob("*.md")
        for code in re.findall(r"```python\n(.+?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    ]
    assert found
    for code in found:
        subprocess.run([sys.executable, "-c", f"{code}\nassert len(counts) > 0"], cwd=home.root, check=True)


@pytest.mark.parametrize("table", sorted(example_queries()))
def test_an_example_of_the_dictionary_runs_and_reads_its_table(home: Home, table: str) -> None:
    for example in example_queries()[table]:
        result = run_query(home.published_database, example.sql)
        assert result.rows or table in EMPTY_AT_FIRST, example.question
        schema, name = table.split(".")
        assert (f'"{name}"' if schema == "main" else table) in example.sql


def test_every_value_of_a_coded_column_has_its_word(home: Home) -> None:
    # '' is no code: an opening without a department's or a consultation without an item's
    for key, codes in published_codes().items():
        for named in codes.columns:
            for schema, table, column in columns_called(home, named):
                result = run_query(
                    home.published_database,
                    f'select distinct "{column}" from "{schema}"."{table}" where "{column}" is not null and "{column}" <> \'\'',
                )
                unknown = {value for (value,) in result.rows} - set(codes.values)
                assert not unknown, (key, schema, table, column)


def columns_called(home: Home, named: str) -> list[tuple[str, str, str]]:
    """The published columns of this name, or the one of ``schema.table.column``."""
    found = run_query(home.published_database, "select schema_name, table_name, column_name from meta.columns").rows
    return [(schema, table, column) for schema, table, column in found if named in (column, f"{schema}.{table}.{column}")]


def test_the_dictionary_is_the_published_file_and_the_other_way_round(home: Home) -> None:
    dictionary = build_dictionary(load_models(), current_manifest(home))
    said = {
        (table.name, column.name): (column.type, column.description)
        for table in [*dictionary.views, *dictionary.tables]
        for column in table.columns
    }
    with duckdb.connect(home.published_database, read_only=True) as con:
        found = con.execute(
            "select schema_name || '.' || table_name, column_name, data_type, comment from duckdb_columns() where not internal"
        ).fetchall()
        listed = con.execute("select schema_name || '.' || table_name, column_name, source from meta.columns").fetchall()
        commented = dict(
            con.execute(
                "select schema_name || '.' || table_name, comment from duckdb_tables()"
                " union all select schema_name || '.' || view_name, comment from duckdb_views() where not internal"
            ).fetchall()
        )
    assert said == {(table, column): (kind, comment) for table, column, kind, comment in found}
    sources = {
        (table.name, column.name): column.source for table in [*dictionary.views, *dictionary.tables] for column in table.columns
    }
    assert sources == {(table, column): source or "" for table, column, source in listed}
    for table in [*dictionary.views, *dictionary.tables]:
        assert commented[table.name] == table.description + (f"。注意：{table.nuance}" if table.nuance else "")
    page = (home.published / "dictionary.html").read_text(encoding="utf-8")
    assert dictionary.freshness in page
    assert "数据截至 2023-09-03" in dictionary.freshness
