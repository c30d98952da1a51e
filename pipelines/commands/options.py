"""What the commands share: their common options, the settings they run with, and how they read a date."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from assets.errors import UsageError
from pipelines.printing.lines import say

HomeOption = Annotated[Path | None, typer.Option("--home", help="the home; default $ZHOUBAO_HOME or ./var")]
JsonOption = Annotated[bool, typer.Option("--json", help="print the result as JSON")]


def settings_of(home: Path | None) -> Any:
    """The settings of the home; imported late, since pydantic takes its time."""
    from assets.layout import refuse_newer
    from pipelines.settings import load_settings

    settings = load_settings(home)
    refuse_newer(settings.place)
    return settings


def day_of(text: str, option: str) -> date:
    """The date that ``option`` names. Raises ``UsageError``."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option}: a date such as 2023-08-28 is expected") from None


def announce_key(settings: Any) -> None:
    """Prepare the home; where that made a key, or the home is to be upgraded, say so."""
    from assets.home import LAYOUT
    from assets.layout import layout_of
    from pipelines.resources import intake_of

    settings.place.prepare()
    if intake_of(settings)[1]:
        say(f"made a key for the pseudonyms: {settings.place.key_file} (mode 0600); keep a copy outside this machine")
    if (layout := layout_of(settings.place)) < LAYOUT:
        say(f"the home has layout {layout} and is upgraded to {LAYOUT} first; its backup goes to {settings.place.backups}")
