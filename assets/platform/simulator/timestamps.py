"""The ways in which real files spell one and the same time.

Spellings only; which column of which file has which is the mess's business.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

# strftime, and whether the time is told in UTC
SPELLINGS: Mapping[str, tuple[str, bool]] = {
    "standard": ("%Y-%m-%d %H:%M:%S", False),
    "tenths": ("%Y-%m-%d %H:%M:%S.0", False),
    "thousandths": ("%Y-%m-%d %H:%M:%S.000", False),
    "iso": ("%Y-%m-%dT%H:%M:%S", False),
    "compact": ("%Y%m%d%H%M%S", False),
    "compact_iso": ("%Y%m%dT%H%M%S", False),
    "offset": ("%Y-%m-%dT%H:%M:%S+08:00", False),
    "utc": ("%Y-%m-%dT%H:%M:%S+00:00", True),
    "decimals": ("%Y-%m-%d %H:%M:%S.1234567", False),
    "minutes": ("%Y/%-m/%-d %-H:%M", False),
    "day": ("%Y-%m-%d", False),
}
# those that keep the time to the second and add nothing to it
EXACT = ("standard", "tenths", "thousandths", "iso", "compact", "compact_iso", "offset", "utc")
_DAYS = ("%Y-%m-%d", "%Y-%m-%d 00:00:00", "%Y/%-m/%-d 0:00", "%Y-%m-%dT00:00:00")


def spelled_times(rng: np.random.Generator, times: pl.Series, spellings: Sequence[str]) -> pl.Series:
    """Return ``yyyy-mm-dd HH:MM:SS`` in one of the spellings, by row."""
    moments = times.str.to_datetime("%Y-%m-%d %H:%M:%S")
    utc = moments.dt.offset_by("-8h")
    return _dealt(rng, [(utc if told else moments).dt.strftime(form) for form, told in (SPELLINGS[name] for name in spellings)])


def spelled_days(rng: np.random.Generator, days: pl.Series) -> pl.Series:
    """Return ``yyyy-mm-dd`` in one of the spellings of a day, by row."""
    dates = days.str.to_date("%Y-%m-%d")
    return _dealt(rng, [dates.dt.strftime(form) for form in _DAYS])


def _dealt(rng: np.random.Generator, spelled: Sequence[pl.Series]) -> pl.Series:
    """Of each row one of the spellings."""
    choice = pl.Series(rng.integers(0, len(spelled), len(spelled[0])))
    return pl.select(pl.coalesce(pl.when(choice == number).then(series) for number, series in enumerate(spelled))).to_series()
