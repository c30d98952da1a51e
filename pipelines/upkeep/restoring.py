"""``zhoubao rebuild --lake``: remakes damaged files of the lake from the originals in the archive, under the writer's lock."""

from assets.exports.lake.restoring import Restored, restore
from assets.warehouse.connection import writer_lock
from pipelines.resources import intake_of
from pipelines.settings import Settings


def restore_lake(settings: Settings) -> Restored:
    """Remake the files whose hash comes out equal. Raises ``BusyError``, ``UsageError`` without the key, ``DamageError`` for a damaged receipt."""
    with writer_lock(settings.place, settings.lock_wait_seconds, "rebuild"):
        intake, _ = intake_of(settings)
        return restore(intake)
