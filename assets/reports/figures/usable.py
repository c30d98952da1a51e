"""The figures of one issue with the value to use, from the published table and the manifest.

Only the manifest can know that a later run was refused, or that an older version was put in force again. A frozen figure keeps its
published value through both. ``zhoubao figures`` prints this; ``docs/consumer.py`` applies the same rule outside the program.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

import duckdb

from assets.calendar import parse_issue_key
from assets.errors import NothingPublishedError, RefusedError
from assets.home import Home
from assets.publication.store.manifest import PublishedManifest, current_manifest
from assets.reports.facts.reader import open_published
from assets.warehouse.models.code_lists import FIGURE_NAMES

FINAL, REVISED, PROVISIONAL, INCOMPLETE = "final", "revised", "provisional", "incomplete"
_NO_LONGER_COUNTED = "已定稿；现有数据已不出此数，取定稿值"
# a frozen figure that the data no longer give is listed all the same
_QUERY = """
select figure, current.value, unit, window_start, cutoff_date, status, value_to_use, why, frozen.value, frozen_at
from (select * from marts.bulletin_figures where issue_key = $issue) as current
full join (select figure, value, frozen_at from marts.published_figures where issue_key = $issue) as frozen using (figure)
order by figure
"""


@dataclass(frozen=True)
class UsableFigure:
    """One figure; ``value`` is the current one, ``value_to_use`` is ``None`` where none may be used, and ``why`` says so in Chinese."""

    figure: str
    title: str
    value: float | None
    value_to_use: float | None
    status: str
    why: str
    unit: str | None
    window_start: date | None
    cutoff_date: date | None
    published_value: float | None
    frozen_at: datetime | None


@dataclass(frozen=True)
class IssueFigures:
    """An issue's figures in the version in force; ``refused_at`` is a later run that a check kept from publishing."""

    issue_key: str
    version: str
    built_at: datetime
    business_date_through: date | None
    refused_at: datetime | None
    refused_by: tuple[str, ...]
    rolled_back_from: str | None
    figures: tuple[UsableFigure, ...]


def usable_figures(home: Home, issue_key: str) -> IssueFigures:
    """The figures of ``issue_key``.

    Raises ``UsageError`` for a malformed key, ``NothingPublishedError`` where nothing is published, ``RefusedError`` where the
    issue has no figures, ``DamageError`` or ``StorageError`` where manifest or database cannot be read.
    """
    parse_issue_key(issue_key)
    manifest = current_manifest(home)
    if manifest is None:
        raise NothingPublishedError("nothing is published yet: zhoubao run publishes")
    with open_published(home.published / manifest.database.file) as con:
        found = tuple(_figures(con, issue_key))
    if not found:
        raise RefusedError(f"issue {issue_key} has no figures in version {manifest.version}: {_reason(manifest)}")
    refused = manifest.refused_since
    if refused is not None:
        found = tuple(_held_back(figure, refused.checks) for figure in found)
    return IssueFigures(
        issue_key=issue_key,
        version=manifest.version,
        built_at=manifest.built_at,
        business_date_through=manifest.business_date_through,
        refused_at=refused.run_at if refused else None,
        refused_by=tuple(refused.checks) if refused else (),
        rolled_back_from=manifest.rollback.from_version if manifest.rollback else None,
        figures=found,
    )


def _figures(con: duckdb.DuckDBPyConnection, issue_key: str) -> Iterator[UsableFigure]:
    for figure, value, unit, first, cutoff, status, to_use, why, published, frozen_at in con.execute(
        _QUERY, {"issue": issue_key}
    ).fetchall():
        is_lost = status is None
        yield UsableFigure(
            figure=figure,
            title=FIGURE_NAMES.get(figure, figure),
            value=value,
            value_to_use=published if is_lost else to_use,
            status=REVISED if is_lost else status,
            why=_NO_LONGER_COUNTED if is_lost else why,
            unit=unit,
            window_start=first,
            cutoff_date=cutoff,
            published_value=published,
            frozen_at=frozen_at,
        )


def _held_back(figure: UsableFigure, checks: list[str]) -> UsableFigure:
    """A provisional figure without its value: a check refused newer data, so it may still change."""
    if figure.status != PROVISIONAL:
        return figure
    return replace(figure, value_to_use=None, why=f"其后有运行未通过检查（{'、'.join(checks)}），本版不含被拒的数据")


def _reason(manifest: PublishedManifest) -> str:
    return f"its data go through {manifest.business_date_through}, and zhoubao bulletin says what the issue lacks"
