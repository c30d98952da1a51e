"""The bulletin as a Word file: the template filled, each figure in a content control with its id; the same bytes for the same bulletin."""

import io
import re
import zipfile
from datetime import datetime, time
from typing import Any
from xml.sax.saxutils import escape, quoteattr
from zlib import crc32

from docx.opc.exceptions import OpcError
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from assets.errors import UsageError
from assets.reports.document import DRAFT, Bulletin, Paragraph, Run
from assets.reports.formats.word_page import STRONG
from assets.reports.formats.word_template import TEMPLATE_FILE, default_template, packed
from assets.warehouse.models.code_lists import FIGURE_NAMES

# Word's own limit of a control's tag and title
TAG_LENGTH = 64
_EMPTY_RUN = re.compile(rb'<w:r>(?:<w:rPr>(?:(?!</w:rPr>).)*</w:rPr>)?<w:t(?: xml:space="preserve")?(?:/>|></w:t>)</w:r>')


def render_docx(bulletin: Bulletin, template: bytes | None = None) -> bytes:
    """The whole file, from ``template`` or the project's own. Raises UsageError for a template that cannot be filled."""
    document = open_template(template)
    try:
        document.render(context(bulletin, bold_mark(document.docx)), environment(), autoescape=True)
    except TemplateError as error:
        raise UsageError(f"{TEMPLATE_FILE}: {error.message}; zhoubao template check says where") from error
    refuse_lost_page(document.docx)
    _set_properties(document.docx.core_properties, bulletin)
    return _same_bytes(document)


def open_template(template: bytes | None = None) -> Any:
    """The template, ready to be filled. Raises UsageError for a file that is not a Word document."""
    try:
        document = DocxTemplate(io.BytesIO(template or default_template()))
        document.init_docx()
    except (OpcError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise UsageError(f"{TEMPLATE_FILE}: no Word document (.docx)") from error
    return document


def refuse_lost_page(filled: Any) -> None:
    """Raise UsageError where filling took the page away: a tag's paragraph goes with all that hangs on it, and a text box takes more along."""
    if not filled.sections:
        raise UsageError(
            f"{TEMPLATE_FILE}: 一个 {{%p … %}} 标记的段落里还有文本框之类，填数时连同页面设置一起丢掉；请把版记改回带框的段落，"
            "或用 zhoubao template new 重新开始，存盘只用 .docx"
        )


def environment() -> SandboxedEnvironment:
    """In which tags are read: nothing but the bulletin's own parts is known, and nothing can be done but printing them."""
    return SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)


def context(bulletin: Bulletin, bold: str = "<w:b/>") -> dict[str, Any]:
    """What a template's tags may name; ``bold`` is what makes a run bold."""
    head, foot = bulletin.head, bulletin.foot
    return {
        "草稿": DRAFT if bulletin.is_draft else "",
        "题名": head.title,
        "期号": head.number_line,
        "期间": head.period_line,
        "期号在上": head.number_above,
        "主办": head.publisher,
        "日期": head.date_line,
        "正文": _text(bulletin, bold),
        "数据说明": bulletin.notes,
        "送": foot.send if foot else "",
        "发": foot.distribute if foot else "",
        "印数": foot.copies if foot else "",
    }


def bold_mark(document: Any) -> str:
    """How a run of this template is made bold: by its character style, whose id another program may have changed."""
    found = [style.style_id for style in document.styles if style.name == STRONG]
    return f"<w:rStyle w:val={quoteattr(found[0])}/>" if found else "<w:b/>"


def _text(bulletin: Bulletin, bold: str) -> list[dict[str, object]]:
    """Headings and paragraphs in order: level (0: text) and runs."""
    controls = _Controls(bold)
    found: list[dict[str, object]] = []
    for section in bulletin.sections:
        found.append({"级": section.level, "文字": controls.runs((Run(section.heading),))})
        found += [{"级": 0, "文字": controls.runs(paragraph)} for paragraph in section.paragraphs]
        for number, item in enumerate(section.items, start=1):
            for at, paragraph in enumerate(item.paragraphs):
                numbered = paragraph if at else (Run(f"{number}."), *paragraph)
                found.append({"级": 0, "文字": controls.runs(numbered)})
    return found


class _Controls:
    """Runs as XML; a control's id is unique in its document and the same in each print."""

    def __init__(self, bold: str) -> None:
        self._bold = bold
        self._ids: set[int] = set()

    def runs(self, paragraph: Paragraph) -> Markup:
        return Markup("".join(self._control(run) if run.figure else self._run(run) for run in paragraph))

    def _run(self, run: Run) -> str:
        properties = f"<w:rPr>{self._bold}</w:rPr>" if run.bold else ""
        return f'<w:r>{properties}<w:t xml:space="preserve">{escape(run.text)}</w:t></w:r>'

    def _control(self, run: Run) -> str:
        tag = (run.figure or "")[:TAG_LENGTH]
        figure, _, part = tag.partition("/")
        title = FIGURE_NAMES.get(figure, figure) + (f" {part}" if part else "")
        number = crc32(tag.encode()) & 0x7FFFFFFF or 1
        while number in self._ids:
            number = number % 0x7FFFFFFF + 1
        self._ids.add(number)
        return (
            f"<w:sdt><w:sdtPr><w:alias w:val={quoteattr(title[:TAG_LENGTH])}/><w:tag w:val={quoteattr(tag)}/>"
            f'<w:id w:val="{number}"/><w:text/></w:sdtPr><w:sdtContent>{self._run(run)}</w:sdtContent></w:sdt>'
        )


def _set_properties(properties: Any, bulletin: Bulletin) -> None:
    made = datetime.combine(bulletin.dated, time())
    properties.title = f"{bulletin.head.title} {bulletin.head.number_line}"
    properties.author = bulletin.head.publisher
    properties.last_modified_by = bulletin.head.publisher
    # by which the file is verified; a slip is no issue
    properties.identifier = f"{bulletin.issue_key} {bulletin.head.title}" if bulletin.is_slip else bulletin.issue_key
    properties.language = "zh-CN"
    properties.comments = ""
    properties.revision = 1
    properties.created = properties.modified = made


def _same_bytes(document: Any) -> bytes:
    """The file as ``packed`` writes it, without the empty runs that filling leaves; python-docx stamps each part with the clock."""
    written = io.BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    parts["word/document.xml"] = _EMPTY_RUN.sub(b"", parts["word/document.xml"])
    return packed(parts)
