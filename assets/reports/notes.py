"""The notes below the bulletin: how far the data go, what is missing and why, what was waived or revised, what is counted."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from assets.platform.contract import load_contract
from assets.reports.facts.facts import IssueFacts
from assets.reports.figures.background import IssueRevision
from assets.reports.figures.scope import UNCOUNTED_TRANSFERS
from assets.reports.fitness.fitness import Unfit, blocking
from assets.reports.text.sentences import week_word
from assets.reports.wording import day_text, full_day_text
from assets.warehouse.models.code_lists import CLASS_NAMES, FIGURE_NAMES


def build_notes(facts: IssueFacts) -> tuple[str, ...]:
    """What a reader must know besides the figures, one sentence or bracket each; the first is always there."""
    return (
        _data_as_of(facts),
        *_coverage(facts),
        *_missing_figures(facts),
        *_handbook_departments(facts),
        *(
            f"〔已知未解决的检查项（{check.check_id}）：{check.rule.rstrip('。')}。放行理由：{check.reason.rstrip('。')}。〕"
            for check in facts.waived_checks
        ),
        *changes_since_freeze(facts),
    )


def changes_since_freeze(facts: IssueFacts) -> tuple[str, ...]:
    """What has changed since the issue was frozen, and what was corrected alongside it; the bulletin itself stays as it was."""
    return (
        *(_revision(revision) for revision in facts.revisions),
        *(f"〔更正（第{each.number}号，{full_day_text(each.recorded)}）：{each.text.rstrip('。')}。〕" for each in facts.errata),
    )


def build_fitness_notes(found: Sequence[Unfit], despite: str | None = None) -> tuple[str, ...]:
    """The findings of ``fitness`` as notes; ``despite`` is the reason given for freezing an unfit issue."""
    reasons = [f"〔{each.what}：{each.reason.rstrip('。')}。〕" for each in found if despite is None or not each.blocks]
    if despite is None:
        return tuple(reasons)
    told = "；".join(f"{each.what}（{each.reason}）" for each in blocking(found))
    return (*reasons, f"〔定稿时尚有：{told}。仍予刊印的理由：{despite.rstrip('。')}。〕")


def build_event_sets(facts: IssueFacts) -> tuple[str, ...]:
    """The event sets (口径) by the published rules, one line each."""
    results = load_contract().codes["result_type"].values
    excluded = "、".join(results.get(code, code) for code in facts.uncounted_result_types)
    return (
        "咨询：按咨询时间统计的咨询人次。",
        "受理：按受理时间统计的受理件数。",
        f"办结：按办结时间统计的办结件数{f'，不含办结结果为{excluded}的件' if excluded else ''}。",
        "颁发：按颁发时间统计的颁发件数。",
        f"流转：按环节开始时间统计的流转环节数，不含流转类型为{UNCOUNTED_TRANSFERS}的环节。",
        "省本级综窗：行使层级为省、是否综窗为是。",
        f"省级政务服务事项：行使层级为省。{_classes(facts)}",
        "各指标分别按各自事件的时间统计，相互之间不构成包含关系；两类范围不相加。",
    )


def _data_as_of(facts: IssueFacts) -> str:
    week = f"{full_day_text(facts.issue.window_start)}至{full_day_text(facts.issue.cutoff_date)}"
    return (
        f"数据截至{full_day_text(facts.business_date_through)}；"
        f"{week_word(facts.issue)}数统计期为{week}，今年以来数截至{full_day_text(facts.issue.cutoff_date)}。"
    )


def _coverage(facts: IssueFacts) -> Iterator[str]:
    coverage = facts.coverage
    if coverage is None:
        yield "〔数据完整性：缺少本期数据到达情况。〕"
        return
    if missing := len(coverage.missing_week_days):
        named = _day_ranges(coverage.missing_week_days)
        yield f"〔数据不完整：{week_word(facts.issue)}统计期应有{coverage.week_days}天数据，缺{missing}天：{named}。〕"
    for gap in facts.gaps:
        why = "文件整件隔离，尚未替换" if gap.is_quarantined else "没有送来"
        yield f"〔数据不完整：{day_text(gap.business_date)}的{gap.feed_name}{why}。〕"
    if missing := coverage.year_days - coverage.year_days_delivered:
        yield f"〔数据不完整：今年以来应有{coverage.year_days}天数据，缺{missing}天。〕"


def _day_ranges(days: Sequence[date]) -> str:
    ranges: list[list[date]] = []
    for day in days:
        if ranges and day - ranges[-1][-1] == timedelta(days=1):
            ranges[-1].append(day)
        else:
            ranges.append([day])
    return "、".join(day_text(run[0]) if len(run) == 1 else f"{day_text(run[0])}至{day_text(run[-1])}" for run in ranges)


def _missing_figures(facts: IssueFacts) -> Iterator[str]:
    reasons: dict[str, list[str]] = {}
    for name, title in FIGURE_NAMES.items():
        if facts.printed(name) is None:
            reasons.setdefault(_reason(name, facts.is_frozen), []).append(title)
    for reason, titles in reasons.items():
        yield f"〔缺：{'、'.join(titles)}。原因：{reason}。〕"


def _reason(name: str, is_frozen: bool) -> str:
    if is_frozen:
        return "本期定稿时没有此数"
    if name.startswith("handbook."):
        return "截止日前没有收到受理工作手册清单"
    if name.endswith(".ytd"):
        return "没有本年累计数（截止日早于期初余额的截止日）"
    return "没有本周统计数"


def _handbook_departments(facts: IssueFacts) -> Iterator[str]:
    printed = facts.printed("handbook.finished.week")
    listed = sum(department.finished_in_week for department in facts.handbook)
    if printed is not None and printed != listed:
        yield f"〔各部门{week_word(facts.issue)}完成受理工作手册的办理项按现有数据列出，合计{listed}个；本期发布数为{int(printed)}个。〕"


def _revision(revision: IssueRevision) -> str:
    name = FIGURE_NAMES.get(revision.figure, revision.figure)
    current = "缺" if revision.current_value is None else _plain_number(revision.current_value)
    seen = f"{full_day_text(revision.first_seen)}起，" if revision.first_seen else ""
    through = f"（交付批次{revision.deliveries.replace(',', '、')}）" if revision.deliveries else ""
    return f"〔定稿后数据有更正：{name}发布值{_plain_number(revision.published_value)}，{seen}现值{current}{through}。〕"


def _plain_number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.6f}".rstrip("0")


def _classes(facts: IssueFacts) -> str:
    listed = [
        f"{CLASS_NAMES[name]}：{'、'.join(facts.task_classes[name])}"
        for name in CLASS_NAMES
        # 行政许可 and 公共服务 are each one type of the same name
        if name in facts.task_classes and facts.task_classes[name] != (CLASS_NAMES[name],)
    ]
    return "；".join(listed) + "。" if listed else ""
