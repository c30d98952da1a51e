"""How events reach their final state: corrections, deletions, returns after deletion, repeats and ties, over days.

An event is first made as it finally holds; what was delivered before is derived from that backwards. So totals planned for
final states come out exact, whatever the history.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum

import numpy as np
import polars as pl

from assets.platform.simulator.departments import World
from assets.platform.simulator.events import DELETE, INSERT, NO_TRANSFERS, UPDATE, VOID_RESULTS, day_number
from assets.platform.simulator.strata import PUBLIC_SERVICE, UNKNOWN_KIND, Flags, Ints
from assets.platform.simulator.text import DAY_SECONDS

# corrections come within this many days of the first version
REACH_DAYS = 60
_MOVED_DAYS = 5


class Fate(IntEnum):
    """What happens to an event between its first delivery and its final state."""

    NONE = 0
    CORRECTED = 1
    CORRECTED_THEN_STALE = 2
    """corrected, and later the first version is delivered once more: it is older and loses"""
    RETURNED = 3
    """deleted, and inserted again"""
    REPEATED = 4
    """delivered again unchanged"""
    TIED_LATE = 5
    """corrected at the same time of writing: the later delivery wins"""
    DOUBLED = 6
    """twice in the file"""
    CORRECTED_AT_ONCE = 7
    """two versions in one file"""
    TIED_AT_ONCE = 8
    """two versions of one time of writing in one file: the later row wins"""
    DELETED = 9


# of a thousand live events
_PER_MILLE = {
    Fate.CORRECTED: 9,
    Fate.CORRECTED_THEN_STALE: 2,
    Fate.RETURNED: 2,
    Fate.REPEATED: 3,
    Fate.TIED_LATE: 1,
    Fate.DOUBLED: 2,
    Fate.CORRECTED_AT_ONCE: 2,
    Fate.TIED_AT_ONCE: 1,
}
# those that need a later day
_LATER = {Fate.CORRECTED, Fate.CORRECTED_THEN_STALE, Fate.RETURNED, Fate.REPEATED, Fate.TIED_LATE}
_FATES = np.repeat([int(fate) for fate in _PER_MILLE] + [int(Fate.NONE)], [*_PER_MILLE.values(), 1000 - sum(_PER_MILLE.values())])


@dataclass(frozen=True)
class Delivered:
    """What one delivery carries of one feed, and what finally holds of the day's events."""

    fresh: pl.DataFrame
    """versions of the day's events"""
    due: pl.DataFrame
    """versions of earlier days' events"""
    last: pl.DataFrame
    """versions of the day's events that win by their place, so they stand after all others"""
    plain: pl.DataFrame
    """those of ``fresh`` that are the only version of their event"""
    final: pl.DataFrame
    """the live events of the day, with the time of writing of their winning row"""


@dataclass
class Histories:
    """Deals fates out to events and remembers what later deliveries have to carry."""

    world: World
    rng: np.random.Generator
    end: date
    _later: dict[str, pl.DataFrame] = field(default_factory=dict)

    def begin(self, day: date, feed: str, events: pl.DataFrame, ties: bool = True) -> Delivered:
        """Return what the delivery of ``day`` carries of ``feed``: its events and what earlier days left for it.

        Without ``ties`` no event of the day is corrected on a later one at the same time of writing.
        """
        fates = self._fates(day, events["live"].to_numpy(), ties)
        events = events.drop("live")
        plain = events.filter(pl.Series(fates == Fate.NONE))
        versions = self._versions(day, feed, events, fates)
        today = versions.filter(pl.col("on") == day_number(day))
        self._keep(feed, versions.filter(pl.col("on") > day_number(day)))
        return Delivered(
            fresh=pl.concat([plain, today.filter(~pl.col("last")).select(plain.columns)]),
            due=self._due(day, feed, plain.columns),
            last=today.filter("last").select(plain.columns),
            plain=plain,
            final=pl.concat([plain, versions.filter("final").select(plain.columns)]),
        )

    def _fates(self, day: date, live: Flags, ties: bool) -> Ints:
        fates = _FATES[self.rng.integers(0, len(_FATES), len(live))]
        if not ties:
            fates[fates == Fate.TIED_LATE] = Fate.CORRECTED
        left = (self.end - day).days
        if left <= 1:
            # deleted one day, back on another: that takes two
            fates[fates == Fate.RETURNED] = Fate.CORRECTED
        if left == 0:
            fates[np.isin(fates, [int(fate) for fate in _LATER])] = Fate.NONE
        fates[~live] = Fate.DELETED
        return fates

    def _versions(self, day: date, feed: str, events: pl.DataFrame, fates: Ints) -> pl.DataFrame:
        """All rows of the events whose fate is more than one row: ``on`` which day, whether ``last``, whether ``final``."""
        today = day_number(day)
        versions = [_marked(events.clear(), today)]
        for fate in Fate:
            chosen = events.filter(pl.Series(fates == fate))
            if fate is not Fate.NONE and len(chosen):
                versions += self._history(fate, today, feed, chosen)
        return pl.concat(versions)

    def _history(self, fate: Fate, today: int, feed: str, final: pl.DataFrame) -> list[pl.DataFrame]:
        """The rows of events of one fate."""
        first, second = self._days_of_correction(today, len(final), apart=fate is Fate.RETURNED)
        if fate in (Fate.REPEATED, Fate.DOUBLED):
            return [_marked(final, today, final=True), _marked(final, first if fate is Fate.REPEATED else today)]
        if fate is Fate.DELETED:
            return [_marked(final, today), _marked(self._deletion(final, first), first)]
        if fate is Fate.RETURNED:
            back = final.with_columns(cd=self._written(second), op=pl.lit(INSERT, pl.Int64))
            return [_marked(final, today), _marked(self._deletion(final, first), first), _marked(back, second, final=True)]
        return self._correction(fate, today, as_it_was(self.world, self.rng, feed, final, today), final, first, second)

    def _correction(
        self, fate: Fate, today: int, earlier: pl.DataFrame, final: pl.DataFrame, first: Ints, second: Ints
    ) -> list[pl.DataFrame]:
        final = final.with_columns(op=pl.lit(UPDATE, pl.Int64))
        if fate is Fate.TIED_AT_ONCE:
            return [_marked(earlier, today), _marked(final, today, last=True, final=True)]
        if fate is Fate.TIED_LATE:
            return [_marked(earlier, today), _marked(final, first, final=True)]
        if fate is Fate.CORRECTED_AT_ONCE:
            at_once = final.with_columns(pl.col("cd") + pl.Series(self.rng.integers(1, 600, len(final))))
            # the newer version stands first, so that only its time of writing tells
            return [_marked(at_once, today, final=True), _marked(earlier, today)]
        rows = [_marked(earlier, today), _marked(final.with_columns(cd=self._written(first)), first, final=True)]
        return [*rows, _marked(earlier, second)] if fate is Fate.CORRECTED_THEN_STALE else rows

    def _days_of_correction(self, today: int, rows: int, apart: bool) -> tuple[Ints, Ints]:
        """Two days after ``today`` for each row, the second not before the first, and later where ``apart``."""
        reach = min(REACH_DAYS, day_number(self.end) - today)
        first = today + 1 + ((reach - apart) * self.rng.random(rows) ** 2).astype(np.int64)
        room = today + reach - first
        return first, first + (apart + (room + 1 - apart) * self.rng.random(rows) ** 2).astype(np.int64)

    def _written(self, days: Ints) -> pl.Series:
        # after 03:00: later than anything that the delivery of the day before can hold
        return pl.Series(days * DAY_SECONDS + self.rng.integers(3 * 3600, DAY_SECONDS + 3600, len(days)))

    def _deletion(self, rows: pl.DataFrame, days: Ints) -> pl.DataFrame:
        return rows.with_columns(
            op=pl.lit(DELETE, pl.Int64), cd=self._written(days), bare=pl.Series(self.rng.random(len(rows)) < 0.5)
        )

    def _keep(self, feed: str, rows: pl.DataFrame) -> None:
        kept = self._later.get(feed)
        self._later[feed] = rows if kept is None else pl.concat([kept, rows])

    def _due(self, day: date, feed: str, columns: list[str]) -> pl.DataFrame:
        kept = self._later[feed]
        self._later[feed] = kept.filter(pl.col("on") > day_number(day))
        return kept.filter(pl.col("on") == day_number(day)).select(columns)


def as_it_was(world: World, rng: np.random.Generator, feed: str, final: pl.DataFrame, today: int) -> pl.DataFrame:
    """Return the version before a correction: of each row one thing was otherwise; nothing is dated after ``today``."""
    change = rng.integers(0, 5 if feed in ("accept", "issue") else 6, len(final))
    org, kind, day = final["org"].to_numpy(), final["kind"].to_numpy(), final["day"].to_numpy()
    moved = np.minimum(day + rng.integers(-_MOVED_DAYS, _MOVED_DAYS + 1, len(final)), today)
    other_kind = rng.choice((1, 2, 5, 7, 10, PUBLIC_SERVICE, UNKNOWN_KIND), len(final))
    return final.with_columns(
        org=pl.Series(np.where(change == 0, rng.integers(0, len(world.departments), len(final)), org)),
        kind=pl.Series(np.where(change == 1, other_kind, kind)),
        day=pl.Series(np.where(change == 2, np.where(moved == day, day - 1, moved), day)),
        composite=pl.col("composite") ^ pl.Series(change == 3),
        nameless=pl.col("nameless") ^ pl.Series(change == 4),
        value=pl.when(pl.Series(change == 5)).then(_other_value(feed)).otherwise("value"),
    )


def _marked(rows: pl.DataFrame, on: int | Ints, last: bool = False, final: bool = False) -> pl.DataFrame:
    days = np.broadcast_to(np.asarray(on, dtype=np.int64), (len(rows),))
    return rows.with_columns(pl.Series("on", days), pl.lit(last).alias("last"), pl.lit(final).alias("final"))


def _other_value(feed: str) -> pl.Expr:
    """A value that counts otherwise: steps with and without transfer, results void or not, one person more."""
    value = pl.col("value")
    if feed == "consult":
        return pl.max_horizontal(value, pl.lit(1)) + 1
    if feed == "process":
        return pl.when(value.is_in(NO_TRANSFERS)).then(1).otherwise(NO_TRANSFERS[0])
    return pl.when(value.is_in(VOID_RESULTS)).then(1).otherwise(VOID_RESULTS[0])
