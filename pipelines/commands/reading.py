"""Commands that read what is published: the bulletin, the state of things, queries, the dictionary."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.commands.options import HomeOption, JsonOption, settings_of
from pipelines.printing import print_json, print_rows


def bulletin(
    issue: str,
    home: HomeOption = None,
    out: Annotated[Path | None, typer.Option(help="folder; default reports/<issue> in the home")] = None,
    formats: Annotated[str, typer.Option(help="docx,html,md,xlsx")] = "docx,html,md",
) -> None:
    """The bulletin of one issue from the published database."""
    from assets.calendar import find_issue, load_working_days
    from assets.reports.bulletin import write_bulletin

    settings = settings_of(home)
    place = settings.place
    # an issue that the calendar cannot know is refused in the calendar's own words
    find_issue(issue, settings.calendar, load_working_days(place.calendar_file))
    paths = write_bulletin(
        place.published_database,
        place.editorial,
        out or place.reports / issue,
        issue,
        [name.strip() for name in formats.split(",") if name.strip()],
        excluded_results=settings.counting.uncounted_result_types,
    )
    for path in paths:
        print(path)


def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """The last run and the publication in force; works while a run is going on."""
    from assets.publication.manifest import read_manifest
    from assets.warehouse.connection import lock_holder

    place = settings_of(home).place
    journal = json.loads(place.journal.read_text(encoding="utf-8")) if place.journal.exists() else None
    document: dict[str, Any] = {"published": read_manifest(place), "last_run": journal, "running": lock_holder(place)}
    if as_json:
        print_json(document)
        return
    published = document["published"]
    if published is None:
        print("nothing is published yet")
    else:
        print(f"数据截至 {published['business_date_through']}  version {published['version']}  built {published['built_at']}")
        if published["last_refused_run"]:
            refused = published["last_refused_run"]
            print(f"last refused run {refused['run_at']}: {', '.join(refused['checks'])}")
    if journal:
        print(f"last run ended with {journal['exit_code']}")
        for held in journal.get("held", []):
            print(f"{held['delivery']}  {held['state']}  {held['note']}")
    if document["running"]:
        print(f"running: {document['running']}")


def sql(query: str, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """A query on the published database, read-only and locked down."""
    from assets.publication.query import run_query

    result = run_query(settings_of(home).place.published_database, query)
    if as_json:
        print_json([dict(zip(result.columns, row, strict=True)) for row in result.rows])
        return
    print_rows(result)


def dictionary() -> None:
    """The data dictionary as Markdown."""
    from assets.platform.contract import load_contract
    from assets.publication.dictionary import dictionary_markdown
    from assets.warehouse.models import load_models

    print(dictionary_markdown(load_models(), load_contract()))
