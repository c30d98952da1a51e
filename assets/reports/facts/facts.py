"""What the published database says about one issue, as values.

How it is read is in ``facts/reader.py``, how it is worded in ``wording.py`` and ``notes.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from assets.calendar import Issue
from assets.reports.figures.background import Background, IssueRevision

MEASURES = ("consulted", "accepted", "completed", "issued", "transferred")


@dataclass(frozen=True)
class Figure:
    """One row of marts.bulletin_figures; ``value`` of a share is 0-1, ``published_value`` what the office froze, if it did."""

    name: str
    value: float | None
    unit: str | None = None
    numerator: float | None = None
    denominator: float | None = None
    window_start: date | None = None
    cutoff_date: date | None = None
    published_value: float | None = None
    status: str | None = None
    why: str = ""


@dataclass(frozen=True)
class Coverage:
    """Days that should have a delivery and days that have one; ``missing_week_days`` are the accounting week's without."""

    week_days: int
    week_days_delivered: int
    year_days: int
    year_days_delivered: int
    missing_week_days: tuple[date, ...] = ()


@dataclass(frozen=True)
class Gap:
    """A feed that is missing on one day on which something came: it has no file, or one quarantined as a whole."""

    business_date: date
    feed_name: str
    is_quarantined: bool


@dataclass(frozen=True)
class Quarantined:
    """One feed and day with more quarantined and unsettled records than the limit, and the number of all its records."""

    business_date: date
    feed_name: str
    rows: int
    records: int


@dataclass(frozen=True)
class OfficeCheck:
    """A check that failed in the newest run, that nobody waived, and that the office looks into before it prints."""

    check_id: str
    rule: str
    failing_rows: int | None


@dataclass(frozen=True)
class HandbookProgress:
    """Items of one department that are finished by this issue's list and not by the list of the issue before."""

    org_name: str
    finished_in_week: int


@dataclass(frozen=True)
class WaivedCheck:
    """A failed check that somebody waived, with the reason given."""

    check_id: str
    rule: str
    reason: str


@dataclass(frozen=True)
class ErratumNote:
    """A correction that was recorded alongside a frozen issue."""

    number: int
    recorded: date
    text: str


@dataclass(frozen=True)
class Counts:
    """The five measures of one department, in MEASURES' order; year to date is ``None`` where it is not known."""

    name: str
    week: tuple[int, ...]
    year_to_date: tuple[int, ...] | None


@dataclass(frozen=True)
class IssueFacts:
    """Everything that is printed of one issue."""

    issue: Issue
    figures: Mapping[str, Figure]
    is_frozen: bool
    coverage: Coverage | None
    gaps: tuple[Gap, ...]
    quarantined: tuple[Quarantined, ...]
    office_checks: tuple[OfficeCheck, ...]
    handbook: tuple[HandbookProgress, ...]
    waived_checks: tuple[WaivedCheck, ...]
    errata: tuple[ErratumNote, ...]
    business_date_through: date
    version: str
    task_classes: Mapping[str, tuple[str, ...]]
    # codes, in order
    uncounted_result_types: tuple[str, ...]
    # the names that a department of the copy may have
    organizations: tuple[str, ...]
    composite_by_department: tuple[Counts, ...]
    background: Background = field(default_factory=Background)

    def printed(self, name: str) -> float | None:
        """The value that is printed: a frozen issue stays as it was published, whatever the data say now. ``None`` is 缺."""
        figure = self.figures.get(name)
        if figure is None:
            return None
        return figure.published_value if self.is_frozen else figure.value

    @property
    def revisions(self) -> tuple[IssueRevision, ...]:
        """Those of the issue's own figures."""
        return tuple(each for each in self.background.revisions if each.issue_key == self.issue.issue_key)
