"""The first business day of a home, told by names alone: nothing is opened."""

import re
from datetime import date
from pathlib import Path

_DAY_FOLDER = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
_MANIFEST = re.compile(r"manifest_(\d{4})(\d\d)(\d\d)_\d+\.json", re.ASCII)


def first_business_day(lake: Path, landing: Path) -> date | None:
    """The first day of which something is in the lake; before anything is, the first that lies in ``landing``."""
    days = {path.name for path in lake.glob(f"*/{_DAY_FOLDER}")}
    if not days:
        found = (_MANIFEST.fullmatch(path.name) for path in landing.rglob("manifest_*.json"))
        days = {"-".join(match.groups()) for match in found if match}
    return min((day for text in days if (day := _day_of(text)) is not None), default=None)


def _day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
