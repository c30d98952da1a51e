"""Any cell of a column: what is meant, as a Python value, and then a spelling of it that the interface allows.

The meaning comes first, so that an expectation owes nothing to the reader. A chooser is a ``Random``, led by hypothesis.
"""

import hmac
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from stdnum.cn import ric, uscc

from assets.exports.typing.reasons import Reason
from assets.platform.contract import Column
from tests.exports.feed_files import BUSINESS_DATE, SECRET

WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(ord("0"), ord("z") + 1) if chr(code).isalnum()})
BLANK_WORDS = ("", "NULL", "null", "\\N", "无", "-", " ", "\u3000")
NULL_DATES = ("0000-00-00", "1753-01-01", "0000-00-00 00:00:00", "1753-01-01 00:00:00")
# commas, quotes, line ends, formulas, characters outside GBK and outside the basic plane, an apostrophe that is text
TEXTS = (
    "窗口",
    'a"b',
    "甲,乙",
    "第一行\n第二行",
    "第一行\r\n第二行",
    "䶮",
    "𠮷野",
    "=1+1",
    "@SUM(A1)",
    "'引号'",
    '"',
    '""',
    ",",
    "“”",
    "é",
    "①",
    "x" * 300,
)
IMPOSSIBLE_TIMES = ("2023-02-30", "2023-08-28 24:00:00", "2023-08-28 09:60:00", "昨天", "2023-13-01 00:00:00", "28/08/2023")
DAY_BEGINS, LAST_MOMENT = datetime(2023, 1, 1), datetime(2023, 8, 28, 23, 59, 59)

Cell = str | int | float | datetime


@dataclass(frozen=True)
class Meant:
    """A cell with what the lake holds of it; ``refused`` or ``warned`` says what is wrong with it."""

    cell: Cell
    value: object = None
    refused: Reason | None = None
    warned: Reason | None = None


def blank(choose: Random, column: Column) -> Meant:
    """No value, in one of the spellings of nothing."""
    words = BLANK_WORDS + NULL_DATES if column.type in ("timestamp", "date") else BLANK_WORDS
    refused = Reason.MISSING_REQUIRED if column.required else None
    return Meant(choose.choice(words), column.default, refused=refused)


def sound(choose: Random, column: Column, book: bool) -> Meant:
    """A value that the column may have, in any spelling; ``book``: in a workbook, where cells have types."""
    if column.personal == "pseudonym":
        code = choose.choice([resident_id(choose), credit_code(choose), "E12345678"])
        return Meant(dressed(choose, choose.choice([code, code.lower()])), code)
    if column.type in ("timestamp", "date"):
        return _time(choose, column, book)
    if column.type == "text":
        text = (
            choose.choice(TEXTS)
            if choose.random() < 0.7
            else "".join(choose.choices("中国䶮𠮷,\"'\nxX1-=", k=choose.randint(1, 6))).strip()
        )
        return Meant(
            choose.choice(["", "", " ", "\u3000"]) + text + choose.choice(["", "", " "]),
            text if text not in BLANK_WORDS else None,
        )
    if column.type == "flag":
        value = choose.random() < 0.5
        spellings: list[Cell] = ["1", "是", "１", "'1", " 1"] if value else ["0", "否", "０", "\t0", "0 "]
        return Meant(choose.choice([*spellings, int(value)] if book else spellings), value)
    if column.type == "integer":
        number = choose.randint(1, 40)
        return Meant(
            number if book and choose.random() < 0.5 else dressed(choose, choose.choice(["", "0", "00"]) + str(number)), number
        )
    return _code(choose, column, book)


def wrong(choose: Random, column: Column) -> Meant | None:
    """A value that the column may not have; ``None`` where it may have any."""
    if column.type in ("timestamp", "date"):
        cell, refused = choose.choice(IMPOSSIBLE_TIMES), Reason.INVALID_TIME
    elif column.type == "flag":
        cell, refused = choose.choice(["2", "Y", "是的"]), Reason.INVALID_FLAG
    elif column.type == "integer":
        cell, refused = choose.choice(["1.5", "一", "1e2", "--1"] + ["0", "-1"] * (column.minimum == 1)), Reason.INVALID_NUMBER
    elif column.codes is not None:
        cell, refused = "77", Reason.INVALID_CODE
    elif column.pattern is not None:
        of_area, of_department = ["51000000000", "51000000000A"], ["某某 电话", "A" * 33]
        cell, refused = choose.choice(of_department if column.name == "org_code" else of_area), Reason.INVALID_CODE
    else:
        return None
    if column.unknown == "quarantine":
        return Meant(cell, refused=refused)
    if column.unknown in ("keep", "other"):
        return Meant(cell, cell if column.unknown == "keep" else "9", warned=Reason.UNKNOWN_CODE)
    return Meant(cell, column.default, warned=Reason.IMPOSSIBLE_VALUE)


def late(choose: Random) -> Meant:
    """A time after the business date."""
    moment = datetime(2023, 8, 29) + timedelta(seconds=choose.choice([0, 1, 86_400 * 30]))
    return Meant(str(moment), moment, refused=Reason.EVENT_AFTER_BUSINESS_DATE)


def key(choose: Random, text: str) -> str:
    """A key in any of the spellings that are one key."""
    spelled = "".join(choose.choice([character, character.lower()]) for character in text)
    return dressed(choose, spelled)


def dressed(choose: Random, text: str) -> str:
    """Text as spreadsheets and databases dress it: full-width, a leading apostrophe or tab, blanks round it."""
    spelled = text.translate(WIDE) if choose.random() < 0.2 else text
    front = choose.choice(["", "", "", "'", "\t", " ", "\u3000", "\u00a0", "\t'"])
    return front + spelled + choose.choice(["", "", " ", "\u3000", "\t"])


def _code(choose: Random, column: Column, book: bool) -> Meant:
    if column.codes is not None:
        value = choose.choice([code for code in column.codes.values if code != "D"])
        short = value.lstrip("0") if column.digits and choose.random() < 0.4 else value
        if book and value.isdigit() and choose.random() < 0.4:
            return Meant(int(value), value)
        return Meant(dressed(choose, short), value)
    if column.pattern is not None:
        return Meant(dressed(choose, "510104000000") if not book or choose.random() < 0.5 else 510104000000, "510104000000")
    value = credit_code(choose) if column.name == "org_code" else f"A{choose.randint(0, 99):02d}-{choose.randint(0, 10**12)}"
    return Meant(dressed(choose, value), value)


def _time(choose: Random, column: Column, book: bool) -> Meant:
    moment = DAY_BEGINS + timedelta(seconds=choose.randint(0, int((LAST_MOMENT - DAY_BEGINS).total_seconds())))
    cell, moment = _spelled_time(choose, moment, book)
    return Meant(cell, moment.date() if column.type == "date" else moment)


def _spelled_time(choose: Random, moment: datetime, book: bool) -> tuple[Cell, datetime]:
    """A spelling, and the moment as exactly as the spelling holds it."""
    if book and choose.random() < 0.6:
        return moment, moment
    minute, day = moment.replace(second=0), moment.replace(hour=0, minute=0, second=0)
    exact = moment.replace(microsecond=choose.choice([1, 120_000, 999_999]))
    hours, minutes = choose.choice([(0, 0), (9, 0), (-5, -30), (14, 0)])
    abroad = exact - timedelta(hours=8) + timedelta(hours=hours, minutes=minutes)
    offset = f"{'-' if hours < 0 else '+'}{abs(hours):02d}:{abs(minutes):02d}"
    spelled = choose.choice(
        [
            (f"{moment:%Y-%m-%d %H:%M:%S}", moment),
            (f"{moment:%Y-%m-%d %H:%M:%S}.0", moment),
            (f"{moment:%Y-%m-%dT%H:%M:%S}", moment),
            (f"{exact:%Y-%m-%d %H:%M:%S.%f}", exact),
            (f"{exact:%Y-%m-%dT%H:%M:%S.%f}789", exact),
            (f"{moment.year}/{moment.month}/{moment.day} {moment.hour}:{moment.minute:02d}", minute),
            (f"{moment:%Y%m%d%H%M%S}", moment),
            (f"{moment:%Y%m%dT%H%M%S}", moment),
            (f"{moment:%Y-%m-%d}", day),
            (f"{moment:%Y-%m-%d %H:%M:%S}+08:00", moment),
            (f"{abroad:%Y-%m-%dT%H:%M:%S.%f}{offset}", exact),
        ]
    )
    return dressed(choose, spelled[0]), spelled[1]


def resident_id(choose: Random) -> str:
    """An invented number of GB 11643; one in three has a wrong check character."""
    body = "110105" + f"{date(1950, 1, 1) + timedelta(days=choose.randint(0, 20_000)):%Y%m%d}" + f"{choose.randint(0, 999):03d}"
    check = ric.calc_check_digit(body + "0")
    return body + (check if choose.random() < 0.7 else choose.choice([other for other in "0123456789X" if other != check]))


def credit_code(choose: Random) -> str:
    """An invented code of GB 32100; one in three has a wrong check character."""
    body = "91510000" + "".join(choose.choices("0123456789ABCDEFGHJKLMNPQRTUWXY", k=9))
    check = uscc.calc_check_digit(body)
    return body + (check if choose.random() < 0.7 else choose.choice([other for other in "0123456789AXY" if other != check]))


def pseudonym(code: object) -> str | None:
    """What the lake holds of an applicant's code."""
    return None if code is None else hmac.digest(SECRET, f"applyer_page_code:{code}".encode(), "sha256").hex()


def code_is_valid(code: object, applicant: object) -> bool | None:
    """Whether a person's ID number, or anyone else's credit code, passes its check; ``None`` without a code."""
    if code is None:
        return None
    return bool(ric.is_valid(str(code)) if applicant == "1" else uscc.is_valid(str(code)))


assert datetime.combine(BUSINESS_DATE, LAST_MOMENT.time()) == LAST_MOMENT
