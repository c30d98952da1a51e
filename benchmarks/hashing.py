"""What the hashes of the lake, the warehouse and the publication cost a whole run: with them and without, in turns.

They can be left out here alone, in a process of its own: a file's digest is made of its size there. The hashes of what is delivered
stay in both, since manifests name them. Processor time of the whole process, its readers of workbooks with it.
"""

import hashlib
import json
import resource
import statistics
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Any

from assets.home import Home
from assets.platform.simulator import simulate

FIRST = date(2023, 8, 28)
_HASHED = ("/lake/", "/published/", "/warehouse.duckdb")
RUNS = ("days at once", "the next day")


def main(days: int = 10, cases: int = 1500, rounds: int = 3) -> None:
    """Print what runs over ``days`` days of so many cases, and over one day more, take with hashes and without."""
    pairs: list[dict[str, list[dict[str, float]]]] = []
    with TemporaryDirectory() as folder:
        landing = Path(folder, "landing")
        simulate(landing, FIRST, FIRST + timedelta(days), cases_per_day=cases, seed=1)
        for number in range(rounds):
            pairs.append({how: _measured(landing, Path(folder, f"{how}-{number}"), how, days) for how in ("with", "without")})
    for run, name in enumerate(RUNS):
        found = [(pair["with"][run], pair["without"][run]) for pair in pairs]
        spent = [statistics.median(one[way]["processor"] for one in found) for way in (0, 1)]
        hashing = statistics.median(one["hashing"] / one["processor"] for one, _ in found)
        differences = ", ".join(f"{one['processor'] - other['processor']:+.2f}" for one, other in found)
        print(
            f"{name}: with hashes {spent[0]:.2f} s, without {spent[1]:.2f} s, ratio {spent[0] / spent[1]:.3f};"
            f" single pairs {differences} s; spent in hashing {hashing:.2%} of the run"
        )


def _measured(landing: Path, root: Path, how: str, days: int) -> list[dict[str, float]]:
    copytree(landing, root / "landing")
    command = [sys.executable, "-m", "benchmarks.hashing", str(root), how, str(FIRST + timedelta(days - 1))]
    ended = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    found: list[dict[str, float]] = json.loads(ended.stdout.splitlines()[-1])
    return found


class _OfTheSize:
    """Stands for a digest, from the file's size alone."""

    def __init__(self, size: int) -> None:
        self._size = size

    def hexdigest(self) -> str:
        return f"{self._size:064x}"


def _in_this_process(root: Path, how: str, through: date) -> list[dict[str, float]]:
    """Two runs, the second over what is after ``through``. Nothing that hashes may be imported before."""
    real, hashing = hashlib.file_digest, [0.0]

    def timed(stream: Any, name: str, **more: Any) -> Any:
        is_of_ours = any(part in str(stream.name) for part in _HASHED)
        if how == "without" and is_of_ours:
            return _OfTheSize(Path(stream.name).stat().st_size)
        before = time.thread_time()
        digest = real(stream, name, **more)
        hashing[0] += (time.thread_time() - before) * is_of_ours
        return digest

    hashlib.file_digest = timed  # type: ignore[assignment]  # gives a stand-in for a digest
    from pipelines.running.run import run
    from pipelines.settings import load_settings

    settings, found = load_settings(Home(root).root), []
    for last in (through, None):
        before, hashing[0] = _processor(), 0.0
        ended = run(settings, last)
        assert ended.exit_code in (0, 5), ended
        found.append({"processor": _processor() - before, "hashing": hashing[0]})
    return found


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    print(json.dumps(_in_this_process(Path(sys.argv[1]), sys.argv[2], date.fromisoformat(sys.argv[3]))))
