"""The bulletin as an asset, by issue: made on demand from the published database alone."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import dagster as dg

from assets.errors import NothingPublishedError, RefusedError
from assets.guard import gated
from assets.home import Home
from assets.publication.assets import DATABASE
from assets.publication.store.manifest import known_manifest
from assets.reports.bulletin_style import BulletinStyle
from assets.reports.fitness.limits import FitnessLimits
from assets.warehouse.assets import OWNERS

BULLETIN = dg.AssetKey(["reports", "bulletin"])
ISSUES = dg.DynamicPartitionsDefinition(name="issues")


@dataclass(frozen=True)
class Press:
    """What an issue is printed with."""

    home: Home
    limits: FitnessLimits
    style: BulletinStyle
    # told the id of a run before it prints: its process lives from now on
    note_living: Callable[[str], None]


def report_assets() -> dg.AssetsDefinition:
    """The bulletin, partitioned by the issues that have figures: each publication adds those of its own."""

    @gated
    def bulletin(context: dg.AssetExecutionContext, press: dg.ResourceParam[Press]) -> Iterator[dg.AssetMaterialization]:
        """所选各期的公报；不宜刊印的印成草稿。"""
        press.note_living(context.run_id)
        asked = context.partition_keys if context.has_partition_key or context.has_partition_key_range else None
        for issue in _printable(press.home, asked, context):
            yield _printed(press, issue, context)

    # a backfill in one run is in beta, which nobody at a terminal needs to hear
    with warnings.catch_warnings(action="ignore", category=dg.BetaWarning):
        return dg.asset(
            key=BULLETIN,
            deps=[DATABASE],
            group_name="reports",
            description="窗口工作周报：由发布库的数字和编辑稿合成，Word、网页和 Markdown；不选期号即印发布库中最近一期",
            kinds={"docx", "html"},
            owners=OWNERS,
            partitions_def=ISSUES,
            backfill_policy=dg.BackfillPolicy.single_run(),
            # an event for each issue that was printed, and for no other
            output_required=False,
        )(bulletin)


def note_issues(instance: dg.DagsterInstance, issues: Sequence[str]) -> None:
    """Let these issues be asked for."""
    instance.add_dynamic_partitions(ISSUES.name or "", list(issues))


def _printable(home: Home, asked: Sequence[str] | None, context: dg.AssetExecutionContext) -> list[str]:
    """The issues asked for that have figures, or the newest one where none was; the others are named."""
    manifest = known_manifest(home)
    if manifest is None or not manifest.issues:
        raise NothingPublishedError("no issue has figures yet: launch the job run when its deliveries are there")
    if asked is None:
        return [max(manifest.issues)]
    found = [issue for issue in asked if issue in manifest.issues]
    missing = [issue for issue in asked if issue not in manifest.issues]
    words = f"no figures of {', '.join(missing[:5])}{' …' if len(missing) > 5 else ''}: the last business date loaded is {manifest.business_date_through}"
    if not found:
        raise RefusedError(words)
    if missing:
        context.log.warning(words)
    return found


def _printed(press: Press, issue: str, context: dg.AssetExecutionContext) -> dg.AssetMaterialization:
    # Word, Markdown and workbooks, which the definitions do not need
    from assets.reports.printing import print_issue

    printed = print_issue(press.home, issue, limits=press.limits, draft=True, style=press.style)
    for message in printed.messages:
        context.log.warning(message)
    return dg.AssetMaterialization(
        BULLETIN,
        partition=issue,
        metadata={"草稿": printed.is_draft, "文件": [path.name for path in printed.paths], "须看": printed.messages},
    )
