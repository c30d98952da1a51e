"""The Word file, opened again with python-docx and measured against GB/T 9704-2012."""

import io
import re
import zipfile
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from docx import Document
from docx.oxml.ns import qn

from assets.reports.document import Run, Section
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


def test_the_title_is_red_and_centred_and_the_number_line_below_it_or_above() -> None:
    for above, order in ((False, ["示例周报", "示例期号", "（示例期间）"]), (True, ["示例期号", "示例周报", "（示例期间）"])):
        one = bulletin()
        word = Document(io.BytesIO(render_docx(replace(one, head=replace(one.head, number_above=above)))))
        assert [paragraph.text for paragraph in word.paragraphs[:3]] == order
        title = styled(word, "示例周报").style
        assert (title.name, str(title.font.color.rgb), title.paragraph_format.alignment) == ("Title", "FF0000", 1)


def test_publisher_and_date_have_cells_of_their_own_above_a_red_rule(word: Any) -> None:
    (table,) = word.tables
    left, right = table.rows[0].cells
    assert (left.text, right.text) == ("示例主办", "示例日期")
    assert right.paragraphs[0].style.paragraph_format.alignment == 2
    # the widest day, 2023年12月31日 in full-width digits, is 11 characters; a long name wraps in its own cell
    assert right.width.pt >= 8 * 16
    assert round((left.width + right.width) / 36000) == 210 - 28 - 26
    rule = table._tbl.getnext()
    assert styled(word, "").style.name == "周报红线"
    assert rule.find(qn("w:pPr")).find(qn("w:pStyle")).get(qn("w:val")) == "周报红线"
    assert styled(word, "").style.element.find(f".//{WORD}shd").get(qn("w:fill")) == "FF0000"


def test_the_foot_has_its_rules_and_the_copies_on_the_right(word: Any) -> None:
    foot = word.paragraphs[-7:-1]
    assert [paragraph.text for paragraph in foot] == ["", "送：示例。", "", "发：示例。", "", "（共印91份）"]
    # a rule is a black paragraph as high as the standard's line, in twentieths of a point
    heights = [round(foot[at].style.paragraph_format.line_spacing.mm, 2) for at in (0, 2, 4)]
    assert heights == [0.35, 0.25, 0.35]
    assert {foot[at].style.element.find(f".//{WORD}shd").get(qn("w:fill")) for at in (0, 2, 4)} == {"000000"}
    assert foot[5].style.paragraph_format.alignment == 2
    assert {(fonts(foot[at].style).pop(), foot[at].style.font.size.pt) for at in (1, 3, 5)} == {("仿宋_GB2312", 14)}
    # one frame at the lower edge of the text, on the page of the paragraph after it
    places = {tuple(sorted(paragraph._p.pPr.find(qn("w:framePr")).attrib.items())) for paragraph in foot}
    assert len(places) == 1
    (place,) = places
    assert {(qn("w:vAnchor"), "margin"), (qn("w:yAlign"), "bottom")} <= set(place)


def test_the_foot_is_never_alone_and_what_the_data_reach_to_is_not_split() -> None:
    word = Document(io.BytesIO(render_docx(bulletin(notes=("说明一。", "说明二。")))))
    # the frame is on the page of the last note, which is on one page
    assert [paragraph.text for paragraph in word.paragraphs if paragraph.text][-5:] == [
        "说明一。",
        "送：示例。",
        "发：示例。",
        "（共印91份）",
        "说明二。",
    ]
    assert word.paragraphs[-1]._p.pPr.find(qn("w:framePr")) is None
    assert word.paragraphs[-1].style.paragraph_format.keep_together


def test_a_line_holds_28_characters(word: Any) -> None:
    spacing = int(styled(word, "示例").style.element.rPr.find(qn("w:spacing")).get(qn("w:val"))) / 20
    width = word.sections[0].page_width.pt - word.sections[0].left_margin.pt - word.sections[0].right_margin.pt
    assert width // (16 + spacing) == 28


def test_nothing_is_formatted_but_by_styles(word: Any) -> None:
    for paragraph in word.element.body.iter(qn("w:p")):
        assert {child.tag for child in paragraph.pPr} <= {qn("w:pStyle"), qn("w:framePr")}
    assert {child.tag for run in word.element.body.iter(qn("w:rPr")) for child in run} == {qn("w:rStyle")}


def test_the_file_is_clean(file: bytes, word: Any) -> None:
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        names = archive.namelist()
        words = "".join(archive.read(name).decode() for name in names)
    assert not [name for name in names if "theme" in name or "thumbnail" in name or name.endswith("app.xml")]
    assert not re.search("en-US|ar-SA|Microsoft|python-docx|LibreOffice", words)
    assert "{{" not in words
    assert "{%" not in words
    modes = [setting.get(qn("w:val")) for setting in word.settings.element.iter(qn("w:compatSetting"))]
    assert modes == ["15"]


def test_each_figure_is_a_content_control_with_its_id() -> None:
    paragraph = (
        Run("受理"),
        Run("774件", figure="composite.accepted.week"),
        Run("、"),
        Run("31个", figure="handbook.finished.week/甲厅"),
    )
    word = Document(io.BytesIO(render_docx(bulletin(Section(1, "一、甲", (paragraph, paragraph))))))
    controls = list(word.element.body.iter(qn("w:sdt")))
    tags = [control.find(f"{qn('w:sdtPr')}/{qn('w:tag')}").get(qn("w:val")) for control in controls]
    assert tags == ["composite.accepted.week", "handbook.finished.week/甲厅"] * 2
    assert ["".join(text.text for text in control.iter(qn("w:t"))) for control in controls] == ["774件", "31个"] * 2
    ids = [control.find(f"{qn('w:sdtPr')}/{qn('w:id')}").get(qn("w:val")) for control in controls]
    assert len(set(ids)) == 4


def test_page_numbers_stand_outside_between_dashes(word: Any) -> None:
    assert word.settings.odd_and_even_pages_header_footer
    section = word.sections[0]
    for footer, alignment in ((section.footer, 2), (section.even_page_footer, 0)):
        (paragraph,) = footer.paragraphs
        assert "".join(text.text for text in paragraph._p.iter(qn("w:t"))) == "— 1 —"
        assert paragraph._p.find(qn("w:fldSimple")).get(qn("w:instr")) == "PAGE"
        assert paragraph.style.paragraph_format.alignment == alignment
        assert (fonts(paragraph.style), paragraph.style.font.size.pt) == ({"宋体"}, 14)


def test_departments_are_bold_and_nothing_else(word: Any) -> None:
    bold = [run.text for paragraph in word.paragraphs for run in paragraph.runs if run.style.name == "Strong"]
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
