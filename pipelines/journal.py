"""What a run leaves of itself for those that come later: how it ended, and what it took in until it has told of it.

A run that is killed leaves its deliveries to the next, which else would end with 0 or 3 though rows of them are quarantined.
Neither file is the truth: an unreadable one is told of and written anew.
"""

import json
from collections.abc import Iterable
from typing import Any

from assets.clock import beijing_now
from assets.home import Home, storage_errors, write_whole


def write_journal(home: Home, document: dict[str, Any]) -> None:
    """Keep how the last run ended, and when."""
    ended = {"ended_at": beijing_now().isoformat(timespec="seconds")}
    write_whole(home.journal, json.dumps(document | ended, ensure_ascii=False, indent=1).encode())


def read_journal(home: Home) -> tuple[dict[str, Any] | None, str | None]:
    """How the last run ended, and what is to be said where that cannot be read."""
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
    return None, f"{home.journal}: cannot be read, so nobody knows how the last run ended; the next run writes it anew"


def unreported(home: Home) -> list[str]:
    """The names that were noted and not cleared. An unreadable note is none: it is no truth, only a reminder."""
    with storage_errors(home.unreported):
        content = home.unreported.read_bytes() if home.unreported.exists() else b"[]"
    try:
        names = json.loads(content)
    except ValueError:
        return []
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def note_taken_in(home: Home, names: Iterable[str]) -> None:
    """Note, before it is done, that these are taken in or read again now, beside those noted before."""
    known = unreported(home)
    further = [name for name in dict.fromkeys(names) if name not in known]
    if further:
        write_whole(home.unreported, json.dumps([*known, *further], ensure_ascii=False).encode())


def clear_reported(home: Home) -> None:
    """Every one was told of."""
    with storage_errors(home.unreported):
        home.unreported.unlink(missing_ok=True)
