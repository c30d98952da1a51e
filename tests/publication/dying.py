"""A publisher that dies before its n-th call of an effect, as by SIGKILL: nothing is put back and nothing cleaned."""

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from assets.home import Home
from assets.publication import publish as publishing
from assets.publication import rollback
from assets.publication.publish import publish
from assets.publication.rollback import roll_back
from assets.publication.snapshot import descriptions
from assets.publication.store import swap
from assets.warehouse.connection import open_warehouse, writer_lock
from assets.warehouse.models.model import load_models

from .small_warehouse import LATER

# what changes the state that a kill leaves, or marks a part of the way; test_swap.py interrupts all the others
EFFECTS: dict[str, tuple[object, str]] = {
    "replace": (Path, "replace"),
    "unlink": (Path, "unlink"),
    "write_bytes": (Path, "write_bytes"),
    "rmtree": (swap, "rmtree"),
    "describe": (descriptions, "describe"),
    "prune": (publishing, "prune"),
    "prune after rollback": (rollback, "prune"),
}
_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.publication.dying"])


def dies(root: Path, version: str | None, effect: str, step: int) -> bool:
    """Publish the home below ``root``, or go back to ``version``, in another process; whether call ``step`` was reached and killed it."""
    process = _CONTEXT.Process(target=_live, args=(root, version, effect, step))
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return process.exitcode != 0


def _live(root: Path, version: str | None, effect: str, step: int) -> None:
    owner, name = EFFECTS[effect]
    setattr(owner, name, _dying_at(step, getattr(owner, name)))
    home = Home(root / "home")
    with writer_lock(home, 0, "dying"):
        if version is not None:
            roll_back(home, version, LATER.built_at + timedelta(days=1))
            return
        with open_warehouse(home) as con:
            publish(con, home, load_models(root / "sql"), LATER)


def _dying_at(step: int, real: Callable[..., Any]) -> Callable[..., Any]:
    calls = 0

    def stand_in(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **named)

    return stand_in
