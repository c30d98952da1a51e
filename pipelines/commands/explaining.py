"""The command that explains a figure: from its definition down to days, departments and deliveries, every sum proven."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import typer

from assets.errors import BusyError
from pipelines.commands.options import HomeOption, JsonOption, settings_of
from pipelines.printing.lines import line, print_json, print_table, print_text, say

# a year to date by day would fill the screen; the program's form lists each day
_DAYS_SHOWN = 31


def explain(issue: str, figure: str, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Walk from a figure down to days, departments and deliveries, with the terms that make it, each proven to add up."""
    from assets.reports.figures.carriers import carriers_of
    from assets.reports.figures.explanation import explain as explain_figure

    settings = settings_of(home)
    place = settings.place
    explanation = explain_figure(place.published_database, issue, figure)
    carriers = carriers_of(place, explanation, settings.lock_wait_seconds)
    if as_json:
        print_json(_document(explanation, carriers))
    else:
        _print(explanation, carriers)
    if carriers.note:
        say(carriers.note)
    if carriers.is_busy:
        raise typer.Exit(BusyError.exit_code)


def _document(explanation: Any, carriers: Any) -> dict[str, Any]:
    carried = asdict(carriers)
    return asdict(explanation) | {name: carried[name] for name in ("deliveries", "revised_by", "note")}


def _print(explanation: Any, carriers: Any) -> None:
    line(f"{explanation.issue_key}  {explanation.figure}  {explanation.title}")
    print_text(explanation.definition)
    window = f"{explanation.window_start} 至 " if explanation.window_start else "截至 "
    line(f"统计期 {window}{explanation.cutoff_date}；发布版本 {explanation.version}")
    print_table("", ("", "值"), _values(explanation))
    if explanation.identity:
        total = ("= 本期年累计", _number(explanation.value))
        print_table("上期年累计 + 修订 + 本周", ("项", "值"), [*_terms(explanation.identity), total])
    if explanation.days or explanation.opening_as_of:
        print_table(
            "按日" if len(explanation.days) <= _DAYS_SHOWN else "按月（逐日见 --json）", ("日期", "值"), _days(explanation)
        )
    print_table("按部门", ("部门编码", "部门", "值"), _parts(explanation.departments))
    if carriers.deliveries is not None:
        print_table("按批次", ("批次", "", "值"), _parts(carriers.deliveries))
    if carriers.revised_by:
        print_table("定稿后引起变动的批次", ("批次", "所改的期", "增减"), _parts(carriers.revised_by))


def _values(explanation: Any) -> list[tuple[str, str]]:
    rows = [("现值", _number(explanation.value))]
    if explanation.denominator is not None:
        rows += [("分子", _number(explanation.numerator)), ("分母", _number(explanation.denominator))]
    if explanation.published_value is not None:
        rows += [(f"发布值（{explanation.frozen_at} 定稿）", _number(explanation.published_value))]
    if explanation.revision is not None:
        made_by = explanation.revision.deliveries or "口径、设置或程序"
        rows += [(f"修订（{made_by}）", _number(explanation.revision.difference))]
    return rows


def _terms(terms: Iterable[Any]) -> list[tuple[str, str]]:
    return [(term.label, _number(term.value)) for term in terms]


def _days(explanation: Any) -> list[tuple[str, str]]:
    opening = [(f"期初数（截至 {explanation.opening_as_of}）", _number(explanation.opening))] if explanation.opening_as_of else []
    if len(explanation.days) <= _DAYS_SHOWN:
        return opening + [(day.key, _number(day.value)) for day in explanation.days]
    months: dict[str, float] = {}
    for day in explanation.days:
        months[day.key[:7]] = months.get(day.key[:7], 0) + day.value
    return opening + [(month, _number(value)) for month, value in months.items()]


def _parts(parts: Sequence[Any]) -> list[tuple[str, str, str]]:
    return [(part.key, part.name, _number(part.value)) for part in parts]


def _number(value: float | None) -> str:
    if value is None:
        return "缺"
    return str(int(value)) if float(value).is_integer() else f"{value:.6f}".rstrip("0")
