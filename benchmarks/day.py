"""An ordinary small day on some history, the whole program as a person runs it: ``zhoubao run`` against ``dbt build`` of the same counts.

The same deliveries come to both in turn.
"""

import sys
import tempfile
from datetime import date
from pathlib import Path

from assets.calendar import CalendarRules, issues, load_working_days
from assets.home import Home
from benchmarks.command import Cost, compared_costs, cost_of, described
from benchmarks.dbt_project import DBT, DbtProject
from benchmarks.equal_counts import assert_equal_counts
from benchmarks.landing_of_days import landing_days

FIRST, ROUNDS, HISTORY_DAYS = date(2023, 8, 1), 5, 30
# of the feeds of a day of so many cases
_SHARES = {"consult": 0.1, "accept": 1.0, "process": 0.3, "result": 0.9, "issue": 0.15}


def main(cases: int = 200, history: int = HISTORY_DAYS, rounds: int = ROUNDS) -> None:
    """Print costs and ratios for days of ``cases`` cases after so many days of ``history``; equal counts are asserted, times never."""
    with tempfile.TemporaryDirectory() as folder:
        landing, home = Path(folder, "landing"), Home(Path(folder, "home"))
        days = landing_days(landing, FIRST, history + rounds, {feed: round(share * cases) for feed, share in _SHARES.items()})
        for _ in range(history):
            next(days)
        rival = (
            DbtProject(Path(folder, "dbt"), landing, issues(CalendarRules(), load_working_days(None))) if DBT.exists() else None
        )
        _run(home, landing)
        if rival:
            rival.build("*")
        ours: list[Cost] = []
        theirs: list[Cost] = []
        for delivery in days:
            ours.append(_run(home, landing))
            if rival:
                theirs.append(rival.build(delivery.name))
        print(f"days of {cases} cases after {history} days")
        if rival is None:
            print(f"zhoubao run: {described(ours)}; dbt is not installed, make var/dbt/.made does that")
            return
        assert_equal_counts(home.published_database, rival.database)
        print(compared_costs("zhoubao run", ours, "dbt build", theirs))


def _run(home: Home, landing: Path) -> Cost:
    return cost_of([sys.executable, "-m", "pipelines.cli", "run", "--home", str(home.root), "--landing", str(landing)])
