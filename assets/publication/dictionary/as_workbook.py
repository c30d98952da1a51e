"""The dictionary as a workbook: tables, columns, code lists and example queries, a sheet each."""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from assets.publication.dictionary.content import Dictionary

# a workbook made without a publication is always the same
_UNDATED = datetime(2000, 1, 1)


def dictionary_workbook(dictionary: Dictionary) -> bytes:
    """Four sheets that can be filtered; the same bytes for the same dictionary."""
    written = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    tables = [*dictionary.views, *dictionary.tables]
    with xlsxwriter.Workbook(written, options) as book:
        made = dictionary.manifest.built_at if dictionary.manifest else _UNDATED
        book.set_properties({"title": "数据字典", "subject": dictionary.freshness, "created": made})
        head = book.add_format({"bold": True, "bottom": 1, "valign": "vcenter"})
        cell = book.add_format({"text_wrap": True, "valign": "top"})
        _sheet(
            book.add_worksheet("表"),
            (head, cell),
            {"表": 30, "种类": 8, "说明": 46, "注意": 60, "每行由以下列确定": 40, "来源": 40},
            (
                (
                    table.name,
                    "视图" if table.is_view else "表",
                    table.description,
                    table.nuance or "",
                    "、".join(table.grain),
                    "、".join(table.made_from),
                )
                for table in tables
            ),
        )
        _sheet(
            book.add_worksheet("列"),
            (head, cell),
            {"表": 30, "列": 24, "类型": 12, "说明": 50, "代码表": 16, "来源": 70},
            (
                (table.name, column.name, column.type, column.description, column.codes or "", column.source)
                for table in tables
                for column in table.columns
            ),
        )
        _sheet(
            book.add_worksheet("代码"),
            (head, cell),
            {"代码表": 20, "marts.codes 中的名称": 22, "代码": 28, "含义": 60},
            ((codes.name, codes.key or "", code, word) for codes in dictionary.codes for code, word in codes.values.items()),
        )
        _sheet(
            book.add_worksheet("例"),
            (head, cell),
            {"表": 30, "问题": 46, "SQL": 100},
            ((table.name, example.question, example.sql) for table in tables for example in table.examples),
        )
    return written.getvalue()


def _sheet(sheet: Any, formats: tuple[Any, Any], columns: dict[str, int], rows: Iterable[Sequence[str]]) -> None:
    head, cell = formats
    for at, (name, width) in enumerate(columns.items()):
        sheet.set_column(at, at, width)
        sheet.write_string(0, at, name, head)
    last = 0
    for last, row in enumerate(rows, start=1):
        for at, text in enumerate(row):
            sheet.write_string(last, at, text, cell)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(last, 1), len(columns) - 1)
