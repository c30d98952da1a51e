"""The page of faults says what the table says, names tests that there are, and is the one that the project ships."""

import ast
from pathlib import Path

from tests.faults.table import ROWS, page

ROOT = Path(__file__).parents[2]


def test_the_page_is_current() -> None:
    written = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    assert written == page(), "write it with .venv/bin/python -m tests.faults --docs > docs/faults.md"


def test_every_fault_names_a_test_that_there_is() -> None:
    for row in ROWS:
        file, _, name = row.test.partition("::")
        if file == "make faults":
            continue
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert not name or name in functions, row.test


def test_every_row_with_a_part_has_figures() -> None:
    assert all(bool(row.part) == bool(row.figures) for row in ROWS)
