"""The bulletin as Markdown, in the order of the printed text; what Markdown would read as a mark is escaped."""

import re

from assets.reports.document import DRAFT, Bulletin, Foot, Item, Paragraph, Section

# an underscore inside a word is none
MARKS = re.compile(r"([\\`*\[\]<>&~|]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
# at the beginning of a line these would make a heading, a list, a rule or a quotation
LEADING_MARK = re.compile(r"^(\s*)([#+\-=])")
LEADING_NUMBER = re.compile(r"^(\s*\d+)([.)])")


def render_markdown(bulletin: Bulletin) -> str:
    """The whole bulletin, ending in a line feed."""
    head = bulletin.head
    number, title = _text(head.number_line), f"# {_text(head.title)}"
    blocks = [
        *([f"**{DRAFT}**"] if bulletin.is_draft else []),
        *([number, title] if head.number_above else [title, number]),
        *(_text(line) for line in (head.period_line, head.publisher, head.date_line)),
        *(block for section in bulletin.sections for block in _section(section)),
        *_foot(bulletin.foot),
        *_listed("数据说明", bulletin.notes),
        *_listed("统计口径", bulletin.event_sets),
    ]
    return "\n\n".join(blocks) + "\n"


def _foot(foot: Foot | None) -> list[str]:
    return [] if foot is None else ["---", _text(foot.send), _text(foot.distribute), "---", _text(foot.copies)]


def _listed(heading: str, lines: tuple[str, ...]) -> list[str]:
    return [f"## {heading}", _bullets(lines)] if lines else []


def _section(section: Section) -> list[str]:
    return [
        f"{'#' * (section.level + 1)} {_text(section.heading)}",
        *(_paragraph(paragraph) for paragraph in section.paragraphs),
        *(_item(number, item) for number, item in enumerate(section.items, start=1)),
    ]


def _item(number: int, item: Item) -> str:
    mark = f"{number}. "
    return ("\n\n" + " " * len(mark)).join([mark + _paragraph(item.paragraphs[0]), *map(_paragraph, item.paragraphs[1:])])


def _paragraph(paragraph: Paragraph) -> str:
    text = "".join(f"**{_escaped(run.text)}**" if run.bold else _escaped(run.text) for run in paragraph)
    return _line_start(text)


def _bullets(lines: tuple[str, ...]) -> str:
    return "\n".join(f"- {_text(line)}" for line in lines)


def _text(line: str) -> str:
    return _line_start(_escaped(line))


def _escaped(text: str) -> str:
    return MARKS.sub(r"\\\1", text)


def _line_start(text: str) -> str:
    return LEADING_NUMBER.sub(r"\1\\\2", LEADING_MARK.sub(r"\1\\\2", text))
