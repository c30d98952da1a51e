"""The commands that serve Dagster's pages: to look, and as a service whose sensor and schedules are on."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from assets.guard import without_values
from assets.home import Home
from pipelines.commands.options import HomeOption, settings_of
from pipelines.printing.lines import say

_WORKSPACE = str(Path(__file__).parents[2] / "workspace.yaml")
PortOption = Annotated[int, typer.Option(min=0, max=65535, help="0: one that is free")]


def dev(home: HomeOption = None, port: PortOption = 3000) -> None:
    """The Dagster UI and daemon on loopback, on this home's own instance, for whoever has the link that it prints."""
    _serve(settings_of(home).place, port, {})


def serve(home: HomeOption = None, port: PortOption = 3000) -> None:
    """As dev, as a service: a run when a delivery is complete and every morning, and the draft of each issue, by themselves."""
    _serve(settings_of(home).place, port, {"ZHOUBAO_AUTOMATION__ENABLED": "true"})


def _serve(place: Home, port: int, further: dict[str, str]) -> None:
    """The pages and the daemon, until one ends or a signal asks for the end."""
    from pipelines.orchestration.instance import prepare_instance
    from pipelines.ui.processes import LOOPBACK, bound_socket, run_together
    from pipelines.ui.token import token_file, ui_token

    place.prepare()
    environment = os.environ | {"DAGSTER_HOME": str(prepare_instance(place)), "ZHOUBAO_HOME": str(place.root)} | further
    token = ui_token(place)
    listening = bound_socket(port)
    descriptor = listening.fileno()
    # what is no terminal is a log, which others may read
    shown = token if sys.stdout.isatty() else f"$(cat {token_file(place)})"
    print(f"http://{LOOPBACK}:{listening.getsockname()[1]}/?token={shown}", flush=True)
    say("the pages are there in some seconds; Ctrl-C ends them")
    _end_zombies(place)
    pages = [sys.executable, "-P", "-m", "pipelines.ui.server", str(descriptor), _WORKSPACE]
    daemon = [str(Path(sys.executable).with_name("dagster-daemon")), "run", "-w", _WORKSPACE]
    code = run_together(pages, daemon, environment, descriptor, lambda: _look_for_killed(place))
    if code:
        raise typer.Exit(1 if code < 0 else code)


def _end_zombies(place: Home) -> None:
    """A run that was killed would keep all later ones waiting in the queue."""
    from pipelines.orchestration.zombies import end_zombies

    for run_id in end_zombies(place):
        say(f"run {run_id}: its process was killed; it is marked as failed, and the next run does what it left undone")


def _look_for_killed(place: Home) -> None:
    """While the pages are served; a look that fails, as where a run writes its record, is followed by the next."""
    from pipelines.orchestration.living_runs import killed_runs
    from pipelines.ui.processes import EndRequestedError

    try:
        if killed_runs(place):
            _end_zombies(place)
    except EndRequestedError:
        raise
    except Exception as error:
        say(f"zhoubao: {without_values(error)}")
