"""The process that serves Dagster's pages behind the door: ``python -m pipelines.ui.server DESCRIPTOR WORKSPACE``.

Its parent, ``processes.py``, has bound the socket of that descriptor, and names the home in the environment.
"""

import os
import socket
import sys
from typing import Any

from assets.errors import ZhoubaoError
from assets.home import Home
from pipelines.printing import say
from pipelines.ui.door import Door, serve
from pipelines.ui.token import token_file, ui_token

_STATEMENT_MILLISECONDS, _POOL_SECONDS, _POOL_OVERFLOW = 15_000, 3600, 20


def main(arguments: list[str]) -> None:
    """Serve until a signal ends it."""
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import WorkspaceFileTarget
    from dagster_webserver.app import create_app_from_workspace_process_context
    from dagster_webserver.version import __version__

    from pipelines.instance import open_instance
    from pipelines.settings import load_settings

    descriptor, workspace = int(arguments[0]), arguments[1]
    settings = load_settings()
    with open_instance(settings.place) as instance:
        instance.optimize_for_webserver(_STATEMENT_MILLISECONDS, _POOL_SECONDS, _POOL_OVERFLOW)
        target = WorkspaceFileTarget([workspace])
        with WorkspaceProcessContext(instance, workspace_load_target=target, version=__version__) as context:
            app = create_app_from_workspace_process_context(context, "")
            serve(behind_the_door(app, settings.place, settings.ui_hosts), socket.socket(fileno=descriptor))


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
