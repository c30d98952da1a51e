"""Issues whose Word file is held against a reviewed text: ordinary, after a long holiday, a year's first, and one with revisions.

``python -m tests.reports.word_snapshots`` writes the texts again; what they then say is to be read before it is committed.
"""

import io
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from docx import Document
from docx.oxml.ns import qn

from assets.calendar import CalendarRules, find_issue, load_working_days
from assets.reports.bulletin_style import BulletinStyle
from assets.reports.editorial.editorial import read_editorial
from assets.reports.editorial.sample_copy import copy_sample
from assets.reports.facts.reader import read_facts
from assets.reports.formats.as_docx import render_docx
from assets.reports.text.composition import Manner, compose

from .published_database import ISSUE, make_published

FOLDER = Path(__file__).with_name("snapshots")
_FROZEN = (
    "insert into marts.published_figures"
    f" select issue_key, figure, value, '2023-09-11', 'v1' from marts.bulletin_figures where issue_key = '{ISSUE}'",
    "update marts.bulletin_figures set value = 775 where figure = 'composite.accepted.week'",
    f"insert into marts.revisions values ('{ISSUE}', 'composite.accepted.week', 774, 775, 1, '2023-09-20 03:00', '20230919_01')",
    f"insert into marts.errata values ('{ISSUE}', 1, '受理数漏计一件', '2023-09-20 09:00')",
)
# name → the issue's days, what is changed in the data, whether the comparison is printed
CASES: dict[str, tuple[str, tuple[str, ...], bool]] = {
    "2023-34": ("2023-34", (), False),
    "2023-39": ("2023-39", (), True),
    "2024-01": ("2024-01", (), False),
    "2023-34-revised": ("2023-34", _FROZEN, False),
    "2023-34-gaps": (
        "2023-34",
        ("delete from marts.bulletin_figures where figure in ('composite.issued.week', 'handbook.share')",),
        False,
    ),
}


def snapshot(name: str, folder: Path) -> str:
    """The structure of the case's Word file: a line a paragraph with its style, figures in brackets with their ids."""
    key, changes, comparisons = CASES[name]
    facts = read_facts(make_published(folder / f"{name}.duckdb", changes), ISSUE)
    issue = find_issue(key, CalendarRules(), load_working_days(None))
    copy_sample(folder / "editorial")
    copy, _ = read_editorial(folder / "editorial" / ISSUE, issue, facts.organizations)
    bulletin = compose(replace(facts, issue=issue), copy, manner=Manner(style=BulletinStyle(comparisons=comparisons)))
    return "\n".join(_lines(Document(io.BytesIO(render_docx(bulletin))))) + "\n"


def _lines(document: Any) -> Iterator[str]:
    styles = {style.style_id: style.name for style in document.styles}
    for paragraph in document.element.body.iter(qn("w:p")):
        style = styles[paragraph.pPr.find(qn("w:pStyle")).get(qn("w:val"))]
        yield f"{style}｜{''.join(_words(paragraph))}"


def _words(paragraph: Any) -> Iterator[str]:
    for child in paragraph:
        words = "".join(text.text or "" for text in child.iter(qn("w:t")))
        if child.tag == qn("w:sdt"):
            yield f"[{_tag(child)} {words}]"
        elif child.find(f"{qn('w:rPr')}/{qn('w:rStyle')}") is not None:
            yield f"**{words}**"
        else:
            yield words


def _tag(control: Any) -> str:
    return str(control.find(f"{qn('w:sdtPr')}/{qn('w:tag')}").get(qn("w:val")))


def main() -> None:
    """Write every text."""
    for name in CASES:
        with tempfile.TemporaryDirectory() as folder:
            (FOLDER / f"{name}.txt").write_text(snapshot(name, Path(folder)), encoding="utf-8")


if __name__ == "__main__":
    main()
