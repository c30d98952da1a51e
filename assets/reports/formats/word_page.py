"""The Word file's page, fonts and paragraph styles by GB/T 9704-2012 and the custom for 简报.

Fonts are named, not embedded: they are licensed. The font table says what stands in for each where it is absent.
"""

from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

FANGSONG, HEITI, KAITI, XIAOBIAOSONG, SONGTI = "仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体", "宋体"
STAND_INS = {FANGSONG: "仿宋", HEITI: "SimHei", KAITI: "楷体", XIAOBIAOSONG: "华文中宋", SONGTI: "SimSun"}
PAGE_MM = (210, 297)
MARGINS_MM = {"top": 37, "bottom": 35, "left": 28, "right": 26}
TEXT_WIDTH_MM = PAGE_MM[0] - MARGINS_MM["left"] - MARGINS_MM["right"]
# 4.2.3: 22 lines in the 225 mm between the margins, so 28.95 pt a line (579 twentieths of a point)
LINE_PITCH_TWIPS = 579
BODY_PT, FOOT_PT = 16, 14
# 7.5: the dash of the page number stands 7 mm below the text area
PAGE_NUMBER_FROM_EDGE_MM = 25
RED = RGBColor(0xFF, 0x00, 0x00)

# ECMA-376 part 1, CT_PPrBase: the part of its sequence that follows what is inserted here
PARAGRAPH_PROPERTIES = (
    *("autoSpaceDE", "autoSpaceDN", "bidi", "adjustRightInd", "snapToGrid", "spacing", "ind", "contextualSpacing"),
    *("mirrorIndents", "suppressOverlap", "jc", "textDirection", "textAlignment", "textboxTightWrap", "outlineLvl", "divId"),
    *("cnfStyle", "rPr", "sectPr", "pPrChange"),
)
TITLE, NUMBER, ISSUER = "周报标题", "周报期号", "周报主办"
BODY, HEADING, SUBHEADING, NOTE, RECORD, COPIES, PAGE_NUMBER = (
    "周报正文",
    "周报一级标题",
    "周报二级标题",
    "周报说明",
    "周报版记",
    "周报印数",
    "周报页码",
)


@dataclass(frozen=True)
class WordStyle:
    """A paragraph style; ``indent`` is the first line's in characters, ``outline`` the heading level for navigation, from 0."""

    name: str
    font: str = FANGSONG
    size: int = BODY_PT
    line_twips: int = LINE_PITCH_TWIPS
    # not justified: a long number would stretch the line before it, and LibreOffice drops a comma at a justified line's end
    align: Any = WD_ALIGN_PARAGRAPH.LEFT
    indent: int = 0
    outline: int | None = None
    color: Any = None


STYLES = (
    WordStyle(TITLE, XIAOBIAOSONG, 48, 1400, WD_ALIGN_PARAGRAPH.CENTER, color=RED),
    WordStyle(NUMBER, align=WD_ALIGN_PARAGRAPH.CENTER),
    WordStyle(ISSUER),
    WordStyle(BODY, indent=2),
    WordStyle(HEADING, HEITI, indent=2, outline=0),
    WordStyle(SUBHEADING, KAITI, indent=2, outline=1),
    WordStyle(NOTE, size=FOOT_PT, line_twips=480, indent=2),
    WordStyle(RECORD, size=FOOT_PT, line_twips=480),
    WordStyle(COPIES, size=FOOT_PT, line_twips=480, align=WD_ALIGN_PARAGRAPH.RIGHT),
    WordStyle(PAGE_NUMBER, SONGTI, FOOT_PT, 360),
)


def lay_out(document: Any) -> None:
    """Set the page, the fonts and the styles of an empty document."""
    _set_page(document.sections[0])
    document.settings.odd_and_even_pages_header_footer = True
    _set_defaults(document)
    for style in STYLES:
        _add_style(document, style)
    _name_stand_ins(document)


def set_fonts(properties: Any, font: str) -> None:
    """Make ``font`` the font of every script: quotation marks and digits would else be set in the Latin one."""
    fonts = properties.get_or_add_rFonts()
    fonts.attrib.clear()
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), font)
    fonts.set(qn("w:hint"), "eastAsia")


def _set_page(section: Any) -> None:
    section.page_width, section.page_height = (Mm(side) for side in PAGE_MM)
    for side, width in MARGINS_MM.items():
        setattr(section, f"{side}_margin", Mm(width))
    section.footer_distance = Mm(PAGE_NUMBER_FROM_EDGE_MM)
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(LINE_PITCH_TWIPS))


def _set_defaults(document: Any) -> None:
    """The template's defaults are theme fonts and English; a theme font would go before a named one."""
    defaults = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    set_fonts(defaults, FANGSONG)
    language = defaults.find(qn("w:lang"))
    # digits and Latin words stay English: as Chinese text they would break anywhere, 54.|91%
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), "zh-CN")
    set_fonts(document.styles["Normal"].element.get_or_add_rPr(), FANGSONG)


def _add_style(document: Any, style: WordStyle) -> None:
    added = document.styles.add_style(style.name, WD_STYLE_TYPE.PARAGRAPH)
    added.base_style = document.styles["Normal"]
    added.quick_style = True
    added.font.size = Pt(style.size)
    if style.color is not None:
        added.font.color.rgb = style.color
    set_fonts(added.element.get_or_add_rPr(), style.font)
    layout = added.paragraph_format
    layout.alignment = style.align
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    layout.line_spacing = Pt(style.line_twips / 20)
    # a page has its 22 lines, whatever paragraph ends on it
    layout.widow_control = False
    layout.keep_with_next = style.outline is not None
    properties = added.element.get_or_add_pPr()
    # the unit stands straight after the number, where Word would set a quarter of a character between them
    for script in ("autoSpaceDE", "autoSpaceDN"):
        _insert(properties, script, "0")
    if style.indent:
        _indent(properties, style)
    if style.outline is not None:
        _insert(properties, "outlineLvl", str(style.outline))


def _insert(properties: Any, name: str, value: str) -> None:
    """Add a property at its place in the schema's order, which Word insists on."""
    element = OxmlElement(f"w:{name}")
    element.set(qn("w:val"), value)
    after = PARAGRAPH_PROPERTIES[PARAGRAPH_PROPERTIES.index(name) + 1 :]
    properties.insert_element_before(element, *(f"w:{later}" for later in after))


def _indent(properties: Any, style: WordStyle) -> None:
    """In characters for Word, in twentieths of a point for programs that do not know characters."""
    indent = properties.get_or_add_ind()
    indent.set(qn("w:firstLineChars"), str(style.indent * 100))
    indent.set(qn("w:firstLine"), str(style.indent * style.size * 20))


def _name_stand_ins(document: Any) -> None:
    fonts = "".join(
        f'<w:font w:name={quoteattr(font)}><w:altName w:val={quoteattr(stand_in)}/><w:charset w:val="86"/></w:font>'
        for font, stand_in in STAND_INS.items()
    )
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    table = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:fonts xmlns:w="{namespace}">{fonts}</w:fonts>'
    for related in document.part.rels.values():
        if related.reltype.endswith("/fontTable"):
            related.target_part._blob = table.encode()
