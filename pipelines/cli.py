"""The command line ``zhoubao``: results on stdout, messages on stderr, exit codes as the interface says.

Each command reads its words, calls one function and prints; heavy libraries are imported in the command that needs them.
"""

import os
import sys

import typer

from assets.guard import is_interruption, without_values
from assets.quiet import native_stderr_closed, quiet_process
from pipelines.commands import (
    checking,
    dev,
    doctor,
    editorial,
    explaining,
    figures,
    keys,
    models,
    publishing,
    querying,
    reading,
    repairing,
    template,
    withdrawing,
    writing,
)
from pipelines.printing import say

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="The warehouse behind 窗口工作周报."
)
for command in (
    writing.demo,
    writing.simulate,
    writing.opening,
    writing.run,
    writing.retry,
    writing.erase,
    withdrawing.withdraw,
    checking.check,
    publishing.publish,
    repairing.rebuild,
    reading.bulletin,
    figures.figures,
    explaining.explain,
    reading.status,
    doctor.doctor,
    querying.sql,
    querying.dictionary,
    dev.dev,
):
    # `dev` becomes Dagster's own program, which must keep its stderr
    app.command()(command if command is dev.dev else native_stderr_closed()(command))
app.add_typer(keys.key, name="key")
app.add_typer(models.models, name="models")
app.add_typer(template.template, name="template")
app.add_typer(editorial.editorial, name="editorial")

PRIVATE_UMASK = 0o077


def main() -> None:
    """Run the command; an error ends with its exit code and one line on stderr that holds no value of a row."""
    os.umask(PRIVATE_UMASK)
    quiet_process()
    try:
        app()
    except BaseException as error:
        if is_interruption(error):
            raise
        shown = without_values(error)
        say(f"zhoubao: {shown}")
        sys.exit(shown.exit_code)


if __name__ == "__main__":
    main()
