"""An editorial section's body → its items: passages of plain and bold text, which know the line of every character.

The lines of a paragraph are joined as in print; ``copy_checks.py`` checks what the text says.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from assets.reports.document import Item, Paragraph, Run
from assets.reports.editorial.findings import FileFindings
from assets.reports.editorial.front_matter import EditorialFile
from assets.reports.editorial.markdown_blocks import Line, read_blocks
from assets.reports.editorial.numbering import number_items


@dataclass(frozen=True)
class Character:
    """One printed character, its weight, and the line of the file it comes from."""

    text: str
    bold: bool
    at: int


@dataclass(frozen=True)
class Passage:
    """One paragraph of an item."""

    characters: tuple[Character, ...]

    @property
    def text(self) -> str:
        """The words without their weights."""
        return "".join(character.text for character in self.characters)

    @property
    def paragraph(self) -> Paragraph:
        """What is printed: neighbours of one weight are one run."""
        return tuple(Run(text, bold) for bold, text, _ in self._stretches())

    def bold_stretches(self) -> Iterator[tuple[str, int]]:
        """Each bold stretch with the line on which it begins."""
        return ((text, at) for bold, text, at in self._stretches() if bold)

    def _stretches(self) -> Iterator[tuple[bool, str, int]]:
        for bold, group in groupby(self.characters, key=lambda character: character.bold):
            characters = list(group)
            yield bold, "".join(character.text for character in characters), characters[0].at


Copy = tuple[tuple[Passage, ...], ...]


def read_copy(source: EditorialFile, findings: FileFindings) -> Copy:
    """The items of the file's body in order, each with its passages; a finding for anything that cannot be printed."""
    items = number_items(read_blocks(source, findings), findings)
    return tuple(tuple(_joined(paragraph) for paragraph in item) for item in items)


def items_of(copy: Copy) -> tuple[Item, ...]:
    """The copy as the bulletin prints it."""
    return tuple(Item(tuple(passage.paragraph for passage in item)) for item in copy)


def _joined(lines: list[Line]) -> Passage:
    """Line ends go: Chinese lines join without a blank, Latin words and numbers with one."""
    characters: list[Character] = []
    for line in lines:
        own = [Character(text, run.bold, line.at) for run in line.runs for text in run.text]
        if characters and own and characters[-1].text.isascii() and own[0].text.isascii():
            characters.append(Character(" ", own[0].bold, line.at))
        characters += own
    return Passage(tuple(characters))
