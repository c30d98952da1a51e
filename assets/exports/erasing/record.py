"""The erasure of a person: which rows were blanked and which originals removed, as a signed file written once.

``lake/erasures/NNN.json`` names places, never the person: no number, no pseudonym. It is written before anything is removed, so an
erasure that was killed is finished by the next command, and a delivery that is read again loses the same rows' pseudonyms.
How the person is found is in ``person_search.py``, how the erasure is carried out in ``erasure.py``.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from assets.errors import LakeDamageError
from assets.exports.lake.sealed import FROM_A_COPY, read_sealed, write_once, written_once
from assets.exports.typing.pseudonym import PseudonymKey

ERASURES = "erasures"
_WHAT = "a record of an erasure"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ErasedFile(_Entry):
    """A file of a delivery that held the person: the lines whose pseudonyms were blanked; its original was removed."""

    delivery: str
    file: str
    file_index: int
    sha256: str
    lines: tuple[int, ...]


class Erasure(_Entry):
    """What was erased, when, and in which matter (the operator's file number); signed with the key in use then."""

    erasure_no: int
    erased_at: datetime
    code_version: str
    case: str
    files: tuple[ErasedFile, ...]
    key_id: str
    signature: str = ""


def read_erasures(lake: Path) -> list[Erasure]:
    """All of them, by number. Raises ``LakeDamageError`` for a file that is not one or was changed."""
    return [read_sealed(path, Erasure, _WHAT) for path in written_once(lake, ERASURES)]


def record_erasure(lake: Path, erasure: Erasure, key: PseudonymKey) -> Erasure:
    """Sign the erasure and write it under the next number; the caller holds the writer's lock."""
    number = len(written_once(lake, ERASURES)) + 1
    numbered = erasure.model_copy(update={"erasure_no": number, "key_id": key.key_id})
    signed = numbered.model_copy(update={"signature": _signature(numbered, key)})
    write_once(lake / ERASURES / f"{number:03d}.json", signed)
    return signed


def verify_erasures(lake: Path, keys: Iterable[PseudonymKey]) -> list[Erasure]:
    """All erasures, with their signatures verified; one whose key is not in this home is returned unverified.

    Raises ``LakeDamageError`` naming one that somebody else wrote or changed, or a number that is missing.
    """
    by_id = {key.key_id: key for key in keys}
    erasures = read_erasures(lake)
    for number, erasure in enumerate(erasures, start=1):
        path = lake / ERASURES / f"{number:03d}.json"
        if erasure.erasure_no != number or not path.exists():
            raise LakeDamageError(f"{path}: {_WHAT} is missing or has another's number; {FROM_A_COPY}", path)
        key = by_id.get(erasure.key_id)
        if key is not None and not hmac.compare_digest(_signature(erasure, key), erasure.signature):
            raise LakeDamageError(f"{path}: {_WHAT} has a wrong signature; {FROM_A_COPY}", path)
    return erasures


def erased_lines(lake: Path, delivery: str, sha256: str) -> set[int]:
    """The lines of a delivery's file, by the hash of its original, that an erasure has blanked."""
    return {
        line
        for erasure in read_erasures(lake)
        for file in erasure.files
        if (file.delivery, file.sha256) == (delivery, sha256)
        for line in file.lines
    }


def erased_originals(lake: Path) -> set[str]:
    """The hashes of originals that an erasure has removed: that they are missing is no damage."""
    return {file.sha256 for erasure in read_erasures(lake) for file in erasure.files}


def _signature(erasure: Erasure, key: PseudonymKey) -> str:
    said = json.dumps(erasure.model_dump(mode="json", exclude={"signature"}), ensure_ascii=False, sort_keys=True)
    # a key of its own: what is signed can never be the value of a cell
    own = hashlib.sha256(b"zhoubao erasure" + key.secret).digest()
    return hmac.digest(own, said.encode(), "sha256").hex()
