"""Parts of the Word file that python-docx has no call for: rules, the foot at the page's end, page numbers outside."""

from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from assets.reports.document import Foot, Head
from assets.reports.formats.word_page import COPIES, FOOT_PT, ISSUER, PAGE_NUMBER, RECORD, TEXT_WIDTH_MM

# eighths of a point: 0.35 mm and 0.25 mm of GB/T 9704 7.4.1
OUTER_RULE, INNER_RULE = 8, 6
RED_RULE = 12
TWIPS_PER_MM = 1440 / 25.4


def add_issuer(document: Any, head: Head) -> None:
    """Publisher left and date right above a red rule."""
    paragraph = document.add_paragraph(f"{head.publisher}\t{head.date_line}", style=ISSUER)
    paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(TEXT_WIDTH_MM), WD_TAB_ALIGNMENT.RIGHT)
    paragraph.paragraph_format.space_after = Pt(14)
    borders = OxmlElement("w:pBdr")
    borders.append(_rule("bottom", RED_RULE, "FF0000", space=6))
    paragraph._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def add_foot(document: Any, foot: Foot) -> None:
    """送, 发 and the number of copies between rules, at the end of the last page's text area.

    Word sets it there; LibreOffice before 7.6 knows no such place and sets it after the text.
    """
    table = document.add_table(rows=3, cols=1)
    table.autofit = False
    _place_at_page_end(table)
    lines = ((foot.send, RECORD, OUTER_RULE, INNER_RULE), (foot.distribute, RECORD, INNER_RULE, OUTER_RULE))
    for row, (text, style, above, below) in zip(table.rows, lines, strict=False):
        _fill(row.cells[0], text, style)
        _rules(row.cells[0], above, below)
        # one character from either side, lines after the first below the text
        layout = row.cells[0].paragraphs[0].paragraph_format
        layout.left_indent, layout.right_indent = Pt(3 * FOOT_PT), Pt(FOOT_PT)
        layout.first_line_indent = Pt(-2 * FOOT_PT)
    _fill(table.rows[2].cells[0], foot.copies, COPIES)
    table.rows[2].cells[0].paragraphs[0].paragraph_format.right_indent = Pt(FOOT_PT)
    for row in table.rows:
        row.cells[0].paragraphs[0].paragraph_format.keep_with_next = True
    # Word demands a paragraph after a table
    last = document.add_paragraph(style=RECORD)
    last.paragraph_format.line_spacing = Pt(1)


def add_page_numbers(section: Any) -> None:
    """``— 1 —`` outside: right on odd pages, left on even ones, one character from the edge."""
    for footer, outside in ((section.footer, "right"), (section.even_page_footer, "left")):
        paragraph = footer.paragraphs[0]
        paragraph.style = PAGE_NUMBER
        paragraph.alignment = WD_ALIGN_PARAGRAPH[outside.upper()]
        setattr(paragraph.paragraph_format, f"{outside}_indent", Pt(FOOT_PT))
        paragraph.add_run("— ")
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), "PAGE")
        field.append(paragraph.add_run("1")._r)
        paragraph._p.append(field)
        paragraph.add_run(" —")


def _place_at_page_end(table: Any) -> None:
    properties = table._tbl.tblPr
    place = OxmlElement("w:tblpPr")
    for name, value in (
        ("leftFromText", "0"),
        ("rightFromText", "0"),
        ("vertAnchor", "margin"),
        ("horzAnchor", "margin"),
        ("tblpX", "0"),
        ("tblpYSpec", "bottom"),
    ):
        place.set(qn(f"w:{name}"), value)
    overlap = OxmlElement("w:tblOverlap")
    overlap.set(qn("w:val"), "never")
    # after the style, before the width, as the schema has it
    start = 1 if properties.find(qn("w:tblStyle")) is not None else 0
    properties.insert(start, place)
    properties.insert(start + 1, overlap)
    _set_width(table)


def _set_width(table: Any) -> None:
    """The whole text width, without inner margins, so that the rules reach from edge to edge."""
    properties = table._tbl.tblPr
    width = str(round(TEXT_WIDTH_MM * TWIPS_PER_MM))
    table.columns[0].width = Mm(TEXT_WIDTH_MM)
    for cell in table.columns[0].cells:
        cell.width = Mm(TEXT_WIDTH_MM)
    total = properties.find(qn("w:tblW"))
    total.set(qn("w:type"), "dxa")
    total.set(qn("w:w"), width)
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "0")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    look = properties.find(qn("w:tblLook"))
    if look is None:
        properties.append(margins)
    else:
        look.addprevious(margins)


def _fill(cell: Any, text: str, style: str) -> None:
    cell.paragraphs[0].text = text
    cell.paragraphs[0].style = style


def _rules(cell: Any, above: int, below: int) -> None:
    borders = OxmlElement("w:tcBorders")
    borders.append(_rule("top", above, "000000"))
    borders.append(_rule("bottom", below, "000000"))
    cell._tc.get_or_add_tcPr().append(borders)


def _rule(side: str, eighths: int, color: str, space: int = 0) -> Any:
    rule = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", str(space)), ("color", color)):
        rule.set(qn(f"w:{name}"), value)
    return rule
