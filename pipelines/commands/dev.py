"""The command that serves Dagster's pages."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.options import HomeOption, settings_of
from pipelines.printing import say

_WORKSPACE = str(Path(__file__).parents[2] / "workspace.yaml")


def dev(home: HomeOption = None, port: Annotated[int, typer.Option(min=0, max=65535, help="0: one that is free")] = 3000) -> None:
    """The Dagster UI and daemon on loopback, on this home's own instance, for whoever has the link that it prints."""
    from pipelines.instance import prepare_instance
    from pipelines.ui.processes import LOOPBACK, bound_socket, run_together
    from pipelines.ui.token import token_file, ui_token

    place = settings_of(home).place
    place.prepare()
    environment = os.environ | {"DAGSTER_HOME": str(prepare_instance(place)), "ZHOUBAO_HOME": str(place.root)}
    token = ui_token(place)
    listening = bound_socket(port)
    descriptor = listening.fileno()
    # what is no terminal is a log, which others may read
    shown = token if sys.stdout.isatty() else f"$(cat {token_file(place)})"
    print(f"http://{LOOPBACK}:{listening.getsockname()[1]}/?token={shown}", flush=True)
    say("the pages are there in some seconds; Ctrl-C ends them")
    pages = [sys.executable, "-P", "-m", "pipelines.ui.server", str(descriptor), _WORKSPACE]
    daemon = [str(Path(sys.executable).with_name("dagster-daemon")), "run", "-w", _WORKSPACE]
    code = run_together(pages, daemon, environment, descriptor)
    if code:
        raise typer.Exit(1 if code < 0 else code)
