"""Two ways to do the same work, timed in turns (A B A B), since the machine is shared: the ratio counts, not the seconds."""

import statistics
import time
from collections.abc import Callable


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
