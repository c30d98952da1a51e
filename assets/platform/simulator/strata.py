"""Strata: the slices of the world in which events are planned, each one level, task type and 是否综窗.

A plan says how many events of each stratum a day has; what the events look like is decided elsewhere.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

LEVELS = (2, 3, 4)
PUBLIC_SERVICE = 20
# a task type of no list, and none at all, which only a consultation may have
UNKNOWN_KIND = 77
# 未知, under which it counts
OTHER_KIND = 99
NO_KIND = 0
KINDS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, PUBLIC_SERVICE, UNKNOWN_KIND, NO_KIND)
COUNT = len(LEVELS) * len(KINDS) * 2

# the three classes of the bulletin, by task type
CLASSES: dict[str, tuple[int, ...]] = {"licence": (1,), "public_service": (PUBLIC_SERVICE,), "other_six": (4, 5, 7, 8, 9, 10)}

LEVEL_OF = np.repeat(np.array(LEVELS, dtype=np.int32), len(KINDS) * 2)
KIND_OF = np.tile(np.repeat(np.array(KINDS, dtype=np.int32), 2), len(LEVELS))
COMPOSITE_OF = np.tile(np.array([False, True]), len(LEVELS) * len(KINDS))


def stratum(level: int, kind: int, composite: bool) -> int:
    """Return the number of the stratum, 0 ≤ number < ``COUNT``."""
    return (LEVELS.index(level) * len(KINDS) + KINDS.index(kind)) * 2 + int(composite)


def offsets(counts: Ints) -> Ints:
    """Return where each stratum begins when its events lie one stratum after the other."""
    return np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)


def laid_out(counts: Ints) -> tuple[Ints, Ints]:
    """Return for each event its stratum and its position within the stratum, 0 first."""
    strata = np.repeat(np.arange(COUNT), counts)
    return strata, np.arange(len(strata)) - offsets(counts)[strata]


def random_places(rng: np.random.Generator, strata: Ints) -> Ints:
    """Return for each event a place within its stratum, 0 first, dealt at random."""
    order = np.lexsort((rng.random(len(strata), dtype=np.float32), strata))
    places = np.empty(len(strata), dtype=np.int64)
    _, places[order] = laid_out(np.bincount(strata, minlength=COUNT))
    return places


def spread(total: int, weights: Floats) -> Ints:
    """Return whole numbers proportional to ``weights`` whose sum is exactly ``total`` (largest remainders)."""
    ideal = total * weights / weights.sum()
    whole: Ints = np.floor(ideal).astype(np.int64)
    largest = np.argsort(whole - ideal, kind="stable")[: total - int(whole.sum())]
    whole[largest] += 1
    return whole
