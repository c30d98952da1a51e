"""The events of one delivery day, feed by feed, as numbers: what finally holds of each, and which will be deleted again.

How an event came to its final state (corrections, repeats) is the corrections' business; its texts are the records'.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from assets.platform.simulator import rhythm
from assets.platform.simulator.cases import CASE_COLUMNS, MOST_CASES_A_DAY, Casebook, new_cases, with_steps
from assets.platform.simulator.departments import World
from assets.platform.simulator.strata import COUNT, Flags, Ints, laid_out, offsets, random_places
from assets.platform.simulator.text import DAY_SECONDS

INSERT, UPDATE, DELETE, UNSAID = 0, 1, 2, 3
VOID_RESULTS = (4, 5)
# kinds of transfer that count, each with its share in percent, and kinds that do not
TRANSFERS = {1: 40, 2: 35, 3: 25}
NO_TRANSFERS = (0,)

# of the counted events of a day: those that come besides, and do not count
_DELETED = 0.004
_VOID_RESULTS = 0.01
_STANDING_STEPS = 0.25
# rows whose event lies before the day of the delivery, and by how many days at most
_LATE = 0.01
_LATE_DAYS = 20
_STRAY_DAYS = 10
_SHORT_CODES = 0.03
_NAMELESS = 0.01
_UNSAID = 0.02
# steps on the day of acceptance; the others come with completion
_STEPS_AT_ACCEPT = 0.7
_MOST_STEPS = 6
_STEP_SECONDS = 1500
_ROWS_PER_PERSON = 0.8

Feeds = dict[str, pl.DataFrame]


def day_number(day: date) -> int:
    """Return days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days


@dataclass(frozen=True)
class DayOfEvents:
    """Makes the events of one delivery day; the casebook carries cases from day to day.

    ``floor`` is the earliest day an event may be dated; none is dated after ``day``. Without ``deletable`` no event is made
    that a later delivery would have to delete.
    """

    world: World
    casebook: Casebook
    rng: np.random.Generator
    day: date
    floor: date
    deletable: bool

    def events(self, counts: Mapping[str, Ints], strays: int = 0) -> Feeds:
        """Return feed → rows: of each stratum as many live, counted ones as ``counts`` says (人次 for consult), and others.

        Others are deleted again later (``live`` is false), or not counted: results of type 4 and 5, steps without transfer.
        Up to ``strays`` rows of each feed are live and dated before ``floor``, and so outside what the counts are about.
        """
        return {feed: self._strayed(rows, strays) for feed, rows in self._feeds(counts).items()}

    def _feeds(self, counts: Mapping[str, Ints]) -> Feeds:
        accepted = self._accept(counts["accept"])
        at_accept, later = self._shares(accepted, counts["process"])
        first_steps, cases = with_steps(accepted.select(CASE_COLUMNS), at_accept.total)
        self.casebook.open_up(cases)
        results, closed = self._result(counts["result"])
        last_steps = self._steps_at_completion(closed.filter(pl.col("key_day") != self._number), later.total)
        steps = pl.concat([self._process(first_steps, at_accept), self._process(last_steps, later)])
        return {
            "accept": accepted.drop("stratum", "steps"),
            "process": _in_time(steps),
            "result": _in_time(results),
            "issue": self._issue(closed, counts["issue"]),
            "consult": self._consult(counts["consult"]),
        }

    def _strayed(self, rows: pl.DataFrame, strays: int) -> pl.DataFrame:
        """The rows, of which some that would be deleted again stay and are dated before the floor."""
        stray = pl.Series(np.isin(np.arange(len(rows)), np.flatnonzero(~rows["live"].to_numpy())[:strays]))
        before = day_number(self.floor) - 1 - pl.Series(self.rng.integers(0, _STRAY_DAYS, len(rows)))
        return rows.with_columns(live=pl.col("live") | stray, day=pl.when(stray).then(before).otherwise("day"))

    @property
    def _number(self) -> int:
        return day_number(self.day)

    def _accept(self, counts: Ints) -> pl.DataFrame:
        strata, position = laid_out(counts + self._deleted(counts))
        if len(strata) > MOST_CASES_A_DAY:
            raise ValueError(f"a day has at most {MOST_CASES_A_DAY} cases: their numbers have six digits")
        cases = self._cases(strata).with_columns(live=pl.Series(position < counts[strata]))
        return self._numbered(self._happening(cases))

    def _result(self, counts: Ints) -> tuple[pl.DataFrame, pl.DataFrame]:
        live = counts + self.rng.binomial(counts, _VOID_RESULTS)
        total = live + self._deleted(counts)
        closed = self.casebook.close(self.rng, total)
        strata, position = self._dealt(closed)
        is_void = (position >= counts[strata]) & (position < live[strata])
        kinds = np.where(
            is_void,
            self._choice(VOID_RESULTS, (50, 50), len(strata)),
            self._choice((1, 2, 3, 6, 9), (85, 4, 5, 3, 3), len(strata)),
        )
        rows = closed.with_columns(value=pl.Series(kinds), live=pl.Series(position < live[strata]))
        return self._happening(rows, after=2 * _STEP_SECONDS).drop("stratum", "steps"), closed

    def _shares(self, accepted: pl.DataFrame, counts: Ints) -> "tuple[_Steps, _Steps]":
        """The day's steps: those of cases just accepted, and those of cases completed on a later day than accepted."""
        most = np.bincount(accepted["stratum"].to_numpy(), minlength=COUNT) * _MOST_STEPS
        first = np.minimum((counts * _STEPS_AT_ACCEPT).astype(np.int64), most)
        return self._with_uncounted(first), self._with_uncounted(counts - first)

    def _with_uncounted(self, counts: Ints) -> "_Steps":
        live = counts + self.rng.binomial(counts, _STANDING_STEPS)
        return _Steps(counts, live, live + self._deleted(counts))

    def _steps_at_completion(self, closed: pl.DataFrame, wanted: Ints) -> pl.DataFrame:
        sizes = np.bincount(closed["stratum"].to_numpy(), minlength=COUNT)
        # where cases are lacking, others that were accepted before the simulation have their steps now
        enough = np.where(wanted > sizes * _MOST_STEPS, -(-wanted // 4), np.minimum(sizes, wanted))
        dealt, _ = with_steps(self.casebook.match(self.rng, closed.select(CASE_COLUMNS), enough), wanted)
        return dealt

    def _process(self, steps: pl.DataFrame, counts: "_Steps") -> pl.DataFrame:
        strata, position = self._dealt(steps)
        standing = (position >= counts.counted[strata]) & (position < counts.live[strata])
        uncounted = np.take(NO_TRANSFERS, position % len(NO_TRANSFERS))
        kinds = np.where(standing, uncounted, self._choice(tuple(TRANSFERS), tuple(TRANSFERS.values()), len(strata)))
        rows = steps.with_columns(value=pl.Series(kinds), live=pl.Series(position < counts.live[strata]))
        return self._happening(rows, after=rows["step"].to_numpy() * _STEP_SECONDS).drop("stratum", "steps")

    def _issue(self, closed: pl.DataFrame, counts: Ints) -> pl.DataFrame:
        deleted = self._deleted(counts)
        cases = self.casebook.match(self.rng, closed, counts + deleted)
        strata, position = self._dealt(cases)
        rows = cases.with_columns(
            pl.col("area").alias("ref_area"),
            pl.col("key_day").alias("ref_day"),
            pl.col("key_seq").alias("ref_seq"),
            live=pl.Series(position < counts[strata]),
            person=pl.col("person") // 3 + 1,
        )
        return self._numbered(self._happening(rows)).drop("stratum", "steps")

    def _consult(self, persons: Ints) -> pl.DataFrame:
        rows = np.ceil(persons * _ROWS_PER_PERSON).astype(np.int64)
        deleted = self._deleted(rows)
        strata, position = laid_out(rows + deleted)
        further, _ = laid_out(persons - rows)
        # everybody beyond one per row joins a row of the same stratum
        joined = offsets(rows + deleted)[further] + (self.rng.random(len(further)) * rows[further]).astype(np.int64)
        value = 1 + np.bincount(joined, minlength=len(strata))
        value[(value == 1) & (self.rng.random(len(strata)) < 0.3)] = 0
        cases = self._cases(strata).with_columns(value=pl.Series(value), live=pl.Series(position < rows[strata]))
        return self._numbered(self._happening(cases)).drop("stratum", "steps")

    def _cases(self, strata: Ints) -> pl.DataFrame:
        return new_cases(self.rng, self.world, strata, np.full(len(strata), self._number), np.zeros(len(strata), dtype=np.int64))

    def _deleted(self, counts: Ints) -> Ints:
        return self.rng.binomial(counts, _DELETED if self.deletable else 0.0)

    def _choice(self, values: tuple[int, ...], percent: tuple[int, ...], rows: int) -> Ints:
        return np.repeat(values, percent)[self.rng.integers(0, 100, rows)]

    def _dealt(self, rows: pl.DataFrame) -> tuple[Ints, Ints]:
        """The rows' strata, and a random place of each within its stratum."""
        strata = rows["stratum"].to_numpy()
        return strata, random_places(self.rng, strata)

    def _numbered(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows in the order they happen, with the sequence numbers of the day."""
        ordered = _in_time(rows)
        return ordered.with_columns(key_day=pl.lit(self._number, pl.Int64), key_seq=pl.Series(np.arange(1, len(rows) + 1)))

    def _happening(self, rows: pl.DataFrame, after: int | Ints = 0) -> pl.DataFrame:
        """The rows with event time, time of writing, way in, and the small irregularities every feed has."""
        height, people = len(rows), rows["person"].to_numpy()
        way = rhythm.ways(people, self.day)
        second = np.minimum(rhythm.seconds_of_day(people, way == rhythm.WINDOW) + after, DAY_SECONDS - 1 - people % 600)
        lag = np.where(self._rate(_LATE, height), 1 + (_LATE_DAYS * self.rng.random(height) ** 2).astype(np.int64), 0)
        lag = np.minimum(lag, self._number - min(day_number(self.floor), self._number))
        # written within the hour, or at some time of the day where the event lies on an earlier one
        written = np.where(lag > 0, self.rng.integers(6 * 3600, DAY_SECONDS, height), second + self.rng.integers(2, 3600, height))
        return rows.with_columns(
            pl.Series("step", np.zeros(height, dtype=np.int64)) if "step" not in rows.columns else pl.col("step"),
            pl.Series("value", way) if "value" not in rows.columns else pl.col("value"),
            pl.Series("way", way),
            pl.Series("day", self._number - lag),
            pl.Series("second", second),
            pl.Series("cd", self._number * DAY_SECONDS + written),
            pl.Series("op", np.where(self._rate(_UNSAID, height), UNSAID, INSERT)),
            pl.Series("short", self._rate(_SHORT_CODES, height)),
            pl.Series("nameless", self._rate(_NAMELESS, height)),
            bare=pl.lit(False),
        )

    def _rate(self, rate: float, rows: int) -> Flags:
        hits: Flags = self.rng.random(rows, dtype=np.float32) < rate
        return hits


def _in_time(rows: pl.DataFrame) -> pl.DataFrame:
    return rows[np.argsort(rows["second"].to_numpy(), kind="stable")]


@dataclass(frozen=True)
class _Steps:
    """Steps of each stratum: the counted ones, with those without transfer, with those deleted later."""

    counted: Ints
    live: Ints
    total: Ints
