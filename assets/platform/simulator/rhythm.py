"""When people come: the volume of a day against an ordinary working day, and the times of day of what happens.

Windows keep office hours on working days; online goes on at all hours and on weekends.
"""

from datetime import date
from functools import cache

import chinese_calendar
import numpy as np

from assets.errors import UsageError
from assets.platform.simulator.strata import Flags, Ints

# volume of a day, where an ordinary working day is 1: Monday is fullest, a make-up day on a weekend is thin
_WEEKDAYS = (1.15, 1.05, 1.0, 0.98, 0.9)
_MAKE_UP_DAY = 0.7
_WEEKEND = 0.3
_HOLIDAY = 0.12
# of 24 hours: people at the window, and people online
_WINDOW_HOURS = (0, 0, 0, 0, 0, 0, 0, 0, 1, 10, 11, 6, 0, 3, 10, 9, 4, 0, 0, 0, 0, 0, 0, 0)
_ONLINE_HOURS = (1, 0.5, 0.3, 0.2, 0.2, 0.4, 1, 2, 5, 10, 11, 7, 4, 5, 9, 9, 7, 5, 4, 4, 4, 3, 2, 1.5)
_GRAINS = 8192
WINDOW = 1
_WINDOW_PERCENT = 35


def is_working_day(day: date) -> bool:
    """Return whether offices are open, by the State Council's notices; ``UsageError`` where none is out yet."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError as error:
        raise UsageError(f"{day}: no working days are known for this year; simulate years that the calendar has") from error


def volume(day: date) -> float:
    """Return the volume of ``day``, where an ordinary working day is 1."""
    if is_working_day(day):
        return _WEEKDAYS[day.weekday()] if day.weekday() < len(_WEEKDAYS) else _MAKE_UP_DAY
    # chinese_calendar names a reason for holidays, none for plain weekends
    return _WEEKEND if chinese_calendar.get_holiday_detail(day)[1] is None else _HOLIDAY


def ways(people: Ints, day: date) -> Ints:
    """Return how each comes: 1 window, 2 online, 3 mobile; no window opens on a day that is not a working day."""
    online = 2 + (people >> 30) % 2
    if not is_working_day(day):
        return online
    return np.where((people >> 33) % 100 < _WINDOW_PERCENT, WINDOW, online)


def seconds_of_day(people: Ints, at_window: Flags) -> Ints:
    """Return the second of the day at which each comes, in office hours where ``at_window``."""
    grains = (people >> 9) % _GRAINS
    minutes = np.where(at_window, _minutes(_WINDOW_HOURS)[grains], _minutes(_ONLINE_HOURS)[grains])
    seconds: Ints = minutes * 60 + people % 60
    return seconds


@cache
def _minutes(hours: tuple[float, ...]) -> Ints:
    """The inverse of the distribution of minutes: equally likely grains, one minute each."""
    cumulative = np.cumsum(np.repeat(np.array(hours), 60))
    return np.searchsorted(cumulative / cumulative[-1], (np.arange(_GRAINS) + 0.5) / _GRAINS).astype(np.int64)
