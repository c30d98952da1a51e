"""A home of an older layout → this program's, step by step, after a backup; and back again.

Each step is a module of ``migrations/``, called after the layout it makes, and may be begun again after a kill.
"""

from pathlib import Path

from assets.backups import begin_rollback, finish_rollback, make_backup
from assets.home import LAYOUT, Home, note_layout
from assets.layout import layout_of, refuse_newer
from assets.warehouse.file_hash import forget
from assets.warehouse.migrations import MIGRATIONS


def upgrade(home: Home) -> Path | None:
    """Give the home this program's layout; the backup made, ``None`` where it has it already. The caller holds the writer's lock.

    Raises ``UsageError`` for a home of a newer layout, ``StorageError`` where the disk has no room for the backup.
    """
    finish_rollback(home)
    refuse_newer(home)
    layout = layout_of(home)
    if layout == LAYOUT:
        return None
    backup = make_backup(home, layout)
    for number in range(layout + 1, LAYOUT + 1):
        MIGRATIONS[number](home)
        note_layout(home, number)
    return backup


def roll_back(home: Home) -> Path | None:
    """Put the newest backup back; where the files are that it replaced. The caller holds the writer's lock, not through an upgrade."""
    replaced = finish_rollback(home)
    if replaced is None:
        refuse_newer(home)
        # the record is of the newer warehouse
        forget(home)
        begin_rollback(home)
        replaced = finish_rollback(home)
    return replaced
