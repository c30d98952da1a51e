"""The demonstration's totals by feed and stratum, for the week of issue 2023-34 and for its year to date.

The published figures are hit exactly; what was not published (城市, 县, other task types) is invented in proportion.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from assets.platform.simulator.plan import feed_weights
from assets.platform.simulator.strata import (
    CLASSES,
    COMPOSITE_OF,
    COUNT,
    KIND_OF,
    LEVEL_OF,
    NO_KIND,
    PUBLIC_SERVICE,
    Flags,
    Floats,
    Ints,
    spread,
)

Period = Literal["week", "ytd"]
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
    # printed as a percentage with two decimals
    "handbook.share": 0.5491,
}

MEASURE_OF = {"accept": "accepted", "process": "transferred", "result": "completed", "issue": "issued", "consult": "consulted"}
# of what the week has but the bulletin does not print
_UNPRINTED: Mapping[str, float] = {
    "composite.completed.week": 702,
    "composite.completed.ytd": 12010,
    "licence.accepted.week": 9412,
    "licence.completed.week": 9205,
    "public_service.accepted.week": 188300,
    "public_service.completed.week": 160900,
    "other_six.accepted.week": 731,
    "other_six.completed.week": 745,
}
# provincial events alongside 综窗, of feeds without a published total
_BESIDE_COMPOSITE = {"process": 20_000, "issue": 15_000, "consult": 4_000}
# cities, counties and task types of no class: as if so many cases a week were accepted in the whole world
_ELSEWHERE_CASES = 27_000
_WEEKS_TO_DATE = 36
_COMPOSITE_KINDS = {1: 30, 4: 1, 5: 3, 7: 5, 8: 1, 9: 1, 10: 4, PUBLIC_SERVICE: 55}
_BESIDE_KINDS = {1: 8, 4: 1, 5: 3, 7: 7, 8: 1, 9: 1, 10: 4, PUBLIC_SERVICE: 75}
_NO_KIND_WEIGHT = 30

_PROVINCIAL = LEVEL_OF == 2


def totals(feed: str, period: Period) -> Ints:
    """Return the live counted events of each stratum (人次 for consult) in the week or in the year to date."""
    measure = MEASURE_OF[feed]
    composite = spread(_figure("composite", measure, period), _weights(_COMPOSITE_KINDS, feed) * (_PROVINCIAL & COMPOSITE_OF))
    return composite + _beside(feed, period, composite) + _elsewhere(feed, period)


def _figure(scope: str, measure: str, period: Period) -> int:
    name = f"{scope}.{measure}.{period}"
    return int(PUBLISHED_2023_34.get(name, 0) or _UNPRINTED[name])


def _beside(feed: str, period: Period, composite: Ints) -> Ints:
    """Provincial events outside 综窗: what the classes' totals leave, or the invented total."""
    weights = _weights(_BESIDE_KINDS, feed) * (_PROVINCIAL & ~COMPOSITE_OF)
    if feed in _BESIDE_COMPOSITE:
        return spread(_BESIDE_COMPOSITE[feed] * _weeks(period), weights)
    counts = np.zeros(COUNT, dtype=np.int64)
    for scope, kinds in CLASSES.items():
        of_class = np.isin(KIND_OF, kinds)
        left = _figure(scope, MEASURE_OF[feed], period) - int(composite[of_class].sum())
        counts += spread(left, weights * of_class)
    return counts


def _elsewhere(feed: str, period: Period) -> Ints:
    weekly = np.round(feed_weights(feed) * _ELSEWHERE_CASES).astype(np.int64)
    return weekly * _weeks(period) * ~_belongs_to_province()


def _belongs_to_province() -> Flags:
    """Strata that the published totals speak of, or that would change them."""
    of_class = np.isin(KIND_OF, [kind for kinds in CLASSES.values() for kind in kinds] + [NO_KIND])
    belongs: Flags = _PROVINCIAL & (COMPOSITE_OF | of_class)
    return belongs


def _weights(kinds: Mapping[int, int], feed: str) -> Floats:
    weights = np.array([kinds.get(int(kind), 0) for kind in KIND_OF], dtype=np.float64)
    # a consultation may be about no item
    return np.where((KIND_OF == NO_KIND) & (feed == "consult"), _NO_KIND_WEIGHT, weights)


def _weeks(period: Period) -> int:
    return _WEEKS_TO_DATE if period == "ytd" else 1
