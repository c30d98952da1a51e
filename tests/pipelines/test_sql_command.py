"""``zhoubao sql``: the forms of its output, what a spreadsheet or a terminal would make of them, and its exit codes."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from python_calamine import CalamineWorkbook
from rich.cells import cell_len
from typer.testing import CliRunner, Result

from assets.errors import ZhoubaoError
from assets.home import Home
from pipelines.cli import app

ROOT = Path(__file__).parents[2]
RUNNER = CliRunner()
MIXED = """select * from (values
    (1, -2.5::double, '甲厅', true, date '2023-08-28', timestamp '2023-08-28 09:05:00', 1.50::decimal(9, 2)),
    (2, null, '=1+1', false, null, null, null)
) t("序号", "数", "部门", "综窗", "日期", "时间", "金额") order by 1"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    place = Home(tmp_path / "home")
    place.prepare()
    with duckdb.connect(place.published_database) as con:
        con.execute("create schema marts; create table marts.t as select range as n from range(1500)")
    return place.root


def asked(home: Path, *words: str) -> Result:
    return RUNNER.invoke(app, ["sql", *words, "--home", str(home)])


def printed(home: Path, *words: str) -> str:
    result = asked(home, *words)
    assert result.exception is None, result.exception
    return result.stdout


def refused(home: Path, *words: str) -> ZhoubaoError:
    error = asked(home, *words).exception
    assert isinstance(error, ZhoubaoError), error
    return error


def cells(path: Path) -> list[list[Any]]:
    sheet: list[list[Any]] = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    return sheet


def test_a_table_stands_straight_under_chinese_text_and_is_not_cut(home: Path) -> None:
    text = printed(
        home,
        "select '窗口工作周报' as \"名称\", 12 as n union all select 'ab', -3 union all select repeat('长', 300), 4 order by n",
    )
    lines = text.splitlines()
    assert len({cell_len(line) for line in lines}) == 1
    assert "长" * 300 in text
    # numbers to the right
    assert lines[3].endswith(" -3 │")


def test_a_table_shows_markup_and_control_characters_as_they_are(home: Path) -> None:
    text = printed(home, "select '[red]x[/red] :smile:' as a, 'a' || chr(27) || '[31m' || chr(10) || 'b' as b")
    assert "[red]x[/red] :smile:" in text
    assert r"a\x1b[31m\nb" in text
    assert "\x1b" not in text


def test_rows_left_out_of_a_table_are_told(home: Path) -> None:
    result = asked(home, "select n from marts.t")
    assert len(result.stdout.splitlines()) == 1000 + 4
    assert "only the first 1000 rows are shown" in result.stderr
    assert len(printed(home, "select n from marts.t", "--limit", "0").splitlines()) == 1500 + 4
    exactly = asked(home, "select n from marts.t", "--limit", "1500")
    assert len(exactly.stdout.splitlines()) == 1500 + 4
    assert exactly.stderr == ""


def test_csv_has_all_rows_and_keeps_numbers(home: Path) -> None:
    assert printed(home, MIXED, "--csv") == (
        "序号,数,部门,综窗,日期,时间,金额\n1,-2.5,甲厅,true,2023-08-28,2023-08-28 09:05:00,1.50\n2,,'=1+1,false,,,\n"
    )
    assert len(printed(home, "select n from marts.t", "--csv").splitlines()) == 1501


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_text_of_a_csv_begins_a_formula(home: Path, start: str) -> None:
    text = printed(home, f"select chr({ord(start)}) || 'cmd' as \"=名\", '安 = 全' as safe", "--csv")
    (name, _), (cell, safe) = csv.reader(io.StringIO(text, newline=""))
    assert (name, cell, safe) == ("'=名", f"'{start}cmd", "安 = 全")


def test_excel_is_told_that_a_csv_is_utf8_where_wanted(home: Path) -> None:
    assert printed(home, 'select 1 as "数"', "--csv", "--bom") == "\ufeff数\n1\n"
    assert refused(home, "select 1 as n", "--bom").exit_code == 2


def test_json_keeps_numbers_numbers(home: Path) -> None:
    first, second = json.loads(printed(home, MIXED, "--json"))
    assert first == {
        "序号": 1,
        "数": -2.5,
        "部门": "甲厅",
        "综窗": True,
        "日期": "2023-08-28",
        "时间": "2023-08-28 09:05:00",
        "金额": 1.5,
    }
    # text is text: nothing reads JSON as formulas
    assert (second["部门"], second["数"]) == ("=1+1", None)
    assert json.loads(printed(home, "select 'nan'::double as a, sum(n) as b, [1.5] as c from marts.t", "--json")) == [
        {"a": None, "b": 1124250, "c": [1.5]}
    ]


def test_json_loses_no_column_of_the_same_name(home: Path) -> None:
    assert "several columns are called n" in str(refused(home, "select 1 as n, 2 as n", "--json"))


def test_a_workbook_holds_numbers_days_and_no_formula(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "结果.xlsx"
    assert printed(home, MIXED, "--xlsx", str(path)) == f"{path}\n"
    head, first, second = cells(path)
    assert head == ["序号", "数", "部门", "综窗", "日期", "时间", "金额"]
    assert [str(value) for value in first] == ["1.0", "-2.5", "甲厅", "True", "2023-08-28", "2023-08-28 09:05:00", "1.5"]
    assert second[:4] == [2, "", "=1+1", False]


def test_a_workbook_loses_no_digit_and_is_written_whole_or_not(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "long.xlsx"
    printed(home, "select 12345678901234567 as n, 123456789012345 as m", "--xlsx", str(path))
    assert cells(path)[1] == ["12345678901234567", 123456789012345]
    before = path.read_bytes()
    assert refused(home, "select repeat('x', 40000) as x", "--xlsx", str(path)).exit_code == 2
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir() if entry.suffix != ""] == ["long.xlsx"]
    assert "no such folder" in str(refused(home, "select 1", "--xlsx", str(tmp_path / "no" / "x.xlsx")))


@pytest.mark.parametrize(
    "words",
    [
        ["delete from marts.t"],
        ["select 1; select 2"],
        ["select 1", "--json", "--csv"],
        ["select 1", "--seconds", "0"],
        ["select 1", "--memory", "much"],
    ],
)
def test_what_is_no_query_ends_as_wrong_usage(home: Path, words: list[str]) -> None:
    assert refused(home, *words).exit_code == 2


def test_limits_come_from_the_command_or_the_settings(home: Path) -> None:
    endless = "with recursive r(n) as (select 1 union all select n + 1 from r) select max(n) from r"
    assert "longer than 0.2 seconds" in str(refused(home, endless, "--seconds", "0.2"))
    (home / "zhoubao.toml").write_text('[sql]\nseconds = 0.3\nmemory_limit = "30MB"\n', encoding="utf-8")
    assert "longer than 0.3 seconds" in str(refused(home, endless))
    assert "more memory than 30MB" in str(
        refused(home, "select count(*) from (select distinct range from range(5000000))", "--seconds", "60")
    )


def test_nothing_published_is_nothing_to_do(tmp_path: Path) -> None:
    assert refused(tmp_path / "empty", "select 1").exit_code == 3


def test_a_reader_that_goes_away_is_no_error(home: Path) -> None:
    command = f"{sys.executable} -m pipelines.cli sql 'select * from range(200000)' --csv --home {home} | head -n 1"
    result = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=True)
    assert (result.stdout, result.stderr) == ("range\n", "")


def test_a_query_is_read_from_standard_input(home: Path) -> None:
    query = "select '2023-34' as \"期号\"\n"
    result = CliRunner().invoke(app, ["sql", "--home", str(home), "--csv", "-"], input=query)
    assert (result.exit_code, result.stdout) == (0, "期号\n2023-34\n")
