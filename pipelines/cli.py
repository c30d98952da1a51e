"""The command line ``zhoubao``: results on stdout, messages on stderr, exit codes as the interface says.

Each command reads its words, calls one function and prints. Its module is imported when it is called, and heavy libraries in the
function that needs them, so that what a command does not use it does not wait for.
"""

import os
import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand

from assets.guard import is_interruption, without_values
from assets.quiet import native_stderr_closed, quiet_process
from pipelines.printing.lines import say

# name → its module below `pipelines.commands`, where it has the same name, and its line in the help of the whole
COMMANDS = {
    "demo": (
        "writing",
        "A week of invented deliveries, run to the bulletin of issue 2023-34; its figures alongside the published ones.",
    ),
    "simulate": ("writing", "Deliveries by the export interface into OUT, and truth.json with the right counts alongside it."),
    "opening": ("writing", "Load opening balances; the next run builds with them."),
    "run": ("writing", "Take in all that is pending, build, check and publish: one recorded run."),
    "retry": (
        "writing",
        "Read quarantined files and rows again from the archive, under today's rules and settings; then as run.",
    ),
    "reread": ("writing", "Read originals again from the archive, after a new column or a corrected reader; then as run."),
    "erase": (
        "writing",
        "Erase a person: the certificate number is read from standard input, and never shown or written; then as run.",
    ),
    "withdraw": ("withdrawing", "Undo one loaded delivery: nothing of it counts any more, on record in the lake; then as run."),
    "check": (
        "checking",
        "Check what was built, print the worst first, and list the failing rows in a workbook; nothing is published.",
    ),
    "publish": (
        "publishing",
        "Publish the warehouse as it is, if its checks passed; or go back to a version kept, or remove one.",
    ),
    "rebuild": ("repairing", "Build the warehouse from the lake, compare it with the old one, and only then replace it."),
    "upgrade": (
        "repairing",
        "Give a home of an older release this program's layout, after a backup; or go back to that backup.",
    ),
    "bulletin": (
        "reading",
        "The bulletin of one issue from the published database; a frozen issue is printed as it was published.",
    ),
    "figures": (
        "figures",
        "Each figure of an issue with the value to use, its status and why; blank where no value may be used.",
    ),
    "explain": (
        "explaining",
        "Walk from a figure down to days, departments and deliveries, with the terms that make it, each proven to add up.",
    ),
    "status": (
        "reading",
        "How things are in one line, findings that wait, then the publication, deliveries by day, the last run; works during a run.",
    ),
    "doctor": (
        "doctor",
        "Who holds the warehouse, disk, key, calendar, fonts; archive, lake, ledger and publication against each other.",
    ),
    "sql": ("querying", "A query on the published database, read-only and locked down."),
    "dictionary": (
        "querying",
        "The data dictionary: as Markdown on stdout, or with --out as files; what is published now is said at its top.",
    ),
    "dev": (
        "dev",
        "The Dagster UI and daemon on loopback, on this home's own instance, for whoever has the link that it prints.",
    ),
    "serve": (
        "dev",
        "As dev, as a service: a run when a delivery is complete and every morning, and the draft of each issue, by themselves.",
    ),
    "key": ("keys", "The key of the pseudonyms: which were used and when, and a new one."),
    "alerts": ("alerts", "Alerts to people who do not look: try the addresses."),
    "editorial": ("editorial", "The office's copy of an issue."),
    "template": ("template", "The office's Word template: lay one out, and check one that was restyled."),
    "models": ("models", "The SQL models in sql/: check them, see what a change reaches, look at one."),
}


def command_of(name: str) -> Any:
    """The command, or the group of commands, from its module."""
    found = getattr(import_module(f"pipelines.commands.{COMMANDS[name][0]}"), name)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False)
        # what Dagster's own programs say goes to its stderr
        alone.command(name)(found if name in ("dev", "serve") else native_stderr_closed()(found))
        found = alone
    return typer.main.get_command(found)


class _Imported(TyperCommand):
    """Stands for a command until it is called, which begins with its context."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        return command_of(str(self.name)).make_context(info_name, args, parent=parent, **extra)


app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="The warehouse behind 窗口工作周报."
)
for name, (_, line) in COMMANDS.items():
    app.command(name, cls=_Imported, help=line)(lambda: None)

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
