"""Markdown of an editorial section → blocks of lines: paragraphs and list items, in order, with bold kept.

Whatever else Markdown knows (headings, tables, links, code, nested lists) is a finding, since the bulletin has no place for it.
Where an item begins and which number it has is in ``numbering.py``.
"""

import re
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

from assets.reports.document import Run
from assets.reports.editorial.findings import FileFindings
from assets.reports.editorial.front_matter import EditorialFile

# a link definition would otherwise vanish without a token, and a table be read as text with bars
PARSER = MarkdownIt("commonmark").disable("reference").enable("table")
# ideographic blanks are an indent of print, not of Markdown; trailing blanks would be a hard line break
PRINT_INDENT = re.compile(r"^([ \t]*)\u3000[ \t\u3000]*", re.MULTILINE)
TRAILING_BLANKS = re.compile(r"[ \t\u3000]+$", re.MULTILINE)
STRUCTURE = ("paragraph_open", "paragraph_close", "bullet_list_close", "ordered_list_close")
BULLET = "-"
_NAMES = {
    "heading": "标题（各节的标题由程序印，不写在稿里）",
    "table": "表格",
    "html_block": "HTML 标记",
    "html_inline": "HTML 标记",
    "link": "链接",
    "image": "图片",
    "blockquote": "引文",
    "fence": "代码",
    "code_inline": "代码",
    "code_block": "代码（行首空四格的段落会读成代码）",
    "hr": "横线",
    "em": "斜体（成对的单个 *）",
    "hardbreak": "行末的反斜杠",
}


@dataclass(frozen=True)
class Line:
    """One line of the file within a paragraph; ``at`` is its number."""

    at: int
    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        """The line without its weights."""
        return "".join(run.text for run in self.runs)

    def without(self, count: int) -> "Line":
        """The line without its first ``count`` characters."""
        kept, left = [], count
        for run in self.runs:
            kept.append(Run(run.text[left:], run.bold))
            left = max(0, left - len(run.text))
        return Line(self.at, tuple(run for run in kept if run.text))


@dataclass
class Block:
    """A paragraph (``mark`` is empty) or a list item with its mark (``-``, ``.`` or ``)``), and its number where it has one."""

    at: int
    mark: str = ""
    number: int | None = None
    paragraphs: list[list[Line]] = field(default_factory=list)


@dataclass
class _Reading:
    findings: FileFindings
    at: int
    blocks: list[Block] = field(default_factory=list)
    open_item: Block | None = None
    # level of the construct that was reported and is being skipped; None outside one
    passed_over: int | None = None

    def refuse(self, token: Token, text: str) -> None:
        self.findings.error(self.at, text)
        if token.nesting == 1:
            self.passed_over = token.level


def read_blocks(source: EditorialFile, findings: FileFindings) -> list[Block]:
    """The blocks of the file's body; a finding for each thing that cannot be printed."""
    reading = _Reading(findings, source.body_line)
    for token in PARSER.parse(PRINT_INDENT.sub(r"\1", TRAILING_BLANKS.sub("", source.body))):
        if token.map:
            reading.at = source.body_line + token.map[0]
        if reading.passed_over is None:
            _read(reading, token)
        elif token.nesting == -1 and token.level == reading.passed_over:
            reading.passed_over = None
    return reading.blocks


def _read(reading: _Reading, token: Token) -> None:
    if token.type == "inline":
        _add_paragraph(reading, token.children or [])
    elif token.type == "list_item_open":
        number = int(token.info) if token.info else None
        reading.open_item = Block(reading.at, BULLET if number is None else token.markup, number)
        reading.blocks.append(reading.open_item)
    elif token.type == "list_item_close":
        reading.open_item = None
    elif token.type in ("bullet_list_open", "ordered_list_open"):
        if reading.open_item is not None:
            reading.refuse(token, "条目里又有列表；条目只有一层")
    elif token.type not in STRUCTURE:
        reading.refuse(token, _not_printed(token.type))


def _add_paragraph(reading: _Reading, children: list[Token]) -> None:
    lines = _lines(reading, children)
    _check_marks(reading.findings, lines)
    if reading.open_item is not None:
        reading.open_item.paragraphs.append(lines)
    else:
        reading.blocks.append(Block(reading.at, paragraphs=[lines]))


def _lines(reading: _Reading, children: list[Token]) -> list[Line]:
    lines: list[list[Run]] = [[]]
    bold = False
    for child in children:
        if child.type in ("strong_open", "strong_close"):
            bold = child.type == "strong_open"
        elif child.type == "text":
            lines[-1].append(Run(child.content, bold))
        elif child.type == "softbreak":
            lines.append([])
        elif child.nesting >= 0:
            reading.findings.error(reading.at + len(lines) - 1, _not_printed(child.type))
    return [Line(reading.at + index, tuple(runs)) for index, runs in enumerate(lines)]


def _check_marks(findings: FileFindings, lines: list[Line]) -> None:
    """Marks that Markdown left as text, and would be printed."""
    marked = [line for line in lines if "**" in line.text]
    if marked and sum(line.text.count("**") for line in lines) % 2:
        findings.error(marked[0].at, "粗体没有闭合：** 要成对")
    elif marked:
        findings.error(marked[0].at, "这里的 ** 没有读成粗体；标点和空格请放在两个 ** 之外")
    if barred := [line for line in lines if line.text.startswith("|")]:
        findings.error(barred[0].at, _not_printed("table"))


def _not_printed(kind: str) -> str:
    what = _NAMES.get(kind.removesuffix("_open"), "这种写法")
    return f"公报里不能有{what}；请写成条目或段落，至多用 **粗体**"
