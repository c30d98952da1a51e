"""A simulator of the platform's deliveries, with the right counts alongside them: for tests, the demonstration and trials.

People, codes and cases are invented. Nothing here is used by what reads deliveries, and nothing here uses it.
"""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from assets.platform.simulator.demo import simulate_demo
from assets.platform.simulator.departments import load_world
from assets.platform.simulator.mishaps import plan_mishaps
from assets.platform.simulator.plan import everyday_plan
from assets.platform.simulator.simulation import Simulation
from assets.platform.simulator.style import chosen_styles
from assets.platform.simulator.targets import PUBLISHED_2023_34

__all__ = ["PUBLISHED_2023_34", "simulate", "simulate_demo"]


def simulate(
    out: Path,
    first: date,
    last: date,
    *,
    cases_per_day: int = 2000,
    seed: int = 0,
    formats: Sequence[str] = ("csv",),
    encoding: str = "utf-8",
    mess: bool = False,
    progress: Callable[[date, int], None] | None = None,
) -> dict[str, Any]:
    """Write one delivery for each day from ``first`` to ``last`` into ``out``, and ``truth.json`` alongside it.

    ``cases_per_day`` are accepted on an ordinary working day. With several ``formats`` (csv, gz, zip, xlsx), or the encoding
    ``mixed``, each file has one by chance. ``mess`` makes the files as untidy as real ones, with some defective rows, which
    the truth lists under ``quarantine``, and re-sends deliveries. Equal arguments give equal bytes.

    Returns what the truth holds: ``{"tables": {name: rows}, "quarantine": rows}``. Raises ``UsageError`` for a format, an
    encoding or days there are none of.
    """
    world, rng = load_world(), np.random.default_rng(seed)
    plan = everyday_plan(world, rng, first, last, cases_per_day)
    mishaps = plan_mishaps(rng, plan.days) if mess else None
    return Simulation(world, plan, chosen_styles(formats, encoding, mess), rng, mishaps=mishaps).run(out, progress)
