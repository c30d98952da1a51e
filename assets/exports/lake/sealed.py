"""JSON documents of the lake with a checksum of their own, and the files of the lake that are written once.

A document is sealed: its last member is the SHA-256 of all its other bytes, so a flipped bit is noticed by whoever reads it, even
before the ledger knows the file. Documents of release 0.1.0 have no checksum and are read as they are; the ledger holds them by hash.

How to add a kind of written-once file (a freeze, a waiver, a withdrawal …): a pydantic model with ``extra="forbid"``, a folder
of the lake for it, ``write_once(path, document)`` under the writer's lock, ``read_sealed(path, Kind, what)`` to read it. For the
ledger, add the folder to ``BUILT_FROM`` in ``assets/warehouse/state/lake_records.py`` where the tables follow from it, and call
``lake_records.enter(connection, lake, folder)``: it gives the files that are new, and raises where one was removed or changed.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from assets.errors import LakeDamageError, MisnamedError, RefusedError
from assets.hashing import sha256_of
from assets.home import storage_errors, write_whole

FROM_A_COPY = "put it back from a copy of the lake"
# suffix of the folder of documents that are kept alongside a record
DOCUMENTS = ".documents"

_Document = TypeVar("_Document", bound=BaseModel)
# what a sealed document ends with; the checksum is of the bytes before and after it
_SEAL = re.compile(rb',\n "checksum": "(?P<checksum>[0-9a-f]{64})"\n\}\n\Z')
_LONG = 60


def sealed(document: BaseModel) -> bytes:
    """The document as JSON that ends in its checksum."""
    body = json.dumps(document.model_dump(mode="json"), ensure_ascii=False, indent=1).encode().removesuffix(b"\n}")
    before, after = body + b',\n "checksum": "', b'"\n}\n'
    return before + hashlib.sha256(before + after).hexdigest().encode() + after


def write_sealed(path: Path, document: BaseModel) -> None:
    """Write the document as the whole of ``path``, durably."""
    write_whole(path, sealed(document))


def write_once(path: Path, document: BaseModel) -> None:
    """Write the document as a new file, durably. Raises ``RefusedError`` where there is one; the caller holds the writer's lock."""
    if path.exists():
        raise RefusedError(f"{path} is recorded already and is never written again")
    write_sealed(path, document)


def read_sealed(path: Path, kind: type[_Document], what: str, fix: str = FROM_A_COPY) -> _Document:
    """The document ``kind`` in ``path``, called ``what`` in messages.

    Raises ``LakeDamageError`` where it is not one or not as it was written, ``StorageError`` where it cannot be read.
    """
    content = _unsealed(path, what, fix)
    try:
        return kind.model_validate_json(content)
    except ValidationError:
        raise LakeDamageError(f"{path}: not {what}; {fix}", path) from None


def verify_seal(path: Path) -> None:
    """Verify the checksum of a document of any kind, if it has one. Raises ``LakeDamageError`` if it does not match."""
    content = _unsealed(path, "the record", FROM_A_COPY)
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    # a seal whose own bytes are damaged looks like a last member: no document of release 0.1.0 ended in a text so long
    last = [*document.values()][-1] if isinstance(document, dict) and document else None
    is_damaged_seal = not is_sealed(path) and isinstance(last, str) and len(last) >= _LONG
    if document is None or is_damaged_seal:
        raise LakeDamageError(f"{path}: not the record that was written; {FROM_A_COPY}", path)


def _unsealed(path: Path, what: str, fix: str) -> bytes:
    """The document's JSON without its checksum, which is verified."""
    with storage_errors(path):
        content = path.read_bytes()
    seal = _SEAL.search(content)
    if seal is None:
        return content
    start, end = seal.span("checksum")
    if hashlib.sha256(content[:start] + content[end:]).hexdigest().encode() != seal["checksum"]:
        raise LakeDamageError(f"{path}: {what} is not as it was written, its checksum differs; {fix}", path)
    return content[: seal.start()] + b"\n}"


def refuse_misnamed(path: Path, name: str, what: str) -> None:
    """Raise ``MisnamedError`` where ``path`` has another name than its content: a copy would count a second time."""
    if path.name != name:
        raise MisnamedError(f"{path}: {what} that belongs under the name {name}; move this copy away", path)


def is_sealed(path: Path) -> bool:
    """Whether the document has a checksum: those that release 0.1.0 wrote have none."""
    with storage_errors(path), path.open("rb") as file:
        return _SEAL.search(file.read()) is not None


def written_once(lake: Path, folder: str) -> list[Path]:
    """The written-once files in a folder of the lake and below it, by name.

    Files in ``*.documents`` are kept alongside a record and are not records, although one document of a freeze is JSON too.
    """
    return sorted(path for path in (lake / folder).rglob("*.json") if path.parent.suffix != DOCUMENTS)


def hashes_of(lake: Path, folder: str) -> dict[str, str]:
    """The SHA-256 of each written-once file, by its name relative to the lake."""
    found = {}
    for path in written_once(lake, folder):
        with storage_errors(path):
            found[path.relative_to(lake).as_posix()] = sha256_of(path)
    return found
