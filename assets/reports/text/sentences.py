"""The sentences of the data sections: which variant an issue takes, and what fills its slots.

A figure's run carries its id, a part of a figure ``<id>/<part>``. A figure that is not known is 〔缺〕, never 0.
"""

from collections.abc import Sequence
from datetime import date

from assets.calendar import Issue
from assets.reports.document import Paragraph, Run, plain
from assets.reports.editorial.editorial import DutyEntry
from assets.reports.facts.facts import IssueFacts
from assets.reports.figures.background import Change
from assets.reports.text.patterns import Wording, joined
from assets.reports.wording import NO_PREVIOUS, change_status_text, change_text, day_text, figure_text, full_day_text
from assets.warehouse.models.code_lists import COMPOSITE_MEASURES, FIGURE_NAMES, MEASURE_NAMES

HANDBOOK_WEEK = "handbook.finished.week"
# days of an accounting week that nobody needs to be told of: whole weeks, or Monday to Friday where a site counts the shown days only
_FULL_WEEK, _SHOWN_WEEK = 7, 5
USUAL, OTHER_LENGTH, FIRST_ISSUE = "usual", "other_length", "first_issue"


def variant_of(issue: Issue) -> str:
    """The variant of the sentences for the issue's accounting week: a usual one, one of another length, or one from the old year."""
    if issue.window_start.year < issue.issue_year:
        return FIRST_ISSUE
    # full weeks begin on the day after a cut-off, so never on the first day shown
    usual = _SHOWN_WEEK if issue.window_start == issue.shown_start else _FULL_WEEK
    return USUAL if week_days(issue) == usual else OTHER_LENGTH


def week_word(issue: Issue) -> str:
    """本周, or 本期 of an issue whose accounting week is no usual one."""
    return "本周" if variant_of(issue) == USUAL else "本期"


def week_days(issue: Issue) -> int:
    """Calendar days of the accounting week."""
    return (issue.cutoff_date - issue.window_start).days + 1


def composite_paragraph(facts: IssueFacts, wording: Wording) -> Paragraph:
    """一（一）: the week and the year to date of 省本级综窗."""
    return wording.paragraph("composite", variant_of(facts.issue), _slots(facts))


def handbook_paragraph(facts: IssueFacts, wording: Wording) -> Paragraph:
    """一（二）: who finished handbooks this week, and how far the work is."""
    slots = _slots(facts)
    total = "missing" if facts.printed("handbook.finished.total") is None else USUAL
    return joined(
        wording.paragraph("handbook_week", _handbook_variant(facts), slots | {"handbook.departments": _departments(facts)}),
        wording.paragraph("handbook_total", total, slots),
    )


def _handbook_variant(facts: IssueFacts) -> str:
    variant = variant_of(facts.issue)
    if facts.printed(HANDBOOK_WEEK) is not None and facts.handbook:
        return variant
    without = "missing" if facts.printed(HANDBOOK_WEEK) is None else "none"
    return without if variant == USUAL else f"{without}_{OTHER_LENGTH}"


def _departments(facts: IssueFacts) -> Paragraph:
    """Each department and its items, as ``民政厅31个、水利厅2个``."""
    runs: list[Run] = []
    for at, department in enumerate(facts.handbook):
        runs.append(Run(f"{'、' if at else ''}{department.org_name}"))
        runs.append(Run(f"{department.finished_in_week}个", figure=f"{HANDBOOK_WEEK}/{department.org_name}"))
    return tuple(runs)


def provincial_paragraph(facts: IssueFacts, wording: Wording) -> Paragraph:
    """二: 省级政务服务事项 of the year to date, by class."""
    return wording.paragraph("provincial", USUAL, _slots(facts))


def duty_paragraph(entries: Sequence[DutyEntry], wording: Wording, facts: IssueFacts) -> Paragraph:
    """四: who was on duty in the hall, in the order of the file."""
    variant = "none" if not entries else USUAL if len(entries) == 1 else "several"
    return wording.paragraph("duty", variant, _slots(facts) | {"duty.list": plain(duty_list(entries))})


def duty_list(entries: Sequence[DutyEntry]) -> str:
    """Department, post and name of each."""
    return "，".join(f"{entry.department}{entry.post}{entry.name}" for entry in entries)


def comparison_paragraph(facts: IssueFacts, wording: Wording) -> Paragraph:
    """What the week's four figures are against the issue before, each with its reason where they cannot be compared."""
    slots = _slots(facts)
    ratios = [change.ratio for measure in COMPOSITE_MEASURES if (change := _change(facts, measure))]
    if not any(ratio is not None for ratio in ratios):
        return wording.paragraph("comparison", "none", slots | {"reason": plain(_reason(_change(facts, COMPOSITE_MEASURES[0])))})
    parts: list[Paragraph] = []
    for measure in COMPOSITE_MEASURES:
        if parts:
            parts.append(plain("、"))
        parts.append(_compared(facts, wording, measure, slots))
    return wording.paragraph("comparison", "sentence", slots | {"comparison.list": joined(*parts)})


def _compared(facts: IssueFacts, wording: Wording, measure: str, slots: dict[str, Paragraph]) -> Paragraph:
    change = _change(facts, measure)
    slots = slots | {"measure": plain(MEASURE_NAMES[measure])}
    if change is None or change.ratio is None:
        return wording.paragraph("comparison", "not_comparable", slots | {"reason": plain(_reason(change))})
    ratio = (Run(change_text(abs(change.ratio)), figure=f"composite.{measure}.week/环比"),)
    variant = "equal" if change.ratio == 0 else "increase" if change.ratio > 0 else "decrease"
    return wording.paragraph("comparison", variant, slots | {"change": ratio})


def _change(facts: IssueFacts, measure: str) -> Change | None:
    return facts.background.changes.get(f"composite.{measure}")


def _reason(change: Change | None) -> str:
    """Why there is no comparison, without what the code list adds to it."""
    return change_status_text(change.status) if change else NO_PREVIOUS


def _slots(facts: IssueFacts) -> dict[str, Paragraph]:
    """What every sentence may name: the figures and the days of the week."""
    issue = facts.issue
    last_year = max(0, (date(issue.issue_year, 1, 1) - issue.window_start).days)
    shown = full_day_text if issue.window_start.year != issue.cutoff_date.year else day_text
    days = {
        "week.start": shown(issue.window_start),
        "week.end": shown(issue.cutoff_date),
        "week.days": str(week_days(issue)),
        "week.last_year_days": str(last_year),
        "cutoff": day_text(issue.cutoff_date),
    }
    figures = {name: (Run(figure_text(facts, name), figure=name),) for name in FIGURE_NAMES}
    return figures | {name: plain(text) for name, text in days.items()}
