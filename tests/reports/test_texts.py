"""The HTML page and the Markdown text: nothing from outside, every mark escaped, bold kept, read back as it was."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assets.reports.document import Bulletin, Item, Run, Section, plain
from assets.reports.editorial.findings import FileFindings
from assets.reports.editorial.front_matter import EditorialFile
from assets.reports.editorial.markdown_items import items_of, read_copy
from assets.reports.formats.as_html import render_html
from assets.reports.formats.as_markdown import render_markdown

from .documents import NASTY, bulletin, facts

LINKING = {"src", "srcset", "action", "data", "poster", "background", "cite", "formaction", "xlink:href"}


class Page(HTMLParser):
    """What a browser would see: tags, attributes, words by tag."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.targets: list[str] = []
        self.ids: list[str] = []
        self.words: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        self.targets += [value or "" for name, value in attrs if name == "href"]
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_data(self, data: str) -> None:
        if self.tags and data.strip():
            self.words.append((self.tags[-1], data))


def test_the_page_needs_no_network_and_runs_nothing() -> None:
    text = render_html(facts(), bulletin(text=NASTY))
    page = Page(text)
    assert not LINKING & set(page.attributes)
    assert not {"script", "link", "img", "iframe", "object", "embed", "base", "form"} & set(page.tags)
    assert not [word for word in ("http:", "https:", "//", "@import", "url(") if word in text]
    assert not [name for name in page.attributes if name.startswith("on")]
    assert all(target.startswith("#") for target in page.targets)


def test_in_markdown_the_number_line_is_below_the_title_or_above_by_setting() -> None:
    one = bulletin()
    for above in (False, True):
        lines = render_markdown(replace(one, head=replace(one.head, number_above=above))).split("\n\n")
        title, number, period = (
            next(at for at, line in enumerate(lines) if words in line)
            for words in (one.head.title, one.head.number_line, one.head.period_line)
        )
        assert (number < title) is above
        assert max(title, number) < period


def test_the_page_escapes_every_text() -> None:
    # a stray tag would be one more than those of the plain bulletin
    assert Page(render_html(facts(), bulletin(text=NASTY))).tags == Page(render_html(facts(), bulletin())).tags
    words = [word for _, word in Page(render_html(facts(), bulletin(text=NASTY))).words]
    assert NASTY in words
    assert "49" not in "".join(words)


def test_the_page_keeps_bold_departments_and_numbers_items() -> None:
    page = Page(render_html(facts(), bulletin()))
    assert next(word for tag, word in page.words if tag == "strong") == "示例厅"
    assert page.tags.count("strong") == 2
    assert [word for _, word in page.words if word in ("1.近日，", "2.近日，")] == ["1.近日，", "2.近日，"]


def test_the_print_sheet_is_a4_with_the_standard_s_margins() -> None:
    text = render_html(facts(), bulletin())
    assert "size: A4;\n  margin: 37mm 26mm 35mm 28mm;" in text
    assert "@page :left" in text


def html_of(text: str) -> Page:
    return Page(MarkdownIt("commonmark").render(text))


def test_the_markdown_escapes_every_text() -> None:
    nasty, simple = html_of(render_markdown(bulletin(text=NASTY))), html_of(render_markdown(bulletin()))
    assert nasty.tags == simple.tags
    assert NASTY in [word for _, word in nasty.words]


@pytest.mark.parametrize("start", ["# 甲", "- 甲", "+ 甲", "1. 甲", "12) 甲", "=== 甲", "> 甲", "---"])
def test_a_text_that_begins_like_a_mark_is_a_paragraph(start: str) -> None:
    text = render_markdown(Bulletin(**{**vars(bulletin()), "sections": (Section(1, "一、甲", (plain(start),)),)}))
    assert ("p", start) in html_of(text).words


def items_section(news: Bulletin) -> str:
    """The Markdown between the last heading and the foot."""
    return render_markdown(news).split("五、政务资讯\n\n", 1)[1].split("\n\n---\n", 1)[0]


def read_back(body: str) -> tuple[Item, ...]:
    findings = FileFindings(Path("news.md"))
    copy = read_copy(EditorialFile(findings.file, "", body, 1), findings)
    assert findings.found == []
    return items_of(copy)


@given(st.lists(st.text("甲乙丙，。AB12*_`#<>[]()\\.-、", min_size=1, max_size=12), min_size=1, max_size=4))
def test_plain_items_come_back_as_they_were(texts: list[str]) -> None:
    # a typed number is taken off by intent, so none may come first
    items = tuple(Item((plain(f"事{text}"),)) for text in texts if "**" not in text)
    section = items_section(bulletin(Section(1, "五、政务资讯", (), items)))
    if items:
        assert read_back(section) == items


@given(st.lists(st.sampled_from(["甲厅", "乙局", "印发通知，", "与", "。"]), min_size=1, max_size=6))
def test_bold_names_come_back_bold(words: list[str]) -> None:
    runs: list[Run] = [Run("近日")]
    for word in words:
        bold = word in ("甲厅", "乙局")
        if runs[-1].bold == bold:
            runs[-1] = Run(runs[-1].text + word, bold)
        else:
            runs.append(Run(word, bold))
    item = Item((tuple(runs),))
    section = items_section(bulletin(Section(1, "五、政务资讯", (), (item,))))
    assert read_back(section) == (item,)
