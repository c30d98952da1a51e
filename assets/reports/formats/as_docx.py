"""The bulletin as a Word file, byte for byte the same for the same bulletin."""

import io
import zipfile
from datetime import datetime, time
from typing import Any

from docx import Document
from docx.shared import Pt

from assets.reports.document import DRAFT, Bulletin, Paragraph, Section
from assets.reports.formats.word_page import BODY, FOOT_PT, HEADING, NOTE, NUMBER, SUBHEADING, TITLE, lay_out
from assets.reports.formats.word_parts import add_foot, add_issuer, add_page_numbers

HEADINGS = {1: HEADING, 2: SUBHEADING}
# the earliest time a zip can hold
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def render_docx(bulletin: Bulletin) -> bytes:
    """The whole file."""
    document = Document()
    lay_out(document)
    if bulletin.is_draft:
        document.add_paragraph(DRAFT, style=NUMBER)
        document.sections[0].header.paragraphs[0].text = DRAFT
        document.sections[0].even_page_header.paragraphs[0].text = DRAFT
    document.add_paragraph(bulletin.head.title, style=TITLE)
    document.add_paragraph(bulletin.head.number_line, style=NUMBER)
    document.add_paragraph(bulletin.head.period_line, style=NUMBER)
    add_issuer(document, bulletin.head)
    for section in bulletin.sections:
        _add_section(document, section)
    _add_notes(document, bulletin.notes)
    if bulletin.foot is not None:
        add_foot(document, bulletin.foot)
    add_page_numbers(document.sections[0])
    _set_properties(document.core_properties, bulletin)
    return _same_bytes(document)


def _add_notes(document: Any, notes: tuple[str, ...]) -> None:
    for at, note in enumerate(notes, start=1):
        layout = document.add_paragraph(note, style=NOTE).paragraph_format
        layout.space_before = Pt(FOOT_PT) if at == 1 else None
        layout.space_after = Pt(FOOT_PT) if at == len(notes) else None


def _add_section(document: Any, section: Section) -> None:
    document.add_paragraph(section.heading, style=HEADINGS[section.level])
    for paragraph in section.paragraphs:
        _add_paragraph(document, "", paragraph)
    for number, item in enumerate(section.items, start=1):
        for at, paragraph in enumerate(item.paragraphs):
            _add_paragraph(document, f"{number}." if at == 0 else "", paragraph)


def _add_paragraph(document: Any, number: str, paragraph: Paragraph) -> None:
    added = document.add_paragraph(style=BODY)
    if number:
        added.add_run(number)
    for run in paragraph:
        added.add_run(run.text).bold = run.bold or None


def _set_properties(properties: Any, bulletin: Bulletin) -> None:
    made = datetime.combine(bulletin.dated, time())
    properties.title = f"{bulletin.head.title} {bulletin.head.number_line}"
    properties.author = bulletin.head.publisher
    properties.last_modified_by = bulletin.head.publisher
    properties.identifier = bulletin.issue_key
    properties.language = "zh-CN"
    properties.comments = ""
    properties.revision = 1
    properties.created = properties.modified = made


def _same_bytes(document: Any) -> bytes:
    """The file with its members in one order and at one time; python-docx stamps each with the clock."""
    written = io.BytesIO()
    document.save(written)
    result = io.BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        # programs look for the list of content types first
        for name in sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            member = zipfile.ZipInfo(name, ZIP_EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(member, source.read(name))
    return result.getvalue()
