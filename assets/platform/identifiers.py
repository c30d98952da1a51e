"""Check characters of 统一社会信用代码 and of resident ID numbers, to make codes and to judge columns of them.

Pure functions on strings, byte matrices and polars series. What an invalid code means for a row is the caller's business.
"""

from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

LENGTH = 18
# GB 32100-2015, table 1: digits and capitals without I, O, S, V and Z
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = np.array([pow(3, position, 31) for position in range(LENGTH - 1)], dtype=np.int64)
# GB 11643-1999, 4.2.4 (ISO 7064 MOD 11-2): the weight of a position is 2^(17 - position) mod 11
RESIDENT_WEIGHTS = np.array([pow(2, LENGTH - 1 - position, 11) for position in range(LENGTH - 1)], dtype=np.int64)
RESIDENT_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)
# births that a living applicant's number can show; later years are not told from a clock, so that the answer never changes
BIRTH_YEARS = (1900, 2099)

_DIGIT_ZERO = ord("0")


def _rank_table(alphabet: str) -> NDArray[np.int64]:
    ranks = np.full(256, -1, dtype=np.int64)
    ranks[np.frombuffer(alphabet.encode(), dtype=np.uint8)] = np.arange(len(alphabet))
    return ranks


_CREDIT_RANKS = _rank_table(CREDIT_ALPHABET)
_CREDIT_CHECKS = np.frombuffer(CREDIT_ALPHABET.encode(), dtype=np.uint8)
_DIGIT_RANKS = _rank_table("0123456789")


def credit_check_characters(bodies: Bytes) -> Bytes:
    """Return the check character of each row of ``bodies`` (n × 17 ASCII bytes of the alphabet); GB 32100-2015, 5.2."""
    return _credit_checks(_CREDIT_RANKS[bodies])


def resident_check_characters(bodies: Bytes) -> Bytes:
    """Return the check character of each row of ``bodies`` (n × 17 ASCII digits); GB 11643-1999, 4.2.4."""
    return _resident_checks(_DIGIT_RANKS[bodies])


def credit_code_check_character(body: str) -> str:
    """Return the 18th character for the first 17 of a credit code; ``ValueError`` where they are none."""
    return chr(credit_check_characters(_row(body, CREDIT_ALPHABET))[0])


def resident_id_check_character(body: str) -> str:
    """Return the 18th character for the first 17 digits of an ID number; ``ValueError`` where they are none."""
    return chr(resident_check_characters(_row(body, "0123456789"))[0])


def credit_code_is_valid(codes: pl.Series) -> pl.Series:
    """Return for each code whether it has 18 characters of the alphabet and the right check character; null stays null.

    Lower case is read as upper case. The caller trims; blanks inside or around make a code invalid.
    """
    return _judge(codes, _credit_rows_are_valid)


def resident_id_is_valid(numbers: pl.Series) -> pl.Series:
    """Return for each number whether it has 17 digits, a day of birth that exists (1900–2099) and the right check character.

    Null stays null; a lower-case x is read as X. The area is not judged: zones outside the national list exist.
    """
    return _judge(numbers, _resident_rows_are_valid)


def _credit_checks(ranks: NDArray[np.int64]) -> Bytes:
    checks: Bytes = _CREDIT_CHECKS[(31 - (ranks @ CREDIT_WEIGHTS) % 31) % 31]
    return checks


def _resident_checks(digits: NDArray[np.int64]) -> Bytes:
    checks: Bytes = RESIDENT_CHECKS[(digits @ RESIDENT_WEIGHTS) % 11]
    return checks


def _row(body: str, alphabet: str) -> Bytes:
    if len(body) != LENGTH - 1 or not set(body) <= set(alphabet):
        raise ValueError(f"expected {LENGTH - 1} characters of {alphabet}")
    return np.frombuffer(body.encode(), dtype=np.uint8).reshape(1, -1)


def _credit_rows_are_valid(rows: Bytes) -> NDArray[np.bool_]:
    ranks = _CREDIT_RANKS[rows]
    valid: NDArray[np.bool_] = (ranks >= 0).all(axis=1) & (_credit_checks(ranks[:, :-1]) == rows[:, -1])
    return valid


def _resident_rows_are_valid(rows: Bytes) -> NDArray[np.bool_]:
    digits = _DIGIT_RANKS[rows[:, :-1]]
    numeric = (digits >= 0).all(axis=1)
    birth = digits[:, 6:14] @ (10 ** np.arange(7, -1, -1))
    valid: NDArray[np.bool_] = numeric & _are_days(birth) & (_resident_checks(digits) == rows[:, -1])
    return valid


def _are_days(days: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return for each yyyymmdd whether the calendar has it, within ``BIRTH_YEARS``."""
    year, month, day = days // 10_000, days // 100 % 100, days % 100
    first, last = BIRTH_YEARS
    plausible = (year >= first) & (year <= last) & (month >= 1) & (month <= 12)
    start = (np.where(plausible, year, first) - 1970) * 12 + np.where(plausible, month, 1) - 1
    lengths = (
        (start + 1).astype("datetime64[M]").astype("datetime64[D]") - start.astype("datetime64[M]").astype("datetime64[D]")
    ).astype(int)
    exists: NDArray[np.bool_] = plausible & (day >= 1) & (day <= lengths)
    return exists


def _judge(codes: pl.Series, rows_are_valid: Any) -> pl.Series:
    texts = codes.cast(pl.String).str.to_uppercase()
    # equal counts of bytes and characters mean ASCII: each judged text is then one row of the matrix
    judged = ((texts.str.len_bytes() == LENGTH) & (texts.str.len_chars() == LENGTH)).fill_null(False)
    verdict = np.zeros(len(texts), dtype=bool)
    if judged.any():
        verdict[judged.to_numpy()] = rows_are_valid(_matrix(texts.filter(judged)))
    result = pl.Series(codes.name, verdict)
    return result.set(texts.is_null(), None) if texts.null_count() else result


def _matrix(texts: pl.Series) -> Bytes:
    """Return the bytes of texts of one length as rows, without a Python object per value."""
    array = pa.array(texts.to_arrow()).cast(pa.large_string())
    offsets = np.frombuffer(array.buffers()[1], dtype=np.int64)[array.offset :]
    content = np.frombuffer(array.buffers()[2], dtype=np.uint8)
    return content[offsets[0] : offsets[0] + len(texts) * LENGTH].reshape(-1, LENGTH)
