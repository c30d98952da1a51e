"""The command that decides which version is in force: the warehouse as it is, or one that was published before."""

from typing import Annotated

import typer

from assets.errors import UsageError
from assets.home import Home
from pipelines.commands.options import HomeOption, JsonOption, settings_of
from pipelines.printing.lines import line, print_json, print_table, say

_NOTHING_TO_DO = 3


def publish(
    home: HomeOption = None,
    rollback: Annotated[str | None, typer.Option(metavar="VERSION", help="put this kept version in force again")] = None,
    forget: Annotated[str | None, typer.Option(metavar="VERSION", help="remove this kept version, which is not in force")] = None,
    listed: Annotated[bool, typer.Option("--list", help="print the versions kept, newest first")] = False,
    as_json: JsonOption = False,
) -> None:
    """Publish the warehouse as it is, if its checks passed; or go back to a version kept, or remove one."""
    from pipelines.upkeep.publishing import forget as forget_version
    from pipelines.upkeep.publishing import publish_as_it_stands, roll_back_to

    if listed + (rollback is not None) + (forget is not None) > 1:
        raise UsageError("--list, --rollback and --forget do not go together")
    settings = settings_of(home)
    if listed:
        _list(settings.place, as_json)
        return
    if forget is not None:
        forget_version(settings, forget)
        _say_forgotten(forget, as_json)
        return
    manifest = publish_as_it_stands(settings) if rollback is None else roll_back_to(settings, rollback)
    exit_code = 0 if manifest else _NOTHING_TO_DO
    if as_json:
        print_json({"exit_code": exit_code, "version": manifest.version if manifest else None})
    elif manifest is None:
        line(
            "nothing to do: it is in force already" if settings.place.manifest.exists() else "nothing to do: nothing is built yet"
        )
    else:
        line(f"{'published' if rollback is None else 'rolled back to'} version {manifest.version}")
    if manifest and manifest.rollback:
        say("it stays in force until a run has something new, or zhoubao publish")
    if manifest is None:
        raise typer.Exit(exit_code)


def _say_forgotten(version: str, as_json: bool) -> None:
    if as_json:
        print_json({"exit_code": 0, "removed": version})
    else:
        line(f"removed version {version}")


def _list(place: Home, as_json: bool) -> None:
    from pipelines.upkeep.publishing import version_entries

    entries = version_entries(place)
    if as_json:
        print_json(entries)
        return
    rows = [
        (
            entry["version"],
            entry["built_at"] or "manifest unreadable",
            entry["business_date_through"] or "",
            "" if entry["rows"] is None else str(entry["rows"]),
            "in force" if entry["in_force"] else "",
        )
        for entry in entries
    ]
    print_table("", ("version", "built_at", "数据截至", "rows", ""), rows)
