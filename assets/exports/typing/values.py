"""Text → typed values, a column at a time: what a cell of the export means, by the contract.

Every function takes and gives polars expressions or series of one column; which row is refused for it is ``rows.py``'s.
"""

import polars as pl
import pyarrow as pa

from assets.platform.contract import Column

BLANKS = ("", "NULL", "null", "\\N", "无", "-")
# what MySQL and .NET write for no date, in any of the spellings of a time
_NULL_DATE = r"^(0000-00-00|0000/0{1,2}/0{1,2}|00000000|1753-01-01|1753/0?1/0?1|17530101)([ T]?0[0:.]*( ?(Z|[+-][0-9:]{2,5}))?)?$"
# a plausible event: earlier years are default values of some system, later ones typing errors
FIRST_YEAR, LAST_YEAR = 1990, 2099

# white space by Unicode, and the byte-order mark
_SPACES = "".join(map(chr, (*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029))) + (
    "\u202f\u205f\u3000\ufeff"
)
_STANDARD = "%Y-%m-%d %H:%M:%S"
_STANDARD_LENGTH = len("2023-08-28 09:05:00")
# the parser takes a 60th second for a leap second, and makes it the next minute
_STANDARD_FORM = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-5][0-9]$"
_OFFSET = r"(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
# the interface's other spellings, each giving year, month, day, hour, minute, second, decimals, offset
_SPELLINGS = (
    r"^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T]([0-9]{2}):([0-9]{2})(?::([0-5][0-9])(?:\.([0-9]+))?)? ?" + _OFFSET + r")?$",
    r"^([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})(?: ([0-9]{1,2}):([0-9]{1,2})(?::([0-5]?[0-9])(?:\.([0-9]+))?)? ?" + _OFFSET + r")?$",
    r"^([0-9]{4})([0-9]{2})([0-9]{2})(?:T?([0-9]{2})([0-9]{2})([0-5][0-9])(?:\.([0-9]+))?" + _OFFSET + r")?$",
)
_BEIJING_MINUTES = 8 * 60
# codes and keys as most come; of the words for blank, one looks like this
_PLAIN = r"^[0-9A-Z](?:[0-9A-Z_./-]*[0-9A-Z])?$"
_SAMPLE = 64
_CODE_FORM = r"^[0-9A-Z._-]{1,10}$"


def cleaned(text: pl.Series, column: Column) -> pl.Series:
    """``text`` without apostrophes, tabs and null words that spreadsheets and databases add; blank becomes null.

    Codes, keys, numbers and times are also taken to NFKC (full-width digits) and upper case; names keep their characters.
    """
    if column.type in ("key", "code") and _is_plain(text):
        return text
    # NFKC costs 20 times the rest, and changes nothing in ASCII
    is_ascii = text.len() == 0 or bool((text.str.len_bytes() == text.str.len_chars()).all())
    if column.type != "text" and not is_ascii:
        text = text.str.normalize("NFKC")
    text = text.str.strip_chars(_SPACES)
    if column.type != "text" and bool(text.str.starts_with("'").any()):
        text = text.str.strip_prefix("'").str.strip_chars(_SPACES)
    # before upper case: ``Null`` is a text like any other
    text = text.set(text.is_in(BLANKS), None)
    return text.str.to_uppercase() if column.type in ("key", "code") else text


def _is_plain(text: pl.Series) -> bool:
    """Whether every value is as it would be cleaned; seen in the first of them where it is not."""
    return all(bool(part.str.contains(_PLAIN).all()) and not (part == "NULL").any() for part in (text.head(_SAMPLE), text))


def times(text: pl.Series, column: Column) -> tuple[pl.Series, pl.Series]:
    """Cells of times, not cleaned yet: their texts (null for a null date), and their values as ``timestamps`` returns them."""
    # a file that is written otherwise shows it at once
    found = None if _standard_times(text.head(_SAMPLE)) is None else _standard_times(text)
    if found is not None:
        return text, found
    # one cell in another spelling makes no other one slow
    is_standard = text.str.contains(_STANDARD_FORM).fill_null(False)
    found = text.set(~is_standard, None).str.to_datetime(_STANDARD, time_unit="us", strict=False)
    rest = (text.is_not_null() & ~_are_plausible(found)).arg_true()
    others = cleaned(text.gather(rest), column)
    others = others.set(is_null_date(others), None)
    return text.scatter(rest, others), found.scatter(rest, timestamps(others))


def _standard_times(text: pl.Series) -> pl.Series | None:
    """The times of cells that are blank or in the export's own spelling, all of them; else ``None``."""
    if (text.str.len_bytes() != _STANDARD_LENGTH).any():
        return None
    try:
        # Arrow takes the T of ISO 8601 too, and of this length nothing else: of offsets it asks for a time zone, which is not given
        found = pl.Series(text.name, text.to_arrow().cast(pa.timestamp("us")), dtype=pl.Datetime("us"))
    except pa.ArrowInvalid:
        return None
    return found if bool((_are_plausible(found) | text.is_null()).all()) else None


def _are_plausible(times: pl.Series) -> pl.Series:
    return times.dt.year().is_between(FIRST_YEAR, LAST_YEAR).fill_null(False)


def timestamps(text: pl.Series) -> pl.Series:
    """Naive Beijing times in microseconds; null where the text is no time of the interface, or not of a plausible year."""
    text = text.set(text.str.contains(_NULL_DATE), None)
    # the parser takes a 60th second for a leap second, and makes it the next minute
    standard = text.set((text.str.len_bytes() != _STANDARD_LENGTH) | text.str.ends_with(":60"), None)
    parsed = standard.str.to_datetime(_STANDARD, time_unit="us", strict=False)
    rest = text.is_not_null() & parsed.is_null()
    if rest.any():
        other = _other_spellings(text.filter(rest))
        parsed = parsed.scatter(rest.arg_true(), other)
    plausible = parsed.dt.year().is_between(FIRST_YEAR, LAST_YEAR)
    return parsed.set(~plausible.fill_null(True), None)


def is_null_date(text: pl.Series) -> pl.Series:
    """Whether the text is one of the dates that mean no date."""
    return text.str.contains(_NULL_DATE).fill_null(False)


def _other_spellings(text: pl.Series) -> pl.Series:
    """Times in the interface's other spellings; decimals past the sixth are cut, offsets converted to Beijing time."""
    parts = pl.coalesce(
        [pl.when(pl.col("text").str.contains(pattern)).then(pl.col("text").str.extract_groups(pattern)) for pattern in _SPELLINGS]
    )
    frame = text.alias("text").to_frame().select(parts.alias("parts")).unnest("parts")
    year, month, day, hour, minute, second, decimals, offset = (pl.col(name) for name in frame.columns)
    canonical = pl.concat_str(
        [
            year,
            pl.lit("-"),
            month.str.zfill(2),
            pl.lit("-"),
            day.str.zfill(2),
            pl.lit(" "),
            hour.fill_null("00").str.zfill(2),
            pl.lit(":"),
            minute.fill_null("00").str.zfill(2),
            pl.lit(":"),
            second.fill_null("00").str.zfill(2),
            pl.lit("."),
            decimals.fill_null("0").str.pad_end(6, "0").str.slice(0, 6),
        ]
    )
    sign = pl.when(offset.str.starts_with("-")).then(-1).otherwise(1)
    digits = offset.str.replace_all(r"[^0-9]", "")
    hours, minutes = digits.str.slice(0, 2).cast(pl.Int64, strict=False), digits.str.slice(2, 2).cast(pl.Int64, strict=False)
    # Z has no digits and is UTC; no offset at all is Beijing time already
    ahead = pl.when(offset.is_null()).then(_BEIJING_MINUTES).otherwise(sign * (hours.fill_null(0) * 60 + minutes.fill_null(0)))
    shift = pl.duration(minutes=_BEIJING_MINUTES - ahead)
    possible = (hours.fill_null(0) <= 14) & (minutes.fill_null(0) < 60)
    moment = canonical.str.to_datetime("%Y-%m-%d %H:%M:%S%.6f", time_unit="us", strict=False) + shift
    return frame.select(pl.when(possible).then(moment).alias("moment")).to_series()


def integers(text: pl.Series, minimum: int | None, maximum: int | None = None) -> pl.Series:
    """Whole numbers, also as ``007`` or ``3.0``; null for anything else, below ``minimum`` or above ``maximum``."""
    whole = text.str.strip_prefix("+").str.replace(r"\.0+$", "")
    numbers = whole.set(~whole.str.contains(r"^-?[0-9]{1,18}$"), None).cast(pl.Int64, strict=False)
    if minimum is not None:
        numbers = numbers.set(numbers < minimum, None)
    return numbers if maximum is None else numbers.set(numbers > maximum, None)


def flags(text: pl.Series) -> pl.Series:
    """1 and 是 are true, 0 and 否 false, anything else null."""
    return text.replace_strict({"1": True, "是": True, "0": False, "否": False}, default=None, return_dtype=pl.Boolean)


def codes(text: pl.Series, column: Column) -> tuple[pl.Series, pl.Series]:
    """The codes as stored, and which of them are outside the list or pattern (null and blank are not)."""
    if column.digits:
        text = text.str.zfill(column.digits)
    if column.codes is not None:
        outside = ~text.is_in(list(column.codes.values))
    elif column.pattern is not None:
        outside = ~text.str.contains(f"^(?:{column.pattern})$")
    else:
        return text, pl.repeat(False, text.len(), eager=True)
    outside = outside.fill_null(False)
    if column.unknown == "blank" or column.unknown == "quarantine":
        text = text.set(outside, None)
    elif column.unknown == "other" and column.codes is not None:
        text = text.set(outside, column.codes.other)
    elif column.unknown == "keep" and column.codes is not None and outside.any():
        # it is published: what has not even the form of a code may be anybody's name
        text = text.set(outside & ~text.str.contains(_CODE_FORM).fill_null(True), column.codes.other)
    return text, outside
