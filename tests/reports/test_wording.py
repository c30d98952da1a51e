"""The fixed sentences at their edges: one, several or no department, one working day, rounding, and notes that hold together."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from assets.reports.document import text_of
from assets.reports.editorial.editorial import DutyEntry, Editorial
from assets.reports.facts.facts import Figure, HandbookProgress, IssueFacts
from assets.reports.facts.reader import read_facts
from assets.reports.notes import build_event_sets, build_notes
from assets.reports.text.composition import compose
from assets.reports.text.patterns import default_wording
from assets.reports.text.sentences import duty_paragraph, handbook_paragraph
from assets.reports.wording import count_text, number_line, period_line, share_text

from .published_database import ISSUE, make_published


@pytest.fixture
def facts(tmp_path: Path) -> IssueFacts:
    return read_facts(make_published(tmp_path / "warehouse.duckdb"), ISSUE)


def handbook_sentence(facts: IssueFacts) -> str:
    return text_of(handbook_paragraph(facts, default_wording()))


def finished(facts: IssueFacts, *departments: HandbookProgress) -> IssueFacts:
    week = Figure("handbook.finished.week", sum(department.finished_in_week for department in departments))
    return replace(facts, handbook=departments, figures={**facts.figures, week.name: week})


def test_departments_that_finished_handbooks_are_joined(facts: IssueFacts) -> None:
    two = finished(facts, HandbookProgress("甲厅", 31), HandbookProgress("乙局", 2))
    assert handbook_sentence(two) == (
        "本周，完成甲厅31个、乙局2个办理项的受理工作手册编制。截至目前，共完成906个办理项的受理工作手册编制，占比54.91%。"
    )


def test_a_week_without_finished_handbooks_says_so(facts: IssueFacts) -> None:
    sentence = handbook_sentence(finished(facts))
    assert sentence.startswith("本周，没有办理项完成受理工作手册编制。截至目前，共完成906个")
    assert "缺" not in sentence
    assert not [note for note in build_notes(finished(facts)) if "受理工作手册" in note]


def test_departments_that_do_not_add_up_to_the_figure_are_noted(facts: IssueFacts) -> None:
    notes = build_notes(replace(facts, handbook=(HandbookProgress("甲厅", 30),)))
    assert [note for note in notes if "合计30个；本期发布数为31个" in note]


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ((), "本周，没有厅（局）长到省政务服务大厅窗口调研值守。"),
        (("甲",), "本周，示例厅副厅长甲到省政务服务大厅窗口调研值守。"),
        (("甲", "乙"), "本周，示例厅副厅长甲，示例厅副厅长乙分别到省政务服务大厅窗口调研值守。"),
    ],
)
def test_those_on_duty_become_one_sentence(facts: IssueFacts, names: tuple[str, ...], sentence: str) -> None:
    entries = [DutyEntry(department="示例厅", post="副厅长", name=name) for name in names]
    assert text_of(duty_paragraph(entries, default_wording(), facts)) == sentence


def test_a_week_of_one_working_day_shows_one_day(facts: IssueFacts) -> None:
    single = replace(facts.issue, issue_no=4, shown_start=date(2024, 9, 30), shown_end=date(2024, 9, 30))
    assert period_line(single) == "（9月30日）"
    assert number_line(single) == "2023年第4期（总第454期）"


@pytest.mark.parametrize(
    ("numerator", "denominator", "text"),
    # 1/800 = 0.125 %, half of a hundredth: rounded up, as on paper, not to the even digit
    [(906, 1650, "54.91%"), (1, 800, "0.13%"), (0, 7, "0.00%"), (7, 7, "100.00%"), (2, 3, "66.67%")],
)
def test_percentages_have_two_decimals(numerator: int, denominator: int, text: str) -> None:
    assert share_text(numerator, denominator, None) == text


def test_a_share_without_its_counts_is_its_quotient() -> None:
    assert share_text(None, None, 0.5491) == "54.91%"
    assert share_text(0, 0, None) == "〔缺〕"


def test_large_counts_have_no_separators_and_nought_is_a_count() -> None:
    assert (count_text("x", 7273758.0, "件"), count_text("x", 0.0, "件"), count_text("x", None, "件")) == (
        "7273758件",
        "0件",
        "〔缺〕",
    )


def test_each_missing_figure_has_one_reason(facts: IssueFacts) -> None:
    notes = build_notes(replace(facts, figures={"composite.accepted.week": facts.figures["composite.accepted.week"]}))
    missing = [note for note in notes if note.startswith("〔缺：")]
    assert len(missing) == 3
    assert sum(note.count("、") + 1 for note in missing) == 18 - 1


def test_event_sets_name_the_results_that_do_not_count_and_the_classes(facts: IssueFacts) -> None:
    lines = "\n".join(build_event_sets(replace(facts, uncounted_result_types=("4", "5"))))
    assert "不含办结结果为作废、删除的件" in lines
    assert "其它6类行权事项：行政给付、行政确认" in lines
    assert "不含办结结果" not in "\n".join(build_event_sets(replace(facts, uncounted_result_types=())))


def test_a_bulletin_without_masthead_is_dated_by_its_cut_off(facts: IssueFacts) -> None:
    assert compose(facts, Editorial()).dated == date(2023, 9, 1)
