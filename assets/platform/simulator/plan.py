"""What a simulation is to make: its days, how many events each has by stratum, and the handbook.

The everyday plan by chance is here; the demonstration's, which hits published totals, is elsewhere.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from assets.errors import UsageError
from assets.platform.simulator import rhythm
from assets.platform.simulator.departments import World
from assets.platform.simulator.events import day_number
from assets.platform.simulator.handbook import Handbook, handbook_of, listing_days
from assets.platform.simulator.records import Naming
from assets.platform.simulator.strata import (
    COMPOSITE_OF,
    COUNT,
    KIND_OF,
    LEVEL_OF,
    NO_KIND,
    PUBLIC_SERVICE,
    UNKNOWN_KIND,
    Floats,
    Ints,
)
from assets.platform.simulator.text import DAY_SECONDS

EVENT_FEEDS = ("accept", "process", "result", "issue", "consult")
# how far before the first day events of late deliveries may lie
_BEFORE_DAYS = 30

_LEVEL_SHARES = {2: 0.7, 3: 0.18, 4: 0.12}
_KIND_SHARES = {
    1: 0.07, 2: 0.008, 3: 0.001, 4: 0.003, 5: 0.012, 6: 0.005, 7: 0.025, 8: 0.002, 9: 0.001, 10: 0.015, PUBLIC_SERVICE: 0.856,
    UNKNOWN_KIND: 0.002, NO_KIND: 0.0,
}  # fmt: skip
_COMPOSITE_SHARES = {1: 0.08, PUBLIC_SERVICE: 0.02}
_COMPOSITE_SHARE = 0.05
# events of each feed for one accepted case; composite windows hand out far more than they accept
_PER_CASE = {"accept": 1.0, "process": 2.2, "result": 0.83, "issue": 0.3, "consult": 0.12}
_PER_COMPOSITE_CASE = {"accept": 1.0, "process": 8.0, "result": 0.9, "issue": 8.5, "consult": 2.2}
_CONSULT_WITHOUT_KIND = 0.25


@dataclass(frozen=True)
class Plan:
    """The days ``first`` to ``last``, and by day: live counted events by feed and stratum, and the earliest event day.

    ``strays`` are events of each feed and day besides, dated before ``floor(day)``.
    """

    first: date
    last: date
    counts: Callable[[date], Mapping[str, Ints]]
    floor: Callable[[date], date]
    handbook: Handbook
    listing_days: frozenset[date]
    naming: Naming
    strays: int = 0

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


def everyday_plan(world: World, rng: np.random.Generator, first: date, last: date, cases_per_day: int) -> Plan:
    """Return a plan by chance: about ``cases_per_day`` accepted cases on an ordinary working day.

    Raises ``UsageError`` where ``last`` lies before ``first``.
    """
    if last < first:
        raise UsageError(f"{first} to {last}: the last day lies before the first")
    weights = {feed: feed_weights(feed) for feed in EVENT_FEEDS}

    def counts(day: date) -> dict[str, Ints]:
        cases = cases_per_day * rhythm.volume(day) * rng.normal(1, 0.05)
        return {feed: rng.poisson(np.maximum(cases, 0) * weights[feed]) for feed in EVENT_FEEDS}

    return Plan(
        first,
        last,
        counts,
        floor=lambda day: min(day, first) - timedelta(days=_BEFORE_DAYS),
        handbook=handbook_of(world, rng, first, last),
        listing_days=listing_days(first, last),
        naming=naming_of(first, last),
    )


def feed_weights(feed: str) -> Floats:
    """Return the events of each stratum for one accepted case."""
    composite_shares = np.array([_COMPOSITE_SHARES.get(int(kind), _COMPOSITE_SHARE) for kind in KIND_OF])
    cases = np.array([_LEVEL_SHARES[int(level)] * _KIND_SHARES[int(kind)] for level, kind in zip(LEVEL_OF, KIND_OF, strict=True)])
    weights = cases * np.where(
        COMPOSITE_OF, composite_shares * _PER_COMPOSITE_CASE[feed], (1 - composite_shares) * _PER_CASE[feed]
    )
    return _with_no_kind(weights) if feed == "consult" else weights


def naming_of(first: date, last: date) -> Naming:
    """Return the naming in which some departments take a new name in the middle of the simulation."""
    middle = first + (last - first) / 2
    return Naming(renamed_at=day_number(middle) * DAY_SECONDS + 3 * 3600)


def _with_no_kind(weights: Floats) -> Floats:
    """A share of each level's consultations asks about no item in particular."""
    moved = weights * _CONSULT_WITHOUT_KIND
    kept = weights - moved
    for number in range(COUNT):
        home = (LEVEL_OF[number] == LEVEL_OF) & (COMPOSITE_OF[number] == COMPOSITE_OF) & (KIND_OF == NO_KIND)
        kept[home] += moved[number]
    return kept
