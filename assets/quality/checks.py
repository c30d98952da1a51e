"""Every check as a Dagster asset check on its table; an ERROR keeps the run from publishing."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import dagster as dg

from assets.guard import gated
from assets.quality.check_run import check_warehouse
from assets.quality.results import CheckResult
from assets.quality.suites import load_suites
from assets.warehouse.assets import model_key
from assets.warehouse.store import Warehouse

SEVERITIES = {"ERROR": dg.AssetCheckSeverity.ERROR, "WARN": dg.AssetCheckSeverity.WARN, "INFO": dg.AssetCheckSeverity.WARN}


@dataclass(frozen=True)
class Acceptances:
    """Check → the reason for which an authorised person lets it pass in this run."""

    reasons: dict[str, str] = field(default_factory=dict)


def quality_checks() -> dg.AssetChecksDefinition:
    """All checks of ``expectations/`` in one step, so that Great Expectations is imported once a run."""
    specs = [
        dg.AssetCheckSpec(
            check.id,
            asset=model_key(suite.table),
            description=f"{check.rule}（{check.severity}，由{check.who_fixes}处理）",
            # a blocking check on the lake would stop the build, but checks gate publication, not loading; the gate stops those
            blocking=check.severity == "ERROR" and not suite.table.startswith("lake."),
        )
        for suite in load_suites()
        for check in suite.checks
    ]

    @dg.multi_asset_check(name="check_warehouse", specs=specs, pool="warehouse")
    @gated
    def check_all(
        warehouse: dg.ResourceParam[Warehouse], acceptances: dg.ResourceParam[Acceptances]
    ) -> Iterator[dg.AssetCheckResult]:
        """自上次发布以来入库的数据和由此得出的各表。"""
        with warehouse.open("check") as connection:
            results = check_warehouse(connection, acceptances.reasons)
        for result in results:
            yield _as_check(result)

    return check_all


def _as_check(result: CheckResult) -> dg.AssetCheckResult:
    counts = {"不符行数": result.failing_rows, "检查行数": result.checked_rows}
    words: dict[str, str | int] = {"规则": result.rule, "状态": result.status, "由谁处理": result.who_fixes}
    words |= {name: count for name, count in counts.items() if count is not None}
    if result.accepted_reason:
        words["放行理由"] = result.accepted_reason
    return dg.AssetCheckResult(
        check_name=result.check_id,
        asset_key=model_key(result.table_name),
        passed=result.passed or result.accepted_reason is not None,
        severity=SEVERITIES[result.severity],
        metadata=words,
    )
