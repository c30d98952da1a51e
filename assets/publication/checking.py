"""The checks as the gate needs them: carried out on the build in force, shown on the page, and a refusal noted at once.

The step that publishes is never reached where a check of Dagster's blocks it, so what must be said is said here.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from assets.publication.store.manifest import known_manifest, note_refusal
from assets.warehouse.store import Warehouse

if TYPE_CHECKING:
    import duckdb

    # with the library's engine, for a command that checks
    from assets.quality.check_run import CheckRun


def check_before_publishing(warehouse: Warehouse, requested: Mapping[str, str]) -> "CheckRun":
    """Check what is to be published next; where that may not be, the manifest of the publication in force says so."""
    with warehouse.open("check") as connection:
        run = check_and_show(connection, warehouse, requested)
    if run.blocking:
        note_refusal(warehouse.home, run.results[0].run_at, [result.check_id for result in run.blocking])
    return run


def check_and_show(
    connection: "duckdb.DuckDBPyConnection", warehouse: Warehouse, requested: Mapping[str, str] | None = None, whole: bool = False
) -> "CheckRun":
    """Check as ``check_warehouse`` does, and rewrite the page of quality."""
    from assets.quality.check_run import check_warehouse

    run = check_warehouse(connection, warehouse, requested, whole)
    show(connection, warehouse)
    return run


def show(connection: "duckdb.DuckDBPyConnection", warehouse: Warehouse) -> None:
    """The page of quality as things stand, with the publication in force."""
    from assets.quality.output.page import write_page
    from assets.quality.output.page_facts import PublicationInForce

    # a publication is what fixes a damaged manifest, and it comes after the checks
    manifest = known_manifest(warehouse.home)
    in_force = PublicationInForce(manifest.version, manifest.built_at, manifest.business_date_through) if manifest else None
    write_page(connection, warehouse.home, in_force)
