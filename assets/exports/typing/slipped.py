"""Detects cells that slipped into another column: an identity number, phone or bank card where a code, name or key belongs.

A row with such a cell is refused before anything of it is kept. In codes and keys the whole value must have the shape, in names it
may stand within other words. Numbers of cases are long too: so a number without letters needs its check digit, or the form of a phone.
"""

import re

import polars as pl

from assets.errors import UsageError
from assets.platform.contract import Column
from assets.platform.identifiers import resident_id_is_valid

_MIN_BYTES = 11
_MOBILE = r"(?:(?:\+|00?)?86[- ]?)?1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}"
_FIXED_LINE = r"0[1-9][0-9]{1,2}[- ][0-9]{7,8}"
_BORN = r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
# GB 11643, from 1999; a wrong check character is a typing error, but in digits alone it may be area, day and serial number of a case
_ID = rf"[1-9][0-9]{{5}}{_BORN}[0-9]{{3}}"
# numbers of cards as they are given out: UnionPay, Visa, Mastercard, JCB, American Express; Luhn's digit decides
_CARD = r"(?:62|4[0-9]|5[1-5]|35|3[47])[0-9]{2}(?:[- ]?[0-9]{4}){2}[- ]?[0-9]{3,4}(?:[- ]?[0-9]{1,3})?"
_WHOLE = rf"^(?:{_MOBILE}|{_FIXED_LINE}|{_ID}X)$"
_WITHIN = rf"(?:^|[^0-9])(?:{_MOBILE}|{_ID}[0-9Xx])(?:[^0-9]|$)"
# whatever may be found in a code or key, in one pass over all of them: most are not looked at twice
_SUSPECT = rf"^(?:{_MOBILE}|{_FIXED_LINE}|[0-9]{{17}}[0-9Xx]|{_CARD})$"
_WHOLE_CARD, _CARD_WITHIN = rf"^{_CARD}$", rf"(?:^|[^0-9]){_CARD}(?:[^0-9]|$)"
# a number of a case that holds its day passes Luhn's test one time in ten
_HOLDS_A_DAY = re.compile(r"20[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_CARD_NUMBER = re.compile(rf"(?<![0-9]){_CARD}(?![0-9])")
_ALL_HAN = r"^[\p{Han}·]+$"


def slipped(text: pl.Series, column: Column) -> pl.Series | None:
    """Which of a column's cleaned values look like a person's number; ``None`` if none does."""
    is_name = column.type == "text"
    # names keep their characters, full-width digits among them
    suspects = text.filter(text.str.len_bytes() >= _MIN_BYTES) if is_name else text.filter(text.str.contains(_SUSPECT))
    if not suspects.len():
        return None
    plain = suspects.str.normalize("NFKC") if is_name else suspects
    wrong = suspects.filter(_personal(plain, is_name))
    return text.is_in(wrong.implode()).fill_null(False) if wrong.len() else None


def holds_personal_number(text: str) -> bool:
    """Whether a sentence contains a person's number."""
    return bool(_personal(pl.Series([text]).str.normalize("NFKC"), is_name=True)[0])


def refuse_personal_number(option: str, text: str) -> None:
    """Raise ``UsageError`` if a sentence for the record, which is published, contains a person's number."""
    if holds_personal_number(text):
        raise UsageError(f"{option}: it holds what looks like an identity number, phone or bank card; say it without")


def is_name_alone(keys: pl.Series) -> pl.Series:
    """Which keys are of Chinese characters alone: a number of a case has digits."""
    return keys.str.contains(_ALL_HAN).fill_null(False)


def _personal(values: pl.Series, is_name: bool) -> pl.Series:
    if is_name:
        return values.str.contains(_WITHIN) | _are_cards(values, _CARD_WITHIN)
    return values.str.contains(_WHOLE) | resident_id_is_valid(values) | _are_cards(values, _WHOLE_CARD)


def _are_cards(values: pl.Series, shape: str) -> pl.Series:
    cards = values.str.contains(shape)
    if cards.any():
        cards = cards.scatter(cards.arg_true(), [_holds_card(value) for value in values.filter(cards)])
    return cards


def _holds_card(value: str) -> bool:
    numbers = (re.sub(r"[- ]", "", found[0]) for found in _CARD_NUMBER.finditer(value))
    return any(15 <= len(number) <= 19 and passes_luhn(number) and not _HOLDS_A_DAY.search(number) for number in numbers)


def passes_luhn(number: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    doubled = (int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(number)))
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0
