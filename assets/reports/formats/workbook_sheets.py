"""The content of the workbook's seven sheets: columns, rows and charts, as values. How they are written is in ``as_workbook.py``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assets.reports.document import DRAFT, Bulletin
from assets.reports.facts.facts import MEASURES, Figure, IssueFacts
from assets.reports.figures.background import Period
from assets.reports.figures.scope import scope_of
from assets.reports.wording import change_status_words
from assets.warehouse.models.code_lists import (
    COMPOSITE,
    COMPOSITE_MEASURES,
    FIGURE_NAMES,
    MEASURE_NAMES,
    PERIOD_FIGURE_NAMES,
    SHARE,
    published_codes,
)

MISSING = "缺"
NOTHING = "（无）"
TEXT, COUNT, RATIO, DAY, LONG = "text", "count", "ratio", "date", "long"

Cell = str | float | date | bool | None


@dataclass(frozen=True)
class Column:
    """A column of a table: its title, what its cells are, and its width in characters."""

    title: str
    kind: str = TEXT
    width: int = 12


@dataclass(frozen=True)
class Chart:
    """A chart of one column over the first, or over ``of`` another one; ``kind`` is the spreadsheet's own word."""

    title: str
    column: str
    kind: str = "line"


@dataclass(frozen=True)
class Sheet:
    """One sheet with one table; the first columns up to ``fixed`` stay in view."""

    name: str
    table: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    fixed: int = 1
    charts: tuple[Chart, ...] = ()


def sheets_of(facts: IssueFacts, bulletin: Bulletin) -> tuple[Sheet, ...]:
    """本期, 周统计, 累计统计, 部门, 手册, 修订, 口径; a draft says so in the first name."""
    return (
        _issue(facts, bulletin.is_draft),
        _periods("周统计", "Weeks", facts.background.weeks, "本周"),
        _periods("累计统计", "YearsToDate", facts.background.years, "今年以来"),
        _departments(facts),
        _handbooks(facts),
        _revisions(facts),
        _meanings(facts, bulletin),
    )


def _issue(facts: IssueFacts, is_draft: bool) -> Sheet:
    columns = (
        *(Column("指标编码", width=28), Column("指标", width=32), Column("印发值", COUNT, 10), Column("现值", COUNT, 10)),
        *(Column("单位", width=7), Column("上期", COUNT, 10), Column("增减", COUNT, 10), Column("环比", RATIO, 9)),
        *(Column("环比说明", LONG, 18), Column("分子", COUNT, 8), Column("分母", COUNT, 8), Column("统计期起", DAY, 11)),
        *(Column("截止日", DAY, 11), Column("状态", width=26)),
    )
    names = [*FIGURE_NAMES, *(name for name in facts.figures if name not in FIGURE_NAMES)]
    name = f"本期（{DRAFT.split('，', maxsplit=1)[0]}）" if is_draft else "本期"
    return Sheet(name, "Issue", columns, tuple(_figure(facts, each) for each in names), fixed=2)


def _figure(facts: IssueFacts, name: str) -> tuple[Cell, ...]:
    figure = facts.figures.get(name, Figure(name, None))
    words = published_codes()
    status = words["figure_status"].values.get(figure.status or "", "")
    # nothing is published before the issue is frozen, so there is no 印发值
    published = (facts.printed(name) if figure.published_value is not None else MISSING) if facts.is_frozen else None
    change = facts.background.changes.get(name.removesuffix(".week")) if name.endswith(".week") else None
    compared: tuple[Cell, ...] = (None, None, None, "")
    if change is not None:
        compared = (
            change.previous,
            change.difference,
            change.ratio,
            change_status_words(change.status),
        )
    return (
        *(name, FIGURE_NAMES.get(name, ""), published, MISSING if figure.value is None else figure.value, figure.unit or ""),
        *compared,
        *(figure.numerator, figure.denominator, figure.window_start, figure.cutoff_date, status),
    )


def _periods(name: str, table: str, periods: Sequence[Period], words: str) -> Sheet:
    figures = PERIOD_FIGURE_NAMES
    columns = (
        *(
            Column("期号"),
            Column("起始日期", DAY),
            Column("截止日期", DAY),
            Column("天数", COUNT, 7),
            Column("是否齐全", width=9),
        ),
        *(Column(title, COUNT, 11) for title in figures.values()),
    )
    rows = tuple(
        (
            *(period.issue_key, period.start, period.end, period.days, "是" if period.is_complete else "否"),
            *(period.values.get(figure) for figure in figures),
        )
        for period in periods
    )
    charts = tuple(
        Chart(f"{COMPOSITE}{MEASURE_NAMES[each]}（{words}）", f"{COMPOSITE}{MEASURE_NAMES[each]}") for each in COMPOSITE_MEASURES
    )
    return Sheet(name, table, columns, rows, charts=charts)


def _departments(facts: IssueFacts) -> Sheet:
    measures = [f"{MEASURE_NAMES[measure]}（{period}）" for period in ("本周", "今年以来") for measure in MEASURES]
    columns = (Column("部门", width=28), *(Column(title, COUNT, 11) for title in measures))
    unknown: tuple[Cell, ...] = (MISSING,) * len(MEASURES)
    rows = tuple((each.name, *each.week, *(each.year_to_date or unknown)) for each in facts.composite_by_department)
    charts = tuple(Chart(f"{COMPOSITE}{title}", title, "bar") for title in ("受理（本周）", "颁发（本周）"))
    return Sheet("部门", "Departments", columns, rows, charts=charts)


def _handbooks(facts: IssueFacts) -> Sheet:
    columns = (
        *(Column("部门", width=28), Column("本周完成", COUNT), Column("累计完成", COUNT), Column("办理项总数", COUNT)),
        Column("完成占比", RATIO),
    )
    rows = tuple(
        (each.org_name, each.finished_in_week, each.finished_total, each.items_total, each.share)
        for each in facts.background.handbooks
    )
    return Sheet("手册", "Handbooks", columns, rows, charts=(Chart("受理工作手册完成占比", "完成占比", "bar"),))


def _revisions(facts: IssueFacts) -> Sheet:
    columns = (
        *(Column("期号"), Column("指标编码", width=28), Column("指标", width=34), Column("发布值", RATIO), Column("现值", RATIO)),
        *(Column("差", RATIO), Column("首见日期", DAY), Column("交付批次", width=40)),
    )
    rows = tuple(
        (
            *(each.issue_key, each.figure, FIGURE_NAMES.get(each.figure, ""), each.published_value),
            MISSING if each.current_value is None else each.current_value,
            None if each.current_value is None else each.current_value - each.published_value,
            *(each.first_seen, each.deliveries.replace(",", "、")),
        )
        for each in facts.background.revisions
    )
    return Sheet("修订", "Revisions", columns, rows, fixed=3)


def _meanings(facts: IssueFacts, bulletin: Bulletin) -> Sheet:
    head = bulletin.head
    draft = (("草稿", DRAFT),) if bulletin.is_draft else ()
    rows = (
        *draft,
        ("公报", f"{head.title} {head.number_line}{head.period_line}"),
        ("数据截至", f"{facts.business_date_through:%Y-%m-%d}"),
        ("数据版本", facts.version),
        *(("数据说明", note) for note in bulletin.notes),
        *((FIGURE_NAMES[name], scope_of(name).definition(facts.uncounted_result_types)) for name in FIGURE_NAMES),
        *(("统计口径", line) for line in bulletin.event_sets),
        (FIGURE_NAMES[SHARE], "占比为 0 至 1 的数，显示成百分比；由分子、分母相除，不由各部门占比平均。"),
    )
    return Sheet("口径", "Meanings", (Column("项目", width=34), Column("说明", LONG, 100)), rows)
