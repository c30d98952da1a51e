"""Printing one issue of a home: from its freeze if it is frozen, else from the publication. For the command and the Dagster asset."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from assets.errors import RefusedError
from assets.home import Home
from assets.publication.store.manifest import RefusedRun, known_manifest
from assets.reports.bulletin import (
    DEFAULT_FORMATS,
    PrintedBulletin,
    document_name,
    prepare_issue,
    read_template,
    refuse_unknown,
    write_bulletin,
)
from assets.reports.bulletin_style import DEFAULT_STYLE, BulletinStyle
from assets.reports.document import Bulletin
from assets.reports.document_record import write_documents
from assets.reports.erratum_slip import slip_documents
from assets.reports.facts.reader import read_facts
from assets.reports.fitness.limits import DEFAULT_LIMITS, FitnessLimits
from assets.reports.formats.as_docx import render_docx
from assets.reports.formats.as_pdf import PDF, render_pdf
from assets.reports.freeze import refuse_lost_freeze
from assets.reports.reprint import from_record, kept_issue, reprint
from assets.warehouse.state.freeze_files import FrozenIssue, FrozenIssues


def print_issue(
    home: Home,
    issue_key: str,
    out: Path | None = None,
    formats: Sequence[str] = DEFAULT_FORMATS,
    limits: FitnessLimits = DEFAULT_LIMITS,
    draft: bool = False,
    style: BulletinStyle = DEFAULT_STYLE,
) -> PrintedBulletin:
    """Write the issue's documents into ``out`` (``reports/<issue>`` of the home).

    Raises as ``write_bulletin`` and ``reprint`` do, and ``LakeDamageError`` where the issue's freeze was removed.
    """
    folder = out or home.reports / issue_key
    refuse_unknown(formats)
    frozen = kept_issue(home.lake, issue_key)
    if frozen is not None:
        printed = reprint(home.lake, home.published_database, folder, frozen, [name for name in formats if name != PDF])
        printed = _with_pdf(printed, home, folder, frozen) if PDF in formats else printed
    else:
        refuse_lost_freeze(home, issue_key)
        printed = write_bulletin(
            home.published_database,
            home.editorial,
            folder,
            issue_key,
            formats,
            limits=limits,
            refused=refused_since(home),
            draft=draft,
            style=style,
            template=home.template,
        )
    return _with_slips(printed, home, folder, issue_key, formats)


def _with_slips(printed: PrintedBulletin, home: Home, folder: Path, issue_key: str, formats: Sequence[str]) -> PrintedBulletin:
    """The print with a slip for each erratum of the issue."""
    errata = FrozenIssues(home.lake).errata(issue_key)
    if not errata:
        return printed
    try:
        facts = read_facts(home.published_database, issue_key)
    except RefusedError:
        # the data may have lost the issue since; its notes leave it out too
        return printed
    issue = composed_issue(home, issue_key)
    written = write_documents(folder, slip_documents(facts, issue, errata, formats, read_template(home.template)))
    return replace(printed, documents=(*printed.documents, *written))


def _with_pdf(printed: PrintedBulletin, home: Home, folder: Path, frozen: FrozenIssue) -> PrintedBulletin:
    """The reprint with the PDF of the Word file that was kept."""
    name = document_name(frozen.issue_key, "docx")
    kept = next((document for document in frozen.documents if document.name == name), None)
    bulletin = from_record(frozen.bulletin or {})
    word = FrozenIssues(home.lake).document(frozen, kept) if kept else render_docx(bulletin, read_template(home.template))
    written = write_documents(folder, {document_name(frozen.issue_key, PDF): render_pdf(word, bulletin.dated)})
    return replace(printed, documents=(*printed.documents, *written))


def composed_issue(
    home: Home, issue_key: str, limits: FitnessLimits = DEFAULT_LIMITS, style: BulletinStyle = DEFAULT_STYLE
) -> Bulletin:
    """The text of the issue: as it was frozen where it was, else as it is composed now. Raises as ``prepare_issue`` does."""
    frozen = kept_issue(home.lake, issue_key)
    if frozen is not None and frozen.bulletin is not None:
        return from_record(frozen.bulletin)
    return prepare_issue(home.published_database, home.editorial, issue_key, limits, style=style).bulletin


def refused_since(home: Home) -> RefusedRun | None:
    """The run that was refused after the publication in force, if there is one."""
    # the bulletin is printed from the database, which remains where the manifest is damaged
    manifest = known_manifest(home)
    return manifest.refused_since if manifest else None
