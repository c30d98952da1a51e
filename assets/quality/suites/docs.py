"""The page of all checks for the centre's staff, made from the suites: ``docs/checks.md``."""

from collections import Counter
from collections.abc import Sequence
from typing import get_args

from assets.platform.contract import load_contract
from assets.quality.run.batches import ROWS_SAMPLED
from assets.quality.suites.suite import Check, Severity, Suite
from assets.warehouse.models.model import load_models

_INTRODUCTION = """\
# 检查

本页由 `expectations/` 生成（`zhoubao check --docs`），不要手改；怎样加一条规则见 `docs/operations.md`。

| 严重程度 | 含义 |
|---|---|
| ERROR | 不改正就不发布，上一版照旧；只用于按算法就会错的数：粒度不唯一、缺必填值、账实或合计不符、负数、年累计无修订而下降 |
| WARN | 照常发布，须有人看：数据本身反常，可能属实 |
| INFO | 只作提示 |

“看什么”：**新入库**是自上次发布以来入库的行（`zhoubao check --all` 看全部历史），**全表**是整张表；注明**抽查**的，一次要看
{from_rows} 行以上时只看其中约 {rows_sampled} 行，各次不同（`zhoubao check --all` 看全部）：比率抽查即可知，重复等错误只能出自本程序，会成批出现。“容许”是查到的行里最多可有多少不符；
“界限”是规则里与之比较的数。明细工作簿列出不符的行的“列出”各列，没有任何个人信息。
"""
_INTERVALS = {"loaded": "新入库", "whole": "全表"}
_HEADER = "| 检查 | 规则 | 严重程度 | 由谁处理 | 看什么 | 容许 · 界限 | 列出 | 为什么 |\n|---|---|---|---|---|---|---|---|"


def checks_as_markdown(suites: Sequence[Suite]) -> str:
    """All checks by table, in Chinese Markdown, ending with a line break."""
    titles = _titles()
    counts = Counter(check.severity for suite in suites for check in suite.checks)
    total = "，".join(f"{severity} {counts[severity]} 条" for severity in get_args(Severity))
    sections = [
        _INTRODUCTION.format(rows_sampled=f"{ROWS_SAMPLED:,}", from_rows=f"{2 * ROWS_SAMPLED:,}"),
        f"共 {sum(counts.values())} 条：{total}。",
    ]
    for suite in suites:
        rows = "\n".join(_row(suite, check) for check in suite.checks)
        sections.append(f"## `{suite.table}` {titles.get(suite.table, '')}".rstrip() + f"\n\n{_HEADER}\n{rows}")
    return "\n\n".join(section.strip("\n") for section in sections) + "\n"


def _titles() -> dict[str, str]:
    feeds = {f"lake.{feed.name}": feed.title for feed in load_contract().feeds.values()}
    return feeds | {name: model.header.description.split("：")[0] for name, model in load_models().items()}


def _row(suite: Suite, check: Check) -> str:
    cells = [
        f"`{check.id}`",
        check.rule,
        check.severity,
        check.who_fixes,
        _INTERVALS[suite.interval_of(check)] + ("，抽查" if check.sample_by else ""),
        _tolerance(check),
        ", ".join(f"`{name}`" for name in check.prints),
        check.reason,
    ]
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _tolerance(check: Check) -> str:
    if check.tolerated_share:
        return f"{check.tolerated_share:.0%}"
    return "" if check.threshold is None else f"{check.threshold:g}"
