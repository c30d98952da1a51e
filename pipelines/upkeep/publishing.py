"""``zhoubao publish``: puts the warehouse, or a kept version, in force, under the writer's lock."""

from typing import Any

from assets.clock import beijing_now
from assets.home import Home
from assets.publication.gate import is_published, publish_if_good
from assets.publication.publish import finish_interrupted
from assets.publication.rollback import forget_version, list_versions, roll_back
from assets.publication.store.manifest import PublishedManifest
from assets.warehouse.connection import writer_lock
from pipelines.resources import warehouse_of
from pipelines.settings import Settings


def publish_as_it_stands(settings: Settings) -> PublishedManifest | None:
    """Publish the build if it passed its checks; ``None`` if it is in force already or nothing was built.

    Raises ``RefusedError`` where it was not checked or a check of severity ERROR keeps it.
    """
    home, warehouse, rules = settings.place, warehouse_of(settings), settings.publishing
    home.prepare()
    with writer_lock(home, settings.lock_wait_seconds, "publish"):
        finished = finish_interrupted(home)
        return finished if is_published(warehouse, rules) else publish_if_good(warehouse, rules)


def roll_back_to(settings: Settings, version: str) -> PublishedManifest | None:
    """Put a kept version in force; ``None`` where it is already. Raises as ``rollback.roll_back``."""
    home = settings.place
    home.prepare()
    with writer_lock(home, settings.lock_wait_seconds, "rollback"):
        return roll_back(home, version, beijing_now().replace(microsecond=0), settings.publishing)


def forget(settings: Settings, version: str) -> None:
    """Remove a kept version that is not in force. Raises as ``rollback.forget_version``."""
    home = settings.place
    home.prepare()
    with writer_lock(home, settings.lock_wait_seconds, "forget"):
        forget_version(home, version)


def version_entries(home: Home) -> list[dict[str, Any]]:
    """The versions kept, newest first, as they are printed."""
    return [
        {
            "version": kept.version,
            "built_at": kept.built_at.isoformat() if kept.built_at else None,
            "business_date_through": kept.business_date_through.isoformat() if kept.business_date_through else None,
            "rows": kept.rows,
            "in_force": kept.is_in_force,
        }
        for kept in list_versions(home)
    ]
