"""The workbook of one run's checks, ``reports/checks_<time>.xlsx``: an overview, and a sheet of failing rows per failed rule.

It is made for the people who fix the data: sheets are ordered by who fixes them, and hold places and keys, never values.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from math import isfinite
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from assets.home import Home, replacing, storage_errors
from assets.platform.contract import ORIGIN_COLUMNS, load_contract
from assets.quality.output.places import findings_path
from assets.quality.results import STATUS_WORDS, CheckResult, worst_first
from assets.quality.run.failing_keys import ROWS_LISTED, FailingKeys, failing_keys
from assets.quality.suites.suite import Check, Suite
from assets.warehouse.models.model import Model

_OVERVIEW = "总览"
_TITLES = (
    "由谁处理",
    "严重程度",
    "规则",
    "不符行数",
    "检查行数",
    "比率",
    "状态",
    "放行理由",
    "为什么要查",
    "表",
    "检查编号",
    "明细",
)
_WIDTHS = (10, 9, 60, 10, 12, 8, 12, 24, 60, 26, 30, 28)
_WHERE = {"delivery": "批次", "file": "文件", "line": "行号"}
_KEY_WIDTH = 22
# Excel's limit for the name of a sheet
_NAME_LENGTH = 31
# a description goes on after the name of what is described
_END_OF_NAME = re.compile("[，；（：]")
_NO_ROWS = "本规则针对整张表，没有逐行明细。"
_BROKEN = "检查本身未能执行，数据好坏未知；由数据组先修复检查。"
_NOT_FOUND = "明细未能列出，由数据组查明。"


def write_findings(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    suites: Iterable[Suite],
    models: Mapping[str, Model],
    results: Sequence[CheckResult],
    deliveries: Sequence[str] | None,
) -> Path:
    """Write the workbook of ``results``, mode 0600, its failing rows found among ``deliveries``, or in the whole for ``None``.

    Raises ``StorageError`` where the disk does not take it.
    """
    path = findings_path(home, results[0].run_at)
    defined = {check.id: (suite, check) for suite in suites for check in suite.checks}
    failed = sorted(worst_first(result for result in results if not result.passed), key=lambda result: result.who_fixes)
    # what a file is called may begin like a formula or a link, and must stay text
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "tmpdir": str(path.parent)}
    with storage_errors(path), replacing(path) as temporary, xlsxwriter.Workbook(temporary, options) as workbook:
        bold, wrap = workbook.add_format({"bold": True}), workbook.add_format({"text_wrap": True, "valign": "top"})
        link = workbook.add_format({"font_color": "#0b5cad", "underline": 1, "valign": "top"})
        names = _sheet_names(failed)
        overview = workbook.add_worksheet(_OVERVIEW)
        _write_overview(overview, results, failed, defined, names, (bold, wrap, link))
        for result in failed:
            suite, check = defined[result.check_id]
            sheet = workbook.add_worksheet(names[result.check_id])
            rows_from = _write_rule(sheet, result, check, (bold, link))
            _write_rows(
                sheet, rows_from, result, _keys(connection, suite, check, result, deliveries), _words(suite, models), bold
            )
    return path


def _keys(
    connection: duckdb.DuckDBPyConnection, suite: Suite, check: Check, result: CheckResult, deliveries: Sequence[str] | None
) -> FailingKeys | str:
    """The failing rows, or why none can be listed."""
    if result.status == "broken":
        return _BROKEN
    try:
        return failing_keys(connection, suite, check, deliveries) or _NO_ROWS
    except duckdb.Error:
        # its message may quote a row
        return _NOT_FOUND


def _sheet_names(failed: Iterable[CheckResult]) -> dict[str, str]:
    """A name for each check's sheet: who fixes, then the check; what two long ids share gets a number."""
    names: dict[str, str] = {}
    for result in failed:
        name = f"{result.who_fixes} {result.check_id}"[:_NAME_LENGTH]
        if name in names.values():
            mark = f"~{len(names)}"
            name = name[: _NAME_LENGTH - len(mark)] + mark
        names[result.check_id] = name
    return names


def _write_overview(
    sheet: Worksheet,
    results: Sequence[CheckResult],
    failed: Sequence[CheckResult],
    defined: Mapping[str, tuple[Suite, Check]],
    names: Mapping[str, str],
    formats: tuple[Any, Any, Any],
) -> None:
    bold, wrap, link = formats
    for position, width in enumerate(_WIDTHS):
        sheet.set_column(position, position, width)
    passed = sum(result.passed for result in results)
    sheet.write_string(0, 0, f"检查时间 {results[0].run_at:%Y-%m-%d %H:%M:%S}；共 {len(results)} 项，通过 {passed} 项", bold)
    for position, title in enumerate(_TITLES):
        sheet.write_string(2, position, title, bold)
    sheet.freeze_panes(3, 0)
    for number, result in enumerate(failed, 3):
        texts = {
            0: result.who_fixes,
            1: result.severity,
            2: result.rule,
            6: STATUS_WORDS[result.status],
            7: result.accepted_reason,
            8: defined[result.check_id][1].reason,
            9: result.table_name,
            10: result.check_id,
        }
        for position, text in texts.items():
            sheet.write_string(number, position, text or "", wrap)
        for position, count in {3: result.failing_rows, 4: result.checked_rows}.items():
            if count is not None:
                sheet.write_number(number, position, count, wrap)
        sheet.write_string(number, 5, result.rate_text, wrap)
        name = names[result.check_id]
        sheet.write_url(number, 11, f"internal:'{name}'!A1", link, name)


def _write_rule(sheet: Worksheet, result: CheckResult, check: Check, formats: tuple[Any, Any]) -> int:
    """What the rule is, above the rows; the number of the line on which the rows may begin."""
    bold, link = formats
    entries = {
        "规则": result.rule,
        "由谁处理": result.who_fixes,
        "为什么要查": check.reason,
        "严重程度": f"{result.severity}{'（放行：' + result.accepted_reason + '）' if result.accepted_reason else ''}",
        "检查编号": f"{result.check_id}（{result.table_name}）",
    }
    sheet.set_column(0, 0, _KEY_WIDTH)
    for number, (title, text) in enumerate(entries.items()):
        sheet.write_string(number, 0, title, bold)
        sheet.write_string(number, 1, text)
    sheet.write_url(len(entries), 0, f"internal:'{_OVERVIEW}'!A1", link, "回总览")
    return len(entries) + 2


def _write_rows(
    sheet: Worksheet, first: int, result: CheckResult, found: FailingKeys | str, words: Mapping[str, str], bold: Any
) -> None:
    if isinstance(found, str):
        sheet.write_string(first, 0, found)
        return
    cut = f"，只列前 {ROWS_LISTED} 行" if found.total > len(found.rows) else ""
    sheet.write_string(first, 0, f"共 {found.total} 行不符{cut}；检查了 {result.checked_rows} 行")
    sheet.freeze_panes(first + 2, 0)
    for position, name in enumerate(found.columns):
        sheet.set_column(position, position, _KEY_WIDTH)
        sheet.write_string(first + 1, position, words.get(name, name), bold)
    for number, row in enumerate(found.rows, first + 2):
        for position, value in enumerate(row):
            _write_cell(sheet, number, position, value)


def _write_cell(sheet: Worksheet, row: int, column: int, value: object) -> None:
    # a workbook knows no number that is none
    if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
        sheet.write_number(row, column, value)
    elif isinstance(value, bool):
        sheet.write_string(row, column, "是" if value else "否")
    elif value is not None:
        sheet.write_string(row, column, value.isoformat(" ") if isinstance(value, datetime) else _text(value))


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _words(suite: Suite, models: Mapping[str, Model]) -> dict[str, str]:
    """What the columns of the suite's table are called in Chinese."""
    words = {name: text for name, (_, text) in ORIGIN_COLUMNS.items()}
    schema, table = suite.table.split(".")
    if schema == "lake" and table in load_contract().feeds:
        words |= {column.inside: column.header for column in load_contract().feeds[table].columns if column.inside}
    elif suite.table in models:
        words |= {name: _END_OF_NAME.split(column.description)[0] for name, column in models[suite.table].header.columns.items()}
    return words | _WHERE
