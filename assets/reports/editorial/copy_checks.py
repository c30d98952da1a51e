"""Checks what editorial copy says: days that do not exist or are of another week, unknown departments.

How copy is read, and which Markdown it may use, is in ``markdown_blocks.py`` and ``numbering.py``.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta

from assets.calendar import Issue
from assets.reports.editorial.departments import DepartmentNames
from assets.reports.editorial.findings import FileFindings
from assets.reports.editorial.markdown_items import Copy, Passage

# 8月29日, 8月29日至30日, 8月29—30日, 2023年8月29日、30日; the days after the first share its month
_DAYS = re.compile(r"(?:(?<!\d)(\d{4})\s*年\s*)?(?<!\d)(\d{1,2})\s*月\s*(\d{1,2}(?:\s*日?\s*[至到—–~～、-]+\s*\d{1,2})*)\s*日")
_NUMBER = re.compile(r"\d+")
# the office prints within days of the cut-off; a masthead two months later is one copied from another issue
_LATEST_PRINT = timedelta(days=62)


def check_copy(copy: Copy, issue: Issue, names: DepartmentNames, findings: FileFindings) -> None:
    """Every day and every bold department of a section's items."""
    for passage in (passage for item in copy for passage in item):
        _check_days(passage, issue, findings)
        for name, at in passage.bold_stretches():
            names.check(name, at, findings)


def check_printing_day(day: date, at: int, issue: Issue, findings: FileFindings) -> None:
    """The masthead's date against the issue."""
    if not issue.cutoff_date <= day <= issue.cutoff_date + _LATEST_PRINT:
        findings.warn(at, f"印发日期与本期不合：本期截止日是{issue.cutoff_date}")


def _check_days(passage: Passage, issue: Issue, findings: FileFindings) -> None:
    first, last = min(issue.window_start, issue.shown_start), max(issue.cutoff_date, issue.shown_end)
    for match in _DAYS.finditer(passage.text):
        at = passage.characters[match.start()].at
        # a day without a year may be of either year that the week touches
        years = {int(match[1])} if match[1] else {first.year, last.year}
        for day in map(int, _NUMBER.findall(match[3])):
            meant = list(_existing(years, int(match[2]), day))
            if not meant:
                findings.error(at, f"历法中没有{int(match[2])}月{day}日")
            elif not any(first <= candidate <= last for candidate in meant):
                findings.warn(at, f"{int(match[2])}月{day}日不在本期统计周（{first}至{last}）之内")


def _existing(years: set[int], month: int, day: int) -> Iterator[date]:
    for year in years:
        with suppress(ValueError):
            yield date(year, month, day)
