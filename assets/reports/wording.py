"""The words of figures, dates and the fixed sentences of the bulletin's form.

Print style: no thousands separators, the unit straight after the number, percentages with two decimals, dates without leading
zeros. A figure that is not known is 〔缺〕, never 0.
"""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from assets.calendar import Issue
from assets.errors import DamageError
from assets.reports.editorial import DutyEntry
from assets.reports.facts import HandbookProgress, IssueFacts
from assets.warehouse.code_lists import COMPOSITE_MEASURES, MEASURE_NAMES, SHARE

MISSING = "〔缺〕"
UNITS = {"consulted": "人次", "accepted": "件", "completed": "件", "issued": "件", "transferred": "件"}


def day_text(day: date) -> str:
    """``9月1日``."""
    return f"{day.month}月{day.day}日"


def full_day_text(day: date) -> str:
    """``2023年9月1日``."""
    return f"{day.year}年{day_text(day)}"


def number_line(issue: Issue) -> str:
    """``2023年第34期（总第454期）``."""
    return f"{issue.issue_year}年第{issue.issue_no}期（总第{issue.total_no}期）"


def period_line(issue: Issue) -> str:
    """``（8月28日—9月1日）``, or the one day of a week with a single working day."""
    if issue.shown_start == issue.shown_end:
        return f"（{day_text(issue.shown_start)}）"
    return f"（{day_text(issue.shown_start)}—{day_text(issue.shown_end)}）"


def count_text(name: str, value: float | None, unit: str) -> str:
    """``1724人次``, or 〔缺〕. Raises DamageError for a count that is no whole number of things."""
    if value is None:
        return MISSING
    if not float(value).is_integer() or value < 0:
        raise DamageError(f"figure {name}: a count must be a whole number from 0 on; rebuild the warehouse")
    return f"{int(value)}{unit}"


def share_text(numerator: float | None, denominator: float | None, value: float | None) -> str:
    """``54.91%``, from the two counts where they are known, from the quotient otherwise, or 〔缺〕."""
    if numerator is not None and denominator:
        quotient = Decimal(int(numerator)) / Decimal(int(denominator))
    elif value is not None:
        quotient = Decimal(repr(value))
    else:
        return MISSING
    return f"{(quotient * 100).quantize(Decimal('0.01'), ROUND_HALF_UP)}%"


def figure_text(facts: IssueFacts, name: str) -> str:
    """The printed form of one of the bulletin's figures."""
    value = facts.printed(name)
    if name != SHARE:
        return count_text(name, value, _unit(name))
    figure = facts.figures.get(name)
    # the counts beside the share are the current ones; a frozen share that differs stands for itself
    if value is None or figure is None or value != figure.value:
        return share_text(None, None, value)
    return share_text(figure.numerator, figure.denominator, value)


def _unit(name: str) -> str:
    return "个" if name.startswith("handbook.") else UNITS[name.split(".")[1]]


def composite_sentence(facts: IssueFacts) -> str:
    """一（一）: the week and the year to date of 省本级综窗."""

    def listed(period: str) -> str:
        return "、".join(
            f"{MEASURE_NAMES[measure]}{figure_text(facts, f'composite.{measure}.{period}')}" for measure in COMPOSITE_MEASURES
        )

    return f"本周，共计{listed('week')}；今年以来，累计{listed('ytd')}。"


def handbook_sentence(facts: IssueFacts) -> str:
    """一（二）: who finished handbooks this week, and how far the work is."""
    total, share = (figure_text(facts, name) for name in ("handbook.finished.total", SHARE))
    so_far = f"共完成{total}{'' if total == MISSING else '办理项的'}受理工作手册编制，占比{share}"
    return f"{_handbook_week(facts.handbook, facts.printed('handbook.finished.week'))}截至目前，{so_far}。"


def _handbook_week(departments: Sequence[HandbookProgress], finished: float | None) -> str:
    if finished is None:
        return f"本周，完成受理工作手册编制的办理项{MISSING}。"
    if not departments:
        return "本周，没有办理项完成受理工作手册编制。"
    listed = "、".join(f"{department.org_name}{department.finished_in_week}个" for department in departments)
    return f"本周，完成{listed}办理项的受理工作手册编制。"


def provincial_sentence(facts: IssueFacts) -> str:
    """二: 省级政务服务事项 of the year to date, by class."""

    def pair(name: str, completed: str) -> str:
        accepted_text, completed_text = (figure_text(facts, f"{name}.{measure}.ytd") for measure in ("accepted", "completed"))
        return f"受理{accepted_text}，{completed}{completed_text}"

    return (
        f"据省一体化政务服务平台统计，今年以来（截至{day_text(facts.issue.cutoff_date)}），"
        f"省本级行政许可事项{pair('licence', '办结')}；公共服务事项{pair('public_service', '办结')}，"
        f"其它6类行权事项{pair('other_six', '累计办结')}。"
    )


def duty_sentence(entries: Sequence[DutyEntry]) -> str:
    """四: who was on duty in the hall, in the order of the file."""
    if not entries:
        return "本周，没有厅（局）长到省政务服务大厅窗口调研值守。"
    listed = "，".join(f"{entry.department}{entry.post}{entry.name}" for entry in entries)
    return f"本周，{listed}{'分别' if len(entries) > 1 else ''}到省政务服务大厅窗口调研值守。"
