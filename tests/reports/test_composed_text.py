"""The composed text: the published wording, the variants by the length and place of the week, and the sentences the office writes."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from assets.calendar import CalendarRules, Issue, find_issue, load_working_days
from assets.errors import UsageError
from assets.reports.bulletin import prepare_issue, write_bulletin
from assets.reports.bulletin_style import BulletinStyle
from assets.reports.document import Bulletin, Run, text_of
from assets.reports.editorial.editorial import Editorial
from assets.reports.editorial.sample_copy import copy_sample
from assets.reports.facts.facts import IssueFacts
from assets.reports.facts.reader import read_facts
from assets.reports.formats.as_html import render_html
from assets.reports.notes import build_notes
from assets.reports.text.composition import Manner, compose
from assets.reports.text.patterns import default_text, default_wording, read_wording, slots_of
from assets.reports.text.sentences import composite_paragraph, handbook_paragraph, variant_of
from assets.warehouse.models.code_lists import FIGURE_NAMES

from .published_database import FIGURES, FIRST, ISSUE, make_published

# the data sections of issue 34 of 2023 as they were printed, blanks of the transcript left out
PUBLISHED = {
    "（一）省本级综窗办件情况": "本周，共计咨询1724人次、受理774件、颁发6613件、流转12471件；今年以来，累计咨询46612人次、受理12658件、"
    "颁发115944件、流转204351件。",
    "（二）事项授权及受理手册编制推进情况": "本周，完成民政厅31个办理项的受理工作手册编制。截至目前，共完成906个办理项的受理工作手册编制，"
    "占比54.91%。",
    "二、省级政务服务事项受理办理情况": "据省一体化政务服务平台统计，今年以来（截至9月1日），省本级行政许可事项受理332407件，办结327016件；"
    "公共服务事项受理7273758件，办结5972103件，其它6类行权事项受理25602件，累计办结25738件。",
}


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> IssueFacts:
    folder = tmp_path_factory.mktemp("facts")
    renamed = f"update marts.handbook_progress set org_name = '民政厅' where org_code = '{FIRST}'"
    return read_facts(make_published(folder / "warehouse.duckdb", [renamed]), ISSUE)


def of_issue(facts: IssueFacts, key: str) -> IssueFacts:
    return replace(facts, issue=find_issue(key, CalendarRules(), load_working_days(None)))


def section(bulletin: Bulletin, heading: str) -> list[str]:
    return [text_of(paragraph) for each in bulletin.sections if each.heading == heading for paragraph in each.paragraphs]


def test_the_data_sections_of_issue_34_are_those_that_were_published_word_for_word(facts: IssueFacts) -> None:
    bulletin = compose(facts, Editorial())
    for heading, words in PUBLISHED.items():
        assert section(bulletin, heading) == [words]


def test_each_figure_is_a_run_that_carries_its_id(facts: IssueFacts) -> None:
    runs = [run for each in compose(facts, Editorial()).sections for paragraph in each.paragraphs for run in paragraph]
    printed = {run.figure: run.text for run in runs if run.figure}
    assert set(printed) == (set(FIGURES) - {"handbook.items", "handbook.finished.week"}) | {"handbook.finished.week/民政厅"}
    for name, (value, unit, *_) in FIGURES.items():
        if name in printed and name != "handbook.share":
            assert printed[name] == f"{value:.0f}{unit}"
    # no digit of a figure is outside its run
    rest = "".join(run.text for run in runs if not run.figure)
    assert "774" not in rest
    assert "54.91" not in rest


@pytest.mark.parametrize(
    ("key", "variant"),
    [
        ("2023-34", "usual"),
        ("2023-38", "other_length"),
        ("2023-39", "other_length"),
        ("2024-01", "first_issue"),
        ("2024-02", "usual"),
    ],
)
def test_the_calendar_decides_on_the_variant(key: str, variant: str) -> None:
    assert variant_of(find_issue(key, CalendarRules(), load_working_days(None))) == variant


def test_a_week_of_the_shown_days_alone_is_told_as_any_week() -> None:
    shown = find_issue("2023-34", CalendarRules(accounting_week="shown"), load_working_days(None))
    assert variant_of(shown) == "usual"


def test_a_week_of_fifteen_days_says_so(facts: IssueFacts) -> None:
    after_holiday = of_issue(facts, "2023-39")
    assert text_of(composite_paragraph(after_holiday, default_wording())).startswith(
        "本期（9月29日至10月13日，共15天），共计咨询1724人次、"
    )
    assert text_of(handbook_paragraph(after_holiday, default_wording())).startswith(
        "本期（9月29日至10月13日，共15天），完成民政厅31个"
    )


def test_nothing_is_said_of_a_week_where_it_has_fifteen_days(facts: IssueFacts) -> None:
    start = "本期（9月29日至10月13日，共15天），"
    after_holiday = of_issue(facts, "2023-39")
    nobody = replace(after_holiday, handbook=())
    assert text_of(handbook_paragraph(nobody, default_wording())).startswith(f"{start}没有办理项完成受理工作手册编制。")
    unknown = replace(after_holiday, figures={})
    assert text_of(handbook_paragraph(unknown, default_wording())).startswith(f"{start}完成受理工作手册编制的办理项〔缺〕。")
    assert build_notes(after_holiday)[0].endswith("本期数统计期为2023年9月29日至2023年10月13日，今年以来数截至2023年10月13日。")
    coverage = replace(after_holiday.coverage, week_days=15, missing_week_days=(date(2023, 10, 7),))  # type: ignore[type-var]
    assert "〔数据不完整：本期统计期应有15天数据，缺1天：10月7日。〕" in build_notes(replace(after_holiday, coverage=coverage))
    page = render_html(after_holiday, compose(after_holiday, Editorial()))
    assert "本期综窗" in page
    assert "本周综窗" not in page
    assert "；本期完成" in page


def test_a_year_s_first_issue_says_why_its_week_can_exceed_the_year(facts: IssueFacts) -> None:
    text = text_of(composite_paragraph(of_issue(facts, "2024-01"), default_wording()))
    assert text.startswith("本期（2023年12月30日至2024年1月5日，共7天），共计咨询1724人次")
    assert "；今年以来（自1月1日起，不含本期中属上年的2天），累计咨询46612人次" in text


def test_a_missing_figure_leaves_a_visible_gap_with_its_id(facts: IssueFacts) -> None:
    without = replace(facts, figures={name: figure for name, figure in facts.figures.items() if name != "composite.issued.week"})
    assert Run("〔缺〕", figure="composite.issued.week") in composite_paragraph(without, default_wording())


def test_the_comparison_is_printed_by_setting_with_a_reason_where_there_is_none(facts: IssueFacts) -> None:
    manner = Manner(style=BulletinStyle(comparisons=True))
    printed = section(compose(facts, Editorial(), manner=manner), "（一）省本级综窗办件情况")
    assert printed[1:] == ["与上期相比，咨询增长0.58%、受理下降10.00%、颁发（天数不同）不作比较、流转持平。"]
    nothing = replace(facts, background=replace(facts.background, changes={}))
    printed = section(compose(nothing, Editorial(), manner=manner), "（一）省本级综窗办件情况")
    assert printed[1:] == ["与上期不作比较：没有上期的数。"]


def test_departments_come_in_the_office_s_order(tmp_path: Path) -> None:
    database = make_published(tmp_path / "warehouse.duckdb")

    def departments(*order: str) -> list[str]:
        style = BulletinStyle(department_order=order)
        prepared = prepare_issue(database, tmp_path / "editorial", ISSUE, style=style)
        assert [each.org_name for each in prepared.facts.background.handbooks] == [
            counts.name for counts in prepared.facts.composite_by_department if counts.name.startswith("示例")
        ]
        return [counts.name for counts in prepared.facts.composite_by_department]

    assert departments() == ["示例民政厅", "示例水利厅", "未分部门"]
    assert departments("示例水利厅", "没有的厅") == ["示例水利厅", "示例民政厅", "未分部门"]


def test_the_number_line_goes_above_the_title_by_setting(facts: IssueFacts) -> None:
    assert not compose(facts, Editorial()).head.number_above
    assert compose(facts, Editorial(), manner=Manner(style=BulletinStyle(number_line="above"))).head.number_above


OWN = """# 办公室的语句
[composite]
usual = "本周咨询{composite.consulted.week}。"

[duty]
none = \"\"\"
本周，窗口无{duty.lists}值守。\"\"\"
"""


def test_the_office_s_sentence_goes_before_the_project_s_and_all_others_stay(facts: IssueFacts, tmp_path: Path) -> None:
    (tmp_path / "wording.toml").write_text('[composite]\nusual = "本周咨询{composite.consulted.week}。"\n', encoding="utf-8")
    wording, findings = read_wording(tmp_path)
    assert text_of(composite_paragraph(facts, wording)) == "本周咨询1724人次。"
    assert handbook_paragraph(facts, wording) == handbook_paragraph(facts, default_wording())
    # what it no longer prints is pointed out, and printed all the same
    assert {finding.severity for finding in findings.found} == {"WARN"}
    assert any("composite.accepted.week" in finding.text and finding.line == 2 for finding in findings.found)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('\n[composite]\nusual = "本周{composite.acepted.week}。"\n', 3, "最接近的是 composite.accepted.week"),
        (OWN, 7, "没有叫 duty.lists 的数字"),
        ('[composite]\nusual = "本周{composite.consulted.week。"\n', 2, "花括号没有成对"),
        ('[composite]\nusualy = "本周。"\n', 2, "最接近的是 usual"),
        ('\n\n[komposite]\nusual = "本周。"\n', 3, "最接近的是 composite"),
        ("[composite]\nusual = 3\n", 2, "应是引号里的一段文字"),
        ('[duty]\nnone = "没有{duty.list}。"\n', 2, "没有叫 duty.list 的数字"),
        ('[composite]\nusual = "本周。\n', 2, "写法不对"),
    ],
)
def test_a_fault_in_the_office_s_sentences_is_told_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    (tmp_path / "wording.toml").write_text(text, encoding="utf-8")
    _, findings = read_wording(tmp_path)
    errors = [finding for finding in findings.found if finding.severity == "ERROR"]
    assert [finding.line for finding in errors] == [line]
    assert words in errors[0].text


def test_wording_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "wording.toml").write_bytes('[composite]\nusual = "本周。"\n'.encode("gb18030"))
    _, findings = read_wording(tmp_path)
    assert [(finding.line, "UTF-8" in finding.text) for finding in findings.found] == [(2, True)]


def test_nothing_is_printed_with_a_faulty_sentence(tmp_path: Path) -> None:
    database = make_published(tmp_path / "warehouse.duckdb")
    copy_sample(tmp_path / "editorial")
    (tmp_path / "editorial/wording.toml").write_text('[composite]\nusual = "{compsite}"\n', encoding="utf-8")
    with pytest.raises(UsageError, match=r"wording\.toml:2: 错误：没有叫 compsite 的数字"):
        write_bulletin(database, tmp_path / "editorial", tmp_path / "reports", ISSUE)
    assert not (tmp_path / "reports").exists()


def test_a_check_of_the_office_is_told_in_the_notes_and_where_it_is_printed(tmp_path: Path) -> None:
    failed = "update quality.checks set passed = false, status = 'failed', failing_rows = 3, who_fixes = '办公室'"
    database = make_published(tmp_path / "warehouse.duckdb", [failed])
    copy_sample(tmp_path / "editorial")
    printed = write_bulletin(database, tmp_path / "editorial", tmp_path / "reports", ISSUE, ("md",))
    assert any("请核实：检查没有通过：办件编号应符合格式（accept.project_no，3处）" in message for message in printed.messages)
    bulletin = prepare_issue(database, tmp_path / "editorial", ISSUE).bulletin
    assert any("请核实：检查没有通过：办件编号应符合格式" in note for note in bulletin.notes)


def test_the_project_s_sentences_name_every_figure_that_is_printed_and_no_other() -> None:
    sentences = default_wording().sentences
    named = {slot for variants in sentences.values() for sentence in variants.values() for slot in slots_of(sentence)}
    assert named & set(FIGURE_NAMES) == set(FIGURE_NAMES) - {"handbook.items"}


def test_the_whole_default_file_can_be_the_office_s(tmp_path: Path) -> None:
    (tmp_path / "wording.toml").write_text(default_text(), encoding="utf-8")
    wording, findings = read_wording(tmp_path)
    assert findings.found == []
    assert wording == default_wording()


def test_days_of_the_week_are_those_of_the_calendar(facts: IssueFacts) -> None:
    issue = Issue("2025-01", 2025, 1, 500, date(2024, 12, 30), date(2025, 1, 3), date(2024, 12, 28), date(2025, 1, 3), 2025, 1, 4)
    text = text_of(composite_paragraph(replace(facts, issue=issue), default_wording()))
    assert "不含本期中属上年的4天" in text
