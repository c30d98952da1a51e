"""The gate: publishes what passed its checks, refuses what did not, and says so in the manifest."""

import hashlib
import json
from datetime import datetime

import duckdb

from assets.errors import RefusedError
from assets.exports.manifest import BEIJING
from assets.publication.manifest import PublicationFacts, PublishedManifest, current_manifest, note_refusal
from assets.publication.publish import publish
from assets.quality.check_run import note_published
from assets.quality.results import CheckResult, last_run
from assets.quality.suites import load_suites
from assets.warehouse.store import Warehouse


def blocking_checks(connection: duckdb.DuckDBPyConnection) -> list[CheckResult]:
    """The checks of the newest check run that keep it from publishing."""
    return [result for result in last_run(connection) if result.blocks]


def publish_if_good(warehouse: Warehouse) -> PublishedManifest:
    """Publish the warehouse as it stands. Raises ``RefusedError`` naming the checks that keep it from that."""
    with warehouse.open("publish") as connection:
        blocking = blocking_checks(connection)
        if blocking:
            note_refusal(warehouse.home, blocking[0].run_at, [result.check_id for result in blocking])
            raise RefusedError("not published: " + "; ".join(f"{result.check_id} ({result.rule})" for result in blocking))
        manifest = publish(connection, warehouse.home, warehouse.models, _facts(connection, warehouse))
        note_published(connection)
        connection.execute("checkpoint")
    return manifest


def is_current(warehouse: Warehouse) -> bool:
    """Whether the publication in force follows from just what is in the lake and the settings now."""
    manifest = current_manifest(warehouse.home)
    return manifest is not None and manifest.inputs_sha256 == _inputs_sha256(warehouse)


def _inputs_sha256(warehouse: Warehouse) -> str:
    """A hash of what the tables follow from and of the checks they passed: a changed suite is news too."""
    suites = [suite.model_dump(mode="json") for suite in load_suites()]
    return hashlib.sha256((warehouse.inputs_sha256() + json.dumps(suites, sort_keys=True)).encode()).hexdigest()


def _facts(connection: duckdb.DuckDBPyConnection, warehouse: Warehouse) -> PublicationFacts:
    through = connection.execute("select max(business_date) from core.delivered_days").fetchone()
    issues = connection.execute("select issue_key from core.issue_windows where has_figures order by issue_key").fetchall()
    return PublicationFacts(
        built_at=datetime.now(BEIJING).replace(tzinfo=None, microsecond=0),
        code_version=warehouse.code_version,
        business_date_through=through[0] if through else None,
        issues=[key for (key,) in issues],
        inputs_sha256=_inputs_sha256(warehouse),
    )
