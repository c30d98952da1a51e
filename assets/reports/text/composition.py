"""Facts, editorial copy and wording → the bulletin, by the parts and headings of the office's form. Pure; nothing is invented.

A section without copy is printed as 〔本节缺稿：…〕 with the file that is missing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from assets.reports.bulletin_style import DEFAULT_STYLE, BulletinStyle
from assets.reports.document import Bulletin, Foot, Head, Item, Section, plain
from assets.reports.editorial.editorial import Editorial, Masthead
from assets.reports.editorial.folder import DUTY, HALL, MASTHEAD, NEWS, OTHER_WORK
from assets.reports.editorial.head_faults import CHINESE
from assets.reports.facts.facts import IssueFacts
from assets.reports.fitness.fitness import Unfit, blocking
from assets.reports.notes import build_event_sets, build_fitness_notes, build_notes
from assets.reports.text.patterns import Wording, default_wording
from assets.reports.text.sentences import (
    comparison_paragraph,
    composite_paragraph,
    duty_paragraph,
    handbook_paragraph,
    provincial_paragraph,
)
from assets.reports.wording import full_day_text, number_line, period_line

TITLE = "窗口工作周报"
NO_MASTHEAD = f"〔缺：{MASTHEAD}〕"


@dataclass(frozen=True)
class Manner:
    """The sentences and the style in which an issue is composed."""

    wording: Wording = field(default_factory=default_wording)
    style: BulletinStyle = DEFAULT_STYLE


def compose(
    facts: IssueFacts,
    editorial: Editorial,
    unfit: Sequence[Unfit] = (),
    despite: str | None = None,
    manner: Manner | None = None,
) -> Bulletin:
    """The bulletin of the issue that ``facts`` are about, in the project's own manner where none is given.

    Where something ``unfit`` keeps it from print it is a draft, unless ``despite`` says why it is printed all the same.
    """
    manner = manner or Manner()
    masthead = editorial.masthead
    return Bulletin(
        issue_key=facts.issue.issue_key,
        dated=(masthead and masthead.date) or facts.issue.cutoff_date,
        head=_head(facts, masthead, manner.style),
        sections=_sections(facts, editorial, manner),
        notes=(*build_notes(facts), *build_fitness_notes(unfit, despite)),
        event_sets=build_event_sets(facts),
        foot=_foot(masthead),
        is_draft=bool(blocking(unfit)) and despite is None,
    )


def _head(facts: IssueFacts, masthead: Masthead | None, style: BulletinStyle) -> Head:
    return Head(
        title=TITLE,
        number_line=number_line(facts.issue),
        period_line=period_line(facts.issue),
        publisher=_printed(masthead, "publisher", str),
        date_line=_printed(masthead, "date", full_day_text),
        number_above=style.number_line == "above",
    )


def _foot(masthead: Masthead | None) -> Foot:
    return Foot(
        send=f"送：{_printed(masthead, 'send', _sentence)}",
        distribute=f"发：{_printed(masthead, 'distribute', _sentence)}",
        copies=f"（共印{_printed(masthead, 'copies', str)}份）",
    )


def _printed(masthead: Masthead | None, key: str, words: Callable[[Any], str]) -> str:
    """One value of the masthead as it is printed, or a gap that says what is missing."""
    if masthead is None:
        return NO_MASTHEAD
    value = getattr(masthead, key)
    return f"〔缺：{CHINESE[key]}〕" if value is None else words(value)


def _sentence(text: str) -> str:
    return text.rstrip("。") + "。"


def _sections(facts: IssueFacts, editorial: Editorial, manner: Manner) -> tuple[Section, ...]:
    wording = manner.wording
    compared = (comparison_paragraph(facts, wording),) if manner.style.comparisons else ()
    return (
        Section(1, "一、综窗改革攻坚行动"),
        Section(2, "（一）省本级综窗办件情况", (composite_paragraph(facts, wording), *compared)),
        Section(2, "（二）事项授权及受理手册编制推进情况", (handbook_paragraph(facts, wording),)),
        _items(2, "（三）其它工作开展情况", editorial.other_work, OTHER_WORK),
        Section(1, "二、省级政务服务事项受理办理情况", (provincial_paragraph(facts, wording),)),
        _items(1, "三、大厅工作动态", editorial.hall, HALL),
        _duty(facts, editorial, wording),
        _items(1, "五、政务资讯", editorial.news, NEWS),
    )


def _items(level: int, heading: str, items: tuple[Item, ...] | None, file: str) -> Section:
    return _without_copy(level, heading, file) if items is None else Section(level, heading, items=items)


def _duty(facts: IssueFacts, editorial: Editorial, wording: Wording) -> Section:
    heading = "四、厅（局）长进大厅"
    if editorial.duty is None:
        return _without_copy(1, heading, DUTY)
    return Section(1, heading, (duty_paragraph(editorial.duty, wording, facts),))


def _without_copy(level: int, heading: str, file: str) -> Section:
    return Section(level, heading, (plain(f"〔本节缺稿：{file}〕"),))
