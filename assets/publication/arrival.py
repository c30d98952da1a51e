"""Whether every business day that should be published by now is: from the publication in force alone."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import duckdb

from assets.calendar import WorkingDays
from assets.home import Home
from assets.publication.store.manifest import known_manifest

_DAY = timedelta(days=1)
_GAPS = "select distinct business_date from marts.coverage_gaps where reason = 'no_delivery' order by 1"


@dataclass(frozen=True)
class Gap:
    """Missing days that follow each other."""

    first: date
    last: date
    working_days: int

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Arrival:
    """The newest business day that is ``expected``, the newest that is published, and each missing day with whether it is worked."""

    expected: date
    through: date | None
    missing: dict[date, bool]

    @property
    def is_newest_there(self) -> bool:
        return self.through is not None and self.through >= self.expected

    @property
    def gaps(self) -> list[Gap]:
        """The missing days as gaps, the oldest first."""
        found: list[Gap] = []
        for day, works in self.missing.items():
            if found and found[-1].last + _DAY == day:
                found[-1] = Gap(found[-1].first, day, found[-1].working_days + works)
            else:
                found.append(Gap(day, day, int(works)))
        return found


def newest_expected(now: datetime, expected_at: time) -> date:
    """The business day whose delivery should be there at ``now``: yesterday's, from ``expected_at`` o'clock on."""
    return now.date() - _DAY * (1 if now.time() >= expected_at else 2)


def arrival_of(home: Home, days: WorkingDays, now: datetime, expected_at: time) -> Arrival:
    """As of ``now``, in Beijing's time. Days before the first delivery are not expected; every calendar day after it is."""
    expected = newest_expected(now, expected_at)
    manifest = known_manifest(home)
    through = manifest.business_date_through if manifest else None
    if through is None:
        return Arrival(expected, None, {})
    try:
        with duckdb.connect(home.published_database, read_only=True) as connection:
            missing = [day for (day,) in connection.execute(_GAPS).fetchall()]
    except duckdb.Error:
        # damaged, or put back from a release that had no such table: readers have nothing that reaches up to now
        return Arrival(expected, None, {})
    missing += [through + _DAY * number for number in range(1, (expected - through).days + 1)]
    return Arrival(expected, through, {day: days.knows(day) and days.is_working_day(day) for day in missing})
