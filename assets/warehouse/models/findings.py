"""A finding of ``zhoubao models check``: the place, what is wrong and how to fix it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from assets.errors import UsageError


@dataclass(frozen=True, order=True)
class Finding:
    """One fault of a model: ``rule`` is the name of the rule, ``fix`` what to do about it."""

    path: Path
    line: int
    rule: str
    message: str
    fix: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}; {self.fix} [{self.rule}]"


def refuse(findings: Iterable[Finding]) -> None:
    """Raise ``UsageError`` with all ``findings``, one per line; return if there are none."""
    lines = [str(finding) for finding in findings]
    if lines:
        raise UsageError("\n".join(lines))
