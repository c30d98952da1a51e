"""Removes workbooks of failing rows past the site's days to keep, those for the platform and those of the checks.

They hold keys of cases and no person. A workbook whose day still has unsettled rows, or that an open finding points to, stays.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from pathlib import Path

from assets.clock import BEIJING
from assets.home import Home, storage_errors
from assets.quality.output.failing_rows import workbook_path
from assets.quality.output.places import findings_path


def remove_old_workbooks(
    home: Home, days_to_keep: int, unsettled_days: Collection[date], now: datetime, pointed_at: Collection[str] = ()
) -> int:
    """Remove those written before that many days; how many. ``now`` is naive Beijing time; those of the checks that are
    ``pointed_at``, by name, stay."""
    oldest = (now - timedelta(days=days_to_keep)).replace(tzinfo=BEIJING).timestamp()
    kept = {workbook_path(home, day) for day in unsettled_days} | {home.reports / name for name in pointed_at}
    found = [*home.quarantine.glob("*/*.xlsx"), *home.reports.glob("checks_*.xlsx")]
    return sum(_remove(path, home) for path in found if path not in kept and _written_at(path) < oldest)


def surplus_findings(home: Home, keep: int | None) -> bool:
    """Whether there are more workbooks of the checks than are to be kept (``None``: all are)."""
    return keep is not None and sum(1 for _ in home.reports.glob("checks_*.xlsx")) > keep


def remove_surplus_findings(home: Home, keep: int, pointed_at: Collection[str], since: datetime | None) -> int:
    """Remove the workbooks of the checks but the newest ``keep``, those ``pointed_at`` by name, and those of ``since`` or later,
    when the publication in force was built; how many.
    """
    workbooks = sorted(home.reports.glob("checks_*.xlsx"), reverse=True)
    kept = {home.reports / name for name in pointed_at}
    first = findings_path(home, since) if since else None
    going = [path for path in workbooks[keep:] if path not in kept and (first is None or path < first)]
    return sum(_remove(path, home) for path in going)


def _written_at(path: Path) -> float:
    with storage_errors(path):
        return path.stat().st_mtime


def _remove(path: Path, home: Home) -> bool:
    with storage_errors(path):
        path.unlink()
        if path.parent.parent == home.quarantine and not any(path.parent.iterdir()):
            path.parent.rmdir()
    return True
