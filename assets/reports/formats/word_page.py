"""The Word file's page, fonts and styles by GB/T 9704-2012 and the custom for 简报, as XML parts.

Fonts are named, not embedded: they are licensed. The font table says what stands in for each where it is absent.
"""

from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

FANGSONG, HEITI, KAITI, XIAOBIAOSONG, SONGTI = "仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体", "宋体"
STAND_INS = {FANGSONG: "仿宋", HEITI: "SimHei", KAITI: "楷体", XIAOBIAOSONG: "华文中宋", SONGTI: "SimSun"}
PAGE_MM = (210, 297)
MARGINS_MM = {"top": 37, "bottom": 35, "left": 28, "right": 26}
TEXT_WIDTH_MM = PAGE_MM[0] - MARGINS_MM["left"] - MARGINS_MM["right"]
# 4.2.3: 22 lines in the 225 mm between the margins, so 28.95 pt a line (579 twentieths of a point)
LINE_PITCH_TWIPS = 579
LINES_A_PAGE = 22
# 28 characters a line: 16 pt each are 448 pt, and 156 mm are 442.2; a character grid would do it in Word alone
CHARACTERS_A_LINE, CHARACTER_SPACING_TWIPS = 28, -5
# a publisher's name of 20 characters and the date on one line
ISSUER_SPACING_TWIPS = -15
BODY_PT, FOOT_PT = 16, 14
# 7.5: the dash of the page number stands 7 mm below the text area
PAGE_NUMBER_FROM_EDGE_MM = 25
NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
HEADER = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

TITLE, HEADING, SUBHEADING, STRONG = "Title", "heading 1", "heading 2", "Strong"
NUMBER, ISSUER, DATE, BODY, NOTE, RECORD, COPIES = (
    "周报期号",
    "周报主办",
    "周报日期",
    "周报正文",
    "周报说明",
    "周报版记",
    "周报印数",
)
RED_RULE, OUTER_RULE, INNER_RULE, ODD_NUMBER, EVEN_NUMBER, DRAFT_MARK = (
    *("周报红线", "周报版记粗线", "周报版记细线"),
    *("周报页码单", "周报页码双", "周报草稿"),
)
STYLE_IDS = {TITLE: "Title", HEADING: "Heading1", SUBHEADING: "Heading2", STRONG: "Strong"}
RED, BLACK = "FF0000", "000000"
# twentieths of a point: 0.35 mm and 0.25 mm of GB/T 9704 7.4.1, 0.53 mm of the red rule
OUTER_TWIPS, INNER_TWIPS, RED_TWIPS = 20, 14, 30
TWIPS_PER_MM = 1440 / 25.4
# the foot: a frame at the lower edge of the text area, as wide as that, in Word and in LibreOffice, which reads it from paragraphs alone
FRAME = (
    f'<w:framePr w:w="{round(TEXT_WIDTH_MM * TWIPS_PER_MM)}" w:hSpace="0" w:wrap="notBeside" w:vAnchor="margin" w:hAnchor="margin"'
    ' w:xAlign="left" w:yAlign="bottom"/>'
)


@dataclass(frozen=True)
class WordStyle:
    """A paragraph style.

    ``indent``, ``hanging``, ``left`` and ``right`` are in characters, ``outline`` is the heading level for navigation from 0,
    ``rule`` is the colour of one that is nothing but a line as high as its pitch.
    """

    name: str
    font: str = FANGSONG
    size: int = BODY_PT
    line_twips: int = LINE_PITCH_TWIPS
    # not justified: a long number would stretch the line before it, and LibreOffice drops a comma at a justified line's end
    align: str = "left"
    indent: int = 0
    hanging: int = 0
    left: int = 0
    right: int = 0
    before: int = 0
    after: int = 0
    outline: int | None = None
    color: str | None = None
    spacing: int = 0
    keep_lines: bool = False
    in_frame: bool = False
    rule: str | None = None

    @property
    def style_id(self) -> str:
        """The id by which paragraphs name it."""
        return STYLE_IDS.get(self.name, self.name)


STYLES = (
    WordStyle(TITLE, XIAOBIAOSONG, 48, 1400, "center", color=RED),
    WordStyle(NUMBER, align="center"),
    WordStyle(ISSUER, spacing=ISSUER_SPACING_TWIPS),
    WordStyle(DATE, align="right", spacing=ISSUER_SPACING_TWIPS),
    WordStyle(RED_RULE, line_twips=RED_TWIPS, before=80, after=280, rule=RED),
    WordStyle(HEADING, HEITI, indent=2, outline=0, spacing=CHARACTER_SPACING_TWIPS),
    WordStyle(SUBHEADING, KAITI, indent=2, outline=1, spacing=CHARACTER_SPACING_TWIPS),
    WordStyle(BODY, indent=2, spacing=CHARACTER_SPACING_TWIPS),
    # 数据截至 and the like are read as one
    WordStyle(NOTE, size=FOOT_PT, line_twips=480, indent=2, keep_lines=True),
    WordStyle(OUTER_RULE, line_twips=OUTER_TWIPS, in_frame=True, rule=BLACK),
    WordStyle(INNER_RULE, line_twips=INNER_TWIPS, in_frame=True, rule=BLACK),
    # one character from either side, lines after the first below the text
    WordStyle(RECORD, size=FOOT_PT, line_twips=480, hanging=2, left=3, right=1, in_frame=True),
    WordStyle(COPIES, size=FOOT_PT, line_twips=480, align="right", right=1, in_frame=True),
    WordStyle(ODD_NUMBER, SONGTI, FOOT_PT, 360, "right", right=1),
    WordStyle(EVEN_NUMBER, SONGTI, FOOT_PT, 360, "left", left=1),
    WordStyle(DRAFT_MARK, HEITI, align="center"),
)
# the styles of the foot's frame
IN_FRAME = frozenset(style.name for style in STYLES if style.in_frame)


def styles_part() -> str:
    """word/styles.xml: no theme, no language but Chinese, nothing that is not used."""
    normal = (
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/><w:pPr>'
        # a page has its 22 lines, whatever paragraph ends on it
        '<w:widowControl w:val="0"/>'
        f'<w:spacing w:before="0" w:after="0" w:line="{LINE_PITCH_TWIPS}" w:lineRule="exact"/></w:pPr></w:style>'
    )
    strong = (
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name w:val="Default Paragraph Font"/>'
        '<w:uiPriority w:val="1"/><w:semiHidden/></w:style>'
        f'<w:style w:type="character" w:styleId="{STYLE_IDS[STRONG]}"><w:name w:val="{STRONG}"/><w:qFormat/><w:rPr><w:b/></w:rPr></w:style>'
    )
    table = (
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:semiHidden/><w:tblPr>'
        '<w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="0" w:type="dxa"/>'
        '<w:bottom w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
    )
    defaults = (
        f'<w:docDefaults><w:rPrDefault><w:rPr>{_fonts(FANGSONG)}<w:sz w:val="{2 * BODY_PT}"/><w:szCs w:val="{2 * BODY_PT}"/>'
        # Latin letters are of no language: as Chinese text LibreOffice would break a number anywhere, 54.|91%
        '<w:lang w:val="x-none" w:eastAsia="zh-CN" w:bidi="x-none"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>'
    )
    own = "".join(map(_style, STYLES))
    return f'{HEADER}<w:styles xmlns:w="{NAMESPACE}">{defaults}{normal}{strong}{table}{own}</w:styles>'


def _style(style: WordStyle) -> str:
    custom = "" if style.name in STYLE_IDS else ' w:customStyle="1"'
    after = STYLE_IDS.get(BODY, BODY) if style.outline is not None else style.style_id
    return (
        f'<w:style w:type="paragraph"{custom} w:styleId="{style.style_id}"><w:name w:val="{style.name}"/><w:basedOn w:val="Normal"/>'
        f'<w:next w:val="{after}"/><w:qFormat/><w:pPr>{_paragraph(style)}</w:pPr><w:rPr>{_letters(style)}</w:rPr></w:style>'
    )


def _paragraph(style: WordStyle) -> str:
    """The paragraph's properties in the order of the schema, which Word insists on (ECMA-376 part 1, CT_PPrBase)."""
    parts = [
        "<w:keepNext/>" if style.outline is not None or style.in_frame else "",
        "<w:keepLines/>" if style.keep_lines else "",
        _rule(style) if style.rule else "",
        # the unit stands straight after the number
        '<w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/>',
        "" if style.line_twips == LINE_PITCH_TWIPS else '<w:snapToGrid w:val="0"/>',
        f'<w:spacing w:before="{style.before}" w:after="{style.after}" w:line="{style.line_twips}" w:lineRule="exact"/>',
        _indents(style),
        f'<w:jc w:val="{style.align}"/>',
        "" if style.outline is None else f'<w:outlineLvl w:val="{style.outline}"/>',
    ]
    return "".join(parts)


def _rule(style: WordStyle) -> str:
    """A line as wide as the text: black paragraphs of the rule's height, since LibreOffice makes no frame of paragraphs with borders."""
    return f'<w:shd w:val="clear" w:color="auto" w:fill="{style.rule}"/>'


def _indents(style: WordStyle) -> str:
    """In characters for Word, in twentieths of a point for programs that do not know characters."""
    named = (("left", style.left), ("right", style.right), ("firstLine", style.indent), ("hanging", style.hanging))
    sides = [f'w:{side}Chars="{100 * count}" w:{side}="{20 * count * style.size}"' for side, count in named if count]
    return f"<w:ind {' '.join(sides)}/>" if sides else ""


def _letters(style: WordStyle) -> str:
    color = f'<w:color w:val="{style.color}"/>' if style.color else ""
    spacing = f'<w:spacing w:val="{style.spacing}"/>' if style.spacing else ""
    return f'{_fonts(style.font)}{color}{spacing}<w:sz w:val="{2 * style.size}"/><w:szCs w:val="{2 * style.size}"/>'


def _fonts(font: str) -> str:
    """One font for every script: quotation marks and digits would else be set in the Latin one."""
    name = quoteattr(font)
    return f'<w:rFonts w:hint="eastAsia" w:ascii={name} w:hAnsi={name} w:eastAsia={name} w:cs={name}/>'


def font_table_part() -> str:
    """word/fontTable.xml: each font with its stand-in."""
    fonts = "".join(
        f'<w:font w:name={quoteattr(font)}><w:altName w:val={quoteattr(stand_in)}/><w:charset w:val="86"/></w:font>'
        for font, stand_in in STAND_INS.items()
    )
    return f'{HEADER}<w:fonts xmlns:w="{NAMESPACE}">{fonts}</w:fonts>'


def settings_part() -> str:
    """word/settings.xml: pages differ by side, and Word 2013 and later is told that this is no document of an older one."""
    return (
        f'{HEADER}<w:settings xmlns:w="{NAMESPACE}"><w:defaultTabStop w:val="640"/><w:evenAndOddHeaders/>'
        '<w:characterSpacingControl w:val="doNotCompress"/><w:compat><w:compatSetting w:name="compatibilityMode"'
        ' w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
        '<w:themeFontLang w:val="zh-CN" w:eastAsia="zh-CN"/></w:settings>'
    )


def section_properties() -> str:
    """The page of the document's one section, with what stands above and below the text on odd and even pages."""
    width, height = (round(side * TWIPS_PER_MM) for side in PAGE_MM)
    margins = " ".join(f'w:{side}="{round(size * TWIPS_PER_MM)}"' for side, size in MARGINS_MM.items())
    references = "".join(
        f'<w:{kind}Reference w:type="{which}" r:id="{kind}-{which}"/>'
        for kind in ("header", "footer")
        for which in ("default", "even")
    )
    return (
        f'<w:sectPr>{references}<w:pgSz w:w="{width}" w:h="{height}"/><w:pgMar {margins} w:header="851"'
        f' w:footer="{round(PAGE_NUMBER_FROM_EDGE_MM * TWIPS_PER_MM)}" w:gutter="0"/>'
        f'<w:docGrid w:type="lines" w:linePitch="{LINE_PITCH_TWIPS}"/></w:sectPr>'
    )
