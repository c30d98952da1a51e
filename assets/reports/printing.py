"""Printing one issue of a home: from its freeze if it is frozen, else from the publication. For the command and the Dagster asset."""

from collections.abc import Sequence
from pathlib import Path

from assets.home import Home
from assets.publication.manifest import RefusedRun, known_manifest
from assets.reports.bulletin import DEFAULT_FORMATS, PrintedBulletin, write_bulletin
from assets.reports.fitness_limits import DEFAULT_LIMITS, FitnessLimits
from assets.reports.reprint import kept_issue, reprint


def print_issue(
    home: Home,
    issue_key: str,
    out: Path | None = None,
    formats: Sequence[str] = DEFAULT_FORMATS,
    limits: FitnessLimits = DEFAULT_LIMITS,
    draft: bool = False,
) -> PrintedBulletin:
    """Write the issue's documents into ``out`` (``reports/<issue>`` of the home). Raises as ``write_bulletin`` and ``reprint`` do."""
    folder = out or home.reports / issue_key
    frozen = kept_issue(home.lake, issue_key)
    if frozen is not None:
        return reprint(home.lake, home.published_database, folder, frozen, formats)
    return write_bulletin(
        home.published_database,
        home.editorial,
        folder,
        issue_key,
        formats,
        limits=limits,
        refused=refused_since(home),
        draft=draft,
    )


def refused_since(home: Home) -> RefusedRun | None:
    """The run refused after the publication in force, where there is one."""
    # the bulletin is printed from the database, which remains where the manifest is damaged
    manifest = known_manifest(home)
    return manifest.refused_since if manifest else None
