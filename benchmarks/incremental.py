"""One more day on a long history, lake → tables: the build against a plain script, at several lengths of history.

The same days' files come to every length in turn, so that neither the day nor what else the machine does makes a difference.
"""

import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from assets.exports.lake.receipt import Receipt
from benchmarks.equal_counts import assert_equal_counts
from benchmarks.lake_of_days import deliveries
from benchmarks.pairs import Spent, spent
from benchmarks.plain_increments import PlainScript
from benchmarks.site import MEMORY_LIMIT, Site, files_by_feed

# two Mondays to Wednesdays and what is between, so that handbooks come and an issue's cut-off is reached
FIRST_STEP, STEPS = date(2023, 9, 4), 10


@dataclass
class Length:
    """A history of ``days`` days on both sides, and what each step took on it."""

    days: int
    site: Site
    script: PlainScript
    ours: list[Spent] = field(default_factory=list)
    plain: list[Spent] = field(default_factory=list)

    def step(self, lake: Path, receipt: Receipt) -> None:
        """Time one day on this side and on that."""
        self.site.take([receipt])
        self.ours.append(spent(self.site.build))
        self.plain.append(spent(partial(self.script.step, files_by_feed(lake, [receipt]))))


def main(rows: int = 57_000, days: str = "30,60,120,240") -> None:
    """Print for each length of history the medians of a day's step of ``rows`` rows; equal counts are asserted, times never."""
    most = max(map(int, days.split(",")))
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder, "lake")
        receipts = list(deliveries(lake, FIRST_STEP - timedelta(most), most + STEPS, rows))
        lengths = [_begin(Path(folder), lake, receipts[-STEPS - int(length) : -STEPS]) for length in days.split(",")]
        for receipt in receipts[-STEPS:]:
            for length in lengths:
                length.step(lake, receipt)
        for length in lengths:
            assert_equal_counts(length.site.home.warehouse, length.script.path)
    _print(lengths)


def _begin(folder: Path, lake: Path, history: Sequence[Receipt]) -> Length:
    site = Site(folder / f"{len(history)}-days", lake)
    site.take(history)
    site.build()
    script = PlainScript(site.home.root / "plain.duckdb", site.warehouse.issues, MEMORY_LIMIT)
    script.begin(files_by_feed(lake, history))
    return Length(len(history), site, script)


def _print(lengths: Sequence[Length]) -> None:
    """By the clock, then by the processor."""
    for name in ("clock", "processor"):
        print(f"seconds by the {name}\n{'days':>6} {'build':>6} {'plain':>6} {'ratio':>6}   each step")
        for length in lengths:
            ours, plain = _of(length.ours, name), _of(length.plain, name)
            each = " ".join(f"{a:.2f}/{b:.2f}" for a, b in zip(ours, plain, strict=True))
            medians = f"{statistics.median(ours):>6.2f} {statistics.median(plain):>6.2f} {_ratio(ours, plain):>6.2f}"
            print(f"{length.days:>6} {medians}   {each}")
        first, last = lengths[0], lengths[-1]
        build, script = (_ratio(_of(a, name), _of(b, name)) for a, b in ((last.ours, first.ours), (last.plain, first.plain)))
        print(f"{last.days} days to {first.days}: build {build:.2f}, plain {script:.2f}")


def _of(steps: Sequence[Spent], name: str) -> list[float]:
    return [getattr(step, name) for step in steps]


def _ratio(these: Sequence[float], those: Sequence[float]) -> float:
    """The median of the steps' ratios."""
    return statistics.median(a / b for a, b in zip(these, those, strict=True))
