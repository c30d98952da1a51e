"""The counting rules that a site configures, as typed values; ``sources.py`` writes them as ``ref`` tables."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from assets.calendar import CalendarRules
from assets.platform.contract import load_contract

# as in zhoubao.toml, in the table ``meta.rules`` and in the reports
UNCOUNTED_RESULT_TYPES = "counting.uncounted_result_types"

TASK_CLASSES = {
    "licence": ("01",),
    "public_service": ("20",),
    # the six powers exercised on application, besides 许可
    "other_six": ("04", "05", "07", "08", "09", "10"),
}


class CountingRules(BaseModel):
    """The event sets of the measures: configuration by design, and printed with the report."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    uncounted_result_types: tuple[str, ...] = ("4", "5")
    task_classes: dict[str, tuple[str, ...]] = TASK_CLASSES


def published_rules(counting: CountingRules, calendar: CalendarRules) -> list[tuple[str, str, str]]:
    """The rules in force as rows of ``meta.rules``: name as in zhoubao.toml, value, Chinese description."""
    codes = load_contract().codes
    results, types = codes["result_type"].values, codes["task_type"].values
    uncounted = sorted(set(counting.uncounted_result_types))
    rows = [(UNCOUNTED_RESULT_TYPES, _listed(uncounted), f"不计办结的办结结果：{_named(uncounted, results)}")]
    rows += [
        (f"counting.task_classes.{name}", _listed(members), f"公报类别所含的事项类型：{_named(members, types)}")
        for name, members in sorted(counting.task_classes.items())
    ]
    owner_years = [f"{monday}={year}" for monday, year in sorted(calendar.owner_years.items())]
    return [
        *rows,
        ("calendar.anchor_issue", calendar.anchor_issue, "期号的基准：此期的总期次见 calendar.anchor_total"),
        ("calendar.anchor_total", str(calendar.anchor_total), "基准期的总期次"),
        ("calendar.accounting_week", calendar.accounting_week, "统计周：full 上期截止日次日至本期截止日，shown 只计标题所示各日"),
        (
            "calendar.owner_year",
            calendar.owner_year,
            "跨年的周属哪一年：last_working_day 最后一个工作日所在年，first_working_day 第一个",
        ),
        ("calendar.skip_weeks", _listed(sorted(map(str, calendar.skip_weeks))), "办公室决定不出刊的周，写该周星期一"),
        ("calendar.owner_years", _listed(owner_years), "个别指定所属年的周：该周星期一=所属年"),
    ]


def _listed(values: Iterable[str]) -> str:
    return ",".join(values)


def _named(values: Iterable[str], words: dict[str, str]) -> str:
    return "、".join(words.get(value, value) for value in values) or "无"
