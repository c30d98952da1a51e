"""``zhoubao withdraw``: one loaded delivery undone; what follows is a run like any other."""

from typing import Annotated

import typer

from pipelines.commands.options import HomeOption, JsonOption, announce_key, settings_of
from pipelines.commands.writing import end


def withdraw(
    delivery: str,
    reason: Annotated[str, typer.Option(help="why it is undone; kept in the lake and shown in meta.deliveries")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Undo one loaded delivery: nothing of it counts any more, on record in the lake; then as run."""
    from pipelines.running.run import run as run_all

    settings = settings_of(home)
    announce_key(settings)
    end(run_all(settings, withdrawing=(delivery, reason)), as_json)
