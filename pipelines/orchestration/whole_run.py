"""The one step of Dagster that a run is, whoever launches it: asset, check or job, it does what ``zhoubao run`` does.

It makes all that it makes together, under one lock, so each asset of it may be asked for alone: more is made then than was asked.
A check that is asked for alone is carried out as ``zhoubao check`` does, and nothing else is.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

import dagster as dg
from pydantic import Field

from assets.calendar import load_working_days
from assets.clock import beijing_now
from assets.errors import BusyError, NothingPublishedError, UsageError, ZhoubaoError
from assets.exports.assets import arrival_key, delivery_event, lake_events, lake_specs
from assets.exports.lake.receipt import Receipt
from assets.guard import gated
from assets.platform.contract import load_contract
from assets.publication.arrival import arrival_of
from assets.publication.assets import DATABASE, arrival_checks, arrival_results, database_spec, published_metadata
from assets.publication.store.manifest import PublishedManifest, known_manifest
from assets.quality.checks import check_events, check_specs
from assets.quality.output.places import findings_path
from assets.quality.results import last_run
from assets.reports.assets import note_issues
from assets.warehouse.assets import built_events, day_event, warehouse_specs
from assets.warehouse.state.ledger import checked_inputs, is_built
from assets.warehouse.store import Warehouse
from pipelines.orchestration.jobs import RUN_JOB
from pipelines.orchestration.living_runs import live_until_the_process_ends
from pipelines.orchestration.tags import asked_tags, outcome_tags
from pipelines.orchestration.zombies import end_zombies
from pipelines.resources import warehouse_of
from pipelines.running.outcome import DONE, NOTHING_TO_DO, REFUSED, Outcome
from pipelines.running.run import Asked, Begun, begun, ended
from pipelines.running.steps import Built, Report, TakenIn, carried_out
from pipelines.settings import Settings

STEP = "run_all_steps"
_MOST_TRIES, _FIRST_WAIT_SECONDS = 5, 60
Event = dg.AssetMaterialization | dg.AssetCheckEvaluation | dg.MaterializeResult[None]


@dataclass(frozen=True)
class Launch:
    """What the step works with; ``begun`` where ``zhoubao run`` launched it, which holds the lock and sees to the end itself."""

    settings: Settings
    begun: Begun | None = None


class RunConfig(dg.Config):
    """What may be asked of a run in Dagster's launchpad, as of ``zhoubao run``."""

    waive: dict[str, str] = Field(default={}, description="放行的检查：检查编号 → 理由（同 zhoubao run --waive … --reason …）")
    through: str = Field(default="", description="只取到这个业务日期，如 2023-09-01；空为全部")


def whole_run() -> dg.AssetsDefinition:
    """The step with all that it makes; made by a function since it reads ``sql/`` and ``expectations/``."""

    @dg.multi_asset(
        name=STEP,
        specs=[*lake_specs(), *warehouse_specs(), database_spec()],
        check_specs=[*check_specs(), *arrival_checks()],
        # each may be asked for alone, and none has to come: a run without news makes nothing
        can_subset=True,
        pool="warehouse",
    )
    def run_all_steps(context: dg.AssetExecutionContext, config: RunConfig, launch: dg.ResourceParam[Launch]) -> Iterator[Event]:
        """与 zhoubao run 相同：有无新内容，取入，重算，检查，发布，保留期限，记录；没有新内容就什么也不发布。"""
        try:
            yield from _events(context, config, launch)
        except BusyError as error:
            if launch.begun is not None:
                # a person waits for the command
                raise
            wait = _FIRST_WAIT_SECONDS * 2**context.retry_number
            raise dg.RetryRequested(max_retries=_MOST_TRIES, seconds_to_wait=wait) from error

    return run_all_steps


@gated
def _events(context: dg.AssetExecutionContext, config: RunConfig, launch: Launch) -> Iterator[Event]:
    settings = launch.settings
    if launch.begun is not None:
        yield from _shown(context, launch.begun)
    else:
        live_until_the_process_ends(settings.place, context.run_id)
        if context.selected_asset_keys:
            yield from _with_the_unchanged(context, _run(context, settings, _asked(config)))
        else:
            yield from _checked_alone(context, warehouse_of(settings))
    yield from _arrival(settings)


def _with_the_unchanged(context: dg.AssetExecutionContext, events: Iterator[Event]) -> Iterator[Event]:
    """Where assets were asked for by name, an answer for each of them: Dagster holds a backfill without one for failed."""
    answered = set()
    for event in events:
        answered.add(event.asset_key if not isinstance(event, dg.AssetCheckEvaluation) else None)
        yield event
    if context.job_name == RUN_JOB:
        return
    words = {"说明": "没有新内容：与上次相同，没有重做，也没有另行发布"}
    for key in sorted(context.selected_asset_keys - answered - {DATABASE}):
        yield dg.AssetMaterialization(key, metadata=words)
    if DATABASE in context.selected_asset_keys - answered:
        yield dg.MaterializeResult(asset_key=DATABASE, metadata=words)


def _asked(config: RunConfig) -> Asked:
    try:
        through = date.fromisoformat(config.through) if config.through else None
    except ValueError:
        raise UsageError("through: a date such as 2023-09-01 is expected") from None
    return Asked(through, dict(config.waive))


def _run(context: dg.AssetExecutionContext, settings: Settings, asked: Asked) -> Iterator[Event]:
    """A run that Dagster launched, from the lock to the journal."""
    instance = context.instance
    with begun(settings, asked) as pending:
        end_zombies(settings.place, instance)
        instance.add_run_tags(context.run_id, asked_tags(pending))
        if pending.is_news:
            # kept in ``pending``: the journal comes first
            with suppress(ZhoubaoError):
                yield from _shown(context, pending)
        outcome = ended(pending, context.run_id if pending.is_news else None)
    instance.add_run_tags(context.run_id, outcome_tags(outcome))
    _tell(context, outcome)
    if pending.error is not None:
        raise pending.error
    if not pending.is_news:
        manifest = known_manifest(settings.place)
        note_issues(instance, manifest.issues if manifest else ())
        yield from _as_before(pending.warehouse)


def _tell(context: dg.AssetExecutionContext, outcome: Outcome) -> None:
    """What the command would print, as far as it is no account of a file."""
    if outcome.exit_code == NOTHING_TO_DO:
        context.log.info("没有新内容：什么也没有做，发布的版本照旧（nothing to do）")
    for held in outcome.facts.get("held", []):
        context.log.warning(f"{held['delivery']}  {held['state']}  {held['note']}")
    for account in outcome.facts.get("accounts", []):
        if account["quarantined"] or account["state"] == "quarantined":
            context.log.warning(f"{account['delivery']}  {account['file']}  隔离 {account['quarantined']} 行")
    for path in outcome.facts.get("workbooks", []):
        context.log.warning(f"交平台方更正：{path}")


def _shown(context: dg.AssetExecutionContext, pending: Begun) -> Iterator[Event]:
    for report in carried_out(pending):
        yield from _of_report(context, pending, report)


def _of_report(context: dg.AssetExecutionContext, pending: Begun, report: Report) -> Iterator[Event]:
    if isinstance(report, Receipt):
        yield delivery_event(report)
    elif isinstance(report, TakenIn):
        yield from lake_events(report.receipts)
    elif isinstance(report, Built):
        yield from _days(context.instance, report)
        yield from built_events(report.tables)
    elif isinstance(report, PublishedManifest):
        note_issues(context.instance, report.issues)
        yield _published(context, published_metadata(pending.home, report))
    else:
        yield from check_events(report)


def _days(instance: dg.DagsterInstance, built: Built) -> Iterator[Event]:
    """The business days that changed, and those that no run has shown yet: of a killed one, or of a release before this one."""
    for feed in load_contract().feeds:
        shown = instance.get_materialized_partitions(arrival_key(feed))
        here = {day for day, other in built.days if other == feed}
        for day in sorted(day for day in here if day in built.changed or str(day) not in shown):
            yield day_event(day, feed, built.days[day, feed])
        for day in sorted(day for day in built.changed - here if str(day) in shown):
            yield day_event(day, feed, None)


def _published(context: dg.AssetExecutionContext, metadata: dict[str, Any]) -> Event:
    """An output where it was asked for, so that a bulletin in the same run comes after it."""
    if DATABASE in context.selected_asset_keys:
        return dg.MaterializeResult(asset_key=DATABASE, metadata=metadata)
    return dg.AssetMaterialization(DATABASE, metadata=metadata)


def _as_before(warehouse: Warehouse) -> Iterator[Event]:
    """Without news: the checks of the build in force, with when they were carried out."""
    with warehouse.open("status") as connection:
        results = last_run(connection) if is_built(connection) and checked_inputs(connection) else []
    if results:
        from assets.quality.check_run import CheckRun

        same = {result.check_id: result for result in results}
        yield from check_events(CheckRun(results, same, findings_path(warehouse.home, results[0].run_at)))


def _checked_alone(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[Event]:
    """The checks alone, as ``zhoubao check``: of the build in force; nothing is taken in or published."""
    from assets.publication.checking import check_and_show

    if not warehouse.home.warehouse.exists():
        raise NothingPublishedError("nothing is built yet, so there is nothing to check: launch the job run first")
    with warehouse.open("check") as connection:
        if not is_built(connection):
            raise NothingPublishedError("nothing is built yet, so there is nothing to check: launch the job run first")
        run = check_and_show(connection, warehouse)
    context.instance.add_run_tags(context.run_id, outcome_tags(Outcome(REFUSED if run.blocking else DONE, {})))
    yield from check_events(run)


def _arrival(settings: Settings) -> Iterator[Event]:
    now = beijing_now()
    days = load_working_days(settings.place.calendar_file)
    yield from arrival_results(arrival_of(settings.place, days, now, settings.automation.expected_at), now)
