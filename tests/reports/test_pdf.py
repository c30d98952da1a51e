"""The PDF that LibreOffice makes of the Word file: its words are the composed text's; without LibreOffice it is said so."""

import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from assets.errors import UsageError
from assets.home import Home
from assets.reports.bulletin import prepare_issue, write_bulletin
from assets.reports.document import Bulletin, text_of
from assets.reports.editorial.sample_copy import copy_sample
from assets.reports.formats import as_pdf
from assets.reports.formats.as_pdf import office_program
from assets.reports.formats.word_check import check_template
from assets.reports.formats.word_template import default_template
from assets.reports.formats.word_verify import altered, read_figures
from assets.reports.freeze import freeze_issue
from assets.reports.printing import print_issue

from .published_database import ISSUE, make_published
from .test_reprint import FREEZE_TABLES, TERMS
from .test_word_template import changed

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


def home_in(folder: Path) -> Home:
    """A home with a published issue and its copy."""
    home = Home(folder)
    home.prepare()
    make_published(home.published_database, FREEZE_TABLES)
    copy_sample(home.editorial)
    return home


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
    home = home_in(tmp_path)
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


def saved_by_office(word: bytes, folder: Path) -> bytes:
    """The Word file opened and saved by LibreOffice."""
    source = folder / "opened.docx"
    source.write_bytes(word)
    command = [str(office_program()), f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore"]
    saved = folder / "saved"
    target = ["--convert-to", "docx:MS Word 2007 XML", "--outdir", str(saved)]
    subprocess.run([*command, *target, str(source)], env=os.environ | {"HOME": str(folder)}, check=True, capture_output=True)
    return (saved / source.name).read_bytes()


def test_a_template_that_was_restyled_and_saved_by_libreoffice_still_fills(tmp_path: Path) -> None:
    home = home_in(tmp_path / "home")
    if office_program() is None:
        with pytest.raises(UsageError, match="needs LibreOffice"):
            print_issue(home, ISSUE, formats=("pdf",))
        return
    blue = changed(default_template(), "word/styles.xml", lambda text: text.replace('w:val="FF0000"', 'w:val="0000AA"'))
    restyled = saved_by_office(blue, tmp_path)
    assert [finding for finding in check_template(restyled) if finding.severity == "ERROR"] == []
    home.template.parent.mkdir(exist_ok=True)
    home.template.write_bytes(restyled)
    word, pdf = print_issue(home, ISSUE, formats=("docx", "pdf")).paths
    bulletin = prepare_issue(home.published_database, home.editorial, ISSUE).bulletin
    assert "0000AA" in zipfile.ZipFile(word).read("word/styles.xml").decode().upper()
    assert altered(read_figures(word), bulletin) == []
    if shutil.which("pdftotext"):
        words = words_of(pdf)
        assert [line for line in lines_of(bulletin) if line not in words] == []
