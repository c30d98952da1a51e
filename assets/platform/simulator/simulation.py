"""The simulation: day by day from plan to events, histories, files and manifests, and at the end the truth.

Holds no rule of its own about events, files or counts; it only hands them from one to the next.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from assets.errors import UsageError
from assets.home import storage_errors
from assets.platform.contract import Feed, load_contract
from assets.platform.simulator.cases import Casebook
from assets.platform.simulator.corrections import Delivered, Histories
from assets.platform.simulator.delivery import Accounts, Delivery
from assets.platform.simulator.departments import World
from assets.platform.simulator.events import DayOfEvents, Feeds, day_number
from assets.platform.simulator.files import SUFFIXES, file_bytes
from assets.platform.simulator.plan import EVENT_FEEDS, Plan
from assets.platform.simulator.records import as_text
from assets.platform.simulator.style import Styles, sheet_of
from assets.platform.simulator.truth import Ledger, Opening
from assets.platform.simulator.weeks import issue_weeks

Progress = Callable[[date, int], None]
TRUTH_FILE = "truth.json"


@dataclass
class Simulation:
    """One simulation; ``run`` may be called once."""

    world: World
    plan: Plan
    styles: Styles
    rng: np.random.Generator
    opening: Opening | None = None
    ledger: Ledger = field(init=False)
    _casebook: Casebook = field(init=False)
    _histories: Histories = field(init=False)

    def __post_init__(self) -> None:
        if self.plan.last < self.plan.first:
            raise UsageError(f"{self.plan.first} to {self.plan.last}: the last day lies before the first")
        # a year whose working days nobody knows is found out before anything is written
        issue_weeks(self.plan.first, self.plan.last)
        self.ledger = Ledger(self.world, self.plan.naming, self.opening)
        self._casebook = Casebook(self.world, day_number(self.plan.first))
        self._histories = Histories(self.world, self.rng, self.plan.last)

    def run(self, out: Path, progress: Progress | None = None) -> dict[str, Any]:
        """Write the deliveries into ``out`` and the truth beside it; return what the truth holds."""
        for day in self.plan.days:
            delivered = self._delivered(day)
            rows = self._deliver(out, day, delivered)
            if progress is not None:
                progress(day, rows)
        truth = {"tables": self.ledger.tables(self.plan.first, self.plan.last), "quarantine": self.ledger.quarantine}
        path = out.parent / TRUTH_FILE
        with storage_errors(path):
            path.write_text(json.dumps(truth, ensure_ascii=False), encoding="utf-8")
        return truth

    def _delivered(self, day: date) -> dict[str, Delivered]:
        events = self._events(day)
        delivered = {feed: self._histories.begin(day, feed, rows) for feed, rows in events.items()}
        for feed, parts in delivered.items():
            self.ledger.add(feed, parts.final)
        return delivered

    def _events(self, day: date) -> Feeds:
        source = DayOfEvents(self.world, self._casebook, self.rng, day, self.plan.floor(day), deletable=day < self.plan.last)
        return source.events(self.plan.counts(day), self.plan.strays)

    def _deliver(self, out: Path, day: date, delivered: dict[str, Delivered]) -> int:
        feeds = load_contract().feeds
        delivery = Delivery(out, day, 1, self.ledger)
        for name in EVENT_FEEDS:
            parts = delivered[name]
            text = as_text(feeds[name], pl.concat([parts.rows, parts.last]), self.world, self.plan.naming)
            self._add(delivery, feeds[name], text)
        if day in self.plan.listing_days:
            self._list(delivery, feeds["handbook"])
        return delivery.finish()

    def _list(self, delivery: Delivery, feed: Feed) -> None:
        text = self.plan.handbook.texts(delivery.day, self.world)
        finished = text["finished_date"].str.to_date()
        self.ledger.lists[delivery.day] = list(zip(text["org_code"], text["org_name"], finished, strict=True))
        self._add(delivery, feed, text)

    def _add(self, delivery: Delivery, feed: Feed, text: pl.DataFrame) -> None:
        style = self.styles.style(feed, delivery.day, self.rng)
        stem = f"{feed.name}_{delivery.name}"
        content = file_bytes(sheet_of(feed, text, style), stem)
        accounts = Accounts(len(text), superseded=len(text) - text.select(feed.key).n_unique())
        delivery.add(f"{stem}.{SUFFIXES[style.format]}", feed.name, content, accounts)
