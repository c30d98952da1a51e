"""A command in a process of its own: seconds by the clock, seconds of all its processors, peak memory, with all that it started.

Run as a script it is the small process between: Linux counts the memory of whoever starts a command into the peak of the command.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """What one command took."""

    clock: float
    processor: float
    peak_mb: float


def cost_of(command: Sequence[str], environment: Mapping[str, str] | None = None, ends_with: int = 0) -> Cost:
    """Run the command to its end. Raises ``RuntimeError`` with the end of what it said where it ends otherwise."""
    between = [sys.executable, "-S", "-E", __file__, *command]
    done = subprocess.run(between, env=environment, capture_output=True, text=True, check=False)
    code, clock, processor, peak = json.loads(done.stdout)
    if code != ends_with:
        raise RuntimeError(f"{command[0]} ended with {code}: {done.stderr[-2000:]}")
    return Cost(clock, processor, peak)


def compared_costs(name: str, ours: Sequence[Cost], rival_name: str, theirs: Sequence[Cost]) -> str:
    """Medians of both and of the rounds' ratios, a line each."""
    lines = [f"{title}: {described(costs)}" for title, costs in ((name, ours), (rival_name, theirs))]
    ratios = [
        statistics.median(getattr(a, part) / getattr(b, part) for a, b in zip(ours, theirs, strict=True))
        for part in ("clock", "processor", "peak_mb")
    ]
    return "\n".join([*lines, "ratio: clock {:.2f}, processor {:.2f}, memory {:.2f}".format(*ratios)])


def described(costs: Sequence[Cost]) -> str:
    """The medians, as a line."""
    clock, processor, peak = (
        statistics.median(getattr(cost, part) for cost in costs) for part in ("clock", "processor", "peak_mb")
    )
    return f"clock {clock:.2f} s, processor {processor:.2f} s, peak {peak:,.0f} MB"


def _between(command: Sequence[str]) -> None:
    start = time.perf_counter()
    code = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
    clock = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    json.dump([code, clock, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024], sys.stdout)


if __name__ == "__main__":
    os.umask(0o077)
    _between(sys.argv[1:])
