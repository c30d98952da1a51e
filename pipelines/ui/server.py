"""The process that serves Dagster's pages behind the door: ``python -m pipelines.ui.server DESCRIPTOR WORKSPACE``.

Its parent, ``processes.py``, has bound the socket of that descriptor, and names the home in the environment.
"""

import os
import socket
import sys
from typing import Any

from assets.errors import ZhoubaoError
from assets.home import Home
from pipelines.printing.lines import say
from pipelines.ui.door import Door, serve
from pipelines.ui.token import token_file, ui_token


def main(arguments: list[str]) -> None:
    """Serve until a signal ends it."""
    import uvicorn
    from dagster_webserver.cli import cli

    from pipelines.orchestration.instance import open_instance
    from pipelines.settings import load_settings

    descriptor, workspace = int(arguments[0]), arguments[1]
    settings = load_settings()
    # Dagster's program opens it by itself; that it may is seen here
    open_instance(settings.place).dispose()
    listening = socket.socket(fileno=descriptor)

    def served(app: Any, **_: object) -> None:
        serve(behind_the_door(app, settings.place, settings.ui_hosts), listening)

    # what Dagster's program hands its pages to. Its own port is the one that is taken already: should it ever serve them in another
    # way, it ends there, and nothing is open without the door
    uvicorn.run = served
    port = listening.getsockname()[1]
    cli.main(
        ["--workspace", workspace, "--port", str(port), "--log-level", "warning"], "dagster-webserver", standalone_mode=False
    )


def behind_the_door(app: Any, home: Home, hosts: tuple[str, ...]) -> Door:
    """The pages for those alone who know the home's token."""
    return Door(app, ui_token(home), str(token_file(home)), hosts)


if __name__ == "__main__":
    os.umask(0o077)
    try:
        main(sys.argv[1:])
    except ZhoubaoError as error:
        say(f"zhoubao: {error}")
        sys.exit(error.exit_code)
