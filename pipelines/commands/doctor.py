"""The command that examines the home."""

from typing import Annotated

import typer

from pipelines.commands.options import HomeOption, JsonOption
from pipelines.printing.lines import print_json, print_table


def doctor(
    home: HomeOption = None,
    as_json: JsonOption = False,
    quick: Annotated[bool, typer.Option("--quick", help="compare the archive's originals by size alone")] = False,
) -> None:
    """Who holds the warehouse, disk, key, calendar, fonts; archive, lake, ledger and publication against each other."""
    from pipelines.doctor import examine, exit_code_of
    from pipelines.settings import load_settings

    # a newer home is not refused but told of
    conditions = examine(load_settings(home), hashed=not quick)
    if as_json:
        print_json([vars(condition) for condition in conditions])
    else:
        rows = [(condition.part, condition.state, condition.note, condition.fix) for condition in conditions]
        print_table("", ("part", "state", "what was found", "fix"), rows)
    code = exit_code_of(conditions)
    if code:
        raise typer.Exit(code)
