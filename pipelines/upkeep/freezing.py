"""``zhoubao bulletin --freeze`` and ``--erratum``: record in the lake, then build, check and publish again, under one lock.

Nothing in landing is taken in, so that the new publication differs by the record alone.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from assets.clock import beijing_now
from assets.errors import RefusedError
from assets.home import Home
from assets.publication.checking import check_and_show
from assets.publication.gate import publish_if_good
from assets.publication.store.manifest import current_manifest
from assets.reports.bulletin import Prepared, PrintedBulletin, prepare_issue, refuse_unknown
from assets.reports.freeze import FreezeTerms, freeze_issue, record_erratum, refuse_second_freeze
from assets.reports.printing import print_issue, refused_since
from assets.warehouse.connection import writer_lock
from assets.warehouse.state.freeze_files import Erratum, FrozenIssue
from pipelines.resources import intake_of, warehouse_of
from pipelines.settings import Settings, code_version


def freeze(
    settings: Settings, issue_key: str, out: Path, formats: Sequence[str], despite: str | None = None
) -> tuple[PrintedBulletin, FrozenIssue]:
    """Freeze the issue as it is printed now, publish its figures as such, and print it; the bulletin's files and the record.

    Raises ``RefusedError`` where the issue is frozen already or not fit to print (unless ``despite`` says why it is frozen all the
    same), and where a check kept the freeze, once recorded, from being published: the next run that publishes then publishes it too.
    """
    refuse_unknown(formats)
    home = settings.place
    # no version can be published between printing and freezing
    with writer_lock(home, settings.lock_wait_seconds, "freeze"):
        _refuse_after_rollback(home)
        prepare = partial(_prepare, settings, issue_key, despite)
        refuse_second_freeze(home, issue_key, lambda: prepare().bulletin)
        prepared = prepare()
        frozen = freeze_issue(home, prepared, FreezeTerms(code_version(), beijing_now(), despite))
        _publish_again(settings, f"issue {issue_key} is frozen")
        printed = print_issue(home, issue_key, out, formats)
    return replace(printed, findings=prepared.findings, unfit=prepared.unfit), frozen


def _prepare(settings: Settings, issue_key: str, despite: str | None) -> Prepared:
    home = settings.place
    refused = refused_since(home)
    return prepare_issue(
        home.published_database, home.editorial, issue_key, settings.fitness, refused, despite, settings.bulletin, home.template
    )


def correct(settings: Settings, issue_key: str, text: str, out: Path, formats: Sequence[str]) -> tuple[PrintedBulletin, Erratum]:
    """Record an erratum alongside the frozen issue, publish it, and print the issue again with it."""
    with writer_lock(settings.place, settings.lock_wait_seconds, "erratum"):
        _refuse_after_rollback(settings.place)
        erratum = record_erratum(settings.place, issue_key, text, code_version(), beijing_now())
        _publish_again(settings, f"erratum {erratum.erratum_no} of issue {issue_key} is recorded")
        return print_issue(settings.place, issue_key, out, formats, settings.fitness), erratum


def _refuse_after_rollback(home: Home) -> None:
    """Refuse after a rollback: recording would publish the warehouse that the rollback set aside."""
    manifest = current_manifest(home)
    if manifest is not None and manifest.rollback is not None:
        raise RefusedError(
            f"version {manifest.version} is in force by a rollback from {manifest.rollback.from_version}, and recording would publish"
            " what was set aside; first fix the data and run, or zhoubao publish"
        )


def _publish_again(settings: Settings, recorded: str) -> None:
    warehouse = warehouse_of(settings)
    with warehouse.open("freeze") as connection:
        warehouse.build(connection, intake_of(settings)[0].survey().held)
        check_and_show(connection, warehouse)
    try:
        publish_if_good(warehouse, settings.publishing)
    except RefusedError as error:
        raise RefusedError(f"{recorded}, and will be published by the next run that passes its checks; now {error}") from error
