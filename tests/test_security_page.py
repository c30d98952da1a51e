"""The page on security names tests that exist, and a test or a step of CI in every row."""

import re

from tests.conventions import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = [line.split("|")[1:-1] for line in PAGE.splitlines() if line.startswith("| ") and "| threat |" not in line]


def test_every_proof_exists() -> None:
    named = {name for row in ROWS for name in re.findall(r"`([^`]+)`", row[2])}
    assert named
    assert not [name for name in named if not (ROOT / name).is_file()]


def test_every_row_has_threat_guard_and_proof() -> None:
    assert len(ROWS) > 20
    assert not [row for row in ROWS if len(row) != 4 or not all(cell.strip() for cell in row[:3])]
