"""Commands about the editorial copy that the office writes."""

import typer

from pipelines.commands.options import HomeOption, settings_of
from pipelines.printing.lines import line, say

editorial = typer.Typer(no_args_is_help=True, add_completion=False, help="The office's copy of an issue.")


@editorial.callback()
def _editorial() -> None:
    """The office's copy of an issue."""


@editorial.command()
def new(issue: str, home: HomeOption = None) -> None:
    """Lay out the issue's commented files, with what stays the same from the last one; a file that is there stays as it is."""
    from assets.calendar import find_issue, load_working_days
    from assets.reports.editorial.new import lay_out

    settings = settings_of(home)
    place = settings.place
    place.prepare()
    laid_out = lay_out(place.editorial, find_issue(issue, settings.calendar, load_working_days(place.calendar_file)))
    if laid_out.last_issue:
        say(f"主办单位、送、发、印数和未完的条目取自 {laid_out.last_issue}，请核对")
    for path in laid_out.kept:
        say(f"{path} 已有，没有动")
    for path in laid_out.written:
        line(path)
