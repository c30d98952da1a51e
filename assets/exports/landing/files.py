"""Walking the landing folder: manifests and other files by the interface's names, links never followed.

Knows names only; what a file holds is for ``manifest.py`` and ``bare_files.py``.
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from assets.errors import StorageError
from assets.visible import visible

IGNORED_PREFIXES = (".", "~$")
IGNORED_SUFFIXES = (".part", ".tmp", ".filepart")
_MANIFEST_NAME = re.compile(r"manifest.*\.json", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class LandingFiles:
    """What lies below a landing folder, in the order of the paths; ``unreadable`` are folders that may not be entered."""

    manifests: list[Path] = field(default_factory=list)
    others: list[Path] = field(default_factory=list)
    unreadable: list[Path] = field(default_factory=list)


def walk_landing(landing: Path) -> LandingFiles:
    """Every file below ``landing`` that the interface does not ignore. Raises ``StorageError`` where ``landing`` may not be read."""
    found = LandingFiles()
    # Path.walk is not in Python 3.11; os.walk does not follow links to folders
    for folder, folders, names in os.walk(landing, onerror=lambda error: _note(error, landing, found)):
        folders[:] = sorted(name for name in folders if not is_ignored(name))
        for name in sorted(names):
            if not is_ignored(name):
                pile = found.manifests if _MANIFEST_NAME.fullmatch(name) else found.others
                pile.append(Path(folder, name))
    return found


def _note(error: OSError, landing: Path, found: LandingFiles) -> None:
    if isinstance(error, FileNotFoundError):
        return
    folder = Path(os.fsdecode(error.filename))
    if folder == landing:
        raise StorageError(f"{landing}: {error.strerror}") from error
    found.unreadable.append(folder)


def is_ignored(name: str) -> bool:
    """Whether the interface says that this name is still being written or belongs to an editor."""
    return name.startswith(IGNORED_PREFIXES) or name.lower().endswith(IGNORED_SUFFIXES)


def shown(name: str) -> str:
    """A name from outside as one line of text: line breaks and bytes that are no UTF-8 are spelled out."""
    return visible(name)
