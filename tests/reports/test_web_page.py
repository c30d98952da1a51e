"""The page for the phone: cards, drawings with a sentence and a table, definitions behind each figure, and what a slip leaves out."""

import re
from dataclasses import replace

import pytest

from assets.reports.document import Run, Section
from assets.reports.figures.background import Background
from assets.reports.formats.as_html import render_html

from .documents import NASTY, bulletin, facts
from .test_texts import Page

FIGURE = Run("774件", figure="composite.accepted.week")
PART = Run("31个", figure="handbook.finished.week/示例厅")
WITH_FIGURES = bulletin(Section(1, "一、甲", ((Run("受理"), FIGURE, PART),)), Section(1, "二、乙"))


@pytest.fixture(scope="module")
def html() -> str:
    return render_html(facts(), WITH_FIGURES)


def card(html: str, title: str) -> str:
    found = [each for each in html.split('<div class="card">')[1:] if f"<h3>{title}</h3>" in each]
    assert len(found) == 1
    return found[0].split("</section>")[0]


def test_there_is_a_card_for_each_measure_with_its_change_or_why_there_is_none(html: str) -> None:
    assert html.count('<div class="card">') == 4
    accepted = card(html, "省本级综窗受理")
    assert '<a class="figure" href="#def-composite.accepted.week">774件</a>' in accepted
    assert "比上期减少86件，下降10.00%" in accepted
    assert "与上期不作比较：缺天" in card(html, "省本级综窗颁发")
    assert "与上期不作比较：没有上期的数" in card(html, "省本级综窗咨询")


def test_each_drawing_has_a_sentence_as_its_label_and_a_table_beneath(html: str) -> None:
    for title in ("省本级综窗咨询", "省本级综窗受理", "省本级综窗颁发", "省本级综窗流转"):
        one = card(html, title)
        (label,) = re.findall(r'<svg [^>]*role="img" aria-label="([^"]+)"', one)
        assert re.fullmatch(
            r".+近3期：最低320\S+（2023-32期），最高340\S+（2023-34期），最近一期340\S+；空心点的期缺天（2023-33期）。", label
        )
        rows = re.findall(
            r'<tr><th scope="row">(2023-\d\d)</th><td>([\d-]+)</td><td class="num">([^<]+)</td></tr>', one.split("</figure>")[1]
        )
        assert rows == [
            ("2023-32", "2023-08-18", "320"),
            ("2023-33", "2023-08-25", "330（缺天）"),
            ("2023-34", "2023-09-01", "340"),
        ]
    assert len(re.findall("<svg", html)) == 5
    assert "<text" in html


def test_a_week_that_lacks_a_day_is_a_hollow_dot(html: str) -> None:
    dots = re.findall(r'<circle cx="([\d.]+)"[^>]*fill="(#[0-9a-f]+)"', card(html, "省本级综窗受理"))
    assert [fill for _, fill in dots] == ["#fff", "#8a1c1c"]
    # the second of three weeks is in the middle of a drawing 300 wide
    assert dots[0][0] == "150.0"


def test_every_figure_leads_to_its_definition_and_every_link_somewhere(html: str) -> None:
    page = Page(html)
    assert page.targets
    assert {target[1:] for target in page.targets} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert '<a class="figure" href="#def-handbook.finished.week">31个</a>' in html
    definitions = html.split('id="definitions"')[1]
    assert "受理件数，按受理时间；行使层级为省、是否综窗为是" in definitions


def test_the_page_says_how_far_the_data_reach_and_what_was_revised(html: str) -> None:
    assert "数据截至2023年9月1日" in html
    revisions = html.split('id="revisions"')[1].split("</section>", maxsplit=1)[0]
    assert all(words in revisions for words in ("2023-33", "省本级综窗受理（本周）", "860", "861", "20230901_01"))
    without = render_html(replace(facts(), background=Background()), WITH_FIGURES)
    assert 'id="revisions"' not in without
    assert "还没有走势" in without


def test_print_leaves_the_bulletin_alone(html: str) -> None:
    assert re.search(r"@media print \{\s*\.screen \{ display: none; \}", html)
    on_screen = (
        '<nav class="screen"',
        '<p class="as-of screen">',
        *(f'screen" id="{name}"' for name in ("week", "year", "handbooks", "definitions")),
    )
    assert all(mark in html for mark in on_screen)
    for printed in ('<div class="text"', '<div class="foot">', '<div class="notes"', "<header>"):
        assert printed in html


def test_the_number_line_is_above_the_title_by_setting() -> None:
    one = replace(WITH_FIGURES, head=replace(WITH_FIGURES.head, number_above=True))
    page = render_html(facts(), one)
    assert page.index('class="number-line"') < page.index("<h1>") < page.index('class="period"')


def test_a_slip_has_no_cards_and_no_links() -> None:
    page = render_html(facts(), replace(WITH_FIGURES, foot=None))
    assert 'class="card"' not in page
    assert Page(page).targets == []
    assert "774件" in page


def test_names_from_the_data_are_escaped() -> None:
    handbooks = tuple(replace(each, org_name=NASTY) for each in facts().background.handbooks)
    nasty = replace(facts(), background=replace(facts().background, handbooks=handbooks))
    assert Page(render_html(nasty, WITH_FIGURES)).tags == Page(render_html(facts(), WITH_FIGURES)).tags
