"""The command line ``zhoubao``: results on stdout, messages on stderr, exit codes as the interface says.

Each command reads its words, calls one function and prints; heavy libraries are imported in the command that needs them.
"""

import os
import sys

import typer

from assets.errors import StorageError, ZhoubaoError
from pipelines.commands import dev, reading, writing

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="The warehouse behind 窗口工作周报."
)
for command in (
    writing.demo,
    writing.simulate,
    writing.opening,
    writing.run,
    reading.bulletin,
    reading.status,
    reading.sql,
    reading.dictionary,
    dev.dev,
):
    app.command()(command)

PRIVATE_UMASK = 0o077


def main() -> None:
    """Run the command; an error of this project ends with its own exit code and one line on stderr."""
    os.umask(PRIVATE_UMASK)
    try:
        app()
    except ZhoubaoError as error:
        _fail(str(error), error.exit_code)
    except OSError as error:
        _fail(f"{error.filename or 'the disk'}: {error.strerror}", StorageError.exit_code)


def _fail(message: str, exit_code: int) -> None:
    print(f"zhoubao: {message}", file=sys.stderr)
    sys.exit(exit_code)


if __name__ == "__main__":
    main()
