"""The figures workbook of one issue: figures, counts by department and by class, notes; the same bytes for the same facts."""

import io
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

import xlsxwriter

from assets.reports.document import DRAFT, Bulletin
from assets.reports.facts import MEASURES, Counts, Figure, IssueFacts
from assets.warehouse.code_lists import FIGURE_NAMES, MEASURE_NAMES

MISSING = "缺"
FIGURE_HEADER = ("指标", "名称", "印发值", "现值", "单位", "分子", "分母", "统计期起", "截止日")
FIGURE_WIDTHS = (30, 34, 12, 12, 8, 12, 12, 12, 12)
# the format's number of the paper size
A4 = 9
PERIODS = ("本周", "今年以来")


def render_workbook(facts: IssueFacts, bulletin: Bulletin) -> bytes:
    """Four sheets; a figure that is not known is 缺, in text, so that no sum takes it for 0."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties(
            {"title": f"窗口工作周报 {facts.issue.issue_key}", "created": datetime.combine(bulletin.dated, time())}
        )
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "vcenter"}),
            "count": book.add_format({"num_format": "0"}),
            "share": book.add_format({"num_format": "0.00%"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        _figures(book.add_worksheet("指标（草稿）" if bulletin.is_draft else "指标"), formats, facts)
        _counts(book.add_worksheet("省本级综窗按部门"), formats, "部门", facts.composite_by_department)
        _counts(book.add_worksheet("省级事项按类别"), formats, "类别", facts.provincial_by_class)
        _notes(book.add_worksheet("说明"), formats, facts, bulletin)
    return written.getvalue()


def _figures(sheet: Any, formats: dict[str, Any], facts: IssueFacts) -> None:
    _head(sheet, formats, FIGURE_HEADER, FIGURE_WIDTHS)
    names = [*FIGURE_NAMES, *(name for name in facts.figures if name not in FIGURE_NAMES)]
    for row, name in enumerate(names, start=1):
        figure = facts.figures.get(name, Figure(name, None))
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, FIGURE_NAMES.get(name, ""))
        kind = formats["share" if name.endswith("share") else "count"]
        values = (
            (facts.printed(name), kind),
            (figure.value, kind),
            (figure.unit, None),
            (figure.numerator, formats["count"]),
            (figure.denominator, formats["count"]),
            (figure.window_start, formats["date"]),
            (figure.cutoff_date, formats["date"]),
        )
        for column, (value, cell_format) in enumerate(values, start=2):
            _write(sheet, row, column, value, cell_format, blank=MISSING if column < 4 else "")


def _write(sheet: Any, row: int, column: int, value: float | str | date | None, cell_format: Any, blank: str) -> None:
    if value is None:
        sheet.write_string(row, column, blank)
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime.combine(value, time()), cell_format)
    else:
        sheet.write_number(row, column, value, cell_format)


def _counts(sheet: Any, formats: dict[str, Any], title: str, rows: Sequence[Counts]) -> None:
    measures = [f"{MEASURE_NAMES[measure]}（{period}）" for period in PERIODS for measure in MEASURES]
    _head(sheet, formats, (title, *measures), (28, *(11 for _ in measures)))
    for at, counts in enumerate(rows, start=1):
        sheet.write_string(at, 0, counts.name)
        year: Sequence[int | None] = counts.year_to_date or [None] * len(MEASURES)
        for column, value in enumerate((*counts.week, *year), start=1):
            _write(sheet, at, column, value, formats["count"], blank=MISSING)


def _notes(sheet: Any, formats: dict[str, Any], facts: IssueFacts, bulletin: Bulletin) -> None:
    sheet.set_column(0, 0, 110)
    head = (bulletin.head.title, bulletin.head.number_line, bulletin.head.period_line)
    draft = (DRAFT,) if bulletin.is_draft else ()
    lines = (*draft, "".join(head), *bulletin.notes, "统计口径", *bulletin.event_sets, f"数据版本：{facts.version}")
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, line, formats["text"])


def _head(sheet: Any, formats: dict[str, Any], titles: Sequence[str], widths: Sequence[int]) -> None:
    for column, (title, width) in enumerate(zip(titles, widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, formats["head"])
    sheet.freeze_panes(1, 1)
    # printed across A4, however many columns
    sheet.set_paper(A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
