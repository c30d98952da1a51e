"""The report of one issue, from the published database and the editorial files to files in a folder.

Every format is made before the first is written; how files are written is ``written``'s.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assets.errors import UsageError
from assets.reports.as_docx import render_docx
from assets.reports.as_html import render_html
from assets.reports.as_markdown import render_markdown
from assets.reports.as_workbook import render_workbook
from assets.reports.composition import compose
from assets.reports.document import Bulletin
from assets.reports.editorial import read_editorial
from assets.reports.facts import IssueFacts
from assets.reports.findings import Finding, errors_of, summary
from assets.reports.published import read_facts
from assets.reports.written import WrittenDocument, write_documents

RENDERERS: dict[str, Callable[[IssueFacts, Bulletin], bytes]] = {
    "docx": lambda _, bulletin: render_docx(bulletin),
    "html": lambda _, bulletin: render_html(bulletin).encode(),
    "md": lambda _, bulletin: render_markdown(bulletin).encode(),
    "xlsx": render_workbook,
}
DEFAULT_FORMATS = ("docx", "html", "md")


@dataclass(frozen=True)
class PrintedBulletin:
    """The documents of a print, in the order of the formats, and what in the editorial copy should be looked at."""

    documents: tuple[WrittenDocument, ...]
    findings: tuple[Finding, ...]

    @property
    def paths(self) -> list[Path]:
        """Where the documents are."""
        return [document.path for document in self.documents]

    @property
    def messages(self) -> list[str]:
        """What whoever prints must be told."""
        return [*map(str, self.findings), *(document.message for document in self.documents if document.message)]


def write_bulletin(
    published: Path,
    editorial: Path,
    out: Path,
    issue_key: str,
    formats: Sequence[str] = DEFAULT_FORMATS,
) -> PrintedBulletin:
    """Write ``out/bulletin-<issue_key>.<format>`` for each format, with a number where the name is taken by a document not ours.

    ``published`` is the published database file, ``editorial`` the folder that holds one folder per issue.
    Raises UsageError for an unknown format, a malformed key or faulty editorial copy (every fault with file and line), RefusedError where the
    issue has no figures (saying why), StorageError where a file cannot be read or written.
    """
    if unknown := [name for name in formats if name not in RENDERERS]:
        raise UsageError(f"format {unknown[0]!r} is not known; the formats are {', '.join(RENDERERS)}")
    facts = read_facts(published, issue_key)
    copy, findings = read_editorial(editorial / issue_key, facts.issue, facts.organizations)
    if errors_of(findings):
        raise UsageError(summary(editorial / issue_key, findings))
    bulletin = compose(facts, copy)
    made = {f"bulletin-{issue_key}.{name}": RENDERERS[name](facts, bulletin) for name in formats}
    return PrintedBulletin(write_documents(out, made), tuple(findings))
