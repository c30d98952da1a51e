"""A file's header against the contract: which column is where, in English or Chinese and in any order.

The header is also the detector of mojibake: bytes that decode into the wrong script match no column.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from assets.exports.typing.reasons import FileDefectError, Reason
from assets.platform.contract import Column, Feed

# letters of any script without blank, colon or number
_PLAIN_NAME = re.compile(r"[^\W\d][^\W\d]{1,39}(?:_[0-9]{1,2})?")


@dataclass(frozen=True)
class HeaderMap:
    """The contract's columns found in a header, each with its position; ``width`` counts all named positions."""

    positions: dict[str, int]
    width: int
    unknown: tuple[str, ...]


def map_header(names: Sequence[str], feed: Feed) -> HeaderMap:
    """Find the feed's columns among ``names``; a trailing empty name is the trailing comma of every line.

    Raises ``FileDefectError`` where no name is known, a required column is missing, or one column occurs twice.
    """
    cleaned = [_clean(name) for name in names]
    while cleaned and not cleaned[-1]:
        cleaned.pop()
    known = {_clean(spelling): column for column in feed.columns for spelling in (column.name, column.header)}
    positions: dict[str, int] = {}
    for position, name in enumerate(cleaned):
        column = known.get(name)
        if column is None:
            continue
        if column.name in positions:
            raise FileDefectError(Reason.HEADER_DUPLICATE_COLUMN, column.name)
        positions[column.name] = position
    if not positions:
        raise FileDefectError(Reason.HEADER_UNKNOWN)
    missing = _first_missing(feed.columns, positions)
    if missing is not None:
        raise FileDefectError(Reason.HEADER_MISSING_COLUMN, missing.name)
    unknown = tuple(name for name in cleaned if name and name not in known)
    return HeaderMap(positions, len(cleaned), unknown)


def safe_names(names: Sequence[str]) -> list[str]:
    """The unknown names that may be kept: a text that does not look like a column's name may be a note about somebody."""
    return [name if _PLAIN_NAME.fullmatch(name) else "?" for name in names]


def kept_positions(header: HeaderMap, feed: Feed) -> dict[str, int]:
    """Name → position of the columns that are kept; columns of personal data that are dropped are not even read."""
    return {
        column.name: header.positions[column.name] for column in feed.columns if column.inside and column.name in header.positions
    }


def _first_missing(columns: Sequence[Column], positions: dict[str, int]) -> Column | None:
    return next((column for column in columns if column.required and column.name not in positions), None)


def _clean(name: str) -> str:
    return unicodedata.normalize("NFKC", name).replace("\ufeff", "").strip().lstrip("'").strip().lower()
