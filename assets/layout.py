"""Which layout a home has, and whether this program knows it.

A home of an older layout is upgraded by the next command that writes (``assets/warehouse/upgrade.py``); one of a newer layout is refused.
"""

import json

from assets.errors import DamageError, UsageError
from assets.home import LAYOUT, Home, layout_document, storage_errors


def layout_of(home: Home) -> int:
    """The number of the home's layout. Raises ``DamageError`` where its file is not as it was written."""
    path = home.layout_file
    if not path.exists():
        return 1
    with storage_errors(path):
        content = path.read_bytes()
    try:
        layout = int(json.loads(content)["layout"])
    except (ValueError, TypeError, KeyError):
        layout = 0
    if content != layout_document(layout):
        raise DamageError(
            f"{path} does not say which layout the home has; remove it, and `zhoubao upgrade` writes it again", path
        )
    return layout


def refuse_newer(home: Home) -> None:
    """Raise ``UsageError`` where a newer program has written the home."""
    layout = layout_of(home)
    if layout > LAYOUT:
        raise UsageError(f"{said_of_newer(home, layout)}; {release_needed(layout)}")


def said_of_newer(home: Home, layout: int) -> str:
    """What is wrong where a newer program has written the home."""
    return f"{home.root} has layout {layout}, and this program knows layouts up to {LAYOUT}"


def release_needed(layout: int) -> str:
    """The step that puts it right."""
    return f"install a release that knows layout {layout}, or go back with that release: `zhoubao upgrade --rollback`"
