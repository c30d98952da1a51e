"""The issues of the truth: which accounting weeks there are, told a second time and apart from the project's own calendar.

A plain walk over Mondays by the rules of the bulletin; nothing of it can be configured.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from assets.platform.simulator.rhythm import is_working_day

ONE_DAY = timedelta(days=1)
_WORKDAYS = 5


@dataclass(frozen=True)
class IssueWeek:
    """One issue: the accounting week runs from ``window_start`` to ``cutoff``, both inclusive."""

    key: str
    year: int
    window_start: date
    cutoff: date

    @property
    def days(self) -> int:
        return (self.cutoff - self.window_start).days + 1


def issue_weeks(first: date, last: date) -> list[IssueWeek]:
    """Return the issues whose cut-off lies within ``first`` and ``last``, in order.

    A week's cut-off is its last Monday-to-Friday working day; a week without one has no issue, and its days go to the next.
    Issues are numbered within the year of their cut-off.
    """
    issues: list[IssueWeek] = []
    numbers: Counter[int] = Counter()
    # two weeks of the year before give the first issue's window its beginning, and golden weeks are no longer
    monday = date(first.year, 1, 1) - timedelta(days=21)
    monday -= timedelta(days=monday.weekday())
    previous = None
    while monday <= last:
        cutoff = _cutoff(monday)
        if cutoff is not None:
            numbers[cutoff.year] += 1
            if previous is not None and first <= cutoff <= last:
                key = f"{cutoff.year}-{numbers[cutoff.year]:02d}"
                issues.append(IssueWeek(key, cutoff.year, previous + ONE_DAY, cutoff))
            previous = cutoff
        monday += timedelta(days=7)
    return issues


def _cutoff(monday: date) -> date | None:
    week = (monday + timedelta(days=number) for number in range(_WORKDAYS))
    return max((day for day in week if is_working_day(day)), default=None)
