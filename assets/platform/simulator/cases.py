"""Cases: the numbers, items and applicants that accept, process, result and issue rows share.

Keeps the cases that are open, so that what is completed was accepted before, in this simulation or before it began.
"""

import numpy as np
import polars as pl

from assets.platform.simulator.departments import World
from assets.platform.simulator.people import PERSON_LIMIT
from assets.platform.simulator.strata import COMPOSITE_OF, COUNT, KIND_OF, Flags, Ints, laid_out, offsets, random_places

CASE_COLUMNS = ("stratum", "org", "item", "kind", "composite", "area", "key_day", "key_seq", "person", "steps")
# sequence numbers of a day have six digits
MOST_CASES_A_DAY = 999_999
# how far back cases lie that were accepted before the simulation begins
_BEFORE_DAYS = 120
# an open case is forgotten when this many days' worth of newer ones are open
_OPEN_DAYS = 3
_LEAST_OPEN = 2_000


def new_cases(rng: np.random.Generator, world: World, strata: Ints, key_day: Ints, key_seq: Ints) -> pl.DataFrame:
    """Return one case per stratum given, with an item of the stratum and an invented applicant."""
    # squared, so that a few items are asked for often and most are rare
    chosen = (world.item_count[strata] * rng.random(len(strata)) ** 2).astype(np.int64)
    item = world.first_item[strata] + chosen
    org = world.item_department[item]
    return pl.DataFrame(
        {
            "stratum": strata,
            "org": org,
            "item": item,
            "kind": KIND_OF[strata].astype(np.int64),
            "composite": COMPOSITE_OF[strata],
            "area": world.areas[org],
            "key_day": key_day,
            "key_seq": key_seq,
            "person": rng.integers(0, PERSON_LIMIT, len(strata)),
            "steps": np.zeros(len(strata), dtype=np.int64),
        }
    )


class Casebook:
    """The open cases, and the numbers given to cases from before the first day."""

    def __init__(self, world: World, first_day: int) -> None:
        self._world = world
        self._first_day = first_day
        self._carried = 0
        self._open = new_cases(np.random.default_rng(0), world, *(np.zeros(0, dtype=np.int64),) * 3)

    def open_up(self, cases: pl.DataFrame) -> None:
        """Add the day's accepted cases, and forget the oldest open ones beyond what the book holds."""
        held = max(_LEAST_OPEN, len(cases) * _OPEN_DAYS)
        self._open = pl.concat([self._open, cases]).tail(held)

    def close(self, rng: np.random.Generator, counts: Ints) -> pl.DataFrame:
        """Return ``counts`` cases of each stratum, which are then no longer open; what is missing was accepted before."""
        chosen = _choose(rng, self._open, counts)
        closed = self._completed(rng, self._open.filter(pl.Series(chosen)), counts)
        self._open = self._open.filter(pl.Series(~chosen))
        return closed

    def match(self, rng: np.random.Generator, candidates: pl.DataFrame, counts: Ints) -> pl.DataFrame:
        """Return ``counts`` cases of each stratum from ``candidates``; what is missing was accepted before the simulation."""
        return self._completed(rng, candidates.filter(pl.Series(_choose(rng, candidates, counts))), counts)

    def _completed(self, rng: np.random.Generator, found: pl.DataFrame, counts: Ints) -> pl.DataFrame:
        missing = counts - np.bincount(found["stratum"].to_numpy(), minlength=COUNT)
        return pl.concat([found, self._from_before(rng, missing)])

    def _from_before(self, rng: np.random.Generator, counts: Ints) -> pl.DataFrame:
        strata, _ = laid_out(counts)
        serial = self._carried + np.arange(len(strata))
        self._carried += len(strata)
        cases = new_cases(rng, self._world, strata, self._first_day - 1 - serial % _BEFORE_DAYS, serial // _BEFORE_DAYS + 1)
        return cases.with_columns(pl.Series("steps", rng.integers(1, 5, len(strata))))


def with_steps(cases: pl.DataFrame, counts: Ints) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Deal ``counts`` steps of each stratum out to its cases in turn.

    Returns the cases of the steps, one row per step and with ``step`` (1 more than the case's last), and the cases with
    ``steps`` brought up to date. Every stratum with a count has a case.
    """
    ordered = cases.sort("stratum", maintain_order=True)
    sizes = np.bincount(ordered["stratum"].to_numpy(), minlength=COUNT)
    strata, position = laid_out(counts)
    row = offsets(sizes)[strata] + position % np.maximum(sizes, 1)[strata]
    dealt = ordered[row]
    dealt = dealt.with_columns(step=pl.col("steps") + pl.Series(position // np.maximum(sizes, 1)[strata] + 1))
    steps = np.bincount(row, minlength=len(ordered))
    return dealt, ordered.with_columns(pl.col("steps") + pl.Series(steps))


def _choose(rng: np.random.Generator, cases: pl.DataFrame, counts: Ints) -> Flags:
    """Return which cases are taken: of each stratum ``counts`` at random, or all where there are fewer."""
    strata = cases["stratum"].to_numpy()
    chosen: Flags = random_places(rng, strata) < counts[strata]
    return chosen
