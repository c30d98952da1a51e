"""Paths of what the checks write for people: the page of quality, and one workbook of failing rows per run."""

from datetime import datetime
from pathlib import Path

from assets.home import Home


def page_path(home: Home) -> Path:
    """The page of quality, rewritten by each run."""
    return home.reports / "quality.html"


def facts_path(home: Home) -> Path:
    """What the page says of today, for programs: written with it."""
    return home.reports / "quality.json"


def findings_path(home: Home, run_at: datetime) -> Path:
    """The workbook of the checks of ``run_at``."""
    return home.reports / f"checks_{run_at:%Y%m%dT%H%M%S}.xlsx"


def newest_findings(home: Home) -> Path | None:
    """The newest workbook, ``None`` where nothing was checked yet."""
    return max(home.reports.glob("checks_*.xlsx"), default=None)
