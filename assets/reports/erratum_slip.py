"""The 更正 slip of an erratum: a document of its own, to be sent to whoever got the issue; the issue itself stays as it was printed."""

from collections.abc import Iterator, Sequence

from assets.reports.bulletin import RENDERERS, document_name
from assets.reports.document import Bulletin, Foot, Head, Item, Run, Section, plain
from assets.reports.facts.facts import IssueFacts
from assets.reports.formats.as_docx import render_docx
from assets.reports.formats.as_pdf import PDF, render_pdf
from assets.reports.wording import figure_value_text, full_day_text
from assets.warehouse.models.code_lists import FIGURE_NAMES
from assets.warehouse.state.freeze_files import Erratum, ErratumFigure

TITLE = "更正"
# a page of words needs no workbook
SLIP_FORMATS = ("docx", "html", "md", PDF)


def erratum_slip(issue: Bulletin, erratum: Erratum) -> Bulletin:
    """The slip: head and recipients of the issue, dated when it was recorded, what is corrected, and each figure then and now."""
    figures = tuple(_items(erratum.figures))
    sections = [Section(1, "一、更正说明", (plain(f"{erratum.text.rstrip('。')}。"),))]
    if figures:
        sections.append(Section(1, "二、更正的数字", items=figures))
    recorded = erratum.recorded_at.date()
    return Bulletin(
        issue_key=issue.issue_key,
        dated=recorded,
        head=Head(
            title=TITLE,
            number_line=f"{issue.head.title}{issue.head.number_line}",
            period_line=f"（第{erratum.erratum_no}号）",
            publisher=issue.head.publisher,
            date_line=full_day_text(recorded),
            number_above=issue.head.number_above,
        ),
        sections=tuple(sections),
        notes=("本更正单随原件存档；原件及其后各期已印发的数字不改。",),
        event_sets=(),
        foot=Foot(issue.foot.send, issue.foot.distribute, issue.foot.copies) if issue.foot else None,
        is_slip=True,
    )


def _items(figures: Sequence[ErratumFigure]) -> Iterator[Item]:
    for each in figures:
        title = FIGURE_NAMES.get(each.figure, each.figure)
        was = Run(figure_value_text(each.figure, each.published_value), figure=f"{each.figure}/原印")
        if each.current_value is None:
            yield Item(((Run(f"{title}原印"), was, Run("，现有数据已不出此数。")),))
        else:
            now = Run(figure_value_text(each.figure, each.current_value), figure=f"{each.figure}/更正")
            yield Item(((Run(f"{title}原印"), was, Run("，更正为"), now, Run("。")),))


def slip_documents(
    facts: IssueFacts, issue: Bulletin, errata: Sequence[Erratum], formats: Sequence[str], template: bytes | None
) -> dict[str, bytes]:
    """Each slip in each of ``formats`` that a page of words has, by the document's name."""
    wanted = [name for name in formats if name in SLIP_FORMATS] or ["md"]
    contents = {}
    for erratum in errata:
        slip = erratum_slip(issue, erratum)
        for name in wanted:
            contents[slip_name(issue.issue_key, erratum.erratum_no, name)] = _render(facts, slip, name, template)
    return contents


def slip_name(issue_key: str, number: int, format_name: str) -> str:
    """``bulletin-2023-34-erratum-1.docx``."""
    return document_name(f"{issue_key}-erratum-{number}", format_name)


def _render(facts: IssueFacts, slip: Bulletin, name: str, template: bytes | None) -> bytes:
    if name in ("docx", PDF):
        word = render_docx(slip, template)
        return word if name == "docx" else render_pdf(word, slip.dated)
    return RENDERERS[name](facts, slip)
