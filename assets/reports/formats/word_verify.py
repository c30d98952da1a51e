"""Verifies the figures of a Word file that people edited: each content control is compared with the composed text."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.oxml.ns import qn

from assets.errors import UsageError
from assets.home import storage_errors
from assets.reports.document import Bulletin
from assets.reports.formats.as_docx import TAG_LENGTH
from assets.warehouse.models.code_lists import FIGURE_NAMES


@dataclass(frozen=True)
class AlteredFigure:
    """A figure that is not as it was printed: ``found`` is what the file says now, ``None`` where its control is gone."""

    figure: str
    expected: str
    found: str | None

    @property
    def title(self) -> str:
        """Its Chinese name."""
        figure, _, part = self.figure.partition("/")
        return FIGURE_NAMES.get(figure, figure) + (f"（{part}）" if part else "")


@dataclass(frozen=True)
class WordFigures:
    """What a Word file of the bulletin says: the issue it was made for, and its figures in order, by id."""

    issue_key: str
    figures: tuple[tuple[str, str], ...]


def read_figures(path: Path) -> WordFigures:
    """The figures in the controls of the file. Raises UsageError where it is no bulletin, StorageError where it cannot be read."""
    with storage_errors(path):
        content = path.read_bytes()
    try:
        document: Any = Document(BytesIO(content))
    except Exception as error:
        # python-docx has no error of its own for what is no package
        raise UsageError(f"{path}: no Word document (.docx)") from error
    issue_key = document.core_properties.identifier
    if not issue_key:
        raise UsageError(f"{path}: no bulletin of this program; its property 标识符 names no issue")
    # a slip's property names the issue and the slip's title
    issue_key, _, slip = str(issue_key).partition(" ")
    if slip:
        raise UsageError(f"{path}: a slip of issue {issue_key}, not the issue; only the bulletin itself is verified")
    return WordFigures(issue_key, tuple(_controls(document.element.body)))


def altered(found: WordFigures, bulletin: Bulletin) -> list[AlteredFigure]:
    """The figures of the file that differ from the bulletin's, and those whose control was removed, in the bulletin's order."""
    in_file: dict[str, list[str]] = {}
    for figure, text in found.figures:
        in_file.setdefault(figure, []).append(text)
    wrong: list[AlteredFigure] = []
    for figure, expected in printed_figures(bulletin):
        texts = in_file.get(figure[:TAG_LENGTH])
        wrong += [AlteredFigure(figure, expected, None)] if not texts else []
        wrong += [AlteredFigure(figure, expected, text) for text in dict.fromkeys(texts or ()) if text != expected]
    return wrong


def printed_figures(bulletin: Bulletin) -> list[tuple[str, str]]:
    """Each figure that the bulletin's text prints with its words, once."""
    runs = (run for section in bulletin.sections for paragraph in section.paragraphs for run in paragraph)
    return list(dict.fromkeys((run.figure, run.text) for run in runs if run.figure))


def _controls(body: Any) -> Iterator[tuple[str, str]]:
    for control in body.iter(qn("w:sdt")):
        tag = control.find(f"{qn('w:sdtPr')}/{qn('w:tag')}")
        if tag is not None:
            yield tag.get(qn("w:val")), "".join(text.text or "" for text in control.iter(qn("w:t")))
