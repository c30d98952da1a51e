"""A bulletin for the renderers' tests, with every character that a format might take for a mark of its own."""

from datetime import date

from assets.reports.document import Bulletin, Foot, Head, Item, Run, Section, plain

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
