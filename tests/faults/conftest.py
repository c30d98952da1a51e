"""The small homes that all tests of faults begin with, made once for all test processes."""

from pathlib import Path

import pytest
from filelock import FileLock

from tests.faults.worker import in_worker
from tests.faults.worlds import World, add_complete_home, make_world


def _shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the processes of one session share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if own.name.startswith("popen-") else own


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = _shared(tmp_path_factory) / "faults"
    with FileLock(f"{folder}.lock"):
        made = folder / "made"
        if not made.exists():
            in_worker(make_world, folder)
            made.touch()
    return World(folder)


@pytest.fixture(scope="session")
def complete_world(world: World) -> World:
    with FileLock(f"{world.folder}.lock"):
        made = world.folder / "completed"
        if not made.exists():
            in_worker(add_complete_home, world)
            made.touch()
    return world
