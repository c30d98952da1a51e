"""What the assets are handed when a run starts: plain values of the steps, made from the site's settings."""

from datetime import date

from assets.exports.delivery import Intake
from assets.exports.keys.secret import pseudonym_key
from assets.warehouse.store import Warehouse
from pipelines.settings import Settings, code_version


def intake_of(settings: Settings, through: date | None = None) -> tuple[Intake, bool]:
    """What deliveries are taken in with, and whether the key was made now. Raises ``UsageError`` where the key is missing."""
    secret = settings.secret_key
    key, is_new = pseudonym_key(settings.place, secret.get_secret_value() if secret else None, settings.secret_key_file)
    intake = Intake(
        settings.place,
        settings.landing_folder,
        key,
        settings.limits,
        through,
        settings.bare_files,
        days_ahead=settings.business_days_ahead,
    )
    return intake, is_new


def warehouse_of(settings: Settings) -> Warehouse:
    """The warehouse by the site's rules."""
    return Warehouse(
        settings.place,
        settings.calendar,
        settings.counting,
        code_version(),
        settings.memory_limit,
        settings.lock_wait_seconds,
    )
