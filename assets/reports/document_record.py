"""Writes documents into the folder of an issue, where the office edits them, and never overwrites an edited one.

A record in the same folder holds the hash of each document as it was written; a document that differs from it, or is not in it, is
not ours. What a document contains is in ``formats/``.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from assets.hashing import sha256_of
from assets.home import PUBLIC_FILE, storage_errors, write_whole

RECORD = ".written.json"
_RECORD_SHAPE = TypeAdapter(dict[str, str])


@dataclass(frozen=True)
class WrittenDocument:
    """The path of a written document; ``kept`` is the newest document under its name that is not ours, if there is one."""

    path: Path
    kept: Path | None = None

    @property
    def message(self) -> str | None:
        """The message for the person who prints; it names both documents."""
        if self.kept is None:
            return None
        return f"{self.kept} 改过，或不是程序写的，原样保留；这次的公报是 {self.path}"


def write_documents(folder: Path, contents: Mapping[str, bytes]) -> tuple[WrittenDocument, ...]:
    """Write each document under its name, or with a number (``name_2.docx``) where the name is taken by one that is not ours.

    The newest document always has the highest number. Raises StorageError where a file cannot be read or written.
    """
    return tuple(_write(folder, name, content) for name, content in contents.items())


def _write(folder: Path, name: str, content: bytes) -> WrittenDocument:
    record = _read_record(folder)
    digest = sha256(content).hexdigest()
    existing = _numbered(folder, Path(name))
    # without a record (a first print of an older release) an equal document loses nothing by being replaced
    ours = {number for number, path in existing.items() if _digest(path) in {digest, record.get(path.name, digest)}}
    number = max(existing, default=1)
    if number in existing and number not in ours:
        number += 1
    path = folder / _name(Path(name), number)
    write_whole(path, content, PUBLIC_FILE)
    # after the document: a stop in between leaves one that is not known as ours, which is then kept
    _write_record(folder, record | {path.name: digest})
    kept = max((other for other in existing if other not in ours), default=None)
    return WrittenDocument(path, None if kept is None else existing[kept])


def _numbered(folder: Path, name: Path) -> dict[int, Path]:
    """The documents with this name, by number; the name without a number is 1."""
    pattern = re.compile(re.escape(name.stem) + r"(?:_([2-9]|[1-9][0-9]+))?" + re.escape(name.suffix))
    with storage_errors(folder):
        found = [(path, pattern.fullmatch(path.name)) for path in folder.iterdir()] if folder.exists() else []
    return {int(match.group(1) or 1): path for path, match in found if match}


def _name(name: Path, number: int) -> str:
    return name.name if number == 1 else f"{name.stem}_{number}{name.suffix}"


def _digest(path: Path) -> str | None:
    """The hash of a file; a folder has none and is never ours."""
    if not path.is_file():
        return None
    with storage_errors(path):
        return sha256_of(path)


def _read_record(folder: Path) -> dict[str, str]:
    """The hashes by name; empty if the record cannot be read, so that every document is kept."""
    path = folder / RECORD
    if not path.exists():
        return {}
    with storage_errors(path):
        content = path.read_bytes()
    try:
        return _RECORD_SHAPE.validate_json(content)
    except ValidationError:
        return {}


def _write_record(folder: Path, record: Mapping[str, str]) -> None:
    text = json.dumps(dict(sorted(record.items())), ensure_ascii=False, indent=1)
    write_whole(folder / RECORD, f"{text}\n".encode(), PUBLIC_FILE)
