"""Facts and editorial copy → the bulletin, by the parts and headings of the office's form. Pure; nothing is invented.

A section without copy is printed as 〔本节缺稿：…〕 with the file that is missing.
"""

from collections.abc import Sequence

from assets.reports.document import Bulletin, Foot, Head, Item, Section, plain
from assets.reports.editorial import Editorial, Masthead
from assets.reports.editorial_folder import DUTY, HALL, MASTHEAD, NEWS, OTHER_WORK
from assets.reports.facts import IssueFacts
from assets.reports.fitness import Unfit, blocking
from assets.reports.notes import build_event_sets, build_fitness_notes, build_notes
from assets.reports.wording import (
    composite_sentence,
    duty_sentence,
    full_day_text,
    handbook_sentence,
    number_line,
    period_line,
    provincial_sentence,
)

TITLE = "窗口工作周报"
NO_MASTHEAD = f"〔缺：{MASTHEAD}〕"


def compose(
    facts: IssueFacts,
    editorial: Editorial,
    unfit: Sequence[Unfit] = (),
    despite: str | None = None,
) -> Bulletin:
    """The bulletin of the issue that ``facts`` are about.

    Where something ``unfit`` keeps it from print it is a draft, unless ``despite`` says why it is printed all the same.
    """
    masthead = editorial.masthead
    return Bulletin(
        issue_key=facts.issue.issue_key,
        dated=masthead.date if masthead else facts.issue.cutoff_date,
        head=_head(facts, masthead),
        sections=_sections(facts, editorial),
        notes=(*build_notes(facts), *build_fitness_notes(unfit, despite)),
        event_sets=build_event_sets(facts),
        foot=_foot(masthead),
        is_draft=bool(blocking(unfit)) and despite is None,
    )


def _head(facts: IssueFacts, masthead: Masthead | None) -> Head:
    return Head(
        title=TITLE,
        number_line=number_line(facts.issue),
        period_line=period_line(facts.issue),
        publisher=masthead.publisher if masthead else NO_MASTHEAD,
        date_line=full_day_text(masthead.date) if masthead else NO_MASTHEAD,
    )


def _foot(masthead: Masthead | None) -> Foot:
    return Foot(
        send=f"送：{_sentence(masthead.send) if masthead else NO_MASTHEAD}",
        distribute=f"发：{_sentence(masthead.distribute) if masthead else NO_MASTHEAD}",
        copies=f"（共印{masthead.copies if masthead else NO_MASTHEAD}份）",
    )


def _sentence(text: str) -> str:
    return text.rstrip("。") + "。"


def _sections(facts: IssueFacts, editorial: Editorial) -> tuple[Section, ...]:
    return (
        Section(1, "一、综窗改革攻坚行动"),
        Section(2, "（一）省本级综窗办件情况", (plain(composite_sentence(facts)),)),
        Section(2, "（二）事项授权及受理手册编制推进情况", (plain(handbook_sentence(facts)),)),
        _items(2, "（三）其它工作开展情况", editorial.other_work, OTHER_WORK),
        Section(1, "二、省级政务服务事项受理办理情况", (plain(provincial_sentence(facts)),)),
        _items(1, "三、大厅工作动态", editorial.hall, HALL),
        _duty(editorial),
        _items(1, "五、政务资讯", editorial.news, NEWS),
    )


def _items(level: int, heading: str, items: tuple[Item, ...] | None, file: str) -> Section:
    return _without_copy(level, heading, file) if items is None else Section(level, heading, items=items)


def _duty(editorial: Editorial) -> Section:
    heading = "四、厅（局）长进大厅"
    if editorial.duty is None:
        return _without_copy(1, heading, DUTY)
    return Section(1, heading, (plain(duty_sentence(editorial.duty)),))


def _without_copy(level: int, heading: str, file: str) -> Section:
    return Section(level, heading, (plain(f"〔本节缺稿：{file}〕"),))
