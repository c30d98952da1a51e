"""Time as the project keeps it: naive Beijing time."""

from datetime import datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))


def naive_beijing(moment: datetime) -> datetime:
    """The same moment as naive Beijing time; a naive one is Beijing time already."""
    return moment.astimezone(BEIJING).replace(tzinfo=None) if moment.tzinfo else moment


def beijing_now() -> datetime:
    """Now."""
    return naive_beijing(datetime.now(BEIJING))
