"""The bounds on input, in one place: no number or date of a manifest or a cell can stop a run.

Past a bound a delivery is held with a note, or a row is quarantined. The bounds of a column's values are in ``feeds.yaml``.
"""

from datetime import date, datetime, timedelta

# what the interface's own counts never reach, and what the ledger can hold
MAX_COUNT = 10**15
# no delivery is of before the platform, and from later years no offset leads out of the calendar
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
# a delivery from the future hides that days are missing: the newest business date is how staleness is noticed
BUSINESS_DAYS_AHEAD = 31


def is_plausible_day(day: date) -> bool:
    """Whether a business date, or the day of a time, is plausible."""
    return FIRST_DAY <= day <= LAST_DAY


def last_business_date(now: datetime, days_ahead: int) -> date:
    """The last business date that is taken at ``now`` (naive Beijing time)."""
    return min(now.date() + timedelta(days=days_ahead), LAST_DAY)
