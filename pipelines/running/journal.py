"""What a run leaves for later commands: how it ended, and the deliveries it took in and has not reported yet.

After a kill the next run reports those deliveries; otherwise it would end with 0 or 3 although rows of them are quarantined.
Neither file is the truth: an unreadable one is reported and rewritten.
"""

import json
from collections.abc import Iterable
from typing import Any

from assets.clock import beijing_now
from assets.home import Home, storage_errors, write_whole


def write_journal(home: Home, document: dict[str, Any]) -> None:
    """Write how the last run ended, and when."""
    ended = {"ended_at": beijing_now().isoformat(timespec="seconds")}
    write_whole(home.journal, json.dumps(document | ended, ensure_ascii=False, indent=1).encode())


def read_journal(home: Home) -> tuple[dict[str, Any] | None, str | None]:
    """How the last run ended, and a message if that cannot be read."""
    with storage_errors(home.journal):
        content = home.journal.read_bytes() if home.journal.exists() else None
    if content is None:
        return None, None
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    if isinstance(document, dict) and isinstance(document.get("exit_code"), int):
        return document, None
    return None, f"{home.journal}: cannot be read, so nobody knows how the last run ended; the next run writes it again"


def unreported(home: Home) -> list[str]:
    """The deliveries that were noted and not cleared; empty if the note cannot be read, since it is only a reminder."""
    with storage_errors(home.unreported):
        content = home.unreported.read_bytes() if home.unreported.exists() else b"[]"
    try:
        names = json.loads(content)
    except ValueError:
        return []
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def note_taken_in(home: Home, names: Iterable[str]) -> None:
    """Note deliveries before they are taken in or read again, in addition to those noted before."""
    known = unreported(home)
    further = [name for name in dict.fromkeys(names) if name not in known]
    if further:
        write_whole(home.unreported, json.dumps([*known, *further], ensure_ascii=False).encode())


def keep_noted(home: Home, names: Iterable[str]) -> None:
    """Let these alone be noted: of others that were to be read again nothing changed."""
    kept = list(dict.fromkeys(names))
    if kept:
        write_whole(home.unreported, json.dumps(kept, ensure_ascii=False).encode())
    else:
        clear_reported(home)


def clear_reported(home: Home) -> None:
    """Clear the note: every delivery was reported."""
    with storage_errors(home.unreported):
        home.unreported.unlink(missing_ok=True)
