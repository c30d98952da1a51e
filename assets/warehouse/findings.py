"""What a check of the models finds: the place, what is wrong there and how it is fixed."""

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
    """Raise ``UsageError`` with all ``findings``, a line each; return where there is none."""
    lines = [str(finding) for finding in findings]
    if lines:
        raise UsageError("\n".join(lines))
