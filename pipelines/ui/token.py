"""The token that opens the UI: one per home, in a file that its owner alone can read."""

import secrets
from pathlib import Path

from assets.errors import UsageError
from assets.home import Home, storage_errors, write_whole

_BYTES = 32
_SHORTEST = 32


def token_file(home: Home) -> Path:
    """Where the token lies."""
    return home.dagster / "ui.token"


def ui_token(home: Home) -> str:
    """The token, made where there is none. Raises ``UsageError`` where its file holds none or others may read it."""
    path = token_file(home)
    if not path.exists():
        write_whole(path, f"{secrets.token_urlsafe(_BYTES)}\n".encode())
    return read_token(path)


def read_token(path: Path) -> str:
    """The token in ``path``. Raises ``UsageError`` as ``ui_token`` does."""
    with storage_errors(path):
        token = path.read_bytes().decode("ascii", "replace").strip()
        is_private = path.stat().st_mode & 0o077 == 0
    if not is_private:
        raise UsageError(f"{path}: others may read the token; remove the file, and the next start makes a new one")
    if len(token) < _SHORTEST or not token.isascii():
        raise UsageError(f"{path}: holds no token; remove the file, and the next start makes a new one")
    return token
