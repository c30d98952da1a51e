"""``zhoubao upgrade``: the home's layout made this program's, and the way back, each under the writer's lock."""

from pathlib import Path

from assets.layout import layout_of
from assets.publication.publish import finish_interrupted
from assets.stray_files import remove_stray_files
from assets.warehouse import upgrade as upgrading
from assets.warehouse.connection import writer_lock
from pipelines.settings import Settings


def upgrade(settings: Settings) -> Path | None:
    """Upgrade the home; its backup, ``None`` where nothing was to be done. Raises ``BusyError``, ``UsageError``, ``StorageError``."""
    home = settings.place
    with writer_lock(home, settings.lock_wait_seconds, "upgrade", upgrading=False):
        remove_stray_files(home)
        return upgrading.upgrade(home)


def roll_back(settings: Settings) -> tuple[int, Path | None]:
    """Put the newest backup back; the home's layout now, and where the files are that were replaced.

    Raises ``UsageError`` where there is no backup.
    """
    home = settings.place
    with writer_lock(home, settings.lock_wait_seconds, "upgrade", upgrading=False):
        remove_stray_files(home)
        finish_interrupted(home)
        replaced = upgrading.roll_back(home)
        return layout_of(home), replaced
