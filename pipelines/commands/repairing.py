"""Commands that mend what is kept: the warehouse anew from the lake."""

from typing import Annotated, Any

import typer

from assets.errors import DamageError
from pipelines.commands.options import HomeOption, JsonOption, settings_of
from pipelines.printing import print_json, say


def rebuild(
    home: HomeOption = None,
    replace: Annotated[bool, typer.Option("--replace", help="put the new warehouse in place though the old one differs")] = False,
    as_json: JsonOption = False,
) -> None:
    """Build the warehouse anew from the lake, compare it with the old one, and only then replace it."""
    from assets.warehouse.rebuild import rebuild as build_anew
    from pipelines.keys import verify_before_rebuild
    from pipelines.resources import warehouse_of

    settings = settings_of(home)
    settings.place.prepare()
    verify_before_rebuild(settings)
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


def _print(rebuilt: Any) -> None:
    for one in rebuilt.differences:
        print(f"{one.table}: {one.only_kept} rows only in the warehouse, {one.only_anew} only in the one built from the lake")
        for mark, rows, keys in (("-", one.only_kept, one.keys_kept), ("+", one.only_anew, one.keys_anew)):
            for key in keys:
                print(f"  {mark} " + " ".join(f"{name}={value}" for name, value in key.items()))
            if rows > len(keys):
                print(f"  {mark} … and {rows - len(keys)} more")
    words = {
        "equal": "every table is the same; replaced",
        "missing": "there was no warehouse; built from the lake",
        "unreadable": "built anew from the lake",
        "different": "replaced" if rebuilt.is_replaced else "not replaced",
    }
    print(words[rebuilt.state])
