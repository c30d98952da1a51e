"""The commands about the SQL models: what is wrong with them, what a change reaches, what a table is. No data is needed but for rows."""

from pathlib import Path
from typing import Annotated, Any

import typer

from assets.errors import UsageError
from pipelines.commands.options import HomeOption, JsonOption, settings_of
from pipelines.printing.lines import line, print_json

models = typer.Typer(
    no_args_is_help=True, add_completion=False, help="The SQL models in sql/: check them, see what a change reaches, look at one."
)
FolderOption = Annotated[Path | None, typer.Option("--sql", help="the folder of the models; default the program's own")]


@models.command()
def check(home: HomeOption = None, sql: FolderOption = None, as_json: JsonOption = False) -> None:
    """Prove without data that headers, queries, references, names and grains hold; every finding with file, line and fix."""
    from assets.quality.suites.proof import prove
    from assets.quality.suites.reads import unique_columns
    from assets.quality.suites.suite import load_suites
    from assets.warehouse.lint.checks import check_models
    from assets.warehouse.models.model import SQL_FOLDER, load_models
    from pipelines.printing.model_pages import finding_document
    from pipelines.printing.models import shown

    settings_of(home)
    folder = sql or SQL_FOLDER
    findings = check_models(unique_columns(load_suites()), folder)
    if as_json:
        print_json({"findings": [finding_document(finding) for finding in findings]})
    else:
        for finding in findings:
            line(shown(finding))
    if findings:
        raise UsageError(f"{len(findings)} findings in the models of {folder}")
    if folder == SQL_FOLDER:
        # the suites of ``expectations/`` read these tables
        prove(load_suites(), load_models())
    if not as_json:
        line("the models hold")


@models.command()
def impact(
    file: Annotated[str, typer.Argument(help="a model's file, or schema.table")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Which tables, columns, figures, checks, views and reports a change of this model reaches."""
    from pipelines.printing.model_pages import impact_document
    from pipelines.printing.models import print_impact

    document = impact_document(file, settings_of(home))
    if as_json:
        print_json(document)
    else:
        print_impact(document)


@models.command()
def show(
    table: Annotated[str, typer.Argument(help="schema.table, or a Chinese view")],
    home: HomeOption = None,
    rows: Annotated[int, typer.Option(min=0, max=100, help="how many rows of the published table")] = 5,
    as_json: JsonOption = False,
) -> None:
    """A table: what it is, its columns and where they come from, what reads it, its checks, and some published rows."""
    from pipelines.printing.model_pages import table_document
    from pipelines.printing.models import print_table

    document: dict[str, Any] = table_document(table, settings_of(home), rows)
    if as_json:
        print_json(document)
    else:
        print_table(document)
