"""The doctor as the suite calls it, in a child process: every block of the warehouse is read in a fork of that child.

The doctor itself starts a fresh process for that, which imports everything again; that would be most of a trial's time.
"""

import sys
from pathlib import Path

from assets.condition import Condition
from assets.warehouse import block_reader, examination
from pipelines.doctor import examine
from pipelines.settings import load_settings
from tests.faults.children import ChildError, in_child, replaced


def examined(root: Path) -> list[Condition]:
    """The condition of each part of the home ``root``."""
    replaced(examination, "can_be_read", _can_be_read)
    return examine(load_settings(root, lock_wait_seconds=0), hashed=True)


def _can_be_read(database: Path) -> bool:
    def work() -> int:
        sys.argv = ["", str(database)]
        try:
            block_reader.main()
        except SystemExit as ended:
            return int(str(ended.code))
        return 0

    try:
        code = in_child(work)
    except ChildError:
        return False
    assert code == 0, "another program has the database open"
    return True
