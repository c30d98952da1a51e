"""The bulletin as JSON for programs: the composed text with the figures' ids, and each figure with its meaning.

The models here are the published schema (``docs/bulletin.schema.json``); a field is added, never taken away or given another meaning,
without a new ``schema_version``.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from assets.reports.document import Bulletin, Item, Paragraph, Run, Section
from assets.reports.facts.facts import Figure, IssueFacts
from assets.reports.figures.scope import scope_of
from assets.reports.wording import figure_text
from assets.warehouse.models.code_lists import FIGURE_NAMES


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class JsonRun(_Part):
    """A stretch of text; `figure` is the id of the figure whose value it prints, `<id>/<part>` for a part of one."""

    text: str
    bold: bool
    figure: str | None


class JsonItem(_Part):
    """A numbered item."""

    number: Annotated[int, Field(ge=1)]
    paragraphs: list[list[JsonRun]]


class JsonSection(_Part):
    """A part under a heading: level 1 is 一、, level 2 is （一）."""

    level: Literal[1, 2]
    heading: str
    paragraphs: list[list[JsonRun]]
    items: list[JsonItem]


class JsonFigure(_Part):
    """A figure as the text prints it (`text`), its value now, and the value that was frozen where the issue is; a share is 0-1."""

    figure: str
    title: str
    text: str
    value: float | None
    published_value: float | None
    unit: str | None
    numerator: float | None
    denominator: float | None
    window_start: date | None
    cutoff_date: date | None
    status: str | None
    definition: str


class JsonHandbook(_Part):
    """Handbooks of one department; `share` is 0-1."""

    department: str
    finished_in_week: int
    finished_total: int
    items_total: int
    share: float | None


class JsonChange(_Part):
    """A week's figure against the issue before; `ratio` is empty where `status` (marts.figure_changes) says why not."""

    figure: str
    previous_issue: str | None
    previous: int | None
    difference: int | None
    ratio: float | None
    status: str


class JsonRevision(_Part):
    """A frozen figure of this or an earlier issue of the year, whose value has changed since."""

    issue: str
    figure: str
    published_value: float
    current_value: float | None
    first_seen: date | None
    deliveries: list[str]


class JsonIssue(_Part):
    """The issue and its days, all inclusive."""

    key: str
    year: int
    number: int
    total_number: int
    shown_start: date
    shown_end: date
    window_start: date
    cutoff_date: date


class JsonHead(_Part):
    """The masthead, as printed."""

    title: str
    number_line: str
    period_line: str
    publisher: str
    date_line: str


class JsonFoot(_Part):
    """The foot, as printed."""

    send: str
    distribute: str
    copies: str


class JsonBulletin(_Part):
    """窗口工作周报, one issue."""

    schema_version: Literal["1.0"]
    issue: JsonIssue
    dated: date
    is_draft: bool
    is_frozen: bool
    data_through: date
    version: str
    head: JsonHead
    sections: list[JsonSection]
    figures: list[JsonFigure]
    changes: list[JsonChange]
    handbooks: list[JsonHandbook]
    revisions: list[JsonRevision]
    notes: list[str]
    event_sets: list[str]
    foot: JsonFoot | None


def render_json(facts: IssueFacts, bulletin: Bulletin) -> str:
    """The whole document, ending in a line feed."""
    issue, head, foot = facts.issue, bulletin.head, bulletin.foot
    document = JsonBulletin(
        schema_version="1.0",
        issue=JsonIssue(
            key=issue.issue_key,
            year=issue.issue_year,
            number=issue.issue_no,
            total_number=issue.total_no,
            shown_start=issue.shown_start,
            shown_end=issue.shown_end,
            window_start=issue.window_start,
            cutoff_date=issue.cutoff_date,
        ),
        dated=bulletin.dated,
        is_draft=bulletin.is_draft,
        is_frozen=facts.is_frozen,
        data_through=facts.business_date_through,
        version=facts.version,
        head=JsonHead(
            title=head.title,
            number_line=head.number_line,
            period_line=head.period_line,
            publisher=head.publisher,
            date_line=head.date_line,
        ),
        sections=[_section(section) for section in bulletin.sections],
        figures=[_figure(facts, name) for name in FIGURE_NAMES],
        changes=_changes(facts),
        handbooks=_handbooks(facts),
        revisions=_revisions(facts),
        notes=list(bulletin.notes),
        event_sets=list(bulletin.event_sets),
        foot=JsonFoot(send=foot.send, distribute=foot.distribute, copies=foot.copies) if foot else None,
    )
    return document.model_dump_json(indent=1) + "\n"


def _section(section: Section) -> JsonSection:
    return JsonSection(
        level=1 if section.level == 1 else 2,
        heading=section.heading,
        paragraphs=[_runs(paragraph) for paragraph in section.paragraphs],
        items=[_item(number, item) for number, item in enumerate(section.items, start=1)],
    )


def _item(number: int, item: Item) -> JsonItem:
    return JsonItem(number=number, paragraphs=[_runs(paragraph) for paragraph in item.paragraphs])


def _runs(paragraph: Paragraph) -> list[JsonRun]:
    return [_run(run) for run in paragraph]


def _run(run: Run) -> JsonRun:
    return JsonRun(text=run.text, bold=run.bold, figure=run.figure)


def _figure(facts: IssueFacts, name: str) -> JsonFigure:
    figure = facts.figures.get(name, Figure(name, None))
    return JsonFigure(
        figure=name,
        title=FIGURE_NAMES[name],
        text=figure_text(facts, name),
        value=figure.value,
        published_value=figure.published_value,
        unit=figure.unit,
        numerator=figure.numerator,
        denominator=figure.denominator,
        window_start=figure.window_start,
        cutoff_date=figure.cutoff_date,
        status=figure.status,
        definition=scope_of(name).definition(facts.uncounted_result_types),
    )


def _changes(facts: IssueFacts) -> list[JsonChange]:
    return [
        JsonChange(
            figure=figure,
            previous_issue=change.previous_issue,
            previous=change.previous,
            difference=change.difference,
            ratio=change.ratio,
            status=change.status,
        )
        for figure, change in facts.background.changes.items()
    ]


def _handbooks(facts: IssueFacts) -> list[JsonHandbook]:
    return [
        JsonHandbook(
            department=each.org_name,
            finished_in_week=each.finished_in_week,
            finished_total=each.finished_total,
            items_total=each.items_total,
            share=each.share,
        )
        for each in facts.background.handbooks
    ]


def _revisions(facts: IssueFacts) -> list[JsonRevision]:
    return [
        JsonRevision(
            issue=each.issue_key,
            figure=each.figure,
            published_value=each.published_value,
            current_value=each.current_value,
            first_seen=each.first_seen,
            deliveries=[name for name in each.deliveries.split(",") if name],
        )
        for each in facts.background.revisions
    ]
