"""The bulletin as an asset, by issue: made on demand from the published database alone."""

import dagster as dg

from assets.calendar import CalendarRules, issues, load_working_days
from assets.guard import gated
from assets.publication.assets import DATABASE
from assets.reports.bulletin_style import BulletinStyle
from assets.reports.fitness_limits import FitnessLimits
from assets.warehouse.assets import OWNERS
from assets.warehouse.store import Warehouse

FIRST_ISSUE = "2023-01"


def report_assets() -> dg.AssetsDefinition:
    """The bulletin, partitioned by the issues that the library's calendar knows."""
    keys = [issue.issue_key for issue in issues(CalendarRules(), load_working_days(None)) if issue.issue_key >= FIRST_ISSUE]

    @dg.asset(
        key=["reports", "bulletin"],
        deps=[DATABASE],
        group_name="reports",
        description="窗口工作周报：由发布库的数字和编辑稿合成，Word、网页和 Markdown",
        kinds={"docx", "html"},
        owners=OWNERS,
        partitions_def=dg.StaticPartitionsDefinition(keys),
    )
    @gated
    def bulletin(
        context: dg.AssetExecutionContext,
        warehouse: dg.ResourceParam[Warehouse],
        fitness_limits: dg.ResourceParam[FitnessLimits],
        bulletin_style: dg.ResourceParam[BulletinStyle],
    ) -> dg.MaterializeResult[None]:
        """某一期的公报；不宜刊印的印成草稿。"""
        # Word, Markdown and workbooks, which the definitions do not need
        from assets.reports.printing import print_issue

        printed = print_issue(warehouse.home, context.partition_key, limits=fitness_limits, draft=True, style=bulletin_style)
        for message in printed.messages:
            context.log.warning(message)
        return dg.MaterializeResult(
            metadata={"草稿": printed.is_draft, "文件": [path.name for path in printed.paths], "须看": printed.messages}
        )

    return bulletin
