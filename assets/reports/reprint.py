"""A frozen issue printed again: the documents as they were kept, byte for byte, and a page of notes on what has changed since.

Nothing of the data, rules, names, copy or program of today reaches the documents; the notes are the only place that speaks of today.
"""

from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter

from assets.errors import RefusedError
from assets.reports.bulletin import RENDERERS, PrintedBulletin, document_name, refuse_unknown
from assets.reports.document import Bulletin, Head
from assets.reports.document_record import write_documents
from assets.reports.facts.reader import read_facts
from assets.reports.notes import changes_since_freeze
from assets.warehouse.state.freeze_files import FrozenIssue, FrozenIssues

NOTES_TITLE = "定稿后的修订与更正"
NOTHING_SINCE = "〔定稿后没有修订，也没有更正。〕"
# a page of words needs no workbook
_NOTES_FORMATS = ("docx", "html", "md")
_BULLETIN = TypeAdapter(Bulletin)


def as_record(bulletin: Bulletin) -> dict[str, object]:
    """The composed text in the form that a freeze keeps."""
    record: dict[str, object] = _BULLETIN.dump_python(bulletin, mode="json")
    return record


def from_record(record: dict[str, object]) -> Bulletin:
    """The composed text that a freeze keeps."""
    return _BULLETIN.validate_python(record)


def kept_issue(lake: Path, issue_key: str) -> FrozenIssue | None:
    """The freeze of the issue, ``None`` where it is not frozen or a release froze it that kept its figures alone."""
    frozen = FrozenIssues(lake).get(issue_key)
    return frozen if frozen is not None and frozen.bulletin is not None else None


def reprint(lake: Path, published: Path, out: Path, frozen: FrozenIssue, formats: Sequence[str]) -> PrintedBulletin:
    """Write the kept documents of ``formats`` into ``out``, and the notes where anything has changed since.

    A format that this program has and the freeze does not is made from the kept text. Raises ``LakeDamageError`` where a kept
    document is missing or changed, ``UsageError`` for an unknown format, and as ``read_facts`` where there is no published database.
    """
    refuse_unknown(formats)
    issue_key = frozen.issue_key
    kept = {document.name: document for document in frozen.documents}
    contents = {}
    for name in formats:
        document = document_name(issue_key, name)
        if document in kept:
            contents[document] = FrozenIssues(lake).document(frozen, kept[document])
        else:
            contents[document] = _made_from_text(published, frozen, name)
    return PrintedBulletin(write_documents(out, contents | _notes(published, out, frozen, formats)))


def _made_from_text(published: Path, frozen: FrozenIssue, name: str) -> bytes:
    assert frozen.bulletin is not None
    return RENDERERS[name](read_facts(published, frozen.issue_key), from_record(frozen.bulletin))


def _notes(published: Path, out: Path, frozen: FrozenIssue, formats: Sequence[str]) -> dict[str, bytes]:
    """The page of notes in each format; none if nothing has changed, unless ``out`` has an older page that must be replaced."""
    try:
        facts = read_facts(published, frozen.issue_key)
    except RefusedError:
        if not published.exists():
            # then what has changed is not known, and nobody may take it for nothing
            raise
        # the data may have lost the issue since; what was printed is still what was printed
        return {}
    names = {name: f"bulletin-{frozen.issue_key}-notes.{name}" for name in formats if name in _NOTES_FORMATS}
    names = names or {"md": f"bulletin-{frozen.issue_key}-notes.md"}
    notes = changes_since_freeze(facts)
    if not notes:
        names = {name: document for name, document in names.items() if (out / document).exists()}
        notes = (NOTHING_SINCE,)
    was = from_record(frozen.bulletin or {})
    head = Head(NOTES_TITLE, was.head.number_line, was.head.period_line, was.head.publisher, was.head.date_line)
    page = Bulletin(frozen.issue_key, was.dated, head, (), notes, (), None)
    return {document: RENDERERS[name](facts, page) for name, document in names.items()}
