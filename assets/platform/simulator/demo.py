"""The demonstration: the week of issue 2023-34, or its year to date, with live events that add up to the published figures.

The published figures are here and nowhere else; what reads the deliveries does not know them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from assets.platform.contract import Feed
from assets.platform.simulator import rhythm
from assets.platform.simulator.departments import World, load_world
from assets.platform.simulator.events import day_number
from assets.platform.simulator.handbook import NEVER, Handbook
from assets.platform.simulator.opening import opening_balances, write_opening
from assets.platform.simulator.plan import EVENT_FEEDS, Plan, naming_of
from assets.platform.simulator.simulation import Progress, Simulation
from assets.platform.simulator.strata import CLASSES, COMPOSITE_OF, COUNT, KIND_OF, LEVEL_OF, PUBLIC_SERVICE, Floats, Ints, spread
from assets.platform.simulator.style import FileStyle

PUBLISHED_2023_34: dict[str, float] = {
    "composite.consulted.week": 1724,
    "composite.accepted.week": 774,
    "composite.issued.week": 6613,
    "composite.transferred.week": 12471,
    "composite.consulted.ytd": 46612,
    "composite.accepted.ytd": 12658,
    "composite.issued.ytd": 115944,
    "composite.transferred.ytd": 204351,
    "licence.accepted.ytd": 332407,
    "licence.completed.ytd": 327016,
    "public_service.accepted.ytd": 7273758,
    "public_service.completed.ytd": 5972103,
    "other_six.accepted.ytd": 25602,
    "other_six.completed.ytd": 25738,
    "handbook.finished.week": 31,
    "handbook.finished.total": 906,
    "handbook.items": 1650,
    # printed with two decimals of a percentage
    "handbook.share": 0.5491,
}
