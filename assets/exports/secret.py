"""The key of the pseudonyms: from a setting, from the home's key file, or made for a fresh home.

A home with data and no key refuses: a new key would give the same people new pseudonyms, in silence.
"""

import secrets
from pathlib import Path

from assets.errors import UsageError
from assets.exports.key_strength import weakness
from assets.exports.pseudonym import PseudonymKey
from assets.home import Home, storage_errors, write_whole

KEY_BYTES = 32


def pseudonym_key(home: Home, from_settings: str | None, key_file: Path | None = None) -> tuple[PseudonymKey, bool]:
    """The key, and whether it was made now. Raises ``UsageError`` where data is there and the key is not."""
    if from_settings:
        return _checked(from_settings.encode(), "the setting secret_key"), False
    path = key_file or home.key_file
    if path.exists():
        with storage_errors(path):
            return _checked(path.read_bytes().strip(), str(path)), False
    if any((home.lake / "deliveries").glob("*.json")):
        raise UsageError(f"{path} is missing, but the lake holds data made with it: put the key back from its safe copy")
    text = secrets.token_hex(KEY_BYTES).encode()
    write_whole(path, text + b"\n")
    return PseudonymKey(text), True


def _checked(text: bytes, source: str) -> PseudonymKey:
    weak = weakness(text)
    if weak is not None:
        raise UsageError(
            f"{source} {weak}; `zhoubao key rotate` makes a new key, or give at least 32 random hexadecimal characters"
        )
    return PseudonymKey(text)
