"""The demonstration: the week of issue 2023-34, or its year to date, with live events that add up to the published figures.

Corrections, deletions and repeats are in it as anywhere; nothing that reads the deliveries knows the figures.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from assets.platform.contract import Feed
from assets.platform.simulator import rhythm
from assets.platform.simulator.departments import World, load_world
from assets.platform.simulator.events import day_number
from assets.platform.simulator.files import Encoding, Format
from assets.platform.simulator.handbook import NEVER, Handbook
from assets.platform.simulator.opening import opening_of, write_opening
from assets.platform.simulator.plan import EVENT_FEEDS, Plan, naming_of
from assets.platform.simulator.simulation import Progress, Simulation
from assets.platform.simulator.strata import Ints, spread
from assets.platform.simulator.style import FileStyle
from assets.platform.simulator.targets import PUBLISHED_2023_34, totals
from assets.platform.simulator.weeks import issue_weeks

YEAR_START, WEEK_START, CUTOFF = date(2023, 1, 1), date(2023, 8, 26), date(2023, 9, 1)
AS_OF = WEEK_START - timedelta(days=1)
_ONE_DAY = timedelta(days=1)
_STRAYS = 5
_HANDBOOK_MONTHS = 14
_FINISHER = "民政厅"
_MIDWEEK_LIST = date(2023, 8, 29)

# (feed, weekday) → a format or encoding other than plain CSV in UTF-8; only small files are packed
_SHOWN_FORMATS: Mapping[tuple[str, int], Format] = {
    ("consult", 2): "xlsx",
    ("issue", 3): "gz",
    ("result", 5): "zip",
    ("handbook", 1): "xlsx",
}
_SHOWN_ENCODINGS: Mapping[tuple[str, int], Encoding] = {("process", 4): "gb18030", ("consult", 0): "gb18030"}
_SHOWN_CHINESE = {("accept", 1), ("process", 4), ("consult", 2), ("handbook", 1)}


def simulate_demo(landing: Path, *, full: bool = False, seed: int = 34, progress: Progress | None = None) -> Path | None:
    """Write the deliveries of 2023-08-26 to 2023-09-01 into ``landing``, the opening balance and ``truth.json`` alongside it.

    Returns the path of the opening balance. With ``full``: the deliveries of the whole year to the cut-off, every event of
    it, and None, since nothing has to be opened.
    """
    world, rng = load_world(), np.random.default_rng(seed)
    plan = _plan(world, rng, YEAR_START if full else WEEK_START)
    opening = None if full else opening_of(world, AS_OF, {feed: _before_the_week(feed) for feed in EVENT_FEEDS})
    Simulation(world, plan, DemoStyles(), rng, opening).run(landing, progress)
    return None if opening is None else write_opening(landing.parent, opening)


@dataclass(frozen=True)
class DemoStyles:
    """Plain CSV, and one or another file of a weekday in every other shape."""

    def style(self, feed: Feed, day: date, rng: np.random.Generator) -> FileStyle:
        """Return the style of ``feed`` on the weekday of ``day``; ``rng`` is not drawn from."""
        del rng
        shown = feed.name, day.weekday()
        return FileStyle(
            format=_SHOWN_FORMATS.get(shown, "csv"),
            encoding=_SHOWN_ENCODINGS.get(shown, "utf-8"),
            chinese=shown in _SHOWN_CHINESE,
            words=shown in _SHOWN_CHINESE,
            order=tuple(column.name for column in feed.columns),
        )


def _plan(world: World, rng: np.random.Generator, first: date) -> Plan:
    counts = {feed: _daily(feed, first) for feed in EVENT_FEEDS}
    cutoffs = {issue.cutoff for issue in issue_weeks(first, CUTOFF)}
    return Plan(
        first,
        CUTOFF,
        counts=lambda day: {feed: days[(day - first).days] for feed, days in counts.items()},
        floor=lambda day: WEEK_START if day >= WEEK_START else first,
        handbook=_handbook(world, rng),
        # the day before each cut-off, as lists come on working days of the platform's own choice
        listing_days=frozenset({first, _MIDWEEK_LIST, *(cutoff - _ONE_DAY for cutoff in cutoffs if cutoff > first)}),
        naming=naming_of(first, CUTOFF),
        # without an opening, all that is dated before the week is in the plan
        strays=_STRAYS if first == WEEK_START else 0,
    )


def _daily(feed: str, first: date) -> Ints:
    """Live counted events by day and stratum: the week adds up to its totals, and so do the days before."""
    week = _spread_over(WEEK_START, CUTOFF, totals(feed, "week"))
    return week if first == WEEK_START else np.vstack([_spread_over(first, AS_OF, _before_the_week(feed)), week])


def _before_the_week(feed: str) -> Ints:
    return totals(feed, "ytd") - totals(feed, "week")


def _spread_over(first: date, last: date, counts: Ints) -> Ints:
    days = [first + number * _ONE_DAY for number in range((last - first).days + 1)]
    volumes = np.array([rhythm.volume(day) for day in days])
    return np.stack([spread(int(count), volumes) for count in counts], axis=1)


def _handbook(world: World, rng: np.random.Generator) -> Handbook:
    """1650 items, 906 of them finished by the cut-off, and those of the week all by one department."""
    items, total, in_week = (int(PUBLISHED_2023_34[f"handbook.{name}"]) for name in ("items", "finished.total", "finished.week"))
    owners = [
        number for number, department in enumerate(world.departments) if department.level == 2 and not department.former_name
    ]
    org = rng.choice(owners, items)
    org[:in_week] = world.department_named(_FINISHER)
    finished = np.full(items, NEVER)
    finished[:in_week] = rng.choice([day_number(WEEK_START + number * _ONE_DAY) for number in range(2, 6)], in_week)
    # none between the last list before the week and its end: the list of the week would be the first to say so
    earlier = [
        day for day in (AS_OF - number * _ONE_DAY for number in range(1, _HANDBOOK_MONTHS * 30)) if rhythm.is_working_day(day)
    ]
    finished[in_week:total] = rng.choice([day_number(day) for day in earlier], total - in_week)
    shuffled = rng.permutation(items)
    return Handbook(org[shuffled], np.zeros(items, dtype=np.int64), finished[shuffled], np.full(items, NEVER))
