"""Commands that put right what is kept: the warehouse from the lake, files of the lake from their originals."""

from typing import Annotated, Any

import typer

from assets.errors import DamageError, LakeDamageError, UsageError
from pipelines.commands.options import HomeOption, JsonOption, settings_of
from pipelines.printing.lines import line, print_json, say


def rebuild(
    home: HomeOption = None,
    replace: Annotated[bool, typer.Option("--replace", help="put the new warehouse in place though the old one differs")] = False,
    lake: Annotated[
        bool, typer.Option("--lake", help="instead: make damaged files of the lake again from their originals in the archive")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Build the warehouse from the lake, compare it with the old one, and only then replace it."""
    from assets.warehouse.rebuild import rebuild as build_anew
    from pipelines.resources import warehouse_of
    from pipelines.upkeep.keys import verify_before_rebuild

    if lake and replace:
        raise UsageError("--lake and --replace do not go together")
    settings = settings_of(home)
    settings.place.prepare()
    verify_before_rebuild(settings)
    if lake:
        _restore_lake(settings, as_json)
        return
    rebuilt = build_anew(warehouse_of(settings), replace)
    if as_json:
        print_json(
            {
                "state": rebuilt.state,
                "replaced": rebuilt.is_replaced,
                "differences": [one.as_dict() for one in rebuilt.differences],
            }
        )
    else:
        _print(rebuilt)
    if rebuilt.set_aside is not None:
        say(f"the old warehouse cannot be read and was set aside: {rebuilt.set_aside}")
    if rebuilt.differences and not rebuilt.is_replaced:
        tables = ", ".join(one.table for one in rebuilt.differences)
        raise DamageError(
            f"the warehouse is not what follows from the lake: {tables}; it was left as it is. See who wrote to it; "
            "then `zhoubao rebuild --replace` and `zhoubao run`"
        )


def upgrade(
    home: HomeOption = None,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="put the newest backup back, for the release that wrote it")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Give a home of an older release this program's layout, after a backup; or go back to that backup."""
    from assets.home import LAYOUT
    from pipelines.upkeep.upgrading import roll_back, upgrade

    settings = settings_of(home)
    settings.place.prepare()
    if rollback:
        layout, kept = roll_back(settings)
    else:
        layout, kept = LAYOUT, upgrade(settings)
    if as_json:
        print_json({"layout": layout, "replaced" if rollback else "backup": str(kept) if kept else None})
    elif rollback:
        line(f"the home has layout {layout} again; what was replaced is in {kept}")
    else:
        line(
            f"the home has layout {layout}"
            + (f", upgraded; as it was before: {kept}" if kept else "; nothing was to be upgraded")
        )


def _restore_lake(settings: Any, as_json: bool) -> None:
    from pipelines.upkeep.restoring import restore_lake

    found = restore_lake(settings)
    if as_json:
        print_json({"restored": found.restored, "lost": found.lost})
    for name in () if as_json else found.restored:
        line(f"restored {name}")
    if found.lost:
        path = settings.place.lake / found.lost[0]
        raise LakeDamageError(f"{path}: its original no longer comes out so, or is not kept; put it back from a copy of the home")
    if not found.restored and not as_json:
        line("no file of the lake is damaged")


def _print(rebuilt: Any) -> None:
    for one in rebuilt.differences:
        line(f"{one.table}: {one.only_kept} rows only in the warehouse, {one.only_anew} only in the one built from the lake")
        for mark, rows, keys in (("-", one.only_kept, one.keys_kept), ("+", one.only_anew, one.keys_anew)):
            for key in keys:
                line(f"  {mark} " + " ".join(f"{name}={value}" for name, value in key.items()))
            if rows > len(keys):
                line(f"  {mark} … and {rows - len(keys)} more")
    words = {
        "equal": "every table is the same; replaced",
        "missing": "there was no warehouse; built from the lake",
        "unreadable": "rebuilt from the lake",
        "different": "replaced" if rebuilt.is_replaced else "not replaced",
    }
    line(words[rebuilt.state])
