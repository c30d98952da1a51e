"""The workbook of one issue: seven sheets, each one table with filters, charts of the spreadsheet's own, set up for print on A4.

The same bytes for the same facts. Dates and numbers are true ones; what is not known is 缺, in text, so that no sum takes it for 0.
"""

import io
from datetime import date, datetime, time
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range_abs

from assets.reports.document import Bulletin
from assets.reports.facts.facts import IssueFacts
from assets.reports.formats.workbook_sheets import COUNT, DAY, LONG, NOTHING, RATIO, TEXT, Chart, Sheet, sheets_of

# the format's number of the paper size
A4 = 9
_FORMATS = {
    TEXT: {"valign": "vcenter"},
    LONG: {"text_wrap": True, "valign": "vcenter"},
    COUNT: {"num_format": "0", "valign": "vcenter"},
    RATIO: {"num_format": "0.00%", "valign": "vcenter"},
    DAY: {"num_format": "yyyy-mm-dd", "align": "left", "valign": "vcenter"},
    "head": {"bold": True, "text_wrap": True, "valign": "vcenter", "bottom": 1},
}
_CHART_WIDTH, _CHART_HEIGHT, _CHARTS_ABREAST = 480, 260, 2
# two lines of a wrapped title
_HEAD_POINTS = 32
_MARK_COLOUR = "#1F4E79"


def render_workbook(facts: IssueFacts, bulletin: Bulletin) -> bytes:
    """The whole file."""
    written = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(written, options) as book:
        book.set_properties(
            {
                "title": f"{bulletin.head.title} {bulletin.head.number_line}",
                "author": bulletin.head.publisher,
                "created": datetime.combine(bulletin.dated, time()),
            }
        )
        formats = {name: book.add_format(properties) for name, properties in _FORMATS.items()}
        for sheet in sheets_of(facts, bulletin):
            _write_sheet(book, formats, sheet, bulletin)
    return written.getvalue()


def _write_sheet(book: Any, formats: dict[str, Any], sheet: Sheet, bulletin: Bulletin) -> None:
    page = book.add_worksheet(sheet.name)
    rows = sheet.rows or ((NOTHING, *([None] * (len(sheet.columns) - 1))),)
    page.add_table(
        *(0, 0, len(rows), len(sheet.columns) - 1),
        {
            "name": sheet.table,
            "style": "Table Style Light 1",
            "columns": [{"header": column.title, "header_format": formats["head"]} for column in sheet.columns],
        },
    )
    page.set_row(0, _HEAD_POINTS)
    for at, column in enumerate(sheet.columns):
        page.set_column(at, at, column.width)
    for row, cells in enumerate(rows, start=1):
        for at, (column, cell) in enumerate(zip(sheet.columns, cells, strict=True)):
            _write(page, row, at, cell, formats[_kind(sheet, column.kind, str(cells[1]), at)])
    page.freeze_panes(1, sheet.fixed)
    _set_up_print(page, sheet, bulletin)
    for at, chart in enumerate(sheet.charts if sheet.rows else ()):
        _add_chart(book, page, sheet, chart, at)


def _kind(sheet: Sheet, kind: str, figure: str, at: int) -> str:
    """The format of a cell: a figure of 本期 and 修订 is a count, or a share where the row's figure is one."""
    if sheet.table == "Issue" and at in (2, 3) and figure.endswith("占比"):
        return RATIO
    if sheet.table == "Revisions" and kind == RATIO and not figure.endswith(".share"):
        return COUNT
    return kind


def _write(page: Any, row: int, column: int, value: Any, cell_format: Any) -> None:
    if value is None:
        page.write_blank(row, column, None, cell_format)
    elif isinstance(value, str):
        page.write_string(row, column, value, cell_format)
    elif isinstance(value, date):
        page.write_datetime(row, column, datetime.combine(value, time()), cell_format)
    else:
        page.write_number(row, column, value, cell_format)


def _set_up_print(page: Any, sheet: Sheet, bulletin: Bulletin) -> None:
    """Across A4, however many columns; the heads again on each page."""
    page.set_paper(A4)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.6)
    # an ampersand begins a code of the format
    title = f"{bulletin.head.title} {bulletin.head.number_line}".replace("&", "&&")
    page.set_header(f"&L{title}&R{sheet.name}")
    page.set_footer("&C第 &P 页，共 &N 页")


def _add_chart(book: Any, page: Any, sheet: Sheet, chart: Chart, at: int) -> None:
    """Below the table, two abreast; categories are the first column."""
    column = next(place for place, each in enumerate(sheet.columns) if each.title == chart.column)
    last = len(sheet.rows)
    drawing = book.add_chart({"type": chart.kind})
    drawing.add_series(
        {
            "name": chart.title,
            "categories": f"='{sheet.name}'!{xl_range_abs(1, 0, last, 0)}",
            "values": f"='{sheet.name}'!{xl_range_abs(1, column, last, column)}",
            "line": {"color": _MARK_COLOUR, "width": 2},
            "fill": {"color": _MARK_COLOUR},
            "marker": {"type": "circle", "size": 4, "fill": {"color": _MARK_COLOUR}, "border": {"color": _MARK_COLOUR}},
            "gap": 60,
        }
    )
    drawing.set_title({"name": chart.title, "name_font": {"size": 11}, "overlay": False})
    drawing.set_legend({"none": True})
    share = {"num_format": "0%"} if sheet.columns[column].kind == RATIO else {}
    values, categories = (
        {"min": 0, "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}} | share,
        {"num_font": {"size": 9}},
    )
    if chart.kind == "bar":
        drawing.set_x_axis(values)
        drawing.set_y_axis(categories | {"reverse": True})
    else:
        drawing.set_y_axis(values)
        drawing.set_x_axis(categories)
    height = max(_CHART_HEIGHT, 24 * last + 80) if chart.kind == "bar" else _CHART_HEIGHT
    drawing.set_size({"width": _CHART_WIDTH, "height": height})
    down, across = divmod(at, _CHARTS_ABREAST)
    offsets = {"x_offset": 5 + across * (_CHART_WIDTH + 10), "y_offset": 10 + down * (_CHART_HEIGHT + 10), "object_position": 3}
    page.insert_chart(last + 2, 0, drawing, offsets | {"description": f"{chart.title}，数据在本表"})
