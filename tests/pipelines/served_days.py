"""Accelerated days under ``zhoubao serve``: ``python -m tests.pipelines.served_days FOLDER`` lets the sensor take in what comes late,
twice, broken and corrected, kills the process of a run, and holds what is published against the simulator's own truth.

A campaign by hand: its runs take minutes. It ends with 1 where a table differs or an incident is not to be seen.
"""

import hashlib
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from assets.home import Home
from assets.platform.simulator import simulate
from pipelines.orchestration.living_runs import living_runs
from tests.pipelines.served import Served, served, waited_for

FIRST, LAST = date(2023, 8, 26), date(2023, 9, 1)
_RUNS = "{ runsOrError(limit: 50) { ... on Runs { results { runId status tags { key value } } } } }"
_TICKS = """{ sensorOrError(sensorSelector: {repositoryName: "__repository__", repositoryLocationName: "zhoubao",
    sensorName: "arrivals"}) { ... on Sensor { sensorState { status ticks(limit: 30) { status skipReason runIds } } } } }"""


def main(folder: Path) -> int:
    """Carry it out in ``folder``, and print each incident with where it is to be seen."""
    home = Home(folder / "home")
    home.prepare()
    (home.settings_file).write_text("[automation]\nlook_seconds = 5\n", encoding="utf-8")
    sent = folder / "sent"
    truth = simulate(sent, FIRST, LAST, cases_per_day=15, seed=11)
    with served(home, "serve") as site:
        days = _Days(home, sent, site)
        days.plain_then_late_and_double()
        days.broken_then_corrected()
        days.killed()
        seen = days.seen()
    differing = [
        name for name, rows in truth["tables"].items() if name.startswith("marts.") and not _is_published(home, name, rows)
    ]
    for name, is_seen in seen.items():
        print(f"{'seen' if is_seen else 'NOT SEEN'}: {name}")
    print(f"tables that differ from the truth: {', '.join(differing) or 'none'}")
    return int(bool(differing) or not all(seen.values()))


class _Days:
    """What happens, in its order."""

    def __init__(self, home: Home, sent: Path, site: Served) -> None:
        self._home, self._sent, self._site = home, sent, site
        self._waiting_was_said = False
        self._killed = ""

    def plain_then_late_and_double(self) -> None:
        """Two days; then the fourth before the third, whose manifest comes without a file; the first once more."""
        self._send("20230826_01", "20230827_01")
        self._wait("run with 20230826_01", lambda: self._ended_with("20230826_01"))
        third = self._sent / "20230828_01"
        self._send("20230829_01")
        missing = self._home.landing / "20230828_01"
        shutil.copytree(third, missing)
        next(missing.glob("accept_*")).unlink()
        shutil.copytree(self._sent / "20230826_01", self._home.landing / "again")
        self._wait("run with 20230829_01", lambda: self._ended_with("20230829_01"))
        self._waiting_was_said = self._wait(
            "a tick that waits for the file", lambda: self._tick_says("缺 accept_20230828_01.csv")
        )
        shutil.copy(next(third.glob("accept_*")), missing)
        self._wait("run with 20230828_01", lambda: self._ended_with("20230828_01"))

    def broken_then_corrected(self) -> None:
        """The fifth day with a file that nobody knows, then the right one as the next number."""
        name, right = "20230830_01", "20230830_02"
        folder = shutil.copytree(self._sent / name, self._sent / right)
        _renamed(folder, name, right)
        broken = shutil.copytree(self._sent / name, self._home.landing / name)
        path = next(broken.glob("accept_*"))
        path.write_bytes(b"nobody,knows\n1,2\n")
        _described(broken, path)
        self._wait("run with the broken file", lambda: self._ended_with(name))
        self._send(right)
        self._wait("run with its correction", lambda: self._ended_with(right))

    def killed(self) -> None:
        """The process of a run is killed when it holds the writer's lock; the next delivery's run does what it left."""
        self._send("20230831_01")
        self._killed = self._wait("a run that lives", lambda: next(iter(living_runs(self._home)), None))
        holder = self._home.lock_file.with_suffix(".holder")
        pid = self._wait("its hold on the lock", lambda: json.loads(holder.read_text())["pid"] if holder.exists() else None)
        os.kill(pid, signal.SIGKILL)
        self._send("20230901_01")
        self._wait("run with 20230901_01", lambda: self._ended_with("20230901_01"))

    def seen(self) -> dict[str, bool]:
        """Each incident, and whether Dagster's pages say it."""
        runs = {run["runId"]: run for run in self._runs()}
        codes = {tags.get("zhoubao/exit_code") for run in runs.values() for tags in [_tags(run)]}
        return {
            "the sensor is on and said what it waited for": self._waiting_was_said,
            "the broken delivery ended its run with exit code 5": "5" in codes,
            "the killed run is marked as failed": runs[self._killed]["status"] == "FAILURE",
            "no run is left open": all(run["status"] in ("SUCCESS", "FAILURE") for run in runs.values()),
            "the double delivery was loaded once": self._is_loaded_once("20230826_01"),
            "the journal says how the last run ended": json.loads(self._home.journal.read_text())["exit_code"] in (0, 3),
        }

    def _is_loaded_once(self, name: str) -> bool:
        return sum(_tags(run).get("zhoubao/deliveries", "").split(", ").count(name) for run in self._runs()) == 1

    def _send(self, *names: str) -> None:
        for name in names:
            # the manifest last, as the platform writes it
            coming = self._home.landing / name
            coming.mkdir()
            for path in sorted((self._sent / name).iterdir(), key=lambda path: path.name.startswith("manifest_")):
                shutil.copy(path, coming)

    def _runs(self) -> list[dict[str, Any]]:
        return list(self._site.asked(_RUNS)["runsOrError"]["results"])

    def _ended_with(self, delivery: str) -> str | None:
        for run in self._runs():
            tags = _tags(run)
            if delivery in tags.get("zhoubao/deliveries", "") and "zhoubao/exit_code" in tags and run["status"] == "SUCCESS":
                return tags["zhoubao/exit_code"]
        return None

    def _tick_says(self, words: str) -> bool | None:
        ticks = self._site.asked(_TICKS)["sensorOrError"]["sensorState"]["ticks"]
        return True if any(words in (tick["skipReason"] or "") for tick in ticks) else None

    def _wait(self, what: str, look: Callable[[], Any]) -> Any:
        begun = time.monotonic()
        found = waited_for(look)
        print(f"{time.monotonic() - begun:5.0f} s  {what}: {found}", flush=True)
        return found


def _tags(run: dict[str, Any]) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in run["tags"]}


def _renamed(folder: Path, former: str, new: str) -> None:
    """The same delivery under its next number, in the place of all that came for its day: only so a whole broken file is settled."""
    (manifest,) = folder.glob("manifest_*.json")
    document = json.loads(manifest.read_text(encoding="utf-8")) | {"delivery": new, "mode": "replace"}
    (folder / f"manifest_{new}.json").write_text(json.dumps(document), encoding="utf-8")
    manifest.unlink()
    assert former in manifest.name


def _described(folder: Path, path: Path) -> None:
    """The manifest says of the file what it is now."""
    (manifest,) = folder.glob("manifest_*.json")
    document = json.loads(manifest.read_text(encoding="utf-8"))
    content = path.read_bytes()
    entry = next(entry for entry in document["files"] if entry["name"] == path.name)
    entry |= {"rows": 1, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    manifest.write_text(json.dumps(document), encoding="utf-8")


def _is_published(home: Home, table: str, expected: list[dict[str, Any]]) -> bool:
    if not expected:
        return True
    columns = list(expected[0])
    with duckdb.connect(home.published_database, read_only=True) as connection:
        found = connection.execute(f"select {', '.join(columns)} from {table}").fetchall()
    return sorted(_said(row) for row in found) == sorted(_said([row[name] for name in columns]) for row in expected)


def _said(row: Any) -> list[str]:
    return [f"{value:.9f}" if isinstance(value, float) else str(value) for value in row]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
