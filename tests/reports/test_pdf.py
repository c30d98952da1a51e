"""The PDF that LibreOffice makes of the Word file: its words are the composed text's; without LibreOffice it is said so."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from assets.errors import UsageError
from assets.home import Home
from assets.reports.bulletin import prepare_issue, write_bulletin
from assets.reports.document import Bulletin, text_of
from assets.reports.formats import as_pdf
from assets.reports.formats.as_pdf import office_program
from assets.reports.freeze import freeze_issue
from assets.reports.printing import print_issue
from assets.reports.sample import copy_sample

from .published_database import ISSUE, make_published
from .test_reprint import FREEZE_TABLES, TERMS

_PAGE_NUMBER = re.compile(r"^\s*— ?\d+ ?—\s*$", re.MULTILINE)


def lines_of(bulletin: Bulletin) -> list[str]:
    """Each line of the composed text, without blanks, in the order of the page but for the foot."""
    assert bulletin.foot is not None
    head = (
        bulletin.head.title,
        bulletin.head.number_line,
        bulletin.head.period_line,
        bulletin.head.publisher,
        bulletin.head.date_line,
    )
    text = []
    for section in bulletin.sections:
        text += [section.heading, *map(text_of, section.paragraphs)]
        text += [f"{number}.{text_of(item.paragraphs[0])}" for number, item in enumerate(section.items, start=1)]
    return [
        "".join(line.split())
        for line in (*head, *text, *bulletin.notes, bulletin.foot.send, bulletin.foot.distribute, bulletin.foot.copies)
    ]


def words_of(pdf: Path) -> str:
    """The words of the pages without page numbers and blanks, which LibreOffice sets between Chinese and digits."""
    read = subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True).stdout
    return "".join(_PAGE_NUMBER.sub("", read.replace("\f", "\n")).split())


def test_without_an_office_program_the_format_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(as_pdf, "office_program", lambda: None)
    database = make_published(tmp_path / "warehouse.duckdb")
    copy_sample(tmp_path / "editorial")
    with pytest.raises(UsageError, match="needs LibreOffice"):
        write_bulletin(database, tmp_path / "editorial", tmp_path / "reports", ISSUE, ("docx", "pdf"))
    assert not (tmp_path / "reports").exists()


def test_the_pdf_has_the_composed_text_to_the_last_comma_and_a_frozen_one_the_same(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    make_published(home.published_database, FREEZE_TABLES)
    copy_sample(home.editorial)
    if office_program() is None:
        # what a machine without LibreOffice must do is tested above; CI has it
        with pytest.raises(UsageError, match="needs LibreOffice"):
            print_issue(home, ISSUE, formats=("pdf",))
        return
    (path,) = print_issue(home, ISSUE, formats=("pdf",)).paths
    prepared = prepare_issue(home.published_database, home.editorial, ISSUE)
    if shutil.which("pdftotext"):
        words, expected = words_of(path), lines_of(prepared.bulletin)
        for line in expected:
            assert line in words
        assert len(words) == sum(map(len, expected))
    freeze_issue(home, prepared, TERMS)
    (again,) = print_issue(home, ISSUE, tmp_path / "again", ("pdf",)).paths
    assert again.read_bytes() == path.read_bytes()
