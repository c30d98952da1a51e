"""The editorial files of one issue: ``editorial/<issue_key>/`` with masthead.md, other_work.md, hall.md, duty.md and news.md.

A file that is not there is a section without copy, which the bulletin shows; a file that is there must be right. All that is wrong
is found in one reading.
"""

import datetime
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import Field

from assets.calendar import Issue
from assets.reports.document import Item
from assets.reports.editorial.copy_checks import check_copy, check_printing_day
from assets.reports.editorial.departments import NAMES_FILE, DepartmentNames, read_own_names
from assets.reports.editorial.findings import FileFindings, Finding
from assets.reports.editorial.folder import DUTY, HALL, MASTHEAD, NEWS, OTHER_WORK, check_folder
from assets.reports.editorial.front_matter import EditorialFile, Matter, MatterType, ReadHead, read_editorial_file, read_matter
from assets.reports.editorial.markdown_items import items_of, read_copy

Text = Annotated[str, Field(min_length=1)]


class Masthead(Matter):
    """Head of masthead.md: who publishes, when, to whom and in how many copies; ``None`` where the office has not filled it in yet.

    A key that is not there is a fault all the same: it may be misspelt.
    """

    # a Word file's property of it holds 255 characters
    publisher: Annotated[str, Field(min_length=1, max_length=255)] | None
    date: datetime.date | None
    send: Text | None
    distribute: Text | None
    copies: Annotated[int, Field(ge=1)] | None


class DutyEntry(Matter):
    """Who of which department was on duty in the hall."""

    department: Text
    post: Text
    name: Text


class Duty(Matter):
    """Head of duty.md; an empty list says that nobody was, ``None`` that it is not filled in yet."""

    entries: list[DutyEntry] | None


class NoMatter(Matter):
    """A section of items has no head."""


@dataclass(frozen=True)
class Editorial:
    """The copy of one issue; ``None`` where a section's file is missing, empty or faulty."""

    masthead: Masthead | None = None
    other_work: tuple[Item, ...] | None = None
    hall: tuple[Item, ...] | None = None
    duty: tuple[DutyEntry, ...] | None = None
    news: tuple[Item, ...] | None = None


@dataclass
class _Reading:
    """The folder being read, what its copy is compared with, and what was found so far."""

    folder: Path
    issue: Issue
    names: DepartmentNames
    found: list[Finding] = field(default_factory=list)


def read_editorial(folder: Path, issue: Issue, organizations: Collection[str]) -> tuple[Editorial, list[Finding]]:
    """The copy in ``folder``, which may be missing, and everything that is wrong with it, by file and line.

    It can be printed where no finding is an ERROR. ``organizations`` are the known names of departments. Raises StorageError where
    a file cannot be read.
    """
    own = FileFindings(folder.parent / NAMES_FILE)
    names = DepartmentNames({*organizations, *read_own_names(folder.parent, own)})
    reading = _Reading(folder, issue, names, [*check_folder(folder), *own.found])
    editorial = Editorial(
        masthead=_masthead(reading),
        other_work=_items(reading, OTHER_WORK),
        hall=_items(reading, HALL),
        duty=_duty(reading),
        news=_items(reading, NEWS),
    )
    return editorial, sorted(set(reading.found), key=lambda finding: (finding.file, finding.line, finding.text))


def _masthead(reading: _Reading) -> Masthead | None:
    findings = FileFindings(reading.folder / MASTHEAD)
    head = _head(findings, Masthead)
    if head is not None and head.matter.date is not None:
        check_printing_day(head.matter.date, head.line("date"), reading.issue, findings)
    reading.found += findings.found
    return head.matter if head else None


def _duty(reading: _Reading) -> tuple[DutyEntry, ...] | None:
    findings = FileFindings(reading.folder / DUTY)
    head = _head(findings, Duty)
    entries = head.matter.entries if head else None
    if head is not None and entries is not None:
        for number, entry in enumerate(entries):
            reading.names.check(entry.department, head.line("entries", number, "department"), findings)
    reading.found += findings.found
    return None if entries is None else tuple(entries)


def _head(findings: FileFindings, model: type[MatterType]) -> ReadHead[MatterType] | None:
    source = _source(findings)
    if source is None:
        return None
    for number, line in enumerate(source.body.split("\n")):
        if line.strip():
            findings.error(source.body_line + number, "应只有两行 --- 之间的文件头，其后没有正文")
            break
    return read_matter(source, model, findings)


def _items(reading: _Reading, name: str) -> tuple[Item, ...] | None:
    findings = FileFindings(reading.folder / name)
    source = _source(findings)
    copy = () if source is None else read_copy(source, findings)
    if source is not None:
        read_matter(source, NoMatter, findings)
        check_copy(copy, reading.issue, reading.names, findings)
    reading.found += findings.found
    return items_of(copy) or None


def _source(findings: FileFindings) -> EditorialFile | None:
    """The file's parts, or ``None`` where it is missing, empty or cannot be read."""
    if not findings.file.exists():
        return None
    source = read_editorial_file(findings.file, findings)
    return source if source and (source.head.strip() or source.body.strip()) else None
