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

from assets.home import storage_errors
from assets.platform.simulator.cases import Casebook
from assets.platform.simulator.corrections import Delivered, Histories
from assets.platform.simulator.departments import World
from assets.platform.simulator.dispatch import Dispatcher
from assets.platform.simulator.events import DayOfEvents, Feeds, day_number
from assets.platform.simulator.mishaps import Mishaps
from assets.platform.simulator.plan import Plan
from assets.platform.simulator.style import Styles
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
    mishaps: Mishaps | None = None
    ledger: Ledger = field(init=False)
    _casebook: Casebook = field(init=False)
    _histories: Histories = field(init=False)

    def __post_init__(self) -> None:
        # a year whose working days nobody knows is found out before anything is written
        issue_weeks(self.plan.first, self.plan.last)
        self.ledger = Ledger(self.world, self.plan.naming, self.opening)
        self._casebook = Casebook(self.world, day_number(self.plan.first))
        self._histories = Histories(self.world, self.rng, self.plan.last)

    def run(self, out: Path, progress: Progress | None = None) -> dict[str, Any]:
        """Write the deliveries into ``out`` and the truth alongside it; return what the truth holds."""
        dispatcher = Dispatcher(out, self.world, self.plan, self.styles, self.rng, self.ledger, self.mishaps)
        for day in self.plan.days:
            rows = dispatcher.deliver(day, self._delivered(day))
            if progress is not None:
                progress(day, rows)
        truth = {"tables": self.ledger.tables(self.plan.first, self.plan.last), "quarantine": self.ledger.quarantine}
        path = out.parent / TRUTH_FILE
        with storage_errors(path):
            path.write_text(json.dumps(truth, ensure_ascii=False), encoding="utf-8")
        return truth

    def _delivered(self, day: date) -> dict[str, Delivered]:
        events = self._events(day)
        delivered = {
            feed: self._histories.begin(day, feed, rows, ties=self.mishaps is None or self.mishaps.ties(day, feed))
            for feed, rows in events.items()
        }
        for feed, parts in delivered.items():
            self.ledger.add(feed, parts.final)
        return delivered

    def _events(self, day: date) -> Feeds:
        source = DayOfEvents(self.world, self._casebook, self.rng, day, self.plan.floor(day), deletable=day < self.plan.last)
        return source.events(self.plan.counts(day), self.plan.strays)
