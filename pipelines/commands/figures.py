"""The command that says of each figure of an issue which value to use, and why."""

from dataclasses import asdict
from typing import Any

from pipelines.commands.options import HomeOption, JsonOption, settings_of
from pipelines.printing.lines import line, print_json, print_table, say


def figures(issue: str, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Each figure of an issue with the value to use, its status and why; blank where no value may be used."""
    from assets.reports.figures.usable import usable_figures

    found = usable_figures(settings_of(home).place, issue)
    if as_json:
        print_json(asdict(found))
        return
    line(f"issue {found.issue_key}  version {found.version}  数据截至 {found.business_date_through}")
    if found.rolled_back_from:
        say(f"zhoubao: this version is in force by a rollback from {found.rolled_back_from}")
    if found.refused_at:
        say(f"zhoubao: the run of {found.refused_at:%Y-%m-%d %H:%M} was refused by {', '.join(found.refused_by)}")
    rows = [[each.figure, _shown(each), each.status, each.why] for each in found.figures]
    print_table("", ("figure", "value to use", "status", "why"), rows)


def _shown(figure: Any) -> str:
    value = figure.value_to_use
    if value is None:
        return ""
    return str(int(value)) if float(value).is_integer() and figure.unit != "占比" else f"{value:.4f}"
