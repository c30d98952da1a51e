"""Every check as a Dagster asset check on its table; an ERROR keeps the run from publishing."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import dagster as dg

from assets.quality.results import STATUS_WORDS, CheckResult
from assets.quality.run.batches import ROWS_SAMPLED
from assets.quality.suites.proof import prove
from assets.quality.suites.suite import Check, load_suites
from assets.warehouse.assets import model_key
from assets.warehouse.models.model import load_models

if TYPE_CHECKING:
    # with the engine, the page and the workbook, which the definitions do not need
    from assets.quality.check_run import CheckRun

SEVERITIES = {"ERROR": dg.AssetCheckSeverity.ERROR, "WARN": dg.AssetCheckSeverity.WARN, "INFO": dg.AssetCheckSeverity.WARN}

_SEVERITY_WORDS = {"ERROR": "ERROR：不通过则不发布", "WARN": "WARN", "INFO": "INFO"}


def check_specs() -> Iterator[dg.AssetCheckSpec]:
    """All checks of ``expectations/``, proven without data."""
    suites = load_suites()
    prove(suites, load_models())
    for suite in suites:
        for check in suite.checks:
            yield dg.AssetCheckSpec(
                check.id,
                asset=model_key(suite.table),
                description=f"{check.rule}（{_SEVERITY_WORDS[check.severity]}，由{check.who_fixes}处理）\n\n{check.reason}{_sampled(check)}",
                # what it blocks is publication: the gate does, in the step that checks
                blocking=check.severity == "ERROR",
            )


def _sampled(check: Check) -> str:
    return f"\n\n一次要看 {2 * ROWS_SAMPLED:,} 行以上时抽查；zhoubao check --all 看全部。" if check.sample_by else ""


def check_events(run: "CheckRun") -> Iterator[dg.AssetCheckEvaluation]:
    """Each result of a run of the checks, with the words for whoever acts."""
    defined = {check.id: check for suite in load_suites() for check in suite.checks}
    for result in run.results:
        yield dg.AssetCheckEvaluation(
            asset_key=model_key(result.table_name),
            check_name=result.check_id,
            passed=result.passed or result.accepted_reason is not None,
            severity=SEVERITIES[result.severity],
            metadata=_metadata(result, run, defined.get(result.check_id)),
        )


def _metadata(result: CheckResult, run: "CheckRun", check: Check | None) -> dict[str, dg.MetadataValue]:
    """What the page of a check shows: counts that its plot draws over the runs, and the words for whoever acts."""
    from assets.quality.output.page_facts import Finding

    before = run.before.get(result.check_id)
    counts = {"不符行数": result.failing_rows, "检查行数": result.checked_rows}
    words = {
        "规则": result.rule,
        "严重程度": result.severity,
        "状态": STATUS_WORDS[result.status],
        "由谁处理": result.who_fixes,
        "是否阻止发布": "是" if result.blocks else "否",
        "为什么要查": check.reason if check else "",
        "比率": result.rate_text,
        "与上次相比": Finding(result, before).trend,
        "放行理由": result.accepted_reason or "",
        "查于": f"{result.run_at:%F %T}",
    }
    shown: dict[str, dg.MetadataValue] = {name: dg.MetadataValue.text(text) for name, text in words.items() if text}
    shown |= {name: dg.MetadataValue.int(count) for name, count in counts.items() if count is not None}
    if result.failing_rows is not None and result.checked_rows:
        shown["通过率"] = dg.MetadataValue.float(1 - result.failing_rows / result.checked_rows)
    if not result.passed:
        shown["明细工作簿"] = dg.MetadataValue.path(str(run.workbook))
    return shown
