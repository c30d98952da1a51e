"""Frozen issues in the lake: ``lake/frozen/<issue>.json``, its documents in ``<issue>.documents/`` and errata in ``<issue>.errata/NNN.json``.

Here are the forms of both files and the functions that write them, once. How they enter the ledger is in ``freeze_ledger.py``;
what is frozen, and when, the reports decide.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

from assets.errors import LakeDamageError, RefusedError, StorageError
from assets.exports.lake.sealed import DOCUMENTS, FROM_A_COPY, read_sealed, refuse_misnamed, write_once
from assets.home import storage_errors, write_whole

FROZEN = "frozen"
_FIRST_ERRATUM = 1
_Document = TypeVar("_Document", bound=BaseModel)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FrozenFigure(_Entry):
    """One figure as it was published; ``opening`` is the part of a year to date that the opening balance gave."""

    figure: str
    value: float
    numerator: int | None
    denominator: int | None
    opening: int


class FrozenReceipt(_Entry):
    """A delivery from which the figures were counted, with the hash of its receipt, which in turn names the hash of each file."""

    delivery: str
    receipt_sha256: str


class FrozenDocument(_Entry):
    """A document as it was printed, kept alongside the freeze under its name."""

    name: str
    sha256: str


class FrozenCopy(_Entry):
    """An editorial file as the issue was composed from it."""

    file: str
    sha256: str
    text: str


class FrozenIssue(_Entry):
    """An issue as it was published; ``version`` is the publication that was printed, ``frozen_at`` naive Beijing time.

    ``bulletin`` is the composed text, in the form of the reports' own document; ``rules`` are the rules and code lists that the
    publication was counted by; ``unfit`` is what kept the issue from print, where it was frozen ``despite`` that. A freeze of release 0.1.0 has figures alone.
    """

    issue_key: str
    frozen_at: datetime
    code_version: str
    version: str
    opening_as_of: date | None
    figures: tuple[FrozenFigure, ...]
    receipts: tuple[FrozenReceipt, ...]
    bulletin: dict[str, Any] | None = None
    rules: dict[str, Any] | None = None
    copy_files: tuple[FrozenCopy, ...] = ()
    documents: tuple[FrozenDocument, ...] = ()
    unfit: tuple[str, ...] = ()
    despite: str | None = None


class ErratumFigure(_Entry):
    """A figure that had changed when the erratum was recorded."""

    figure: str
    published_value: float
    current_value: float | None
    difference: float | None


class Erratum(_Entry):
    """A correction recorded alongside a frozen issue; ``figures`` are those that differ from the published ones then."""

    issue_key: str
    erratum_no: int
    text: str
    recorded_at: datetime
    code_version: str
    version: str
    figures: tuple[ErratumFigure, ...]


class FrozenIssues:
    """The frozen issues of a lake; nothing here is ever overwritten."""

    def __init__(self, lake: Path) -> None:
        self._folder = lake / FROZEN

    def path_of(self, issue_key: str) -> Path:
        return self._folder / f"{issue_key}.json"

    def get(self, issue_key: str) -> FrozenIssue | None:
        """The issue as it was frozen, ``None`` where it was not. Raises ``DamageError`` for a file that is not one."""
        path = self.path_of(issue_key)
        return read(path, FrozenIssue) if path.exists() else None

    def put(self, issue: FrozenIssue, documents: Mapping[str, bytes]) -> None:
        """Write the documents, then the record, each whole and synced: without its record an issue is not frozen.

        Raises ``RefusedError`` naming the time where the issue is frozen already.
        """
        already = self.get(issue.issue_key)
        if already is not None:
            raise RefusedError(
                f"issue {issue.issue_key} was frozen at {already.frozen_at:%Y-%m-%d %H:%M:%S} and stays as it was published;"
                " record a correction with --erratum"
            )
        for name, content in documents.items():
            write_whole(self._documents_folder(issue.issue_key) / name, content)
        write_once(self.path_of(issue.issue_key), issue)

    def document(self, issue: FrozenIssue, document: FrozenDocument) -> bytes:
        """A document as it was printed. Raises ``LakeDamageError`` where it was removed or changed."""
        path = self._documents_folder(issue.issue_key) / document.name
        if not path.exists():
            raise LakeDamageError(f"{path} is missing, though the freeze names it; {FROM_A_COPY}", path)
        with storage_errors(path):
            content = path.read_bytes()
        if sha256(content).hexdigest() != document.sha256:
            raise LakeDamageError(f"{path}: not the document that was frozen; {FROM_A_COPY}", path)
        return content

    def damaged_documents(self) -> Iterator[LakeDamageError | StorageError]:
        """What is wrong with the documents of all freezes; freezes that cannot be read are left to ``get``."""
        for path in self.paths():
            with suppress(LakeDamageError, StorageError):
                yield from self._damaged_of(path, read(path, FrozenIssue))

    def _damaged_of(self, path: Path, issue: FrozenIssue) -> Iterator[LakeDamageError | StorageError]:
        try:
            refuse_misnamed(path, self.path_of(issue.issue_key).name, "a freeze")
        except LakeDamageError as error:
            yield error
            return
        for document in issue.documents:
            try:
                self.document(issue, document)
            except (LakeDamageError, StorageError) as error:
                yield error

    def errata(self, issue_key: str) -> tuple[Erratum, ...]:
        """The issue's errata by number. Raises ``DamageError`` for a file that is not one."""
        return tuple(read(path, Erratum) for path in self._errata_of(issue_key))

    def next_erratum(self, issue_key: str) -> int:
        """The number of the issue's next erratum, from 1."""
        return len(self._errata_of(issue_key)) + _FIRST_ERRATUM

    def put_erratum(self, erratum: Erratum) -> Path:
        """Write it alongside its issue; the caller holds the writer's lock, so its number is free."""
        path = self._errata_folder(erratum.issue_key) / erratum_name(erratum.erratum_no)
        write_once(path, erratum)
        return path

    def paths(self) -> list[Path]:
        """The files of all frozen issues, by issue."""
        return sorted(self._folder.glob("*.json"))

    def errata_paths(self) -> list[Path]:
        """The files of all errata, by issue and number."""
        return sorted(self._folder.glob("*.errata/*.json"))

    def __iter__(self) -> Iterator[Path]:
        return iter([*self.paths(), *self.errata_paths()])

    def _documents_folder(self, issue_key: str) -> Path:
        return self._folder / f"{issue_key}{DOCUMENTS}"

    def _errata_folder(self, issue_key: str) -> Path:
        return self._folder / f"{issue_key}.errata"

    def _errata_of(self, issue_key: str) -> list[Path]:
        return sorted(self._errata_folder(issue_key).glob("*.json"))


def erratum_name(number: int) -> str:
    """The name of an erratum's file in the folder of its issue."""
    return f"{number:03d}.json"


def read(path: Path, kind: type[_Document]) -> _Document:
    """The document ``kind`` in ``path``. Raises ``DamageError`` where it is not one, ``StorageError`` where it cannot be read."""
    return read_sealed(path, kind, "what a freeze writes")
