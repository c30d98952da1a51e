"""The report of one issue, from the published database and the editorial files to files in a folder.

Every format is made before the first is written; how files are written is in ``document_record.py``. A frozen issue is printed
again as it was (``reprint.py``).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assets.errors import UsageError
from assets.home import storage_errors
from assets.publication.store.manifest import RefusedRun
from assets.reports.bulletin_style import DEFAULT_STYLE, BulletinStyle
from assets.reports.document import Bulletin
from assets.reports.document_record import WrittenDocument, write_documents
from assets.reports.editorial.editorial import read_editorial
from assets.reports.editorial.findings import Finding, errors_of, summary
from assets.reports.facts.facts import IssueFacts
from assets.reports.facts.reader import read_facts
from assets.reports.figures.office_order import in_office_order
from assets.reports.fitness.fitness import Unfit, UnfitError, blocking, fitness
from assets.reports.fitness.limits import DEFAULT_LIMITS, FitnessLimits
from assets.reports.formats.as_docx import render_docx
from assets.reports.formats.as_html import render_html
from assets.reports.formats.as_json import render_json
from assets.reports.formats.as_markdown import render_markdown
from assets.reports.formats.as_pdf import PDF, refuse_without_office, render_pdf
from assets.reports.formats.as_workbook import render_workbook
from assets.reports.text.composition import Manner, compose
from assets.reports.text.patterns import read_wording, refuse_faulty

RENDERERS: dict[str, Callable[[IssueFacts, Bulletin], bytes]] = {
    "docx": lambda _, bulletin: render_docx(bulletin),
    "html": lambda facts, bulletin: render_html(facts, bulletin).encode(),
    "md": lambda _, bulletin: render_markdown(bulletin).encode(),
    "xlsx": render_workbook,
    "json": lambda facts, bulletin: render_json(facts, bulletin).encode(),
}
# what LibreOffice makes is not made everywhere, so no freeze holds it
FORMATS = (*RENDERERS, PDF)
DEFAULT_FORMATS = ("docx", "html", "md")


@dataclass(frozen=True)
class Prepared:
    """An issue ready to be written: its facts and text, the findings about the editorial copy, and what the office must verify."""

    facts: IssueFacts
    bulletin: Bulletin
    findings: tuple[Finding, ...]
    unfit: tuple[Unfit, ...]
    # the office's own Word template, where it has one
    template: bytes | None = None

    def as_frozen(self) -> "Prepared":
        """The issue as its documents say it once it is frozen: each figure that there is is published and final."""
        figures = {
            name: figure if figure.value is None else replace(figure, published_value=figure.value, status="final", why="")
            for name, figure in self.facts.figures.items()
        }
        return replace(self, facts=replace(self.facts, figures=figures, is_frozen=True))

    def documents(self, formats: Sequence[str]) -> dict[str, bytes]:
        """The bulletin in each format, by the document's name."""
        return {document_name(self.bulletin.issue_key, name): self._render(name) for name in formats}

    def _render(self, name: str) -> bytes:
        if name == "docx":
            return render_docx(self.bulletin, self.template)
        if name == PDF:
            return render_pdf(render_docx(self.bulletin, self.template), self.bulletin.dated)
        return RENDERERS[name](self.facts, self.bulletin)


@dataclass(frozen=True)
class PrintedBulletin:
    """The documents of a print, in the order of the formats, and what whoever prints should look at."""

    documents: tuple[WrittenDocument, ...]
    findings: tuple[Finding, ...] = ()
    unfit: tuple[Unfit, ...] = ()

    @property
    def paths(self) -> list[Path]:
        """Where the documents are."""
        return [document.path for document in self.documents]

    @property
    def is_draft(self) -> bool:
        """Whether something kept the issue from print, so that the documents are marked 草稿."""
        return bool(blocking(self.unfit))

    @property
    def messages(self) -> list[str]:
        """What whoever prints must be told."""
        kept = [document.message for document in self.documents if document.message]
        return [*map(str, self.findings), *map(str, self.unfit), *kept]


def write_bulletin(
    published: Path,
    editorial: Path,
    out: Path,
    issue_key: str,
    formats: Sequence[str] = DEFAULT_FORMATS,
    *,
    limits: FitnessLimits = DEFAULT_LIMITS,
    refused: RefusedRun | None = None,
    draft: bool = False,
    style: BulletinStyle = DEFAULT_STYLE,
    template: Path | None = None,
) -> PrintedBulletin:
    """Write ``out/bulletin-<issue_key>.<format>`` for each format, with a number where the name is taken by a document not ours.

    ``published`` is the published database file, ``editorial`` the folder that holds one folder per issue,
    ``template`` the office's Word template, which may be missing, ``refused`` a run refused since the publication, where there is one.
    Raises UsageError for an unknown format, a malformed key, faulty copy or wording (every fault with file and line), RefusedError where the
    issue has no figures (saying why), UnfitError where it is not fit to print and no ``draft`` is asked for, StorageError where a
    file cannot be read or written.
    """
    refuse_unknown(formats)
    prepared = prepare_issue(published, editorial, issue_key, limits, refused, style=style, template=template)
    if blocking(prepared.unfit) and not draft:
        raise UnfitError(issue_key, prepared.unfit)
    written = write_documents(out, prepared.documents(formats))
    return PrintedBulletin(written, prepared.findings, prepared.unfit)


def prepare_issue(
    published: Path,
    editorial: Path,
    issue_key: str,
    limits: FitnessLimits = DEFAULT_LIMITS,
    refused: RefusedRun | None = None,
    despite: str | None = None,
    style: BulletinStyle = DEFAULT_STYLE,
    template: Path | None = None,
) -> Prepared:
    """The issue composed from the publication and the copy; a draft if it is not fit to print and there is no reason ``despite``.

    An issue frozen by a release that kept its figures alone was fit then. Raises as ``write_bulletin``, but for ``UnfitError``.
    """
    facts = in_office_order(read_facts(published, issue_key, limits), style.department_order)
    copy, findings = read_editorial(editorial / issue_key, facts.issue, facts.organizations)
    if errors_of(findings):
        raise UsageError(summary(editorial / issue_key, findings))
    unfit = () if facts.is_frozen else tuple(fitness(facts, copy, refused))
    wording, in_wording = read_wording(editorial)
    refuse_faulty(in_wording)
    bulletin = compose(facts, copy, unfit, despite, Manner(wording, style))
    return Prepared(facts, bulletin, (*findings, *in_wording.found), unfit, read_template(template))


def read_template(path: Path | None) -> bytes | None:
    """The office's own Word template, ``None`` where it has none. Raises StorageError."""
    if path is None or not path.exists():
        return None
    with storage_errors(path):
        return path.read_bytes()


def refuse_unknown(formats: Sequence[str]) -> None:
    """Raise UsageError for a format that does not exist, or that this machine cannot make."""
    if unknown := [name for name in formats if name not in FORMATS]:
        raise UsageError(f"format {unknown[0]!r} is not known; the formats are {', '.join(FORMATS)}")
    if PDF in formats:
        refuse_without_office()


def document_name(issue_key: str, format_name: str) -> str:
    """The name of the issue's document in one format."""
    return f"bulletin-{issue_key}.{format_name}"
