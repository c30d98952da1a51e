"""``zhoubao demo``: a week of deliveries, everything run on them, and the figures alongside the published ones."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from assets.errors import RefusedError
from assets.exports.lake.openings import load_opening
from assets.home import Home
from assets.platform.simulator import PUBLISHED_2023_34, simulate_demo
from assets.publication.query import run_query
from assets.reports.editorial.sample_copy import copy_sample
from assets.reports.printing import print_issue
from pipelines.running.outcome import DONE, NOTHING_TO_DO
from pipelines.running.run import run
from pipelines.settings import Settings

ISSUE = "2023-34"
# shares are published as percentages with two decimals
SHARE_DECIMALS = 4


@dataclass(frozen=True)
class Comparison:
    """One figure of the issue: as it was published and as this run counted it; ``counted`` is ``None`` where it is missing."""

    figure: str
    published: float
    counted: float | None

    @property
    def is_equal(self) -> bool:
        return self.counted is not None and round(self.counted, SHARE_DECIMALS) == self.published


def demonstrate(
    settings: Settings, full: bool, say: Callable[[str], None], day_done: Callable[[date, int], None]
) -> tuple[list[Comparison], list[Path]]:
    """Run the demonstration in the settings' home. Raises ``RefusedError`` where the run does not publish."""
    home = settings.place
    home.prepare()
    say("writing the deliveries of the platform")
    opening = simulate_demo(settings.landing_folder, full=full, progress=day_done)
    if opening is not None:
        say("loading the opening balance")
        load_opening(opening, home.lake)
    say("taking in, building, checking, publishing")
    outcome = run(settings)
    # a second demonstration in the same home delivers the same again
    if outcome.exit_code not in (DONE, NOTHING_TO_DO):
        raise RefusedError(f"the run ended with exit code {outcome.exit_code}: {outcome.facts.get('error') or outcome.facts}")
    say("writing the bulletin")
    copy_sample(home.editorial)
    printed = print_issue(home, ISSUE)
    for message in printed.messages:
        say(message)
    return compared(home), [home.published_database, home.manifest, *printed.paths]


def compared(home: Home) -> list[Comparison]:
    """Every published figure of the issue alongside the one in the published database, and the department that finished handbooks."""
    rows = run_query(
        home.published_database, f"select figure, value from marts.bulletin_figures where issue_key = '{ISSUE}'"
    ).rows
    counted: dict[str, float] = dict(rows)
    figures = [Comparison(figure, published, counted.get(figure)) for figure, published in PUBLISHED_2023_34.items()]
    of_department = run_query(
        home.published_database,
        f"select finished_in_week from marts.handbook_progress where issue_key = '{ISSUE}' and org_name like '%民政厅'",
    ).rows
    finished = float(of_department[0][0]) if of_department else None
    return [*figures, Comparison("handbook.finished.week 民政厅", PUBLISHED_2023_34["handbook.finished.week"], finished)]
