"""Removes workbooks of failing rows past the site's days to keep, those for the platform and those of the checks.

They hold keys of cases and no person. A workbook whose day still has unsettled rows stays.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from pathlib import Path

from assets.clock import BEIJING
from assets.home import Home, storage_errors
from assets.quality.failing_rows import workbook_path


def remove_old_workbooks(home: Home, days_to_keep: int, unsettled_days: Collection[date], now: datetime) -> int:
    """Remove those written before that many days; how many. ``now`` is naive Beijing time."""
    oldest = (now - timedelta(days=days_to_keep)).replace(tzinfo=BEIJING).timestamp()
    kept = {workbook_path(home, day) for day in unsettled_days}
    found = [*home.quarantine.glob("*/*.xlsx"), *home.reports.glob("checks_*.xlsx")]
    return sum(_remove(path, home) for path in found if path not in kept and _written_at(path) < oldest)


def _written_at(path: Path) -> float:
    with storage_errors(path):
        return path.stat().st_mtime


def _remove(path: Path, home: Home) -> bool:
    with storage_errors(path):
        path.unlink()
        if path.parent.parent == home.quarantine and not any(path.parent.iterdir()):
            path.parent.rmdir()
    return True
