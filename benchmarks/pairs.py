"""Two ways to do the same work, timed in turns (A B A B), since the machine is shared: the ratio counts, not the seconds."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


def compared(name: str, work: Callable[[], object], rival_name: str, rival: Callable[[], object], rounds: int) -> str:
    """Both medians and the median of the rounds' ratios, as a line."""
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(rounds):
        ours.append(seconds(work))
        theirs.append(seconds(rival))
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    return f"{name} {statistics.median(ours):.2f} s, {rival_name} {statistics.median(theirs):.2f} s, ratio {ratio:.2f}"


def seconds(work: Callable[[], object]) -> float:
    """How long ``work`` takes, by the clock."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock, and of all cores by the process: where others work too, the second says more."""

    clock: float
    processor: float


def spent(work: Callable[[], object]) -> Spent:
    """What ``work`` takes."""
    start, before = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - start, time.process_time() - before)
