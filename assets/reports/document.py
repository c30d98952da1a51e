"""The bulletin as a document: what every format prints, in order, free of any format.

``text/composition.py`` builds it once; the renderers in ``formats/`` decide on fonts and marks, never on words.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Run:
    """A stretch of text of one weight; ``figure`` is the id of the figure whose value it prints, ``<id>/<part>`` for a part of one."""

    text: str
    bold: bool = False
    figure: str | None = None


Paragraph = tuple[Run, ...]


@dataclass(frozen=True)
class Item:
    """One numbered item; its number is its place in the section, from 1."""

    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Section:
    """A part under a heading: ``level`` 1 is 一、, 2 is （一）. Paragraphs come before items."""

    level: int
    heading: str
    paragraphs: tuple[Paragraph, ...] = ()
    items: tuple[Item, ...] = ()


@dataclass(frozen=True)
class Head:
    """The masthead, each part as it is printed; the number line is below the title, or above it."""

    title: str
    number_line: str
    period_line: str
    publisher: str
    date_line: str
    number_above: bool = False


@dataclass(frozen=True)
class Foot:
    """The lines of the foot, each as it is printed."""

    send: str
    distribute: str
    copies: str


@dataclass(frozen=True)
class Bulletin:
    """One issue, or a slip: the notes to a frozen one, which have no foot, or a correction.

    ``notes`` are in every format, ``event_sets`` (口径) where there is room; ``dated`` dates the file itself. A draft says so on top.
    """

    issue_key: str
    dated: date
    head: Head
    sections: tuple[Section, ...]
    notes: tuple[str, ...]
    event_sets: tuple[str, ...]
    foot: Foot | None
    is_draft: bool = False
    is_slip: bool = False


DRAFT = "草稿，不得印发"


def text_of(paragraph: Paragraph) -> str:
    """The words of a paragraph."""
    return "".join(run.text for run in paragraph)


def plain(text: str) -> Paragraph:
    """A paragraph of one run."""
    return (Run(text),)
