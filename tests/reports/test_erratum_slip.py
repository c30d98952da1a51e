"""The 更正 slip: a document of its own with the office's head and recipients, each figure as it was printed and as it is."""

from datetime import datetime
from pathlib import Path

import pytest
from docx import Document

from assets.errors import RefusedError, UsageError
from assets.home import Home
from assets.reports.document import text_of
from assets.reports.erratum_slip import erratum_slip
from assets.reports.formats.as_docx import render_docx
from assets.reports.formats.as_html import render_html
from assets.reports.formats.word_verify import read_figures
from assets.reports.freeze import record_erratum
from assets.reports.printing import print_issue
from assets.warehouse.state.freeze_files import Erratum, ErratumFigure

from .documents import bulletin, facts
from .published_database import ISSUE
from .test_reprint import FORMATS, LATER, change, contents, frozen, home

__all__ = ["home"]
AT = datetime(2023, 9, 20, 9)
ERRATUM = Erratum(
    issue_key=ISSUE,
    erratum_no=2,
    text="受理数漏计一件。",
    recorded_at=AT,
    code_version="test",
    version="1",
    figures=(
        ErratumFigure(figure="composite.accepted.week", published_value=774, current_value=775, difference=1),
        ErratumFigure(figure="handbook.share", published_value=0.5491, current_value=0.5515, difference=0.0024),
        ErratumFigure(figure="composite.issued.week", published_value=6613, current_value=None, difference=None),
    ),
)


def test_the_slip_says_what_is_corrected_and_each_figure_then_and_now() -> None:
    slip = erratum_slip(bulletin(), ERRATUM)
    assert (slip.head.title, slip.head.number_line, slip.head.period_line) == ("更正", "示例周报示例期号", "（第2号）")
    assert (slip.head.publisher, slip.head.date_line, slip.foot) == ("示例主办", "2023年9月20日", bulletin().foot)
    assert [text_of(paragraph) for paragraph in slip.sections[0].paragraphs] == ["受理数漏计一件。"]
    assert [text_of(item.paragraphs[0]) for item in slip.sections[1].items] == [
        "省本级综窗受理（本周）原印774件，更正为775件。",
        "受理工作手册完成占比原印54.91%，更正为55.15%。",
        "省本级综窗颁发（本周）原印6613件，现有数据已不出此数。",
    ]


def test_a_correction_of_words_alone_has_no_list_of_figures() -> None:
    slip = erratum_slip(bulletin(), ERRATUM.model_copy(update={"figures": ()}))
    assert [section.heading for section in slip.sections] == ["一、更正说明"]


def test_the_slip_s_page_has_no_cards() -> None:
    page = render_html(facts(), erratum_slip(bulletin(), ERRATUM))
    assert 'class="card"' not in page
    assert "更正为775件" in page


def test_an_erratum_is_printed_as_a_document_of_its_own_and_the_issue_stays(home: Home) -> None:
    before = frozen(home)
    change(home, *LATER, "insert into marts.errata values ('2023-34', 1, '受理数漏计一件', '2023-09-20 09:00')")
    record_erratum(home, ISSUE, "受理数漏计一件", "test", AT)
    printed = contents(print_issue(home, ISSUE, home.root / "again", FORMATS).paths)
    assert {name: printed[name] for name in before} == before
    slips = {name for name in printed if "erratum" in name}
    assert slips == {f"bulletin-{ISSUE}-erratum-1.{name}" for name in ("docx", "html", "md")}
    assert "更正为775件" in printed[f"bulletin-{ISSUE}-erratum-1.md"].decode()
    # the same slip each time
    again = contents(print_issue(home, ISSUE, home.root / "third", FORMATS).paths)
    assert {name: again[name] for name in slips} == {name: printed[name] for name in slips}
    word = Document(str(home.root / "again" / f"bulletin-{ISSUE}-erratum-1.docx"))
    assert word.paragraphs[0].style.name == "Title"
    assert word.paragraphs[0].text == "更正"
    # a workbook alone has the slip as text beside it
    alone = contents(print_issue(home, ISSUE, home.root / "book", ("xlsx",)).paths)
    assert f"bulletin-{ISSUE}-erratum-1.md" in alone


def test_what_is_not_frozen_has_no_slip(home: Home, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="not frozen"):
        record_erratum(home, ISSUE, "更正", "test", AT)
    assert not [path for path in print_issue(home, ISSUE, tmp_path / "out", ("md",)).paths if "erratum" in path.name]


def test_a_slip_is_not_verified_for_an_issue(tmp_path: Path) -> None:
    path = tmp_path / "slip.docx"
    path.write_bytes(render_docx(erratum_slip(bulletin(), ERRATUM)))
    with pytest.raises(UsageError, match="a slip of issue 2023-34, not the issue"):
        read_figures(path)
