"""Commands about alerts; none prints an address, which may hold a token, only its kind."""

import typer

from assets.errors import UsageError
from pipelines.commands.options import HomeOption, settings_of
from pipelines.printing.lines import line

alerts = typer.Typer(no_args_is_help=True, add_completion=False, help="Alerts to people who do not look: try the addresses.")
_NOT_SENT = 1


@alerts.callback()
def _group() -> None:
    """A group of one command needs its name."""


@alerts.command()
def test(home: HomeOption = None) -> None:
    """Send a test message to each address of [alerts]; exit code 1 where one does not take it."""
    from pipelines.alerts.rules import kind_of
    from pipelines.alerts.sending import send_test

    settings = settings_of(home)
    addresses = settings.alerts.addresses()
    if not addresses:
        raise UsageError("there is no address: set urls or urls_file in [alerts] of zhoubao.toml, or ZHOUBAO_ALERTS__URLS")
    answers = send_test(settings)
    for number, (address, is_sent) in enumerate(zip(addresses, answers, strict=True), start=1):
        line(f"{number}. {kind_of(address)}: {'sent' if is_sent else 'not sent; look at the address and the way there'}")
    if not all(answers):
        raise typer.Exit(_NOT_SENT)
