"""The bulletin as PDF: the Word file printed by LibreOffice, where that is installed. Nothing is laid out here.

Fonts that the machine lacks are replaced by those that are commonly there; licensed ones go before them.
"""

import os
import re
import shutil
import subprocess
import tempfile
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from xml.sax.saxutils import escape

from assets.errors import RefusedError, UsageError
from assets.reports.formats.word_page import FANGSONG, HEITI, KAITI, SONGTI, STAND_INS, XIAOBIAOSONG

PDF = "pdf"
_PROGRAMS = ("soffice", "libreoffice")
_SECONDS = 180
# newer releases would print the figures' content controls as fields of a form
_FILTER = 'pdf:writer_pdf_Export:{"ExportFormFields":{"type":"boolean","value":"false"}}'
_CREATED = re.compile(rb"(/CreationDate\(D:)\d{14}")
_MARK = re.compile(rb"(/ID \[ <|\n<(?=[0-9A-F]{32}>\n?\s*\])|/DocChecksum /)[0-9A-F]{32}")
_SERIF, _SANS = "Noto Serif CJK SC", "Noto Sans CJK SC"
_COMMON = {FANGSONG: _SERIF, KAITI: _SERIF, XIAOBIAOSONG: _SERIF, SONGTI: _SERIF, HEITI: _SANS}


@cache
def office_program() -> str | None:
    """LibreOffice on this machine."""
    return next((path for name in _PROGRAMS if (path := shutil.which(name))), None)


def refuse_without_office() -> None:
    """Raise UsageError where there is no LibreOffice."""
    if office_program() is None:
        raise UsageError(
            f"format {PDF!r} needs LibreOffice (soffice), which is not installed here; leave it out, or print the Word file from Word"
        )


def render_pdf(word: bytes, dated: date) -> bytes:
    """The Word file as PDF, dated by the issue. Raises UsageError without LibreOffice, RefusedError where that makes no PDF."""
    refuse_without_office()
    with tempfile.TemporaryDirectory(prefix="zhoubao-pdf-") as name:
        folder = Path(name)
        source, fonts = folder / "bulletin.docx", folder / "fonts.conf"
        source.write_bytes(word)
        fonts.write_text(_font_configuration(), encoding="utf-8")
        # a profile of its own: an office that somebody has open would else take the work, or refuse it
        command = [str(office_program()), f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore"]
        try:
            subprocess.run(
                [*command, "--convert-to", _FILTER, "--outdir", str(folder), str(source)],
                env=os.environ | {"FONTCONFIG_FILE": str(fonts), "HOME": str(folder)},
                capture_output=True,
                timeout=_SECONDS,
                check=True,
            )
        except (subprocess.SubprocessError, OSError) as error:
            raise RefusedError(f"LibreOffice made no PDF ({type(error).__name__}); the Word file is not affected") from error
        result = folder / "bulletin.pdf"
        if not result.exists():
            raise RefusedError("LibreOffice ended without a PDF; the Word file is not affected")
        return _same_bytes(result.read_bytes(), dated)


def _same_bytes(content: bytes, dated: date) -> bytes:
    """The file dated by the issue, and its random marks by what is in it; LibreOffice asks the clock, whatever it is told."""
    content = _CREATED.sub(rb"\g<1>%s000000" % f"{dated:%Y%m%d}".encode(), content)
    still = _MARK.sub(lambda match: match[1] + b"0" * 32, content)
    mark = sha256(still).hexdigest()[:32].upper().encode()
    return _MARK.sub(lambda match: match[1] + mark, content)


def _font_configuration() -> str:
    """The machine's own fonts, and for each of the bulletin's what stands in where it is absent."""
    aliases = "".join(
        f'<alias binding="same"><family>{escape(font)}</family><accept><family>{escape(STAND_INS[font])}</family>'
        f"<family>{escape(common)}</family></accept></alias>"
        for font, common in _COMMON.items()
    )
    return (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f'<include ignore_missing="yes">/etc/fonts/fonts.conf</include>{aliases}</fontconfig>'
    )
