"""Decides what keeps an issue from print and what the office verifies first. Pure functions: facts and copy in, findings out.

The rule: an issue is fit where every section has copy, every day and feed of its week and of its year to date is there, no figure
is incomplete, few rows of any day are quarantined, and no later run was refused.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assets.errors import RefusedError
from assets.publication.store.manifest import RefusedRun
from assets.reports.editorial.editorial import Editorial, Masthead
from assets.reports.editorial.folder import DUTY, HALL, MASTHEAD, NEWS, OTHER_WORK
from assets.reports.editorial.head_faults import CHINESE
from assets.reports.facts.facts import IssueFacts
from assets.reports.fitness.facts import OFFICE
from assets.reports.wording import day_text
from assets.warehouse.models.code_lists import FIGURE_NAMES

PLATFORM, DATA_TEAM = "平台方", "数据组"


@dataclass(frozen=True)
class Unfit:
    """One finding: what is wrong, why, and who fixes it. A finding that does not ``block`` has only to be verified."""

    what: str
    reason: str
    who: str
    blocks: bool = True

    def __str__(self) -> str:
        return f"{self.what}：{self.reason}（由{self.who}处理）"


class UnfitError(RefusedError):
    """The issue is not fit to print; ``found`` says why, the message only names the kinds. A draft can still be printed."""

    def __init__(self, issue_key: str, found: Sequence[Unfit]) -> None:
        self.found = tuple(found)
        kinds = "、".join(dict.fromkeys(each.what for each in blocking(found)))
        super().__init__(f"第 {issue_key} 期不宜刊印：{kinds}。要看草稿，加 --draft；仍要定稿，加 --freeze --despite 理由")


def fitness(facts: IssueFacts, copy: Editorial, refused: RefusedRun | None = None) -> list[Unfit]:
    """All findings, those about the data first; ``refused`` is a run that was refused after the publication."""
    return [
        *_refused(refused),
        *_week(facts),
        *_year(facts),
        *_figures(facts),
        *_quarantined(facts),
        *_copy(copy),
        *_checks(facts),
    ]


def blocking(found: Sequence[Unfit]) -> list[Unfit]:
    """What keeps the issue from print."""
    return [each for each in found if each.blocks]


def _refused(refused: RefusedRun | None) -> Iterator[Unfit]:
    if refused is not None:
        checks = "、".join(refused.checks)
        yield Unfit("数据不是最新", f"{refused.run_at:%Y-%m-%d %H:%M} 的运行未通过检查（{checks}），其数据没有发布", DATA_TEAM)


def _week(facts: IssueFacts) -> Iterator[Unfit]:
    coverage = facts.coverage
    if coverage is None:
        yield Unfit("数据完整性", "没有本期数据到达情况", DATA_TEAM)
        return
    if coverage.missing_week_days:
        days = "、".join(map(day_text, coverage.missing_week_days))
        yield Unfit("统计周缺天", f"应有{coverage.week_days}天，{days}没有数据", PLATFORM)
    for gap in facts.gaps:
        why = "文件整件隔离，尚未替换" if gap.is_quarantined else "没有送来"
        yield Unfit("统计周缺种类", f"{day_text(gap.business_date)}的{gap.feed_name}{why}", PLATFORM)


def _year(facts: IssueFacts) -> Iterator[Unfit]:
    coverage = facts.coverage
    if coverage is not None and coverage.year_days_delivered < coverage.year_days:
        missing = coverage.year_days - coverage.year_days_delivered
        yield Unfit("年累计缺天", f"应有{coverage.year_days}天，{missing}天没有数据或不齐全", PLATFORM)


def _figures(facts: IssueFacts) -> Iterator[Unfit]:
    absent = [title for name, title in FIGURE_NAMES.items() if facts.printed(name) is None]
    if absent:
        yield Unfit("缺数字", "、".join(absent), DATA_TEAM)
    reasons: dict[str, list[str]] = {}
    for name, figure in facts.figures.items():
        if figure.status == "incomplete" and not facts.is_frozen:
            reasons.setdefault(figure.why, []).append(FIGURE_NAMES.get(name, name))
    for why, titles in reasons.items():
        yield Unfit("数字不完整", f"{'、'.join(titles)}：{why}", PLATFORM)


def _quarantined(facts: IssueFacts) -> Iterator[Unfit]:
    for each in facts.quarantined:
        share = f"{each.records}条记录中{each.rows}条被隔离，尚未更正"
        yield Unfit("隔离过多", f"{day_text(each.business_date)}的{each.feed_name}{share}", PLATFORM)


def _copy(copy: Editorial) -> Iterator[Unfit]:
    parts = {MASTHEAD: copy.masthead, OTHER_WORK: copy.other_work, HALL: copy.hall, DUTY: copy.duty, NEWS: copy.news}
    for file, part in parts.items():
        if part is None:
            yield Unfit("缺稿", f"{file} 没有内容", OFFICE)
        elif isinstance(part, Masthead) and (blank := [CHINESE[key] for key, value in part if value is None]):
            yield Unfit("缺稿", f"{file} 没有填{'、'.join(blank)}", OFFICE)


def _checks(facts: IssueFacts) -> Iterator[Unfit]:
    for check in facts.office_checks:
        rows = "" if check.failing_rows is None else f"，{check.failing_rows}处"
        yield Unfit("请核实", f"检查没有通过：{check.rule}（{check.check_id}{rows}）", OFFICE, blocks=False)
