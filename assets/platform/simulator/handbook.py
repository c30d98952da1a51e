"""受理工作手册 as the platform keeps it: the items, when each came, was finished or was dropped, and the list of a day.

A list is complete each time; which days have one is the plan's to say.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from assets.platform.simulator.departments import World
from assets.platform.simulator.events import day_number
from assets.platform.simulator.strata import Flags, Ints
from assets.platform.simulator.text import DAY_SECONDS, blanked, day_text, fixed_text, time_text

# later than any day of a simulation: not finished, or not dropped
NEVER = day_number(date(2039, 12, 31))
_ITEMS = 300
_LISTING_WEEKDAYS = 4
_WRITTEN_AT = 17 * 3600 + 30 * 60


@dataclass(frozen=True)
class Handbook:
    """One entry per item; days since 1970-01-01."""

    org: Ints
    added: Ints
    finished: Ints
    dropped: Ints

    def listed(self, day: date) -> Flags:
        """Return which items the list of ``day`` has."""
        number = day_number(day)
        listed: Flags = (self.added <= number) & (self.dropped > number)
        return listed

    def texts(self, day: date, world: World) -> pl.DataFrame:
        """Return the list of ``day`` in the contract's columns, all String; what is finished later is blank."""
        listed = self.listed(day)
        item, org, finished = np.flatnonzero(listed), self.org[listed], self.finished[listed]
        late = finished > day_number(day)
        return pl.DataFrame(
            {
                "task_handle_item": [
                    f"{world.departments[owner].code}2{number:012d}01" for owner, number in zip(org, item, strict=True)
                ],
                "task_name": [f"{world.item_names[number % len(world.item_names)]}（办理项{number + 1}）" for number in item],
                "org_code": [world.departments[owner].code for owner in org],
                "org_name": [world.departments[owner].name for owner in org],
                "finished_date": blanked(fixed_text(day_text(np.where(late, 0, finished))), late),
                "cd_time": time_text(np.full(len(item), day_number(day)), _WRITTEN_AT + item % DAY_SECONDS // 7),
            },
            schema_overrides={"org_code": pl.String},
        )


def handbook_of(world: World, rng: np.random.Generator, first: date, last: date) -> Handbook:
    """Return a handbook in the making: half of it finished before ``first``, some of it added or dropped on the way."""
    owners = [
        number for number, department in enumerate(world.departments) if department.level == 2 and not department.former_name
    ]
    start, days = day_number(first), (last - first).days + 1
    finished = start + rng.integers(-180, max(180, days * 2), _ITEMS)
    added = np.where(rng.random(_ITEMS) < 0.1, start + rng.integers(0, days, _ITEMS), start - 200)
    dropped = np.where(rng.random(_ITEMS) < 0.05, start + rng.integers(1, days + 1, _ITEMS), NEVER)
    return Handbook(rng.choice(owners, _ITEMS), added, np.maximum(finished, added), dropped)


def listing_days(first: date, last: date) -> frozenset[date]:
    """Return the days that deliver a list: the first, and of each week one from Monday to Thursday, another from week to week.

    So a list is seldom that of an issue's cut-off, and what is finished after it shows in the next.
    """
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return frozenset(day for day in days if day == first or day.weekday() == day.isocalendar().week % _LISTING_WEEKDAYS)
