"""Deliveries of ``result`` files written into a landing folder as the platform writes them: data first, the manifest last."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assets.exports.delivery import Intake, take_in
from assets.exports.lake.receipt import Receipt
from assets.exports.landing.bare_files import NO_BARE_FILES, BareFiles
from assets.exports.reading.source import FileLimits
from assets.exports.typing.pseudonym import PseudonymKey
from assets.home import Home

NAME = "20230828_01"


def intake_in(folder: Path, bare_files: BareFiles = NO_BARE_FILES) -> Intake:
    """An intake of a fresh home in ``folder``."""
    home = Home(folder / "home")
    home.prepare()
    return Intake(home, home.landing, PseudonymKey(b"k" * 32), FileLimits(), bare_files=bare_files)


def entry_of(file: str, content: bytes, **changed: Any) -> dict[str, Any]:
    """A manifest's entry for ``content``, with what is ``changed`` in it."""
    digest = hashlib.sha256(content).hexdigest()
    return {
        "name": file,
        "feed": "result",
        "rows": content.count(b"\n") - 1,
        "bytes": len(content),
        "sha256": digest,
    } | changed


def manifest_of(name: str, entries: list[dict[str, Any]], **changed: Any) -> dict[str, Any]:
    return {"delivery": name, "business_date": f"{name[:4]}-{name[4:6]}-{name[6:8]}", "files": entries} | changed


def deliver(folder: Path, files: Mapping[str, bytes], name: str = NAME, feed: str = "result", **changed: Any) -> Path:
    """Write a whole delivery of one feed and return its manifest; ``changed`` are other values of the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, content in files.items():
        (folder / file).write_bytes(content)
    path = folder / f"manifest_{name}.json"
    entries = [entry_of(file, content, feed=feed) for file, content in files.items()]
    path.write_text(json.dumps(manifest_of(name, entries, **changed)), encoding="utf-8")
    return path


def take_all(intake: Intake) -> list[Receipt]:
    return list(take_in(intake.survey().arrivals, intake))


def held_notes(intake: Intake) -> dict[str, tuple[str, str]]:
    """Delivery → (state, note) of what is held."""
    return {held.delivery: (held.state, held.note) for held in intake.survey().held}
