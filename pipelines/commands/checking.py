"""The command that checks: what is wrong, how bad it is, who fixes it, and where the failing rows are listed."""

from typing import Annotated, Any

import typer

from pipelines.commands.options import HomeOption, JsonOption, settings_of
from pipelines.printing.lines import line, print_json, print_table, print_text, say

_COLUMNS = ("severity", "check", "rule", "failing / checked", "rate", "who fixes", "")


def check(
    home: HomeOption = None,
    whole: Annotated[
        bool, typer.Option("--all", help="the whole history, not only what came since the last publication")
    ] = False,
    as_json: JsonOption = False,
    docs: Annotated[
        bool, typer.Option("--docs", help="print docs/checks.md, made from expectations/, and check nothing")
    ] = False,
) -> None:
    """Check what was built, print the worst first, and list the failing rows in a workbook; nothing is published."""
    if docs:
        _print_docs()
        return
    from pipelines.running.checked import check_now

    checked = check_now(settings_of(home), whole)
    if as_json:
        print_json(checked.document)
    else:
        _print(checked.document)
    raise typer.Exit(checked.exit_code)


def _print_docs() -> None:
    from assets.quality.suites.docs import checks_as_markdown
    from assets.quality.suites.suite import load_suites

    print_text(checks_as_markdown(load_suites()).removesuffix("\n"))


def _print(document: dict[str, Any]) -> None:
    if not document["checks"]:
        say("zhoubao: nothing is built yet; run zhoubao run first")
        return
    print_table("", _COLUMNS, [_row(entry) for entry in document["checks"] if not entry["passed"]])
    for severity, total in document["totals"].items():
        line(
            f"{severity}: {total['checks']} checks, {total['passed']} passed, {total['failed']} failed, {total['broken']} broken,"
            f" {total['accepted']} waived"
        )
    line(document["workbook"])
    line(document["page"])


def _row(entry: dict[str, Any]) -> tuple[str, ...]:
    counts = " / ".join("-" if entry[name] is None else f"{entry[name]:,}" for name in ("failing_rows", "checked_rows"))
    note = f"waived: {entry['accepted_reason']}" if entry["accepted_reason"] else entry["status"]
    return (entry["severity"], entry["check_id"], entry["rule"], counts, entry["rate"], entry["who_fixes"], note)
