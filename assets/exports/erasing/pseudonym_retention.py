"""Blanks pseudonyms past the site's days to keep, a few files a run; a retired key is removed with its last pseudonym."""

from datetime import datetime, timedelta

from assets.backups import forget_backups
from assets.exports.erasing.blank_deliveries import blank
from assets.exports.erasing.blank_rows import has_pseudonyms
from assets.exports.erasing.record import read_erasures
from assets.exports.keys.record import rows_by_key
from assets.exports.lake.receipt import Receipt, Receipts
from assets.home import Home, storage_errors

# a day has one or two; the build that follows reads what is rewritten
MAX_DELIVERIES_A_RUN = 20
_KEY_ID_LENGTH = 16


def blank_old_pseudonyms(home: Home, days_to_keep: int | None, now: datetime, at_most: int = MAX_DELIVERIES_A_RUN) -> int:
    """Blank all rows of deliveries received more than that many days ago, the oldest first; returns the number of deliveries.

    ``now`` is naive Beijing time. The caller holds the writer's lock, and builds afterwards. Counts stay as they are.
    """
    if days_to_keep is None:
        return 0
    oldest = now - timedelta(days=days_to_keep)
    due = [receipt for receipt in Receipts(home.lake) if receipt.received_at < oldest and _indexes(receipt)]
    chosen = sorted(due, key=lambda receipt: receipt.received_at)[:at_most]
    for receipt in chosen:
        blank(home.lake, receipt, dict.fromkeys(_indexes(receipt)))
    if chosen:
        forget_backups(home, now)
        _remove_needless_keys(home)
    return len(chosen)


def _indexes(receipt: Receipt) -> list[int]:
    """The files of a delivery whose rows may have pseudonyms."""
    held = (file for file in receipt.files if file.lake_file and not file.is_blanked)
    return [file.file_index for file in held if has_pseudonyms(file.feed)]


def _remove_needless_keys(home: Home) -> None:
    """A retired key serves to find a person among its rows, and to verify what it signed."""
    needed = {*rows_by_key(home.lake), *(erasure.key_id for erasure in read_erasures(home.lake))}
    for path in home.retired_keys.glob("*.key"):
        # the pending key of a rotation has another name
        if len(path.stem) == _KEY_ID_LENGTH and path.stem not in needed:
            with storage_errors(path):
                path.unlink()
