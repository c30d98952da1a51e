"""The editorial files of one issue: ``editorial/<issue_key>/`` with masthead.md, other_work.md, hall.md, duty.md and news.md.

A file that is not there is a section without copy, which the bulletin shows; a file that is there must be right.
"""

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from assets.errors import UsageError
from assets.reports.document import Item
from assets.reports.front_matter import EditorialFile, Matter, MatterType, read_editorial_file, read_matter
from assets.reports.markdown_items import read_items

MASTHEAD, OTHER_WORK, HALL, DUTY, NEWS = "masthead.md", "other_work.md", "hall.md", "duty.md", "news.md"
FILES = (MASTHEAD, OTHER_WORK, HALL, DUTY, NEWS)
Text = Annotated[str, Field(min_length=1)]


class Masthead(Matter):
    """Head of masthead.md: who publishes, when, to whom and in how many copies."""

    # a Word file's property of it holds 255 characters
    publisher: Annotated[str, Field(min_length=1, max_length=255)]
    date: datetime.date
    send: Text
    distribute: Text
    copies: Annotated[int, Field(ge=1)]


class DutyEntry(Matter):
    """Who of which department was on duty in the hall."""

    department: Text
    post: Text
    name: Text


class Duty(Matter):
    """Head of duty.md; an empty list says that nobody was."""

    entries: list[DutyEntry]


class NoMatter(Matter):
    """A section of items has no head."""


@dataclass(frozen=True)
class Editorial:
    """The copy of one issue; ``None`` where a section's file is missing or empty."""

    masthead: Masthead | None = None
    other_work: tuple[Item, ...] | None = None
    hall: tuple[Item, ...] | None = None
    duty: tuple[DutyEntry, ...] | None = None
    news: tuple[Item, ...] | None = None


def read_editorial(folder: Path) -> Editorial:
    """The copy in ``folder``, which may be missing; raises UsageError, naming file and line, for what cannot be printed."""
    _refuse_unknown_files(folder)
    duty = _matter(folder / DUTY, Duty)
    return Editorial(
        masthead=_matter(folder / MASTHEAD, Masthead),
        other_work=_items(folder / OTHER_WORK),
        hall=_items(folder / HALL),
        duty=None if duty is None else tuple(duty.entries),
        news=_items(folder / NEWS),
    )


def _refuse_unknown_files(folder: Path) -> None:
    """A section saved under a wrong name would else be printed as missing."""
    for file in sorted(folder.glob("*.md")):
        if file.name not in FILES and not file.name.startswith("."):
            raise UsageError(f"{file}:1: no section has this name; the files are {', '.join(FILES)}")


def _matter(file: Path, model: type[MatterType]) -> MatterType | None:
    source = _source(file)
    if source is None:
        return None
    for number, line in enumerate(source.body.split("\n")):
        if line.strip():
            raise UsageError(f"{file}:{source.body_line + number}: expected a head between two lines of --- and nothing after it")
    return read_matter(source, model)


def _items(file: Path) -> tuple[Item, ...] | None:
    source = _source(file)
    if source is None:
        return None
    read_matter(source, NoMatter)
    return read_items(source) or None


def _source(file: Path) -> EditorialFile | None:
    if not file.exists():
        return None
    source = read_editorial_file(file)
    return source if source.head.strip() or source.body.strip() else None
