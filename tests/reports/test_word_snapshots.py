"""The Word file of several issues, paragraph by paragraph with styles and figure ids, as it was reviewed."""

from pathlib import Path

import pytest

from .word_snapshots import CASES, FOLDER, snapshot


@pytest.mark.parametrize("name", CASES)
def test_the_word_file_is_as_it_was_reviewed(tmp_path: Path, name: str) -> None:
    assert snapshot(name, tmp_path) == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def test_there_is_no_text_without_a_case() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(CASES)
