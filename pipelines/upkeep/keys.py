"""``zhoubao key``: which keys the home has used, and a new one from now on."""

from pathlib import Path
from typing import Any

from assets.errors import UsageError
from assets.exports.erasing.record import read_erasures, verify_erasures
from assets.exports.keys.record import key_record, rows_by_key
from assets.exports.keys.secret import Rotated, known_keys, rotate
from assets.stray_files import remove_stray_files
from assets.warehouse.connection import writer_lock
from pipelines.resources import intake_of
from pipelines.settings import Settings


def key_status(settings: Settings) -> list[dict[str, Any]]:
    """For each key, by id: the time of its use, whether its file is here, and how many rows have a pseudonym of it."""
    home = settings.place
    rows = rows_by_key(home.lake)
    periods = {key.key_id: key for key in key_record(home.lake).keys}
    entries = []
    for key_id in dict.fromkeys([*periods, *rows]):
        period = periods.get(key_id)
        is_current = period is not None and period.retired_at is None
        is_here = _key_file(settings).exists() if is_current else (home.retired_keys / f"{key_id}.key").exists()
        entries.append(
            {
                "key_id": key_id,
                "first_used_at": str(period.first_used_at) if period else None,
                "retired_at": str(period.retired_at) if period and period.retired_at else None,
                "is_in_use": is_current,
                "is_here": is_here or (is_current and settings.secret_key is not None),
                "rows": rows.get(key_id, 0),
            }
        )
    return entries


def rotate_key(settings: Settings, new_key_file: Path | None = None) -> Rotated:
    """Use a new key from now on. Raises ``UsageError`` where the key comes from the setting, which nobody can write here."""
    if settings.secret_key is not None:
        raise UsageError(
            "the key comes from the setting secret_key: write it into a file of mode 0600, name that as secret_key_file, "
            "remove secret_key, then rotate"
        )
    home = settings.place
    home.prepare()
    with writer_lock(home, settings.lock_wait_seconds, "key rotate"):
        remove_stray_files(home)
        return rotate(home, _key_file(settings), new_key_file)


def verify_before_rebuild(settings: Settings) -> None:
    """Raise ``LakeDamageError`` where a record of an erasure is not as it was signed; without the key, its place alone is compared."""
    home = settings.place
    if read_erasures(home.lake):
        try:
            keys = known_keys(home, intake_of(settings)[0].key)
        except UsageError:
            keys = []
        verify_erasures(home.lake, keys)


def _key_file(settings: Settings) -> Path:
    return (settings.secret_key_file or settings.place.key_file).absolute()
