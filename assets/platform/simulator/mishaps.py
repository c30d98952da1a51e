"""What goes wrong with whole deliveries and must not change a count: re-sends, replacements, files in two, copies, empty files.

Decides which day meets with what, and deals the day's rows out to deliveries and files; how a file is spelled is elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from assets.platform.simulator.corrections import Delivered, as_it_was
from assets.platform.simulator.delivery import Mode
from assets.platform.simulator.departments import World
from assets.platform.simulator.events import day_number
from assets.platform.simulator.plan import EVENT_FEEDS

Place = tuple[date, str]

_OFTEN, _SELDOM = 0.3, 0.1
_REPEATED_ROWS = 20
# a replaced delivery lacks some rows, has others wrong, and has some of cases that never were
_LACKING, _WRONG, _INVENTED = 0.3, 0.2, 0.05
_LATER_SECONDS = 1800
# past every sequence number of a day that has cases by the ten thousand
INVENTED_NUMBERS = 400_000


@dataclass(frozen=True)
class Part:
    """The rows of one data file, those of ``last`` after all others; ``suffix`` tells a feed's files apart."""

    feed: str
    rows: pl.DataFrame
    last: pl.DataFrame
    suffix: str = ""
    may_be_defective: bool = True


@dataclass(frozen=True)
class Dispatch:
    """One delivery of a day."""

    sequence: int
    mode: Mode
    parts: list[Part]


@dataclass(frozen=True)
class Mishaps:
    """Which days and feeds meet with what; nothing by default."""

    resent: frozenset[date] = frozenset()
    replaced: frozenset[Place] = frozenset()
    split: frozenset[Place] = frozenset()
    hollow: frozenset[Place] = frozenset()
    copied: Mapping[date, Place] = field(default_factory=dict)
    """day → the earlier file whose bytes its delivery has once more"""
    defective: frozenset[Place] = frozenset()

    def ties(self, day: date, feed: str) -> bool:
        """Whether rows of the file may be overruled at equal time of writing: not where the file itself comes again later."""
        return (day, feed) not in self.copied.values()


def plan_mishaps(rng: np.random.Generator, days: Sequence[date]) -> Mishaps:
    """Return mishaps by chance; of a few days there is at least one of each kind."""
    shuffled = [days[number] for number in rng.permutation(len(days))]
    share = max(1, len(days) // 6)
    replaced = {(day, _feed(rng)) for day in shuffled[:share]} if len(days) > 1 else set()
    resent = frozenset(shuffled[share : 2 * share])
    places = [(day, feed) for day in days for feed in EVENT_FEEDS if (day, feed) not in replaced]
    split = _some(rng, places, _SELDOM)
    hollow = _some(rng, places, _SELDOM)
    whole = [place for place in places if place not in split and place[0] not in resent]
    copied = _copies(rng, whole, [day for day in shuffled if day not in {day for day, _ in replaced}][: 2 * share])
    listings = [(day, "handbook") for day in days]
    return Mishaps(
        resent=resent,
        replaced=frozenset(replaced),
        split=split,
        hollow=hollow,
        copied=copied,
        defective=_some(rng, [place for place in places + listings if place not in copied.values()], _OFTEN),
    )


def plain_dispatch(delivered: Mapping[str, Delivered]) -> list[Dispatch]:
    """Return the one delivery of a day on which nothing goes wrong."""
    parts = [Part(feed, pl.concat([parts.fresh, parts.due]), parts.last) for feed, parts in delivered.items()]
    return [Dispatch(1, "upsert", parts)]


@dataclass(frozen=True)
class Dealer:
    """Deals a day's rows out to its deliveries."""

    world: World
    rng: np.random.Generator
    mishaps: Mishaps

    def dispatches(self, day: date, delivered: Mapping[str, Delivered]) -> list[Dispatch]:
        """Return the day's deliveries. Rows are in random order, since only their times of writing and ``last`` tell."""
        first: list[Part] = []
        further: dict[Mode, list[Part]] = {"upsert": [], "replace": []}
        for feed, parts in delivered.items():
            whole = Part(feed, self._shuffled(pl.concat([parts.fresh, parts.due])), parts.last)
            if (day, feed) in self.mishaps.replaced:
                first.append(self._wrong(day, whole))
                further["replace"].append(whole)
            elif day in self.mishaps.resent:
                kept, later = self._held_back(feed, parts)
                first.append(kept)
                further["upsert"].append(later)
            else:
                first += self._in_two(whole) if (day, feed) in self.mishaps.split else [whole]
            if (day, feed) in self.mishaps.hollow:
                first.append(_unfit_for_defects(feed, whole.rows.clear(), suffix="_9"))
        filled = [(mode, [part for part in parts if len(part.rows)]) for mode, parts in further.items()]
        again = [(mode, parts) for mode, parts in filled if parts]
        return [
            Dispatch(1, "upsert", first),
            *(Dispatch(sequence, mode, parts) for sequence, (mode, parts) in enumerate(again, start=2)),
        ]

    def _shuffled(self, rows: pl.DataFrame) -> pl.DataFrame:
        return rows[self.rng.permutation(len(rows))]

    def _held_back(self, feed: str, parts: Delivered) -> tuple[Part, Part]:
        """The first delivery without some of the corrections, and the re-send that has them, with rows that were sent already."""
        later = pl.Series(self.rng.random(len(parts.due)) < 0.5)
        kept = Part(feed, self._shuffled(pl.concat([parts.fresh, parts.due.filter(~later)])), parts.last)
        repeated = self._shuffled(parts.plain)[:_REPEATED_ROWS]
        return kept, _unfit_for_defects(feed, pl.concat([parts.due.filter(later), repeated]))

    def _in_two(self, whole: Part) -> list[Part]:
        """Two files of one feed; what wins by its place is in the later one."""
        second = pl.Series(self.rng.random(len(whole.rows)) < 0.4)
        return [
            Part(whole.feed, whole.rows.filter(~second), whole.last.clear()),
            Part(whole.feed, whole.rows.filter(second), whole.last, suffix="_2"),
        ]

    def _wrong(self, day: date, whole: Part) -> Part:
        """What a replaced delivery had: some rows lacking, some wrong although written later, some of cases that never were."""
        kept = whole.rows.filter(pl.Series(self.rng.random(len(whole.rows)) >= _LACKING))
        chosen = kept.filter(pl.Series(self.rng.random(len(kept)) < _WRONG))
        wrong = as_it_was(self.world, self.rng, whole.feed, chosen, day_number(day)).with_columns(pl.col("cd") + _LATER_SECONDS)
        invented = kept.filter(pl.Series(self.rng.random(len(kept)) < _INVENTED)).with_columns(
            pl.col("key_seq") % INVENTED_NUMBERS + INVENTED_NUMBERS
        )
        return _unfit_for_defects(whole.feed, pl.concat([kept, wrong, invented]))


def _unfit_for_defects(feed: str, rows: pl.DataFrame, suffix: str = "") -> Part:
    return Part(feed, rows, rows.clear(), suffix, may_be_defective=False)


def _feed(rng: np.random.Generator) -> str:
    return EVENT_FEEDS[int(rng.integers(len(EVENT_FEEDS)))]


def _some(rng: np.random.Generator, places: Sequence[Place], rate: float) -> frozenset[Place]:
    """About ``rate`` of the places, at least one."""
    chosen = [place for place in places if rng.random() < rate]
    return frozenset(chosen or [places[int(rng.integers(len(places)))]])


def _copies(rng: np.random.Generator, sources: Sequence[Place], days: Sequence[date]) -> dict[date, Place]:
    """For each of the days that has an earlier file to copy, one of them."""
    earlier = {day: [place for place in sources if place[0] < day] for day in days}
    return {day: places[int(rng.integers(len(places)))] for day, places in earlier.items() if places}
