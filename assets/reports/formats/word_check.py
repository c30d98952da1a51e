"""Whether a Word template is fit to be filled: its tags by filling it with a probe, its styles, fonts and page against GB/T 9704-2012.

A fault that keeps the template from being filled, or would leave out a part of the bulletin, is an ERROR. A departure from the
standard is only reported: the office decides.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from docx import Document
from docx.oxml.ns import qn
from jinja2 import TemplateError

from assets.errors import UsageError
from assets.reports.document import DRAFT, Bulletin, Foot, Head, Item, Run, Section, plain
from assets.reports.editorial.findings import SHOWN, Severity
from assets.reports.formats.as_docx import bold_mark, context, environment, open_template, refuse_lost_page
from assets.reports.formats.word_page import (
    BODY_PT,
    FANGSONG,
    HEITI,
    KAITI,
    LINES_A_PAGE,
    MARGINS_MM,
    PAGE_MM,
    STRONG,
    XIAOBIAOSONG,
)

# word/settings.xml: of Word 2013 and later
_COMPATIBILITY = 15
_TOLERANCE_MM = 0.5
_PARTS = {
    "探题名": "{{ 题名 }}",
    "探期号": "{{ 期号 }}",
    "探期间": "{{ 期间 }}",
    "探主办": "{{ 主办 }}",
    "探日期": "{{ 日期 }}",
    "探一级": "一级标题（段.级 == 1 时的 {{r 段.文字 }}）",
    "探二级": "二级标题（段.级 == 2 时的 {{r 段.文字 }}）",
    "探正文": "正文（{{r 段.文字 }}）",
    "探说明": "数据说明（{%p for 说明 in 数据说明 %}）",
    "探送": "{{ 送 }}",
    "探发": "{{ 发 }}",
    "探印数": "{{ 印数 }}",
    DRAFT: "{{ 草稿 }}",
}
_FONTS = {"探题名": XIAOBIAOSONG, "探一级": HEITI, "探二级": KAITI, "探正文": FANGSONG, "探说明": FANGSONG}


@dataclass(frozen=True)
class TemplateFinding:
    """One thing about a template that whoever restyled it should look at."""

    severity: Severity
    text: str

    def __str__(self) -> str:
        return f"{SHOWN[self.severity]}：{self.text}"


def check_template(template: bytes) -> list[TemplateFinding]:
    """Everything about the template; it can be used where none is an ERROR."""
    try:
        if odd := _odd_tag(template):
            return [TemplateFinding("ERROR", f"标记没有成对，在这一段：{odd}")]
        filled = _filled(template)
    except UsageError as error:
        return [TemplateFinding("ERROR", str(error))]
    except TemplateError as error:
        return [TemplateFinding("ERROR", f"标记有误（名称写错，或 if、for 没有 endif、endfor）：{error.message}")]
    return [*_left_out(filled), *_styles(filled), *_fonts(filled), *_page(filled)]


def probe() -> Bulletin:
    """A bulletin of words that stand for its parts."""
    figure = (Run("探正文"), Run("探数", figure="composite.accepted.week"), Run("探部门", bold=True))
    return Bulletin(
        issue_key="2023-34",
        dated=date(2023, 9, 11),
        head=Head("探题名", "探期号", "探期间", "探主办", "探日期"),
        sections=(Section(1, "探一级"), Section(2, "探二级", (figure,), (Item((plain("探条目"),)),))),
        notes=("探说明",),
        event_sets=(),
        foot=Foot("探送", "探发", "探印数"),
        is_draft=True,
    )


def _filled(template: bytes) -> Any:
    document = open_template(template)
    document.render(context(probe(), bold_mark(document.docx)), environment(), autoescape=True)
    refuse_lost_page(document.docx)
    written = BytesIO()
    document.save(written)
    return Document(written)


def _odd_tag(template: bytes) -> str | None:
    """The first paragraph with a tag that has no end: filling would take it and what follows for text."""
    texts = map(_text, _paragraphs(open_template(template).docx))
    return next((text for text in texts if text.count("{{") != text.count("}}") or text.count("{%") != text.count("%}")), None)


def _paragraphs(document: Any) -> Iterator[Any]:
    """Every paragraph of the text, of tables and of what stands above and below pages."""
    section = document.sections[0]
    edges = (section.header, section.even_page_header, section.footer, section.even_page_footer)
    for part in (document.element.body, *(edge._element for edge in edges)):
        yield from part.iter(qn("w:p"))


def _text(paragraph: Any) -> str:
    return "".join(text.text or "" for text in paragraph.iter(qn("w:t")))


def _left_out(filled: Any) -> Iterator[TemplateFinding]:
    words = "\n".join(map(_text, _paragraphs(filled)))
    for mark, tag in _PARTS.items():
        if mark not in words:
            yield TemplateFinding("ERROR", f"模板不印 {tag}")
    # without the r, runs end up inside a text, where Word cannot read them
    if not [control for control in filled.element.body.iter(qn("w:sdt")) if control.getparent().tag == qn("w:p")]:
        yield TemplateFinding("ERROR", "正文没有用 {{r 段.文字 }}（带 r）：数字的内容控件会丢失")


def _styles(filled: Any) -> Iterator[TemplateFinding]:
    names = {style.name for style in filled.styles}
    if STRONG not in names:
        yield TemplateFinding("WARN", f"没有名为 {STRONG} 的字符样式，部门名称改用直接加粗")
    for mark, level in (("探一级", "Heading 1"), ("探二级", "Heading 2"), ("探题名", "Title")):
        found = [paragraph.style.name for paragraph in filled.paragraphs if mark in _text(paragraph._p)]
        if found and found[0] != level:
            yield TemplateFinding("WARN", f"{_PARTS[mark]} 的样式是 {found[0]}，不是 {level}：导航窗格和目录里没有它")
    for paragraph in filled.paragraphs:
        formatted = [run for run in paragraph.runs if _is_formatted(run._r)]
        if formatted and "探" in paragraph.text:
            yield TemplateFinding("WARN", f"“{paragraph.style.name}”的段落上有直接格式；填入的文字只用样式，请改样式")


def _is_formatted(run: Any) -> bool:
    """Whether a run has a look of its own; Word writes languages and hints of fonts by itself."""
    if run.rPr is None:
        return False
    named = [each for each in run.rPr if each.tag not in (qn("w:lang"), qn("w:rStyle"), qn("w:noProof"))]
    return any(each.tag != qn("w:rFonts") or set(each.attrib) - {qn("w:hint")} for each in named)


def _fonts(filled: Any) -> Iterator[TemplateFinding]:
    for mark, standard in _FONTS.items():
        found = [_font(paragraph.style) for paragraph in filled.paragraphs if mark in _text(paragraph._p)]
        if found and found[0] != standard:
            yield TemplateFinding("WARN", f"{_PARTS[mark]} 的中文字体是 {found[0] or '未定'}，国标和惯例是{standard}")
    sizes = [_size(paragraph.style) for paragraph in filled.paragraphs if "探正文" in _text(paragraph._p)]
    if sizes and sizes[0] != BODY_PT:
        yield TemplateFinding("WARN", f"正文字号是 {sizes[0]} 磅，国标是 3 号（{BODY_PT} 磅）")


def _font(style: Any) -> str | None:
    while style is not None:
        fonts = style.element.find(f".//{qn('w:rFonts')}")
        if fonts is not None and fonts.get(qn("w:eastAsia")):
            return str(fonts.get(qn("w:eastAsia")))
        style = style.base_style
    return None


def _size(style: Any) -> float | None:
    while style is not None:
        if style.font.size is not None:
            return float(style.font.size.pt)
        style = style.base_style
    return None


def _page(filled: Any) -> Iterator[TemplateFinding]:
    section = filled.sections[0]
    width, height = section.page_width.mm, section.page_height.mm
    if any(abs(has - standard) > _TOLERANCE_MM for has, standard in zip((width, height), PAGE_MM, strict=True)):
        yield TemplateFinding("WARN", f"纸张是 {width:.0f}×{height:.0f} 毫米，不是 A4")
    for side, standard in MARGINS_MM.items():
        has = getattr(section, f"{side}_margin").mm
        if abs(has - standard) > _TOLERANCE_MM:
            yield TemplateFinding(
                "WARN",
                f"{ {'top': '上', 'bottom': '下', 'left': '左', 'right': '右'}[side] }边距是 {has:.0f} 毫米，国标是 {standard} 毫米",
            )
    pitch = [paragraph.style.paragraph_format.line_spacing for paragraph in filled.paragraphs if "探正文" in _text(paragraph._p)]
    text_height = section.page_height.pt - section.top_margin.pt - section.bottom_margin.pt
    if not pitch or not hasattr(pitch[0], "pt") or int(text_height // pitch[0].pt) != LINES_A_PAGE:
        yield TemplateFinding("WARN", f"正文行距不是固定值，或每页不是 {LINES_A_PAGE} 行")
    if not filled.settings.odd_and_even_pages_header_footer:
        yield TemplateFinding("WARN", "没有设“奇偶页不同”，页码不能单页居右、双页居左")
    modes = [
        int(each.get(qn("w:val")))
        for each in filled.settings.element.iter(qn("w:compatSetting"))
        if each.get(qn("w:name")) == "compatibilityMode"
    ]
    if not modes or modes[0] < _COMPATIBILITY:
        yield TemplateFinding("WARN", "文件是旧版 Word 的兼容模式；在 Word 里“文件—信息—转换”后保存")
