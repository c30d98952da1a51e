"""The key of the pseudonyms: from a setting, from the home's key file, or made for a fresh home; and its rotation.

A home with data refuses to do without its key, or to take another one unasked. A retired key stays in ``keys/``, private like the
one in use, for as long as rows of its time are to be found again for an erasure.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from assets.errors import StorageError, UsageError
from assets.exports.keys.record import KeyRecord, key_record, refuse_another_key, with_new_key, write_key_record
from assets.exports.keys.strength import weakness
from assets.exports.typing.pseudonym import PseudonymKey
from assets.home import PRIVATE_FOLDER, Home, storage_errors, write_whole

KEY_BYTES = 32
_PENDING = "new.key"


def pseudonym_key(home: Home, from_settings: str | None, key_file: Path | None = None) -> tuple[PseudonymKey, bool]:
    """The key, and whether it was made now.

    Raises ``UsageError`` where data is there and the key is not, or is not the one in use, or where it is weak.
    """
    if from_settings:
        return _in_use(home, _checked(from_settings.encode(), "the setting secret_key")), False
    path = key_file or home.key_file
    _finish_rotation(home, path)
    if path.exists():
        return _in_use(home, _checked(_text_of(path), str(path))), False
    if any((home.lake / "deliveries").glob("*.json")):
        raise UsageError(
            f"{path} is missing, but the lake holds data made with it: put the key back from its safe copy, "
            "or `zhoubao key rotate` to use a new one from now on"
        )
    text = secrets.token_hex(KEY_BYTES).encode()
    write_whole(path, text + b"\n")
    return PseudonymKey(text), True


@dataclass(frozen=True)
class Rotated:
    """The ids of the former key and of the one now in use; ``is_kept``: the former is in ``keys/``, or there was none."""

    former: str | None
    key_id: str
    is_kept: bool


def rotate(home: Home, path: Path, new_key_file: Path | None = None) -> Rotated:
    """Rotate to a new key: that of ``new_key_file``, or a fresh one; the caller holds the writer's lock.

    A key that somebody put at ``path`` without a word is taken as the new one. The record of keys is the switch: killed before it,
    the old key is in use, and after it, the next command puts the new key at ``path``. Raises ``UsageError`` for a weak new key or
    one that was in use before.
    """
    _finish_rotation(home, path)
    record = key_record(home.lake)
    present = _text_of(path) if path.exists() else None
    in_use = record.current.key_id if record.current else None
    former = present if present is not None and in_use in (None, PseudonymKey(present).key_id) else None
    new = _new_key(record, present if former is None else None, new_key_file)
    if not os.access(path.parent, os.W_OK):
        raise StorageError(f"{path.parent} cannot be written, and the new key belongs there")
    if in_use is not None and former is not None:
        _keep(home, f"{in_use}.key", former)
    _keep(home, _PENDING, new.secret)
    if record.keys:
        write_key_record(home.lake, with_new_key(record, new.key_id))
    _put(home, path, new.secret)
    return Rotated(in_use, new.key_id, in_use is None or former is not None)


def known_keys(home: Home, current: PseudonymKey) -> list[PseudonymKey]:
    """The key in use, and the retired ones whose files are in ``keys/``."""
    files = sorted(path for path in home.retired_keys.glob("*.key") if path.name != _PENDING)
    retired = [PseudonymKey(_text_of(path)) for path in files]
    return [current, *(key for key in retired if key.key_id != current.key_id)]


def _in_use(home: Home, key: PseudonymKey) -> PseudonymKey:
    refuse_another_key(home.lake, key)
    return key


def _new_key(record: KeyRecord, put_unasked: bytes | None, file: Path | None) -> PseudonymKey:
    if file is not None:
        new = _checked(_text_of(file), str(file))
    elif put_unasked is not None and PseudonymKey(put_unasked).key_id not in record.ids():
        new = _checked(put_unasked, "the key that is there")
    else:
        new = PseudonymKey(secrets.token_hex(KEY_BYTES).encode())
    if new.key_id in record.ids():
        raise UsageError(f"the key {new.key_id} was in use before: a new one is expected")
    return new


def is_rotation_pending(home: Home) -> bool:
    """Whether a rotation was killed after its switch, so that the next command must install the new key."""
    pending, current = home.retired_keys / _PENDING, key_record(home.lake).current
    return current is not None and pending.exists() and PseudonymKey(_text_of(pending)).key_id == current.key_id


def _finish_rotation(home: Home, path: Path) -> None:
    if (home.retired_keys / _PENDING).exists() and is_rotation_pending(home):
        _put(home, path, _text_of(home.retired_keys / _PENDING))


def _put(home: Home, path: Path, text: bytes) -> None:
    write_whole(path, text + b"\n")
    pending = home.retired_keys / _PENDING
    with storage_errors(pending):
        pending.unlink(missing_ok=True)


def _keep(home: Home, name: str, text: bytes) -> None:
    folder = home.retired_keys
    with storage_errors(folder):
        folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    write_whole(folder / name, text + b"\n")


def _text_of(path: Path) -> bytes:
    with storage_errors(path):
        return path.read_bytes().strip()


def _checked(text: bytes, source: str) -> PseudonymKey:
    weak = weakness(text)
    if weak is not None:
        raise UsageError(
            f"{source} {weak}; `zhoubao key rotate` makes a new key, or give at least 32 random hexadecimal characters"
        )
    return PseudonymKey(text)
