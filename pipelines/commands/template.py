"""Commands about the office's own Word template, ``templates/周报模板.docx`` of the home."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.options import HomeOption, settings_of
from pipelines.printing.lines import line, say

template = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="The office's Word template: lay one out, and check one that was restyled.",
)


@template.command()
def new(home: HomeOption = None) -> None:
    """Lay out the project's own template in templates/ of the home, to be restyled in Word; one that is there stays."""
    from assets.errors import UsageError
    from assets.home import write_whole
    from assets.reports.formats.word_template import default_template

    path = settings_of(home).place.template
    if path.exists():
        raise UsageError(f"{path} is there and stays as it is; move it away to have the project's own again")
    write_whole(path, default_template())
    line(path)


@template.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="default templates/周报模板.docx in the home")] = None,
    home: HomeOption = None,
) -> None:
    """Whether a template can be filled (exit code 2 where not), and where its styles, fonts or page depart from GB/T 9704."""
    from assets.errors import UsageError
    from assets.home import storage_errors
    from assets.reports.formats.word_check import check_template

    path = file or settings_of(home).place.template
    if not path.exists():
        raise UsageError(f"{path} is not there; the project's own template is in use, zhoubao template new lays it out")
    with storage_errors(path):
        content = path.read_bytes()
    findings = check_template(content)
    for finding in findings:
        line(f"{path}: {finding}")
    if any(finding.severity == "ERROR" for finding in findings):
        raise typer.Exit(UsageError.exit_code)
    say(f"{path}: it can be used")
