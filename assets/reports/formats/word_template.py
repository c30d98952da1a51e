"""The project's own Word template: an empty bulletin with tags, which the office may restyle as ``templates/周报模板.docx`` of the home.

Made part by part, so that nothing is in it that nobody put there: no theme, thumbnail, program name or older compatibility.
"""

import io
import zipfile

from assets.reports.formats.word_page import (
    BODY,
    COPIES,
    DATE,
    DRAFT_MARK,
    EVEN_NUMBER,
    FRAME,
    HEADER,
    HEADING,
    IN_FRAME,
    INNER_RULE,
    ISSUER,
    NAMESPACE,
    NOTE,
    NUMBER,
    ODD_NUMBER,
    OUTER_RULE,
    RECORD,
    RED_RULE,
    STYLE_IDS,
    SUBHEADING,
    TEXT_WIDTH_MM,
    TITLE,
    TWIPS_PER_MM,
    font_table_part,
    section_properties,
    settings_part,
    styles_part,
)

TEMPLATE_FILE = "周报模板.docx"
# the earliest time a zip can hold
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"
# room for a day such as 2023年12月31日, and alongside it for a publisher's name of 20 characters
_DATE_TWIPS = 2650

Line = tuple[str, str]
_NUMBER: Line = (NUMBER, "{{ 期号 }}")
_TOP: tuple[Line, ...] = (
    *((BODY, "{%p if 草稿 %}"), (DRAFT_MARK, "{{ 草稿 }}"), (BODY, "{%p endif %}")),
    *((BODY, "{%p if 期号在上 %}"), _NUMBER, (BODY, "{%p endif %}")),
    (TITLE, "{{ 题名 }}"),
    *((BODY, "{%p if not 期号在上 %}"), _NUMBER, (BODY, "{%p endif %}")),
    (NUMBER, "{{ 期间 }}"),
)
_TEXT: tuple[Line, ...] = (
    (RED_RULE, ""),
    (BODY, "{%p for 段 in 正文 %}"),
    *((BODY, "{%p if 段.级 == 1 %}"), (HEADING, "{{r 段.文字 }}")),
    *((BODY, "{%p elif 段.级 == 2 %}"), (SUBHEADING, "{{r 段.文字 }}")),
    *((BODY, "{%p else %}"), (BODY, "{{r 段.文字 }}"), (BODY, "{%p endif %}")),
    (BODY, "{%p endfor %}"),
    (BODY, "{%p for 说明 in 数据说明 %}"),
    # a frame is on the page of the paragraph after it: before the last note, the foot is on the last page and never alone
    (BODY, "{%p if loop.last and 送 %}"),
    *((OUTER_RULE, ""), (RECORD, "{{ 送 }}"), (INNER_RULE, ""), (RECORD, "{{ 发 }}"), (OUTER_RULE, ""), (COPIES, "{{ 印数 }}")),
    *((BODY, "{%p endif %}"), (NOTE, "{{ 说明 }}"), (BODY, "{%p endfor %}")),
)


def default_template() -> bytes:
    """The template as a file, the same bytes each time."""
    return packed({name: part.encode() for name, part in _parts().items()})


def packed(parts: dict[str, bytes]) -> bytes:
    """The parts as a Word file with one order and one time; programs look for the list of content types first."""
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(parts, key=lambda name: (name != "[Content_Types].xml", name)):
            member = zipfile.ZipInfo(name, ZIP_EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(member, parts[name])
    return result.getvalue()


def _parts() -> dict[str, str]:
    pages = {f"word/header-{which}.xml": _edge("hdr", _paragraph(DRAFT_MARK, "{{ 草稿 }}")) for which in ("default", "even")} | {
        "word/footer-default.xml": _edge("ftr", _page_number(ODD_NUMBER)),
        "word/footer-even.xml": _edge("ftr", _page_number(EVEN_NUMBER)),
    }
    return pages | {
        "[Content_Types].xml": _content_types(pages),
        "_rels/.rels": _relations(
            ("document", f"{_RELATIONS}/officeDocument", "word/document.xml"),
            (
                "core",
                "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties",
                "docProps/core.xml",
            ),
        ),
        "docProps/core.xml": (
            f'{HEADER}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
            ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>周报模板</dc:title><dc:language>zh-CN</dc:language></cp:coreProperties>'
        ),
        "word/_rels/document.xml.rels": _relations(
            ("styles", f"{_RELATIONS}/styles", "styles.xml"),
            ("settings", f"{_RELATIONS}/settings", "settings.xml"),
            ("fonts", f"{_RELATIONS}/fontTable", "fontTable.xml"),
            *(
                (f"{kind}-{which}", f"{_RELATIONS}/{kind}", f"{kind}-{which}.xml")
                for kind in ("header", "footer")
                for which in ("default", "even")
            ),
        ),
        "word/styles.xml": styles_part(),
        "word/settings.xml": settings_part(),
        "word/fontTable.xml": font_table_part(),
        "word/document.xml": _document(),
    }


def _document() -> str:
    top, text = ("".join(_paragraph(*line) for line in lines) for lines in (_TOP, _TEXT))
    body = f"{top}{_issuer()}{text}{section_properties()}"
    return f'{HEADER}<w:document xmlns:w="{NAMESPACE}" xmlns:r="{_RELATIONS}"><w:body>{body}</w:body></w:document>'


def _paragraph(style: str, text: str) -> str:
    run = f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>' if text else ""
    frame = FRAME if style in IN_FRAME else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{STYLE_IDS.get(style, style)}"/>{frame}</w:pPr>{run}</w:p>'


def _issuer() -> str:
    """Publisher left and date right, each in a cell of its own, so that a long name wraps and never touches the date."""
    whole = round(TEXT_WIDTH_MM * TWIPS_PER_MM)
    widths = (whole - _DATE_TWIPS, _DATE_TWIPS)
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="bottom"/></w:tcPr>{_paragraph(style, text)}</w:tc>'
        for width, style, text in zip(widths, (ISSUER, DATE), ("{{ 主办 }}", "{{ 日期 }}"), strict=True)
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{whole}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid><w:tr>{cells}</w:tr></w:tbl>"
    )


def _page_number(style: str) -> str:
    """``— 1 —``."""
    field = '<w:fldSimple w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    dashes = ('<w:r><w:t xml:space="preserve">— </w:t></w:r>', '<w:r><w:t xml:space="preserve"> —</w:t></w:r>')
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{field.join(dashes)}</w:p>'


def _edge(kind: str, content: str) -> str:
    return f'{HEADER}<w:{kind} xmlns:w="{NAMESPACE}">{content}</w:{kind}>'


def _relations(*relations: tuple[str, str, str]) -> str:
    listed = "".join(f'<Relationship Id="{name}" Type="{kind}" Target="{target}"/>' for name, kind, target in relations)
    return f'{HEADER}<Relationships xmlns="{_PACKAGE_RELATIONS}">{listed}</Relationships>'


def _content_types(pages: dict[str, str]) -> str:
    named = {
        "word/document.xml": f"{_TYPES}.document.main+xml",
        "word/styles.xml": f"{_TYPES}.styles+xml",
        "word/settings.xml": f"{_TYPES}.settings+xml",
        "word/fontTable.xml": f"{_TYPES}.fontTable+xml",
        "docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        **{name: f"{_TYPES}.{'header' if 'header' in name else 'footer'}+xml" for name in pages},
    }
    listed = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in named.items())
    return (
        f'{HEADER}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{listed}</Types>'
    )
