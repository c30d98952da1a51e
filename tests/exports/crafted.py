"""What real files do, as the interface lists it: one crafted file per clause, with the outcome it must have.

Outcomes are stated by hand. Rows are of the feed ``result`` unless a case says otherwise; people in them are invented.
"""

import gzip
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import xlsxwriter

from tests.exports.feed_files import csv_text

SOUND = {
    "project_no": "P1",
    "result_type": "1",
    "result_date": "2023-08-28 10:00:00",
    "org_code": "11510000MB1234567X",
    "org_level": "2",
    "task_type": "01",
    "is_composite": "1",
    "cd_operation": "I",
    "cd_time": "2023-08-28 18:00:00",
}
CHINESE = {
    "project_no": "办件编号",
    "result_type": "办结结果",
    "result_date": "办结时间",
    "org_code": "部门编码",
    "org_level": "行使层级",
    "task_type": "事项类型",
    "is_composite": "是否综窗",
    "cd_operation": "操作类型",
    "cd_time": "同步时间",
}
MORNING = datetime(2023, 8, 28, 9, 5)
Refusal = tuple[int, str | None, str]
Values = Sequence[Mapping[str, object]]


@dataclass(frozen=True)
class Case:
    """A file, what its manifest declares, and what must become of it. ``reason``: the file is quarantined as a whole."""

    clause: str
    content: bytes
    declared: int
    loaded: int = 0
    superseded: int = 0
    reason: str | None = None
    column: str | None = None
    refusals: Sequence[Refusal] = ()
    values: Values = ()
    warnings: Mapping[tuple[str, str], int] = field(default_factory=dict)
    # where the file was counted and is not what was declared
    records: int | None = None
    feed: str = "result"

    @property
    def expected(self) -> tuple[str, int, int, int, int]:
        """State, records, loaded, superseded, quarantined."""
        records = self.declared if self.records is None else self.records
        if self.reason:
            return "quarantined", records, 0, 0, records
        return "loaded", records, self.loaded, self.superseded, len(self.refusals)


def text(*rows: Mapping[str, str], header: Sequence[str] | None = None, line_end: str = "\n") -> str:
    """A CSV of sound rows with what the given ones change; columns are those of ``header`` or of the first row."""
    names = list(SOUND | dict(rows[0])) if rows else list(SOUND)
    return csv_text(header or names, [[(SOUND | dict(row))[name] for name in names] for row in rows], line_end)


def one(**cells: str) -> bytes:
    """A CSV of one row."""
    return text(cells).encode()


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo("x")
            # past the constructor, which would tidy the name
            entry.filename = name
            entry.compress_type = method
            archive.writestr(entry, content)
    return target.getvalue()


def workbook(fill: Callable[[Any], None], **options: Any) -> bytes:
    """A workbook as ``fill`` makes it."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"strings_to_formulas": False, **options}) as book:
        # it states when it was made: the same in every test
        book.set_properties({"created": MORNING})
        fill(book)
    return target.getvalue()


def sheet(book: Any, *rows: Mapping[str, object], name: str | None = None) -> Any:
    """A sheet of sound rows with what the given ones change, each value as its own type."""
    page = book.add_worksheet(name)
    formats = {True: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})}
    names = list(SOUND | dict(rows[0])) if rows else list(SOUND)
    page.write_row(0, 0, names)
    for number, row in enumerate(rows, 1):
        for at, value in enumerate((SOUND | dict(row))[column] for column in names):
            if isinstance(value, datetime):
                page.write_datetime(number, at, value, formats[True])
            else:
                page.write(number, at, value)
    return page


def book_of(*rows: Mapping[str, object], **options: Any) -> bytes:
    """A workbook of one sheet."""
    return workbook(lambda book: sheet(book, *rows), **options)


def repacked(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The same workbook with one part changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return zipped(members | {part: change(members[part])})


def bomb(content: bytes, root: bytes, victim: bytes) -> bytes:
    """The XML with an entity that stands for 10^12 others in the place of ``victim``."""
    steps = b"".join(b'<!ENTITY e%d "%s">' % (at + 1, b"&e%d;" % at * 10) for at in range(12))
    start = content.index(b"<" + root)
    declared = content[:start] + b"<!DOCTYPE " + root + b' [<!ENTITY e0 "lol">' + steps + b"]>" + content[start:]
    assert victim in declared
    return declared.replace(victim, victim[:1] + b"&e12;" if victim.startswith(b">") else b"&e12;", 1)


def gz(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)
