"""A home as a benchmark needs it: a lake without landing or publication, and the build as a run calls it."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from assets.calendar import CalendarRules
from assets.exports.lake.receipt import Receipt, Receipts
from assets.home import Home
from assets.warehouse.models.rules import CountingRules
from assets.warehouse.store import Warehouse
from benchmarks.lake_of_days import SHARES

# a site's default, for both sides
MEMORY_LIMIT = "500MB"

Files = Mapping[str, Sequence[Path]]


class Site:
    """The home at ``root``; its Parquet files lie in ``lake``, which several sites may share."""

    def __init__(self, root: Path, lake: Path) -> None:
        self.home = Home(root)
        self.home.prepare()
        for feed in SHARES:
            (self.home.lake / feed).symlink_to(lake / feed)
        self.warehouse = Warehouse(self.home, CalendarRules(), CountingRules(), "benchmark", MEMORY_LIMIT)

    def take(self, receipts: Iterable[Receipt]) -> None:
        """Put receipts into the lake, as taking in their deliveries ends."""
        for receipt in receipts:
            Receipts(self.home.lake).put(receipt)

    def build(self) -> None:
        """What a run does between taking in and the checks."""
        with self.warehouse.open("benchmark") as connection:
            self.warehouse.build(connection, [])

    def build_anew(self) -> None:
        """The same without a warehouse that was there before."""
        self.home.warehouse.unlink(missing_ok=True)
        self.build()


def files_by_feed(lake: Path, receipts: Sequence[Receipt]) -> Files:
    """The Parquet files of some deliveries, as a script would find them."""
    return {
        feed: [lake / file.lake_file for receipt in receipts for file in receipt.files if file.feed == feed and file.lake_file]
        for feed in SHARES
    }
