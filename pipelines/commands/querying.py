"""The commands that answer questions from the publication: a query, and the dictionary."""

import shutil
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from assets.errors import UsageError
from pipelines.commands.options import HomeOption, JsonOption, settings_of
from pipelines.printing.lines import line, print_text, say

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
    from pipelines.querying.child import Form, Request
    from pipelines.querying.process import answer

    settings = settings_of(home)
    query = sys.stdin.read() if query == "-" else query
    if sum([as_json, as_csv, xlsx is not None]) > 1:
        raise UsageError("--json, --csv and --xlsx do not go together: choose one")
    if bom and not as_csv:
        raise UsageError("--bom goes with --csv")
    limits = _limits(settings, seconds, memory)
    database = settings.place.published_database
    if xlsx is not None:
        _write_workbook(database, query, limits, xlsx)
        return
    form: Form = "json" if as_json else "csv" if as_csv else "table"
    request = Request(database, query, limits, form, limit, _width(), bom)
    if answer(request, sys.stdout).get("more"):
        say(f"only the first {limit} rows are shown, and there are more: --limit 0 shows all, --csv and --xlsx hold all")


def _width() -> int | None:
    """The terminal's width; what is no terminal is a program, which wants no line broken."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _write_workbook(database: Path, query: str, limits: Any, path: Path) -> None:
    """The answer as the workbook ``path``, whole or not at all."""
    from assets.home import PRIVATE_FILE, replacing, storage_errors
    from pipelines.querying.child import Request
    from pipelines.querying.process import answer

    if not path.parent.is_dir():
        raise UsageError(f"{path.parent}: there is no such folder")
    with storage_errors(path), replacing(path.absolute(), PRIVATE_FILE) as temporary:
        facts = answer(Request(database, query, limits, "xlsx", workbook=temporary), sys.stdout)
    say(f"{facts['rows']} rows")
    line(path)


def _limits(settings: Any, seconds: float | None, memory: str | None) -> Any:
    """The settings' limits, but for what the command says. Raises ``UsageError``."""
    from pydantic import ValidationError

    from assets.publication.query_limits import QueryLimits

    given = {"seconds": seconds, "memory_limit": memory}
    said = {name: value for name, value in given.items() if value is not None}
    try:
        return QueryLimits(**(settings.sql.model_dump() | said))
    except ValidationError:
        raise UsageError("--seconds is a number above 0 and at most 86400, --memory a size such as 500MB or 2GB") from None


def dictionary(
    home: HomeOption = None,
    out: Annotated[Path | None, typer.Option(help="write the files of --formats into this folder")] = None,
    formats: Annotated[str, typer.Option(help="with --out: of md,html,xlsx")] = "md,html,xlsx",
) -> None:
    """The data dictionary: as Markdown on stdout, or with --out as files; what is published now is said at its top."""
    from assets.publication.dictionary.as_markdown import dictionary_markdown
    from assets.publication.dictionary.content import build_dictionary
    from assets.publication.dictionary.files import write_dictionary
    from assets.publication.store.manifest import current_manifest
    from assets.warehouse.models.model import load_models

    built = build_dictionary(load_models(), current_manifest(settings_of(home).place))
    if out is None:
        print_text(dictionary_markdown(built))
        return
    for path in write_dictionary(built, out, [name.strip() for name in formats.split(",") if name.strip()]):
        line(path)
