"""What is wrong with editorial copy: findings with file and line, in the office's words, collected so that all are told at once.

A finding never repeats a value of a head or a stretch of copy: some are people's names.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Severity = Literal["ERROR", "WARN"]
SHOWN: dict[Severity, str] = {"ERROR": "错误", "WARN": "请核对"}


@dataclass(frozen=True)
class Finding:
    """One thing that the office should look at; an ERROR keeps the bulletin from being printed."""

    severity: Severity
    file: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {SHOWN[self.severity]}：{self.text}"


@dataclass
class FileFindings:
    """The findings of one file, as its readers come upon them."""

    file: Path
    found: list[Finding] = field(default_factory=list)

    def error(self, line: int, text: str) -> None:
        """What cannot be printed, or would be printed with another meaning."""
        self.found.append(Finding("ERROR", self.file, line, text))

    def warn(self, line: int, text: str) -> None:
        """What is printed, but is probably a mistake."""
        self.found.append(Finding("WARN", self.file, line, text))


def errors_of(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that keep the bulletin from being printed."""
    return [finding for finding in findings if finding.severity == "ERROR"]


def summary(folder: Path, findings: Sequence[Finding]) -> str:
    """All findings, a line each, under a line that counts them."""
    errors = len(errors_of(findings))
    counted = f"{folder}：编辑稿有{errors}处错误、{len(findings) - errors}处请核对，改好错误之后再印"
    return "\n".join([counted, *map(str, findings)])
