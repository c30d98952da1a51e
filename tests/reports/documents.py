"""A bulletin for the renderers' tests, with every character that a format might take for a mark of its own."""

from datetime import date, timedelta

from assets.reports.document import Bulletin, Foot, Head, Item, Run, Section, plain
from assets.reports.facts.facts import Figure, IssueFacts
from assets.reports.figures.background import Background, Change, DepartmentHandbooks, IssueRevision, Period
from assets.warehouse.models.code_lists import FIGURE_NAMES

from .editorial_copy import ISSUE

NASTY = "甲<b>&amp;</b>*乙*_丙_`丁`[戊](己)#1. =1+1 \\ | ~~\"'{{ 7*7 }}{% if %}"


def bulletin(*sections: Section, notes: tuple[str, ...] = ("说明一。",), text: str = "示例") -> Bulletin:
    return Bulletin(
        issue_key="2023-34",
        dated=date(2023, 9, 11),
        head=Head(f"{text}周报", f"{text}期号", f"（{text}期间）", f"{text}主办", f"{text}日期"),
        sections=sections or (Section(1, "一、甲", (plain(text),)), Section(2, "（一）乙", (), (item(text), item(text)))),
        notes=notes,
        event_sets=(f"{text}口径。",),
        foot=Foot(f"送：{text}。", f"发：{text}。", "（共印91份）"),
    )


def item(text: str, bold: str = "示例厅") -> Item:
    return Item(((Run("近日，"), Run(bold, True), Run(text)), plain(f"另段{text}")))


def facts() -> IssueFacts:
    """Facts of issue 2023-34 for renderers: all figures, three weeks of which one lacks a day, a change, handbooks and a revision."""
    figures = {name: Figure(name, float(value), unit, status="provisional") for name, (value, unit) in _VALUES.items()}
    weeks = tuple(
        Period(
            f"2023-{number}",
            date(2023, 8, 26) + at * timedelta(7),
            date(2023, 9, 1) + at * timedelta(7),
            7,
            number != 33,
            _week(number),
        )
        for at, number in enumerate((32, 33, 34), start=-2)
    )
    change = Change("compared", "2023-33", 860, -86, -0.1)
    return IssueFacts(
        issue=ISSUE,
        figures=figures,
        is_frozen=False,
        coverage=None,
        gaps=(),
        quarantined=(),
        office_checks=(),
        handbook=(),
        waived_checks=(),
        errata=(),
        business_date_through=date(2023, 9, 1),
        version="20230902T030000",
        task_classes={},
        uncounted_result_types=(),
        organizations=(),
        composite_by_department=(),
        background=Background(
            weeks=weeks,
            changes={"composite.accepted": change, "composite.issued": Change("incomplete", "2023-33", None, None, None)},
            handbooks=(DepartmentHandbooks("示例厅", 31, 500, 900, 500 / 900),),
            revisions=(IssueRevision("2023-33", "composite.accepted.week", 860, 861, date(2023, 9, 1), "20230901_01"),),
        ),
    )


def _week(number: int) -> dict[str, int]:
    return {f"composite.{measure}": 10 * number for measure in ("consulted", "accepted", "issued", "transferred")}


_VALUES = dict.fromkeys(FIGURE_NAMES, (774, "件")) | {"handbook.share": (0.5491, "")}
