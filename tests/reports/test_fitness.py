"""What keeps an issue from print, each from a published database of a few rows; and how a draft is marked."""

import io
from datetime import date, datetime
from pathlib import Path

import pytest
from docx import Document
from python_calamine import CalamineWorkbook

from assets.publication.store.manifest import RefusedRun
from assets.quality.suites.suite import load_suites
from assets.reports.bulletin import PrintedBulletin, write_bulletin
from assets.reports.editorial.new import lay_out
from assets.reports.editorial.sample_copy import copy_sample
from assets.reports.facts.facts import Quarantined
from assets.reports.facts.reader import read_facts
from assets.reports.fitness.facts import OFFICE
from assets.reports.fitness.fitness import Unfit, UnfitError

from .published_database import ISSUE, make_published
from .small_site import Site, case

FORMATS = ("docx", "html", "md", "xlsx")
# a delivery of which most rows were refused, by the numbers that were found
MOSTLY_REFUSED = (
    "insert into meta.files values ('20230829_01', 'a.csv', 'accept', 300, 'loaded')",
    "insert into meta.quarantine select '20230829_01', 'a.csv', n, 'accept', null from range(2, 299) rows(n)",
)
CASES: dict[str, tuple[tuple[str, ...], str, str, str]] = {
    "a year to date that hardly began": (
        ("update marts.issue_coverage set year_days = 363, year_days_delivered = 6",),
        *("年累计缺天", "应有363天，357天没有数据或不齐全", "平台方"),
    ),
    "a day of the week without a delivery": (
        (
            "delete from meta.deliveries where business_date = '2023-08-29'",
            "update marts.issue_coverage set week_days_delivered = 6",
        ),
        *("统计周缺天", "应有7天，8月29日没有数据", "平台方"),
    ),
    "a feed of a day of the week": (
        ("insert into marts.coverage_gaps values ('2023-08-29', 'consult', 'no_file')",),
        *("统计周缺种类", "8月29日的咨询信息没有送来", "平台方"),
    ),
    "a file quarantined as a whole": (
        ("insert into marts.coverage_gaps values ('2023-09-01', 'accept', 'quarantined')",),
        *("统计周缺种类", "9月1日的受理信息文件整件隔离，尚未替换", "平台方"),
    ),
    "297 of 300 rows refused": (MOSTLY_REFUSED, "隔离过多", "8月29日的受理信息300条记录中297条被隔离，尚未更正", "平台方"),
    "297 of 300 rows refused on a day that the year to date counts": (
        tuple(change.replace("20230829", "20230110") for change in MOSTLY_REFUSED),
        *("隔离过多", "1月10日的受理信息300条记录中297条被隔离，尚未更正", "平台方"),
    ),
    "a figure that lacks data": (
        (
            "update marts.bulletin_figures set status = 'incomplete', why = '统计周缺 1 天的受理信息'"
            " where figure = 'composite.accepted.week'",
        ),
        *("数字不完整", "省本级综窗受理（本周）：统计周缺 1 天的受理信息", "平台方"),
    ),
    "a figure that there is not": (
        ("delete from marts.bulletin_figures where figure = 'handbook.share'",),
        *("缺数字", "受理工作手册完成占比", "数据组"),
    ),
}


def printed(folder: Path, *changes: str, draft: bool = False, refused: RefusedRun | None = None) -> PrintedBulletin:
    database = make_published(folder / "warehouse.duckdb", changes)
    copy_sample(folder / "editorial")
    return write_bulletin(database, folder / "editorial", folder / "reports", ISSUE, FORMATS, draft=draft, refused=refused)


def test_an_issue_of_which_all_is_there_is_fit(tmp_path: Path) -> None:
    assert printed(tmp_path).unfit == ()
    assert "草稿" not in (tmp_path / f"reports/bulletin-{ISSUE}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_what_is_missing_keeps_it_from_print(tmp_path: Path, case: str) -> None:
    changes, what, reason, who = CASES[case]
    with pytest.raises(UnfitError) as refused:
        printed(tmp_path, *changes)
    assert refused.value.found == (Unfit(what, reason, who),)
    assert refused.value.exit_code == 4
    assert not (tmp_path / "reports").exists()


def test_rows_that_were_corrected_or_are_few_keep_nothing_from_print(tmp_path: Path) -> None:
    settled = "update meta.quarantine set settled_by = '20230830_01' where line > 10"
    assert printed(tmp_path, *MOSTLY_REFUSED, settled).unfit == ()


def test_rows_refused_on_a_day_that_an_opening_balance_stands_for_keep_nothing_from_print(tmp_path: Path) -> None:
    refused = [change.replace("20230829", "20230110") for change in MOSTLY_REFUSED]
    assert printed(tmp_path, *refused, "insert into marts.opening_balances values ('2023-01-10', 1)").unfit == ()


@pytest.mark.parametrize("name", ["masthead.md", "other_work.md", "hall.md", "duty.md", "news.md"])
def test_a_part_without_copy_keeps_it_from_print(tmp_path: Path, name: str) -> None:
    copy_sample(tmp_path / "editorial")
    (tmp_path / "editorial" / ISSUE / name).unlink()
    database = make_published(tmp_path / "warehouse.duckdb")
    with pytest.raises(UnfitError) as refused:
        write_bulletin(database, tmp_path / "editorial", tmp_path / "reports", ISSUE)
    assert refused.value.found == (Unfit("缺稿", f"{name} 没有内容", "办公室"),)


def test_a_new_issue_s_files_can_be_printed_as_a_draft_with_gaps_and_not_otherwise(tmp_path: Path) -> None:
    database, editorial = make_published(tmp_path / "warehouse.duckdb"), tmp_path / "editorial"
    copy_sample(editorial)
    (editorial / ISSUE).rename(editorial / "2023-33")
    lay_out(editorial, read_facts(database, ISSUE).issue)
    with pytest.raises(UnfitError) as refused:
        write_bulletin(database, editorial, tmp_path / "reports", ISSUE)
    told = ["masthead.md 没有填日期", *(f"{name}.md 没有内容" for name in ("other_work", "hall", "duty", "news"))]
    assert refused.value.found == tuple(Unfit("缺稿", reason, "办公室") for reason in told)
    write_bulletin(database, editorial, tmp_path / "reports", ISSUE, FORMATS, draft=True)
    text = (tmp_path / f"reports/bulletin-{ISSUE}.md").read_text(encoding="utf-8")
    assert "省政务服务中心（示例）\n\n〔缺：日期〕\n" in text
    assert "（共印91份）" in text
    assert "〔本节缺稿：duty.md〕" in text


def test_every_blank_of_the_masthead_is_a_gap_where_it_would_be_printed(tmp_path: Path) -> None:
    database, editorial = make_published(tmp_path / "warehouse.duckdb"), tmp_path / "editorial"
    copy_sample(editorial)
    (editorial / ISSUE / "masthead.md").write_text("---\n主办单位:\n日期:\n送:\n发:\n印数:\n---\n", encoding="utf-8")
    printed = write_bulletin(database, editorial, tmp_path / "reports", ISSUE, FORMATS, draft=True)
    assert printed.unfit == (Unfit("缺稿", "masthead.md 没有填主办单位、日期、送、发、印数", "办公室"),)
    text = (tmp_path / f"reports/bulletin-{ISSUE}.md").read_text(encoding="utf-8")
    for gap in ("〔缺：主办单位〕", "〔缺：日期〕", "送：〔缺：送〕", "发：〔缺：发〕", "（共印〔缺：印数〕份）"):
        assert gap in text
    assert "None" not in text


def test_a_run_refused_since_keeps_it_from_print(tmp_path: Path) -> None:
    run = RefusedRun(run_at=datetime(2023, 9, 5, 5, 30), checks=["accept_grain"])
    with pytest.raises(UnfitError, match="第 2023-34 期不宜刊印：数据不是最新。要看草稿") as refused:
        printed(tmp_path, refused=run)
    assert refused.value.found == (
        Unfit("数据不是最新", "2023-09-05 05:30 的运行未通过检查（accept_grain），其数据没有发布", "数据组"),
    )


def test_what_the_office_verifies_is_told_and_keeps_nothing_from_print(tmp_path: Path) -> None:
    check = "('2023-09-02 03:00', 'week_volume', 'marts.bulletin_figures', '周数在常量之内', 'WARN', false, 'failed', null, 4, 4, '办公室')"
    earlier = check.replace("09-02", "08-26").replace("week_volume", "of_an_earlier_run")
    found = printed(tmp_path, f"insert into quality.checks values {check}, {earlier}")
    assert [str(each) for each in found.unfit] == ["请核实：检查没有通过：周数在常量之内（week_volume，4处）（由办公室处理）"]
    assert found.messages[-1:] == [str(each) for each in found.unfit]
    text = (tmp_path / f"reports/bulletin-{ISSUE}.md").read_text(encoding="utf-8")
    assert "请核实：检查没有通过：周数在常量之内" in text
    assert "草稿" not in text


def test_the_office_s_checks_are_about_the_newest_issue_and_told_of_that_alone(tmp_path: Path) -> None:
    office = [check for suite in load_suites() for check in suite.checks if check.who_fixes == OFFICE]
    assert office
    assert all("最近一期" in check.rule for check in office)
    failed = (
        "insert into quality.checks values"
        " ('2023-09-09 03:00', 'week_volume', 'marts.bulletin_figures', '最近一期', 'WARN', false, 'failed', null, 4, 4, '办公室')"
    )
    newer = "insert into marts.bulletin_figures by name select '2023-35' as issue_key, date '2023-09-08' as cutoff_date"
    assert printed(tmp_path, failed, newer).unfit == ()


def test_a_draft_is_marked_in_every_format_and_says_what_is_missing(tmp_path: Path) -> None:
    found = printed(tmp_path, CASES["a feed of a day of the week"][0][0], draft=True)
    assert found.is_draft
    word, html, text, book = (path.read_bytes() for path in found.paths)
    document = Document(io.BytesIO(word))
    assert document.paragraphs[0].text == document.sections[0].header.paragraphs[0].text == "草稿，不得印发"
    assert html.decode().index("草稿，不得印发") < html.decode().index("<h1>")
    assert text.decode().startswith("**草稿，不得印发**")
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(book))
    assert workbook.sheet_names[0] == "本期（草稿）"
    assert workbook.get_sheet_by_name("口径").to_python()[1] == ["草稿", "草稿，不得印发"]
    for content in (html.decode(), text.decode(), "\n".join(paragraph.text for paragraph in document.paragraphs)):
        assert "统计周缺种类：8月29日的咨询信息没有送来" in content


def test_a_site_s_refused_rows_are_found_until_they_are_corrected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(tmp_path / "home", monkeypatch)
    rows = [case(f"P{number}", "2023-08-29", "2023-08-29") for number in range(20)]
    # a row without its time of acceptance is quarantined
    broken = [row | {"accept_date": ""} for row in rows[1:]]
    site.deliver("20230829_01", accept=[rows[0], *broken])
    site.deliver("20230901_01", accept=[case("Q", "2023-09-01", "2023-09-01")])
    site.run()
    (found,) = read_facts(site.home.published_database, ISSUE).quarantined
    assert found == Quarantined(date(2023, 8, 29), "受理信息", 19, 20)
    # of the next issue the day counts in the year to date
    site.deliver("20230908_01", accept=[case("R", "2023-09-08", "2023-09-08")])
    site.run()
    assert read_facts(site.home.published_database, "2023-35").quarantined == (found,)
    site.deliver("20230829_02", accept=rows[1:])
    site.run()
    for issue in (ISSUE, "2023-35"):
        assert read_facts(site.home.published_database, issue).quarantined == ()
