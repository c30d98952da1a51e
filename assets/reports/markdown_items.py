"""Markdown of an editorial section → numbered items of plain and bold text.

A list item or a paragraph is an item. Whatever else Markdown knows (headings, links, tables, code, nested lists) is refused with
its line, since the printed bulletin has no place for it.
"""

import re
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

from assets.errors import UsageError
from assets.reports.document import Item, Paragraph, Run
from assets.reports.front_matter import EditorialFile

# a link definition would otherwise vanish without a token
PARSER = MarkdownIt("commonmark").disable("reference")
# "1.某部门" without a blank is no list to Markdown; the number is taken off, the printed one is counted
TYPED_NUMBER = re.compile(r"^\d{1,2}[.．、](?!\d)\s*")
# ideographic blanks are an indent of print, not of Markdown; trailing blanks would be a hard line break
PRINT_INDENT = re.compile(r"^([ \t]*)\u3000[ \t\u3000]*", re.MULTILINE)
TRAILING_BLANKS = re.compile(r"[ \t\u3000]+$", re.MULTILINE)
CLOSING = ("bullet_list_close", "ordered_list_close", "list_item_close", "paragraph_close")


@dataclass
class _Reading:
    source: EditorialFile
    items: list[Item] = field(default_factory=list)
    # paragraphs of the list item being read; None outside a list item
    open_item: list[Paragraph] | None = None
    line: int = 0

    def fault(self, message: str) -> UsageError:
        return UsageError(f"{self.source.file}:{self.line}: {message}")


def read_items(source: EditorialFile) -> tuple[Item, ...]:
    """The items of the file's body in order; raises UsageError, naming file and line, for anything that cannot be printed."""
    reading = _Reading(source)
    body = PRINT_INDENT.sub(r"\1", TRAILING_BLANKS.sub("", source.body))
    for token in PARSER.parse(body):
        if token.map:
            reading.line = source.body_line + token.map[0]
        _read_block(reading, token)
    return tuple(reading.items)


def _read_block(reading: _Reading, token: Token) -> None:
    if token.type == "inline":
        _add_paragraph(reading, _paragraph(reading, token.children or []))
    elif token.type == "list_item_open":
        if reading.open_item is not None:
            raise reading.fault("a list inside an item; items have one level")
        reading.open_item = []
    elif token.type == "list_item_close":
        if not reading.open_item:
            raise reading.fault("an item without text")
        reading.items.append(Item(tuple(reading.open_item)))
        reading.open_item = None
    elif token.type not in ("paragraph_open", "bullet_list_open", "ordered_list_open", *CLOSING):
        raise reading.fault(_not_printed(token.type))


def _add_paragraph(reading: _Reading, paragraph: Paragraph) -> None:
    if reading.open_item is not None:
        reading.open_item.append(paragraph)
    else:
        reading.items.append(Item((paragraph,)))


def _paragraph(reading: _Reading, children: list[Token]) -> Paragraph:
    runs: list[Run] = []
    bold = False
    for child in children:
        if child.type in ("strong_open", "strong_close"):
            bold = child.type == "strong_open"
        elif child.type == "text":
            runs.append(Run(child.content, bold))
        elif child.type == "softbreak":
            runs.append(Run("\n", bold))
        else:
            raise reading.fault(_not_printed(child.type))
    return _joined(reading, runs)


def _joined(reading: _Reading, runs: list[Run]) -> Paragraph:
    """Neighbours of one weight become one run, line ends go, and a number typed at the beginning goes."""
    text = "".join(run.text for run in runs)
    weights = [run.bold for run in runs for _ in run.text]
    if "**" in text:
        raise reading.fault("** is not read as bold here; leave punctuation and blanks outside the two **")
    if any(TYPED_NUMBER.match(line) for line in text.split("\n")[1:]):
        raise reading.fault("a line of this paragraph begins with a number; put an empty line before each item")
    number = TYPED_NUMBER.match(text)
    kept = [at for at in range(number.end() if number else 0, len(text)) if text[at] != "\n"]
    characters = [(" " if _parts_words(text, at) else "") + text[at] for at in kept]
    merged: list[Run] = []
    for at, character in zip(kept, characters, strict=True):
        if merged and merged[-1].bold == weights[at]:
            merged[-1] = Run(merged[-1].text + character, weights[at])
        else:
            merged.append(Run(character, weights[at]))
    return tuple(merged)


def _parts_words(text: str, at: int) -> bool:
    """Whether the line end before ``at`` stood between two Latin words or numbers; Chinese lines join without a blank."""
    return at > 1 and text[at - 1] == "\n" and text[at - 2].isascii() and text[at].isascii()


def _not_printed(kind: str) -> str:
    what = kind.removesuffix("_open").replace("_", " ")
    return f"{what} has no place in the bulletin; write items as a list or as paragraphs, with **bold** at most"
