"""The tiers of the tests, and what holds for all of them.

``make test`` runs what proves the project in minutes; ``make test-all`` the rest, whose marker is ``long``. A module is named here,
once, so that every other test belongs to the short tier by itself.
"""

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

# on a busy machine an example may take any time, and a time proves nothing
settings.register_profile("without deadline", deadline=None)
settings.load_profile("without deadline")

_TESTS = Path(__file__).parent
# whole runs by the dozen, kills, served pages, properties at length: each of them takes over ten seconds of the two cores
LONG = {
    "exports/fuzzing/test_cases.py",
    "exports/test_any_byte.py",
    "exports/test_any_chunk.py",
    "exports/test_any_table.py",
    "exports/test_real_files.py",
    "faults/test_damages.py",
    "faults/test_kills.py",
    "faults/test_planted.py",
    "faults/test_points.py",
    "how_to/test_pages.py",
    "homes/test_commands.py",
    "homes/test_killed.py",
    "homes/test_upgrade.py",
    "pipelines/test_advice.py",
    "pipelines/test_after_kill.py",
    "pipelines/test_alerts.py",
    "pipelines/test_any_order.py",
    "pipelines/test_buttons.py",
    "pipelines/test_canary.py",
    "pipelines/test_checking.py",
    "pipelines/test_consumer.py",
    "pipelines/test_dagster_runs.py",
    "pipelines/test_doctor.py",
    "pipelines/test_erasing.py",
    "pipelines/test_freezing.py",
    "pipelines/test_gate.py",
    "pipelines/test_kept_runs.py",
    "pipelines/test_publishing.py",
    "pipelines/test_reader_pages.py",
    "pipelines/test_retry.py",
    "pipelines/test_run_events.py",
    "pipelines/test_sql_limits.py",
    "pipelines/test_ui_live.py",
    "pipelines/test_withdrawing.py",
    "publication/test_killed.py",
    "publication/test_older_clients.py",
    "publication/test_stress.py",
    "publication/test_swap.py",
    "quality/test_library.py",
    "quality/test_rules.py",
    "reports/test_pdf.py",
    "reports/test_revisions.py",
    "test_benchmarks.py",
    "warehouse/test_added_column.py",
    "warehouse/test_handbook_weeks.py",
    "warehouse/test_increment.py",
    "warehouse/test_ordinary_day.py",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of the long tier."""
    for item in items:
        if item.path.relative_to(_TESTS).as_posix() in LONG:
            item.add_marker(pytest.mark.long)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that lacks a program is skipped, but not in CI (``SKIPS_FAIL``), which installs all of them."""
    report = yield
    if os.environ.get("SKIPS_FAIL") and report.skipped:
        report.outcome, report.longrepr = "failed", f"skipped where nothing may be: {report.longrepr}"
    return report
