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

from assets.exports.receipt import Receipt
from benchmarks.equal_counts import assert_equal_counts
from benchmarks.lake_of_days import deliveries
from benchmarks.pairs import seconds
from benchmarks.plain_increments import PlainScript
from benchmarks.site import MEMORY_LIMIT, Site, files_by_feed

# Monday to Friday, so that a handbook comes and an issue's cut-off is reached
FIRST_STEP, STEPS = date(2023, 9, 4), 5


@dataclass
class Length:
    """A history of ``days`` days on both sides, and the seconds of each step on it."""

    days: int
    site: Site
    script: PlainScript
    ours: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)

    def step(self, lake: Path, receipt: Receipt) -> None:
        """Time one day on this side and on that."""
        self.site.take([receipt])
        self.ours.append(seconds(self.site.build))
        self.plain.append(seconds(partial(self.script.step, files_by_feed(lake, [receipt]))))


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
    print(f"{'days':>6} {'build s':>8} {'plain s':>8} {'ratio':>6}   each step")
    for length in lengths:
        pairs = list(zip(length.ours, length.plain, strict=True))
        ratio, each = _ratio(length.ours, length.plain), " ".join(f"{ours:.2f}/{plain:.2f}" for ours, plain in pairs)
        ours, plain = statistics.median(length.ours), statistics.median(length.plain)
        print(f"{length.days:>6} {ours:>8.2f} {plain:>8.2f} {ratio:>6.2f}   {each}")
    first, last = lengths[0], lengths[-1]
    print(
        f"{last.days} days to {first.days}: build {_ratio(last.ours, first.ours):.2f}, plain {_ratio(last.plain, first.plain):.2f}"
    )


def _ratio(these: Sequence[float], those: Sequence[float]) -> float:
    """The median of the steps' ratios."""
    return statistics.median(a / b for a, b in zip(these, those, strict=True))
