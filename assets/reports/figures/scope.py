"""What a figure's name says: which events it counts, of which bodies, over which days; as SQL and as Chinese words.

``composite.accepted.week`` is scope, measure, period. The figures of handbooks count items, not events.
"""

from collections.abc import Collection
from dataclasses import dataclass

from assets.platform.contract import load_contract
from assets.reports.facts.facts import MEASURES
from assets.warehouse.models.code_lists import CLASS_NAMES, FIGURE_NAMES

HANDBOOK = "handbook"
COMPOSITE = "composite"
YEAR_TO_DATE, WEEK = "ytd", "week"
# for a table with the dimensions org_level, task_type and is_composite; the parameter is the scope
CONDITION = (
    "org_level = '2' and case when $scope = 'composite' then is_composite"
    " else task_type in (select task_type from {task_types} where class = $scope) end"
)
# the kinds of transfer that core.versions does not count, in words
UNCOUNTED_TRANSFERS = "无流转"
_EVENTS = {
    "consulted": "咨询人次，按咨询时间",
    "accepted": "受理件数，按受理时间",
    "completed": "办结件数，按办结时间",
    "issued": "颁发件数，按颁发时间",
    "transferred": f"流转环节数，按环节开始时间，不含{UNCOUNTED_TRANSFERS}的环节",
}
_ITEMS = {
    "handbook.finished.week": "本期清单中已完成、上期清单中尚未完成受理工作手册的办理项数（截至上期没有清单的，为完成日期在统计周内的）",
    "handbook.finished.total": "截止日前完成受理工作手册的办理项数",
    "handbook.items": "清单中的办理项总数",
    "handbook.share": "截止日前完成受理工作手册的办理项数，除以清单中的办理项总数",
}


@dataclass(frozen=True)
class FigureScope:
    """A figure's name taken apart; ``measure`` is one of MEASURES but for handbooks."""

    name: str
    scope: str
    measure: str
    period: str

    @property
    def counts_events(self) -> bool:
        """Whether it is a sum of events by day."""
        return self.measure in MEASURES

    @property
    def is_year_to_date(self) -> bool:
        return self.period == YEAR_TO_DATE

    @property
    def title(self) -> str:
        return FIGURE_NAMES.get(self.name, self.name)

    def definition(self, uncounted_result_types: Collection[str]) -> str:
        """One Chinese sentence; ``uncounted_result_types`` are those that do not count as completed."""
        if not self.counts_events:
            return f"{_ITEMS.get(self.name, self.name)}。用截止日前最后一份清单。"
        bodies = "行使层级为省、是否综窗为是" if self.scope == COMPOSITE else f"行使层级为省、事项类别为{self._class_name}"
        window = "今年 1 月 1 日至截止日，含期初数" if self.is_year_to_date else "统计周首日至截止日"
        return f"{_EVENTS[self.measure]}{self._without(uncounted_result_types)}；{bodies}；{window}。"

    @property
    def _class_name(self) -> str:
        return CLASS_NAMES.get(self.scope, self.scope)

    def _without(self, uncounted_result_types: Collection[str]) -> str:
        if self.measure != "completed" or not uncounted_result_types:
            return ""
        words = load_contract().codes["result_type"].values
        return f"，不含办结结果为{'、'.join(words.get(code, code) for code in uncounted_result_types)}的件"


def scope_of(figure: str) -> FigureScope:
    """The parts of a figure's name."""
    scope, measure, period, *_ = [*figure.split("."), "", ""]
    return FigureScope(figure, scope, measure, period)
