"""What commands import before they do anything, and how much a run leaves in Dagster's records: numbers that no machine changes.

An ordinary command must not wait for the libraries of a run. The bounds leave room for a few modules more, not for another library.
"""

import json
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import closing
from datetime import date
from pathlib import Path

from assets.home import Home
from benchmarks.landing_of_days import landing_days

# what a run with news alone may import; each takes 0.1 to 4 s
HEAVY = {"dagster", "great_expectations", "sqlglot", "sqlalchemy", "pandas", "scipy"}
# of all modules, Python's own and those of libraries with them
MOST_MODULES = {"--help": 380, "status": 580, "figures": 500, "sql": 470, "run": 980}
# written when the process ends, whatever its exit code
_TELL = """
import atexit, json, sys
file = sys.argv.pop()
atexit.register(lambda: open(file, "w").write(json.dumps(sorted(sys.modules))))
from pipelines.cli import main
main()
"""
# alongside those of assets and checks: of the run, of its four steps, of its resources
_EVENTS_OF_THE_RUN = 25
_NEVER_STORED = {"STEP_OUTPUT", "ASSET_CHECK_EVALUATION_PLANNED"}

FIRST, DAYS = date(2023, 8, 26), 7
ROWS = {"consult": 20, "accept": 200, "process": 60, "result": 180, "issue": 30}


def commands(home: Path, issue: str) -> dict[str, list[str]]:
    """The commands that are watched, on a home with something published and nothing new."""
    place = ["--home", str(home)]
    return {
        "--help": ["--help"],
        "status": ["status", *place],
        "figures": ["figures", issue, *place],
        "sql": ["sql", "select 1", *place],
        "run": ["run", *place],
    }


def modules_of(words: list[str]) -> set[str]:
    """Every module that is imported when the command has ended."""
    with tempfile.NamedTemporaryFile() as told:
        subprocess.run([sys.executable, "-c", _TELL, *words, told.name], capture_output=True, check=False, timeout=300)
        return set(json.loads(Path(told.name).read_text(encoding="utf-8")))


def assert_light(name: str, modules: set[str]) -> None:
    """Raise ``AssertionError`` where a command imports what it does not need."""
    heavy = HEAVY & modules
    assert not heavy, f"{name} imports {', '.join(sorted(heavy))}"
    assert len(modules) <= MOST_MODULES[name], f"{name} imports {len(modules)} modules, more than {MOST_MODULES[name]}"


def stored_events(home: Home, run_id: str) -> Counter[str]:
    """How many events of each kind the run has left."""
    with closing(sqlite3.connect(home.dagster / "history" / "runs" / f"{run_id}.db")) as connection:
        rows = connection.execute("select dagster_event_type, count(*) from event_logs group by 1")
        return Counter(dict(rows.fetchall()))


def assert_few_events(events: Counter[str]) -> None:
    """Raise ``AssertionError`` where the run stored more than one event for each thing that a page shows."""
    never = _NEVER_STORED & events.keys()
    assert not never, f"nobody reads {', '.join(sorted(never))}"
    shown = {"ASSET_MATERIALIZATION", "ASSET_MATERIALIZATION_PLANNED", "ASSET_CHECK_EVALUATION"}
    others = sum(count for kind, count in events.items() if kind not in shown)
    assert others <= _EVENTS_OF_THE_RUN, f"{others} events are neither of an asset nor of a check: {dict(events)}"


def main() -> None:
    """Print and assert them, on a small home that is made for it."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder, "home"))
        list(landing_days(home.landing, FIRST, DAYS, ROWS))
        command = [sys.executable, "-m", "pipelines.cli", "run", "--json", "--home", str(home.root)]
        told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        events = stored_events(home, told["run_id"])
        print(f"events stored by a run: {events.total()}")
        assert_few_events(events)
        for name, words in commands(home.root, "2023-34").items():
            modules = modules_of(words)
            print(f"{name}: {len(modules)} modules")
            assert_light(name, modules)
