"""The workbook of failing rows: who fixes, which rule, which rows; never a person, never a formula, nothing cut unsaid."""

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from assets.home import Home
from assets.quality.output.findings_workbook import write_findings
from assets.quality.run import failing_keys as keys
from assets.quality.run.engine import run_suites
from assets.quality.suites.suite import Check, Expectation, Severity, Suite, WhoFixes, load_suites
from assets.quality.suites.vocabulary import SQL_RULE
from tests.quality.sound_warehouse import DELIVERY, sound_warehouse

NOW = datetime(2023, 9, 2, 6)
PRINTS = ("delivery", "file", "line", "project_no", "org_code")
# a resident's number in a column of keys, as slipped cells leave it
ID_NUMBER = "11010519491231002X"
FORMULA = "=HYPERLINK(1)"


def check(name: str, kind: str, who_fixes: WhoFixes = "平台方", severity: Severity = "WARN", **kwargs: object) -> Check:
    expectation = Expectation(type=kind, kwargs=kwargs)
    return Check(
        id=name, rule="规则", severity=severity, who_fixes=who_fixes, prints=PRINTS, reason="原因", expectation=expectation
    )


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.prepare()
    return home


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = sound_warehouse()
    connection.execute("update ledger.files set file = feed || '.csv'")
    connection.execute("update lake.accept set project_no = 'P' || (line - 1), org_code = '115100000000000017'")
    return connection


def written(connection: duckdb.DuckDBPyConnection, home: Home, suite: Suite) -> dict[str, list[list[Any]]]:
    results = run_suites(connection, [suite], [DELIVERY], NOW)
    path = write_findings(connection, home, [suite], {}, results, [DELIVERY])
    assert path.stat().st_mode & 0o777 == 0o600
    book = CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_each_failed_rule_has_a_sheet_of_places_and_keys(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    connection.execute("update lake.accept set org_level = '9' where line in (3, 5)")
    connection.execute("update lake.accept set project_no = 'P1' where line = 4")
    # what another publication held already is none of this run's
    connection.execute("insert into lake.accept select * replace ('20230827_01' as delivery) from lake.accept where line = 3")
    suite = Suite(
        table="lake.accept",
        interval="loaded",
        checks=(
            check("level", "expect_column_values_to_be_in_set", column="org_level", value_set=["1", "2"]),
            check("grain", "expect_column_values_to_be_unique", "数据组", "ERROR", column="project_no"),
            check("fine", "expect_column_values_to_not_be_null", column="project_no"),
            check("unwell", "unexpected_rows_expectation", unexpected_rows_query="select no_such_column from {batch}"),
        ),
    )
    sheets = written(connection, home, suite)
    assert list(sheets) == ["总览", "平台方 level", "数据组 grain", "数据组 unwell"]
    title, _, header, *lines = sheets["总览"]
    assert title[0] == "检查时间 2023-09-02 06:00:00；共 4 项，通过 1 项"
    found = [dict(zip(header, line, strict=True)) for line in lines]
    assert [(row["由谁处理"], row["检查编号"], row["不符行数"], row["检查行数"], row["比率"]) for row in found] == [
        ("平台方", "level", 2, 10, "20.00%"),
        ("数据组", "grain", 2, 10, "20.00%"),
        ("数据组", "unwell", "", 10, ""),
    ]
    assert [row["状态"] for row in found] == ["不通过", "不通过", "检查未能执行"]
    assert sheets["平台方 level"][:3] == [
        ["规则", "规则", "", "", ""],
        ["由谁处理", "平台方", "", "", ""],
        ["为什么要查", "原因", "", "", ""],
    ]
    assert sheets["平台方 level"][-4:] == [
        ["共 2 行不符；检查了 10 行", "", "", "", ""],
        ["批次", "文件", "行号", "办件编号", "部门编码"],
        [DELIVERY, "accept.csv", 3, "P2", "115100000000000017"],
        [DELIVERY, "accept.csv", 5, "P4", "115100000000000017"],
    ]
    assert [row[2:4] for row in sheets["数据组 grain"][-2:]] == [[2, "P1"], [4, "P1"]]
    assert "数据组先修复检查" in sheets["数据组 unwell"][-1][0]


def test_no_person_and_no_formula_is_in_it(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    connection.execute("update lake.accept set org_level = '9', project_no = $1 where line = 3", [ID_NUMBER])
    connection.execute("update lake.accept set org_level = '9', project_no = $1, org_code = $1 where line = 4", [FORMULA])
    chosen = (*PRINTS, "org_name")
    named = check("level", "expect_column_values_to_be_in_set", column="org_level", value_set=["1", "2"])
    suite = Suite(table="lake.accept", interval="loaded", checks=(named.model_copy(update={"prints": chosen}),))
    sheets = written(connection, home, suite)
    assert [row[3] for row in sheets["平台方 level"][-2:]] == [keys.HIDDEN, keys.HIDDEN]
    # free text may hold what slipped in from another column
    assert "部门名称" not in sheets["平台方 level"][-3]
    # kept as text, as it stands in the file
    assert sheets["平台方 level"][-1][4] == FORMULA


def test_a_cut_is_said_with_the_whole_number(
    connection: duckdb.DuckDBPyConnection, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "ROWS_LISTED", 2)
    monkeypatch.setattr("assets.quality.output.findings_workbook.ROWS_LISTED", 2)
    failing = check("none", "unexpected_rows_expectation", unexpected_rows_query="select delivery, file_index, line from {batch}")
    sheets = written(connection, home, Suite(table="lake.accept", interval="loaded", checks=(failing,)))
    assert sheets["平台方 none"][-4][0] == "共 10 行不符，只列前 2 行；检查了 10 行"
    assert [row[:3] for row in sheets["平台方 none"][-2:]] == [[DELIVERY, "accept.csv", 2], [DELIVERY, "accept.csv", 3]]


def test_two_long_names_get_two_sheets(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    query = "select delivery from {batch}"
    checks = [check(f"{'long_' * 6}{end}", "unexpected_rows_expectation", unexpected_rows_query=query) for end in ("a", "b")]
    sheets = written(connection, home, Suite(table="lake.accept", interval="loaded", checks=tuple(checks)))
    assert len(sheets) == 3


LISTED: dict[str, tuple[dict[str, Any], int]] = {
    "expect_column_values_to_be_in_set": ({"column": "a", "value_set": [1, 2]}, 1),
    "expect_column_values_to_be_between": ({"column": "a", "min_value": 1, "max_value": 2}, 1),
    "expect_column_values_to_be_unique": ({"column": "a"}, 2),
    "expect_compound_columns_to_be_unique": ({"column_list": ["a", "b"]}, 2),
    "expect_column_values_to_not_be_null": ({"column": "a"}, 1),
}


def test_every_kind_of_expectation_in_use_is_listed_and_tried() -> None:
    used = {check.expectation.type for suite in load_suites() for check in suite.checks} - {SQL_RULE}
    assert used <= LISTED.keys() == keys._CONDITIONS.keys()


@pytest.mark.parametrize("kind", LISTED)
def test_as_many_rows_are_listed_as_the_library_counts(kind: str) -> None:
    connection = duckdb.connect()
    connection.execute(
        "create schema marts; create table marts.t as"
        " select * from (values (1, 'it''s'), (1, 'it''s'), (3, 'y'), (null, 'z')) v(a, b)"
    )
    arguments, expected = LISTED[kind]
    suite = Suite(table="marts.t", checks=(check("rule", kind, **arguments).model_copy(update={"prints": ("a", "b")}),))
    (result,) = run_suites(connection, [suite], None, NOW)
    found = keys.failing_keys(connection, suite, suite.checks[0], None)
    assert found is not None
    assert result.failing_rows == found.total == len(found.rows) == expected
