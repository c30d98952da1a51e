"""Checks whether the warehouse knows a department of the copy, by its name or an abbreviation.

The names are those of marts.organizations, those that were in force at the issue's cut-off, and those that the office has put down in ``editorial/departments.txt``.
"""

import re
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path

from assets.home import storage_errors
from assets.reports.editorial.findings import FileFindings

NAMES_FILE = "departments.txt"
# 省水利厅 and 水利厅 are one department
_PROVINCE = re.compile(r"^.{0,3}?省(?=..)")
_SEPARATOR = re.compile(r"[、，]")
# of three characters one may differ: 水力厅 is near 水利厅
_NEAR = 0.6
_SHORTEST = 3


class DepartmentNames:
    """The names a department may have."""

    def __init__(self, names: Collection[str]) -> None:
        self._by_short_name = {_short(name): name.strip() for name in sorted(names) if name.strip()}

    def check(self, names: str, at: int, findings: FileFindings) -> None:
        """Each of one or several names (``甲局、乙局``)."""
        for name in _SEPARATOR.split(names):
            self._check(name, at, findings)

    def _check(self, name: str, at: int, findings: FileFindings) -> None:
        """A name near a known one is taken for a misspelling; another may be a department without cases and is only pointed out."""
        short = _short(name)
        if any(_is_short_for(short, known) for known in self._by_short_name):
            return
        if fuller := [full for known, full in self._by_short_name.items() if _is_short_for(known, short)]:
            findings.warn(at, f"部门不在 marts.organizations 中，其中有「{fuller[0]}」；请核对")
        elif near := get_close_matches(short, self._by_short_name, n=1, cutoff=_NEAR):
            meant = self._by_short_name[near[0]]
            findings.error(
                at, f"部门不在 marts.organizations 中，最接近的是「{meant}」；名称无误的，请记入 editorial/{NAMES_FILE}，一行一个"
            )
        else:
            findings.warn(at, "部门不在 marts.organizations 中，也没有相近的名称；请核对（粗体只用于部门名称）")


def read_own_names(editorial: Path, findings: FileFindings) -> list[str]:
    """The names in ``editorial/departments.txt``, one a line, ``#`` begins a remark; none where there is no file."""
    file = editorial / NAMES_FILE
    if not file.exists():
        return []
    with storage_errors(file):
        content = file.read_bytes()
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        findings.error(content.count(b"\n", 0, error.start) + 1, "不是 UTF-8 编码；请另存为 UTF-8")
        return []
    return [name for line in lines if (name := line.split("#")[0].strip())]


def _short(name: str) -> str:
    return _PROVINCE.sub("", name.strip())


def _is_short_for(short: str, full: str) -> bool:
    """Whether ``short`` is ``full``, its end, or leaves out some of its characters but not the first: 林草局 of 林业和草原局."""
    if short == full:
        return True
    if len(short) < _SHORTEST:
        return False
    rest = iter(full)
    return full.endswith(short) or (short[0] == full[:1] and all(character in rest for character in short))
