"""The Word file, opened again with python-docx and measured against GB/T 9704-2012."""

import io
import re
import zipfile
from typing import Any
from xml.etree import ElementTree

import pytest
from docx import Document
from docx.oxml.ns import qn

from assets.reports.formats.as_docx import render_docx

from .documents import NASTY, bulletin

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def file() -> bytes:
    return render_docx(bulletin())


@pytest.fixture(scope="module")
def word(file: bytes) -> Any:
    return Document(io.BytesIO(file))


def styled(word: Any, text: str) -> Any:
    """The first paragraph with exactly this text; its style says how it is set."""
    found = [paragraph for paragraph in word.paragraphs if paragraph.text == text]
    assert found, text
    return found[0]


def fonts(style: Any) -> set[str]:
    element = style.element.find(f".//{WORD}rFonts")
    return {element.get(qn(f"w:{script}")) for script in ("ascii", "hAnsi", "eastAsia")}


def test_the_page_is_a4_with_the_standard_s_margins(word: Any) -> None:
    section = word.sections[0]
    measured = (
        *(section.page_width, section.page_height),
        *(section.top_margin, section.bottom_margin, section.left_margin, section.right_margin),
    )
    assert [round(side.mm, 1) for side in measured] == [210, 297, 37, 35, 28, 26]


def test_a_page_holds_22_lines_of_fixed_pitch(word: Any) -> None:
    section = word.sections[0]
    height = section.page_height.pt - section.top_margin.pt - section.bottom_margin.pt
    pitch = styled(word, "示例").style.paragraph_format.line_spacing.pt
    assert 28 <= pitch <= 29
    assert height // pitch == 22
    grid = section._sectPr.find(qn("w:docGrid"))
    assert (grid.get(qn("w:type")), int(grid.get(qn("w:linePitch"))) / 20) == ("lines", pitch)


@pytest.mark.parametrize(
    ("text", "font", "points"),
    [
        ("示例周报", "方正小标宋简体", 48),
        ("示例期号", "仿宋_GB2312", 16),
        ("一、甲", "黑体", 16),
        ("（一）乙", "楷体_GB2312", 16),
        ("示例", "仿宋_GB2312", 16),
        ("1.近日，示例厅示例", "仿宋_GB2312", 16),
        ("说明一。", "仿宋_GB2312", 14),
    ],
)
def test_each_kind_of_line_has_its_font_and_size(word: Any, text: str, font: str, points: int) -> None:
    style = styled(word, text).style
    assert (fonts(style), style.font.size.pt) == ({font}, points)


def test_body_and_headings_are_indented_by_two_characters(word: Any) -> None:
    for text in ("一、甲", "（一）乙", "示例", "2.近日，示例厅示例", "另段示例"):
        indent = styled(word, text).style.element.find(f".//{WORD}ind")
        assert (indent.get(qn("w:firstLineChars")), indent.get(qn("w:firstLine"))) == ("200", str(2 * 16 * 20)), text


def test_the_title_is_red_and_centred_above_a_red_rule(word: Any) -> None:
    title = styled(word, "示例周报").style
    assert str(title.font.color.rgb) == "FF0000"
    assert title.paragraph_format.alignment == 1
    issuer = styled(word, "示例主办\t示例日期")
    rule = issuer._p.find(f".//{WORD}pBdr/{WORD}bottom")
    assert (rule.get(qn("w:val")), rule.get(qn("w:color"))) == ("single", "FF0000")
    (stop,) = issuer.paragraph_format.tab_stops
    assert (round(stop.position.mm), stop.alignment.name) == (210 - 28 - 26, "RIGHT")


def test_the_foot_has_its_rules_and_the_copies_on_the_right(word: Any) -> None:
    (table,) = word.tables
    assert [row.cells[0].text for row in table.rows] == ["送：示例。", "发：示例。", "（共印91份）"]
    rules = [row.cells[0]._tc.findall(f".//{WORD}tcBorders/*") for row in table.rows]
    # the format has eighths of a point: 0.25 mm is 5.7 of them
    widths = [[int(rule.get(qn("w:sz"))) / 8 * 25.4 / 72 for rule in row] for row in rules]
    assert [[round(width, 2) for width in row] for row in widths] == [[0.35, 0.26], [0.26, 0.35], []]
    assert table.rows[2].cells[0].paragraphs[0].style.paragraph_format.alignment == 2
    assert {
        (fonts(cell.paragraphs[0].style).pop(), cell.paragraphs[0].style.font.size.pt) for cell in table.columns[0].cells
    } == {("仿宋_GB2312", 14)}
    place = table._tbl.tblPr.find(qn("w:tblpPr"))
    assert (place.get(qn("w:vertAnchor")), place.get(qn("w:tblpYSpec"))) == ("margin", "bottom")


def test_page_numbers_stand_outside_between_dashes(word: Any) -> None:
    assert word.settings.odd_and_even_pages_header_footer
    section = word.sections[0]
    for footer, alignment in ((section.footer, 2), (section.even_page_footer, 0)):
        (paragraph,) = footer.paragraphs
        assert "".join(text.text for text in paragraph._p.iter(qn("w:t"))) == "— 1 —"
        assert paragraph._p.find(qn("w:fldSimple")).get(qn("w:instr")) == "PAGE"
        assert paragraph.alignment == alignment
        assert (fonts(paragraph.style), paragraph.style.font.size.pt) == ({"宋体"}, 14)


def test_departments_are_bold_and_nothing_else(word: Any) -> None:
    bold = [run.text for paragraph in word.paragraphs for run in paragraph.runs if run.bold]
    assert bold == ["示例厅", "示例厅"]


def test_fonts_are_named_with_a_stand_in_and_not_embedded(file: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        assert not [name for name in archive.namelist() if name.startswith("word/fonts/")]
        table = ElementTree.fromstring(archive.read("word/fontTable.xml"))
    stand_ins = {font.get(f"{WORD}name"): font[0].get(f"{WORD}val") for font in table}
    assert set(stand_ins) == {"仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体", "宋体"}
    assert all(stand_ins.values())


def test_digits_take_no_font_of_the_template_s_theme(file: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        defaults = re.findall(r"<w:docDefaults>.*</w:docDefaults>", archive.read("word/styles.xml").decode())
    assert defaults
    assert "Theme" not in defaults[0]


def test_marks_of_other_formats_are_plain_text() -> None:
    word = Document(io.BytesIO(render_docx(bulletin(text=NASTY, notes=(NASTY,)))))
    assert {NASTY, f"1.近日，示例厅{NASTY}"} <= {paragraph.text for paragraph in word.paragraphs}


def test_the_file_says_whose_and_of_when_it_is(word: Any) -> None:
    properties = word.core_properties
    assert (properties.author, properties.identifier, properties.language) == ("示例主办", "2023-34", "zh-CN")
    assert f"{properties.created:%Y-%m-%d} {properties.modified:%Y-%m-%d}" == "2023-09-11 2023-09-11"


def test_the_same_bulletin_makes_the_same_bytes(file: bytes) -> None:
    assert render_docx(bulletin()) == file
