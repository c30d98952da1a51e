"""The command that serves Dagster's pages."""

import os
import sys
from pathlib import Path

from pipelines.commands.options import HomeOption, settings_of


def dev(home: HomeOption = None, port: int = 3000) -> None:
    """The Dagster UI and daemon on loopback, on this home's own instance."""
    from pipelines.run import prepare_instance

    place = settings_of(home).place
    place.prepare()
    environment = os.environ | {"DAGSTER_HOME": str(prepare_instance(place)), "ZHOUBAO_HOME": str(place.root)}
    program = str(Path(sys.executable).with_name("dagster"))
    workspace = str(Path(__file__).parents[2] / "workspace.yaml")
    os.execve(program, [program, "dev", "-w", workspace, "-h", "127.0.0.1", "-p", str(port)], environment)
