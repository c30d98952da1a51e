"""The commands that answer questions from the publication: a query, and the dictionary."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from assets.errors import UsageError
from pipelines.commands.options import HomeOption, JsonOption, settings_of
from pipelines.printing import say

_SHOWN_ROWS = 1000


def sql(
    query: Annotated[str, typer.Argument(help="one query; - reads it from standard input, so that a shell takes no quotes away")],
    home: HomeOption = None,
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="print the result as CSV")] = False,
    bom: Annotated[bool, typer.Option("--bom", help="with --csv: the mark by which Excel knows UTF-8")] = False,
    xlsx: Annotated[Path | None, typer.Option(help="write the result as this workbook")] = None,
    limit: Annotated[int, typer.Option(min=0, help="rows of a printed table; 0 for all")] = _SHOWN_ROWS,
    seconds: Annotated[float | None, typer.Option(help="how long it may take; default from the settings, 60")] = None,
    memory: Annotated[str | None, typer.Option(help="how much memory it may take; default from the settings, 1GB")] = None,
) -> None:
    """A query on the published database, read-only and locked down."""
    from assets.publication.query import open_query

    settings = settings_of(home)
    query = sys.stdin.read() if query == "-" else query
    if sum([as_json, as_csv, xlsx is not None]) > 1:
        raise UsageError("--json, --csv and --xlsx do not go together: choose one")
    if bom and not as_csv:
        raise UsageError("--bom goes with --csv")
    with open_query(settings.place.published_database, query, _limits(settings, seconds, memory)) as opened:
        _write(opened, as_json, as_csv, bom, xlsx, limit)


def _write(opened: Any, as_json: bool, as_csv: bool, bom: bool, xlsx: Path | None, limit: int) -> None:
    from pipelines.query_outputs import write_csv, write_json, write_table, write_xlsx

    if as_json:
        write_json(opened, sys.stdout)
    elif as_csv:
        write_csv(opened, sys.stdout, bom)
    elif xlsx is not None:
        say(f"{write_xlsx(opened, xlsx)} rows")
        print(xlsx)
    elif write_table(opened, sys.stdout, limit):
        say(f"only the first {limit} rows are shown, and there are more: --limit 0 shows all, --csv and --xlsx hold all")


def _limits(settings: Any, seconds: float | None, memory: str | None) -> Any:
    """The settings' limits, but for what the command says. Raises ``UsageError``."""
    from pydantic import ValidationError

    from assets.publication.query_limits import QueryLimits

    given = {"seconds": seconds, "memory_limit": memory}
    said = {name: value for name, value in given.items() if value is not None}
    try:
        return QueryLimits(**(settings.sql.model_dump() | said))
    except ValidationError:
        raise UsageError("--seconds is a number above 0, --memory a size such as 500MB or 2GB") from None


def dictionary(
    home: HomeOption = None,
    out: Annotated[Path | None, typer.Option(help="write the files of --formats into this folder")] = None,
    formats: Annotated[str, typer.Option(help="with --out: of md,html,xlsx")] = "md,html,xlsx",
) -> None:
    """The data dictionary: as Markdown on stdout, or with --out as files; what is published now is said at its top."""
    from assets.publication.dictionary.as_markdown import dictionary_markdown
    from assets.publication.dictionary.content import build_dictionary
    from assets.publication.dictionary.writing import write_dictionary
    from assets.publication.manifest import current_manifest
    from assets.warehouse.models import load_models

    built = build_dictionary(load_models(), current_manifest(settings_of(home).place))
    if out is None:
        print(dictionary_markdown(built))
        return
    for path in write_dictionary(built, out, [name.strip() for name in formats.split(",") if name.strip()]):
        print(path)
