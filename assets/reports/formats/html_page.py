"""The parts of the web page alongside the text: cards of the week, the year by class, handbooks, revisions, definitions, contents.

Values and words in, values and words out; the template decides how they look.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from assets.reports.document import Bulletin
from assets.reports.facts.facts import IssueFacts
from assets.reports.figures.background import DepartmentHandbooks, Period
from assets.reports.figures.scope import scope_of
from assets.reports.formats.charts import WEEKS_SHOWN, share_bars, sparkline
from assets.reports.text.sentences import week_word
from assets.reports.wording import NO_PREVIOUS, UNITS, change_status_text, change_text, figure_text, full_day_text
from assets.warehouse.models.code_lists import (
    CLASS_NAMES,
    COMPOSITE,
    COMPOSITE_MEASURES,
    FIGURE_NAMES,
    MEASURE_NAMES,
    SHARE,
    published_codes,
)


@dataclass(frozen=True)
class Card:
    """One measure of the week: its words, how it changed, and the weeks before as a drawing and as rows."""

    title: str
    figure: str
    value: str
    year: str
    year_figure: str
    change: str
    drawing: Markup | None
    sentence: str
    weeks: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class ClassRow:
    """The year to date of one class of items; each number with its figure's id."""

    title: str
    accepted: tuple[str, str]
    completed: tuple[str, str]


@dataclass(frozen=True)
class Handbooks:
    """How far the handbooks are, in all and by department."""

    finished: str
    items: str
    share: str
    sentence: str
    rows: tuple[DepartmentHandbooks, ...]
    drawing: Markup | None


@dataclass(frozen=True)
class Definition:
    """What a figure is: its words in this issue, its meaning, its state."""

    figure: str
    title: str
    value: str
    definition: str
    status: str


@dataclass(frozen=True)
class RevisionRow:
    """A frozen figure of the year that has changed since."""

    issue_key: str
    title: str
    published: str
    current: str
    seen: str
    deliveries: str


@dataclass(frozen=True)
class Page:
    """All of it; a slip of notes or corrections has none of it."""

    as_of: str
    # 本周 or 本期
    week: str
    cards: tuple[Card, ...]
    classes: tuple[ClassRow, ...]
    handbooks: Handbooks
    revisions: tuple[RevisionRow, ...]
    definitions: tuple[Definition, ...]
    contents: tuple[tuple[str, str], ...]


def page_of(facts: IssueFacts, bulletin: Bulletin) -> Page | None:
    """What the page shows alongside the text; ``None`` for a slip."""
    if bulletin.is_slip or bulletin.foot is None:
        return None
    return Page(
        as_of=f"数据截至{full_day_text(facts.business_date_through)}",
        week=week_word(facts.issue),
        cards=tuple(_card(facts, measure) for measure in COMPOSITE_MEASURES),
        classes=tuple(_class(facts, name, title) for name, title in CLASS_NAMES.items()),
        handbooks=_handbooks(facts),
        revisions=tuple(_revisions(facts)),
        definitions=tuple(_definition(facts, name) for name in FIGURE_NAMES),
        contents=tuple(_contents(facts, bulletin)),
    )


def _contents(facts: IssueFacts, bulletin: Bulletin) -> Iterator[tuple[str, str]]:
    yield from (("week", f"{week_word(facts.issue)}综窗"), ("year", "今年以来"), ("handbooks", "受理工作手册"))
    for place, section in enumerate(bulletin.sections, start=1):
        if section.level == 1:
            yield f"part-{place}", section.heading
    if facts.background.revisions:
        yield "revisions", "修订"
    yield from (("definitions", "数字的口径"), ("notes", "数据说明"))


def _card(facts: IssueFacts, measure: str) -> Card:
    figure, unit, title = f"composite.{measure}.week", UNITS[measure], MEASURE_NAMES[measure]
    points = [
        (week, week.values[f"composite.{measure}"])
        for week in facts.background.weeks[-WEEKS_SHOWN:]
        if f"composite.{measure}" in week.values
    ]
    sentence = _trend(title, points, unit)
    return Card(
        title=f"{COMPOSITE}{title}",
        figure=figure,
        value=figure_text(facts, figure),
        year=figure_text(facts, f"composite.{measure}.ytd"),
        year_figure=f"composite.{measure}.ytd",
        change=_change(facts, measure, unit),
        drawing=sparkline(points, unit, sentence) if len(points) > 1 else None,
        sentence=sentence,
        weeks=tuple(
            (week.issue_key, f"{week.end:%Y-%m-%d}", f"{value}{'' if week.is_complete else '（缺天）'}") for week, value in points
        ),
    )


def _trend(title: str, points: list[tuple[Period, int]], unit: str) -> str:
    if len(points) < 2:
        return f"{title}只有一期的数，还没有走势。"
    hollow = "、".join(f"{week.issue_key}期" for week, _ in points if not week.is_complete)
    least, most = min(points, key=lambda point: point[1]), max(points, key=lambda point: point[1])
    return (
        f"{title}近{len(points)}期：最低{least[1]}{unit}（{least[0].issue_key}期），最高{most[1]}{unit}（{most[0].issue_key}期），"
        f"最近一期{points[-1][1]}{unit}{f'；空心点的期缺天（{hollow}）' if hollow else ''}。"
    )


def _change(facts: IssueFacts, measure: str, unit: str) -> str:
    """The change against the issue before, or why there is none."""
    change = facts.background.changes.get(f"composite.{measure}")
    if change is None or change.ratio is None or change.difference is None:
        return f"与上期不作比较：{change_status_text(change.status) if change else NO_PREVIOUS}"
    if change.difference == 0:
        return "与上期持平"
    more = change.difference > 0
    words = ("▲ 比上期增加", "增长") if more else ("▼ 比上期减少", "下降")
    return f"{words[0]}{abs(change.difference)}{unit}，{words[1]}{change_text(abs(change.ratio))}"


def _class(facts: IssueFacts, name: str, title: str) -> ClassRow:
    accepted, completed = (f"{name}.{measure}.ytd" for measure in ("accepted", "completed"))
    return ClassRow(title, (accepted, figure_text(facts, accepted)), (completed, figure_text(facts, completed)))


def _handbooks(facts: IssueFacts) -> Handbooks:
    rows = facts.background.handbooks
    finished, items, share = (figure_text(facts, name) for name in ("handbook.finished.total", "handbook.items", SHARE))
    sentence = f"各部门受理工作手册完成占比，共{len(rows)}个部门，完成{finished}，占{share}。"
    return Handbooks(finished, items, share, sentence, rows, share_bars(rows, sentence) if rows else None)


def _definition(facts: IssueFacts, name: str) -> Definition:
    figure = facts.figures.get(name)
    status = published_codes()["figure_status"].values.get((figure.status if figure else None) or "", "没有此数")
    return Definition(
        name, FIGURE_NAMES[name], figure_text(facts, name), scope_of(name).definition(facts.uncounted_result_types), status
    )


def _revisions(facts: IssueFacts) -> Iterator[RevisionRow]:
    for each in facts.background.revisions:
        yield RevisionRow(
            issue_key=each.issue_key,
            title=FIGURE_NAMES.get(each.figure, each.figure),
            published=_value(each.figure, each.published_value),
            current="缺" if each.current_value is None else _value(each.figure, each.current_value),
            seen=f"{each.first_seen:%Y-%m-%d}" if each.first_seen else "",
            deliveries=each.deliveries.replace(",", "、"),
        )


def _value(figure: str, value: float) -> str:
    return change_text(value) if figure == SHARE else f"{value:.0f}"
