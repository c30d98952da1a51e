"""Commands about the key of the pseudonyms; none prints a key, only its public id."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.options import HomeOption, JsonOption, settings_of
from pipelines.printing.lines import line, print_json, print_table, say

key = typer.Typer(
    no_args_is_help=True, add_completion=False, help="The key of the pseudonyms: which were used and when, and a new one."
)


@key.command()
def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """The keys that the home has used, by their ids: when, how many rows are of each, and whether its file is here."""
    from pipelines.upkeep.keys import key_status

    entries = key_status(settings_of(home))
    if as_json:
        print_json(entries)
        return
    columns = ("key id", "from", "until", "file", "rows")
    rows = [
        (
            entry["key_id"],
            entry["first_used_at"] or "unknown",
            "in use" if entry["is_in_use"] else entry["retired_at"] or "unknown",
            "here" if entry["is_here"] else "not here",
            str(entry["rows"]),
        )
        for entry in entries
    ]
    print_table("", columns, rows)


@key.command()
def rotate(
    home: HomeOption = None,
    new_key_file: Annotated[
        Path | None, typer.Option("--new-key-file", help="a file with the new key; without it, one is made")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Use a new key from now on; the former one is kept in keys/, for the rows of its time."""
    from pipelines.upkeep.keys import rotate_key

    rotated = rotate_key(settings_of(home), new_key_file)
    if as_json:
        print_json(vars(rotated))
    else:
        line(f"key {rotated.key_id} is in use from now on" + (f"; before, {rotated.former}" if rotated.former else ""))
    say("keep a copy of the new key outside this machine")
    if not rotated.is_kept:
        say(f"the former key is not here: put it at keys/{rotated.former}.key, else an erasure cannot find rows of its time")
