"""The workbook of an issue: seven sheets, each one table, with true numbers and dates, charts, filters and a set-up page."""

import io
import json
import re
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from assets.reports.bulletin import prepare_issue
from assets.reports.facts.facts import MEASURES

from .published_database import FIGURES, ISSUE, make_published
from .test_bulletin import sheet, written

SHEETS = ["本期", "周统计", "累计统计", "部门", "手册", "修订", "口径"]
FROZEN = (
    "insert into marts.published_figures"
    f" select issue_key, figure, value, '2023-09-11', 'v1' from marts.bulletin_figures where issue_key = '{ISSUE}'"
)


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return written(tmp_path_factory.mktemp("book"), formats=("xlsx",))["xlsx"]


def parts(content: bytes, pattern: str) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [archive.read(name).decode() for name in sorted(archive.namelist()) if re.fullmatch(pattern, name)]


def test_there_are_seven_sheets_and_each_is_one_table_with_filters(content: bytes) -> None:
    assert CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names == SHEETS
    tables = parts(content, r"xl/tables/table\d+\.xml")
    assert len(tables) == len(SHEETS)
    assert all("<autoFilter " in table for table in tables)


def test_every_sheet_keeps_its_head_in_view_and_prints_across_a4_with_it(content: bytes) -> None:
    pages = parts(content, r"xl/worksheets/sheet\d+\.xml")
    assert len(pages) == len(SHEETS)
    for page in pages:
        assert 'state="frozen"' in page
        assert 'ySplit="1"' in page
        assert re.search(r'<pageSetup paperSize="9"[^>]* orientation="landscape"[^>]*fitToHeight="0"', page) or (
            'paperSize="9"' in page and 'fitToHeight="0"' in page
        )
    (book,) = parts(content, r"xl/workbook\.xml")
    assert book.count("_xlnm.Print_Titles") == len(SHEETS)


def test_the_charts_are_the_spreadsheet_s_own_and_point_at_the_tables(content: bytes) -> None:
    charts = parts(content, r"xl/charts/chart\d+\.xml")
    named = [re.findall(r"<c:f>&apos;([^&]*)&apos;!|<c:f>'([^']*)'!|<c:f>([^!<]*)!", chart) for chart in charts]
    sheets = {next(filter(None, match)) for chart in named for match in chart}
    assert sheets == {"周统计", "累计统计", "部门", "手册"}
    assert len(charts) == 4 + 4 + 2 + 1
    # text as text
    assert all("受理" in chart or "咨询" in chart or "颁发" in chart or "流转" in chart for chart in charts)


def test_every_figure_is_there_with_its_parts_and_no_published_value_before_the_freeze(content: bytes, tmp_path: Path) -> None:
    figures = sheet(content, "本期")
    heads = figures["指标编码"]
    at = {title: heads.index(title) for title in ("印发值", "现值", "单位", "分子", "分母")}
    for name, (value, unit, numerator, denominator) in FIGURES.items():
        row = figures[name]
        assert [row[place] for place in at.values()] == ["", value, unit, numerator or "", denominator or ""], name
    frozen = sheet(written(tmp_path, FROZEN, formats=("xlsx",))["xlsx"], "本期")
    assert {name: frozen[name][at["印发值"]] for name in FIGURES} == {name: value[0] for name, value in FIGURES.items()}


def test_the_workbook_that_a_freeze_keeps_has_the_published_values(tmp_path: Path) -> None:
    database = make_published(tmp_path / "warehouse.duckdb")
    kept = prepare_issue(database, tmp_path / "editorial", ISSUE, despite="示例").as_frozen().documents(["xlsx", "json", "md"])
    figures = sheet(kept[f"bulletin-{ISSUE}.xlsx"], "本期")
    assert {name: figures[name][2] for name in FIGURES} == {name: value[0] for name, value in FIGURES.items()}
    document = json.loads(kept[f"bulletin-{ISSUE}.json"])
    assert document["is_frozen"]
    assert {figure["status"] for figure in document["figures"]} == {"final"}
    # of the text nothing is other
    before = prepare_issue(database, tmp_path / "editorial", ISSUE, despite="示例").documents(["md"])
    assert kept[f"bulletin-{ISSUE}.md"] == before[f"bulletin-{ISSUE}.md"]


def test_numbers_and_dates_are_true_ones(content: bytes) -> None:
    weeks: list[list[Any]] = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("周统计").to_python()
    last = weeks[-1]
    assert last[:5] == [ISSUE, date(2023, 8, 26), date(2023, 9, 1), 7, "是"]
    assert dict(zip(weeks[0], last, strict=True))["省本级综窗受理"] == 774
    assert [row[0] for row in weeks[1:]] == [f"2023-{number}" for number in range(20, 35)]


def test_the_week_is_compared_with_the_issue_before_or_says_why_not(content: bytes) -> None:
    figures = sheet(content, "本期")
    first = figures["指标编码"].index("上期")
    assert figures["composite.accepted.week"][first : first + 4] == [860, -86, -0.1, "可比"]
    assert figures["composite.issued.week"][first : first + 4] == ["", "", "", "天数不同，不可比，看日均"]


def test_a_first_issue_has_nothing_before_it_in_the_page_s_words(tmp_path: Path) -> None:
    first = (
        "update marts.figure_changes set previous_status = 'missing', previous_value = null, previous_difference = null,"
        " previous_change = null"
    )
    figures = sheet(written(tmp_path, first, formats=("xlsx",))["xlsx"], "本期")
    assert figures["composite.accepted.week"][figures["指标编码"].index("环比说明")] == "没有上期的数"


def test_the_counts_of_departments_add_up_to_the_figures(content: bytes) -> None:
    departments = sheet(content, "部门")
    assert list(departments) == ["部门", "示例民政厅", "示例水利厅", "未分部门"]
    sums = [sum(row[column] for row in list(departments.values())[1:]) for column in range(1, 2 * len(MEASURES) + 1)]  # type: ignore[misc]
    by_head = dict(zip(departments["部门"][1:], sums, strict=True))
    for measure, word in (("consulted", "咨询"), ("accepted", "受理"), ("issued", "颁发"), ("transferred", "流转")):
        assert by_head[f"{word}（本周）"] == FIGURES[f"composite.{measure}.week"][0]
        assert by_head[f"{word}（今年以来）"] == FIGURES[f"composite.{measure}.ytd"][0]


def test_handbooks_revisions_and_meanings(content: bytes, tmp_path: Path) -> None:
    assert sheet(content, "手册")["示例民政厅"][1:4] == [31, 500, 900]
    assert list(sheet(content, "修订")) == ["期号", "（无）"]
    meanings = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("口径").to_python()
    assert any(row[0] == "省本级综窗受理（本周）" and "行使层级为省、是否综窗为是" in str(row[1]) for row in meanings)
    revised = (
        "insert into marts.revisions values ('2023-33', 'handbook.share', 0.5, 0.51, 0.01, '2023-09-01 03:00', '20230901_01')"
    )
    row = sheet(written(tmp_path, revised, formats=("xlsx",))["xlsx"], "修订")["2023-33"]
    assert row[1:5] == ["handbook.share", "受理工作手册完成占比", 0.5, 0.51]
    assert row[6:] == [date(2023, 9, 1), "20230901_01"]
