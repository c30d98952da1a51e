"""Commands that read what is published: the bulletin and the state of things."""

from pathlib import Path
from typing import Annotated, Any

import typer

from assets.errors import UsageError
from pipelines.commands.options import HomeOption, JsonOption, settings_of
from pipelines.printing.lines import line, path_if_there, print_json, print_table, say
from pipelines.printing.status import print_status

VERIFY = "verify"


def bulletin(
    issue: str,
    file: Annotated[Path | None, typer.Argument(help="with `verify` in place of ISSUE: the Word file to verify")] = None,
    home: HomeOption = None,
    out: Annotated[Path | None, typer.Option(help="folder; default reports/<issue> in the home")] = None,
    formats: Annotated[str, typer.Option(help="docx,html,md,xlsx,pdf,json; pdf needs LibreOffice")] = "docx,html,md",
    freeze: Annotated[bool, typer.Option("--freeze", help="record its figures as published, once and for all")] = False,
    despite: Annotated[str | None, typer.Option(help="with --freeze: why an issue that is not fit to print is frozen")] = None,
    draft: Annotated[bool, typer.Option("--draft", help="print an issue that is not fit, marked 草稿")] = False,
    erratum: Annotated[str | None, typer.Option(help="record a correction alongside the frozen issue")] = None,
) -> None:
    """The bulletin of one issue from the published database; a frozen issue is printed as it was published.

    `zhoubao bulletin verify FILE.docx` names the figures that were altered by hand in a Word file (exit code 4).
    """
    from assets.calendar import find_issue, load_working_days, parse_issue_key
    from assets.reports.fitness.fitness import UnfitError
    from assets.reports.printing import print_issue
    from assets.reports.reprint import kept_issue

    _refuse_together(freeze, despite, draft, erratum)
    settings = settings_of(home)
    if issue == VERIFY or file is not None:
        if issue != VERIFY or file is None:
            raise UsageError("zhoubao bulletin ISSUE prints, zhoubao bulletin verify FILE.docx verifies")
        from pipelines.commands.verifying import verify

        verify(settings, file)
        return
    place = settings.place
    parse_issue_key(issue)
    # a frozen issue is printed whatever the calendar says now; any other that it cannot know is refused in the calendar's own words
    if kept_issue(place.lake, issue) is None:
        find_issue(issue, settings.calendar, load_working_days(place.calendar_file))
    _say_refusal(place)
    folder = out or place.reports / issue
    wanted = [name.strip() for name in formats.split(",") if name.strip()]
    try:
        if freeze or erratum is not None:
            printed = _record(settings, issue, folder, wanted, erratum, despite)
        else:
            printed = print_issue(place, issue, folder, wanted, settings.fitness, draft, settings.bulletin)
    except UnfitError as error:
        print_table("", ("什么", "原因", "由谁处理"), [(each.what, each.reason, each.who) for each in error.found])
        raise
    for message in printed.messages:
        say(f"zhoubao: {message}")
    for path in printed.paths:
        line(path)


def _refuse_together(freeze: bool, despite: str | None, draft: bool, erratum: str | None) -> None:
    if freeze and erratum is not None:
        raise UsageError("--freeze and --erratum do not go together: an erratum is recorded alongside an issue that is frozen")
    if despite is not None and not (freeze and despite.strip()):
        raise UsageError("--despite TEXT goes with --freeze and says why an issue that is not fit to print is frozen")
    if draft and (freeze or erratum is not None):
        raise UsageError("--draft prints and records nothing; leave it out")


def _say_refusal(place: Any) -> None:
    """Tell whoever prints that something newer was kept from being published."""
    from assets.publication.store.manifest import known_manifest

    # the bulletin is printed from the database, which stands where the manifest is damaged
    manifest = known_manifest(place)
    if manifest and manifest.refused_since:
        refused = manifest.refused_since
        say(
            f"zhoubao: the run of {refused.run_at:%Y-%m-%d %H:%M} was refused by {', '.join(refused.checks)};"
            f" what is published is 数据截至 {manifest.business_date_through}"
        )


def _record(settings: Any, issue: str, folder: Path, formats: list[str], erratum: str | None, despite: str | None) -> Any:
    from pipelines.upkeep.freezing import correct, freeze

    if erratum is None:
        printed, frozen = freeze(settings, issue, folder, formats, despite)
        say(f"issue {issue}: {len(frozen.figures)} figures frozen at {frozen.frozen_at}, from version {frozen.version}")
        return printed
    printed, recorded = correct(settings, issue, erratum, folder, formats)
    say(f"issue {issue}: erratum {recorded.erratum_no} recorded; {len(recorded.figures)} figures differ from the published ones")
    return printed


def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """How things are in one line, findings that wait, then the publication, deliveries by day, the last run; works during a run."""
    from assets.clock import beijing_now
    from assets.publication.deliveries import state_of_data
    from assets.publication.publish import changes_of
    from assets.publication.store.manifest import current_manifest
    from assets.quality.output.places import newest_findings, page_path
    from assets.warehouse.connection import lock_holder
    from pipelines.printing.morning import facts_of_publication, morning_of, quality_facts
    from pipelines.running.journal import read_journal

    settings = settings_of(home)
    place = settings.place
    journal, unreadable = read_journal(place)
    manifest = current_manifest(place)
    changes = changes_of(place, manifest) if manifest else None
    holder, now = lock_holder(place), beijing_now()
    through = manifest.business_date_through if manifest else None
    published = manifest.model_dump(mode="json") if manifest else None
    data = state_of_data(place.published_database) if manifest else None
    facts = quality_facts(place) or facts_of_publication(published, data["gaps"] if data else []) or {}
    document: dict[str, Any] = {
        "now": now.isoformat(timespec="seconds"),
        "morning": morning_of(place, facts or None, journal, through, holder, now, settings.automation.expected_at).as_json(),
        "blocking": facts.get("blocking", []),
        "findings": facts.get("findings", []),
        "quarantine": facts.get("quarantine", []),
        "published": published,
        "changes": changes.model_dump(mode="json") | {"summary": changes.summary} if changes else None,
        "data": data,
        "last_run": journal,
        "notes": [unreadable] if unreadable else [],
        "quality": {"page": path_if_there(page_path(place)), "workbook": path_if_there(newest_findings(place))},
        "running": holder,
    }
    for note in document["notes"]:
        say(f"zhoubao: {note}")
    if as_json:
        print_json(document)
    else:
        print_status(document)
