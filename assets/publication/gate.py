"""The gate: publishes what passed its checks, refuses what did not, and says so in the manifest."""

import hashlib
import json

import duckdb

from assets.clock import beijing_now
from assets.errors import DamageError, RefusedError
from assets.home import Home
from assets.publication.checking import show
from assets.publication.publish import DEFAULT_RULES, damaged_files, is_in_place, publish
from assets.publication.store.access import PublishingRules
from assets.publication.store.manifest import PublicationFacts, PublishedManifest, current_manifest, known_manifest, note_refusal
from assets.quality.check_waivers import waivers_in_force
from assets.quality.results import CheckResult, last_run
from assets.quality.suites.suite import load_suites
from assets.warehouse.state.lake_files import verify_changed
from assets.warehouse.state.ledger import checked_inputs, note_published
from assets.warehouse.state.waivers import read_waivers, waiver_hashes
from assets.warehouse.store import Warehouse


def blocking_checks(connection: duckdb.DuckDBPyConnection) -> list[CheckResult]:
    """The checks of the build in force that keep it from publishing; none where it was not checked yet."""
    return [result for result in last_run(connection) if result.blocks] if checked_inputs(connection) else []


def publish_if_good(warehouse: Warehouse, rules: PublishingRules = DEFAULT_RULES) -> PublishedManifest:
    """Publish the warehouse as it is.

    Raises ``RefusedError`` where it was built since it was checked, or naming the checks that keep it from that; and as ``publish``.
    """
    with warehouse.open("publish") as connection:
        inputs = checked_inputs(connection)
        if inputs is None:
            raise RefusedError("not published: the tables were rebuilt and not checked since; run the checks first")
        blocking = blocking_checks(connection)
        if blocking:
            note_refusal(warehouse.home, blocking[0].run_at, [result.check_id for result in blocking])
            raise RefusedError("not published: " + "; ".join(f"{result.check_id} ({result.rule})" for result in blocking))
        manifest = publish(connection, warehouse.home, warehouse.models, _facts(connection, warehouse, inputs), rules)
        note_published(connection)
        connection.execute("checkpoint")
        show(connection, warehouse)
    return manifest


def is_current(warehouse: Warehouse, rules: PublishingRules = DEFAULT_RULES) -> bool:
    """Whether there is nothing to publish: what is in force follows from the lake and the settings as they are now.

    After a rollback this stays true until new input comes in. Raises ``LakeDamageError`` if a file of the lake changed.
    """
    manifest = current_manifest(warehouse.home)
    if manifest is None or manifest.settled_inputs != _with_checks(warehouse.inputs_sha256(), warehouse.home):
        return False
    if not is_in_place(warehouse.home, manifest, rules) or _is_damaged(warehouse.home, manifest):
        return False
    if not warehouse.home.warehouse.exists():
        return True
    # a warehouse that was rebuilt because it differed is not what was published
    with warehouse.open("status") as connection:
        if checked_inputs(connection) is None:
            return False
        verify_changed(connection, warehouse.home.lake)
    return True


def _is_damaged(home: Home, manifest: PublishedManifest) -> bool:
    """Whether files in force are damaged, which a publication puts right. Raises ``DamageError`` where it would end a rollback."""
    damaged = damaged_files(home)
    if damaged and manifest.rollback:
        raise DamageError(
            f"{home.published / damaged[0]} is damaged; `zhoubao publish --rollback {manifest.version}` puts it right"
        )
    return bool(damaged)


def is_published(warehouse: Warehouse, rules: PublishingRules = DEFAULT_RULES) -> bool:
    """Whether the build in the warehouse is what is in force, undamaged and not by a rollback; true if there is no build."""
    if not warehouse.home.warehouse.exists():
        return True
    manifest = known_manifest(warehouse.home)
    if manifest is None or manifest.rollback or not is_in_place(warehouse.home, manifest, rules) or damaged_files(warehouse.home):
        return False
    with warehouse.open("publish") as connection:
        inputs = checked_inputs(connection)
    return inputs is not None and manifest.inputs_sha256 == _with_checks(inputs, warehouse.home)


def _with_checks(inputs_sha256: str, home: Home) -> str:
    """A hash of what the tables follow from, of the checks they passed and of the waivers: a change of any of them is news."""
    suites = [suite.model_dump(mode="json") for suite in load_suites()]
    said = json.dumps([suites, waiver_hashes(home.lake)], sort_keys=True)
    return hashlib.sha256((inputs_sha256 + said).encode()).hexdigest()


def _facts(connection: duckdb.DuckDBPyConnection, warehouse: Warehouse, inputs_sha256: str) -> PublicationFacts:
    through = connection.execute("select max(business_date) from core.delivered_days").fetchone()
    issues = connection.execute("select issue_key from core.issue_windows where has_figures order by issue_key").fetchall()
    return PublicationFacts(
        built_at=beijing_now().replace(microsecond=0),
        code_version=warehouse.code_version,
        business_date_through=through[0] if through else None,
        issues=[key for (key,) in issues],
        inputs_sha256=_with_checks(inputs_sha256, warehouse.home),
        waivers=tuple(read_waivers(warehouse.home.lake)),
        in_force=tuple(waivers_in_force(warehouse, load_suites())),
    )
