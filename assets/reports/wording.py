"""The words of figures and dates. Sentences are in ``text/``.

Print style: no thousands separators, the unit straight after the number, percentages with two decimals, dates without leading
zeros. A figure that is not known is 〔缺〕, never 0.
"""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from assets.calendar import Issue
from assets.errors import DamageError
from assets.reports.facts.facts import IssueFacts
from assets.warehouse.models.code_lists import SHARE, published_codes

MISSING = "〔缺〕"
NO_PREVIOUS = "没有上期的数"
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


def change_text(ratio: float) -> str:
    """``12.50%`` of a ratio 0.125."""
    return share_text(None, None, ratio)


def change_status_text(status: str) -> str:
    """Why a figure is not compared, in a few words: ``天数不同``, without what the code list advises."""
    return change_status_words(status).split("，")[0]


def change_status_words(status: str) -> str:
    """Whether and how a figure is compared, with what the code list advises."""
    # its word for a missing one is that of any comparison: 没有对象
    return NO_PREVIOUS if status == "missing" else published_codes()["change_status"].values.get(status, status)


def figure_text(facts: IssueFacts, name: str) -> str:
    """The printed form of one of the bulletin's figures."""
    value = facts.printed(name)
    if name != SHARE:
        return count_text(name, value, _unit(name))
    figure = facts.figures.get(name)
    # the counts alongside the share are the current ones; a frozen share that differs stands for itself
    if value is None or figure is None or value != figure.value:
        return share_text(None, None, value)
    return share_text(figure.numerator, figure.denominator, value)


def figure_value_text(name: str, value: float) -> str:
    """The printed form of a value that one of the bulletin's figures had."""
    return share_text(None, None, value) if name == SHARE else count_text(name, value, _unit(name))


def _unit(name: str) -> str:
    return "个" if name.startswith("handbook.") else UNITS[name.split(".")[1]]
