"""Invented applicants and officers: names, ID numbers, credit codes and telephone numbers, each from one random number.

Check characters are right; areas, prefixes and syllables are such that nobody real has them. Equal numbers give equal people.
"""

from functools import cache

import numpy as np
import polars as pl

from assets.platform.identifiers import credit_code_check_character, resident_check_characters
from assets.platform.simulator.strata import Flags, Ints
from assets.platform.simulator.text import Bytes, compact_day, digits, fixed_text

_SURNAMES = "安白岑池单邸鄂方高郜弓杭霍姬简康蓝雷梁米穆宁欧潘齐曲冉桑邵石汤滕万温习向严余云翟仲祝"
_GIVEN = "安柏晨澄丹朵帆枫谷禾珩嘉简锦璟柯岚黎霖陌沐宁沛琪清融若珊书棠恬汀望溪夏潇妍遥宜颖雨源悦云泽昭致梓"
_TRADES = ["星河", "远山", "青禾", "云栈", "明川", "百草", "长桥", "乐水", "松间", "白塔", "千帆", "南溪"]
_FORMS = ["科技有限公司", "商贸有限公司", "建筑工程有限公司", "食品有限公司", "养老服务中心", "种植专业合作社"]
_OFFICERS = 400
_NAMES = 6000
_COMPANIES = 3000
# areas of ID numbers: 5199xx exist in no list
_AREA_BASE = 519900
# births from 1945 to about 2005, days since 1970-01-01
_BIRTH_FIRST, _BIRTH_DAYS = -9131, 22_000
# of a hundred applicants, the first so many are natural persons
_NATURAL = 85
# people are numbers below this; which digits of theirs make which part of them is each function's own
PERSON_LIMIT = 1 << 62


def are_natural(people: Ints) -> Flags:
    """Return which applicants are natural persons; the others are companies and bodies."""
    return (people >> 44) % 100 < _NATURAL


def names(people: Ints) -> pl.Series:
    """Return the applicants' names: of persons two or three characters, of companies their full names."""
    numbers = np.where(are_natural(people), people % _NAMES, _NAMES + (people >> 13) % _COMPANIES)
    return _all_names().gather(numbers)


def contacts(people: Ints) -> pl.Series:
    """Return the names of the people to ask for; of a natural person their own."""
    return _all_names().gather(people % _NAMES)


def officers(people: Ints) -> pl.Series:
    """Return the names of those who handled the step."""
    return _all_names().gather((people >> 7) % _OFFICERS)


def codes(people: Ints) -> pl.Series:
    """Return ID numbers of persons and credit codes of companies, each 18 characters with its check character."""
    bodies = np.hstack(
        [
            digits(_AREA_BASE + (people >> 38) % 64, 6),
            compact_day(_BIRTH_FIRST + (people >> 13) % _BIRTH_DAYS),
            digits((people >> 28) % 1000, 3),
        ]
    )
    matrix = np.hstack([bodies, resident_check_characters(bodies)[:, None]])
    companies = ~are_natural(people)
    matrix[companies] = _company_codes()[(people[companies] >> 13) % _COMPANIES]
    return fixed_text(matrix)


def kinds(people: Ints) -> pl.Series:
    """Return 申请人类型: 1 for persons, mostly 2 for others."""
    others = np.array([2, 2, 2, 2, 3, 4, 5, 6])[(people >> 51) % 8]
    return pl.Series(["", "1", "2", "3", "4", "5", "6"]).gather(np.where(are_natural(people), 1, others))


def paper_kinds(people: Ints) -> pl.Series:
    """Return 证件类型: 111 居民身份证, 001 统一社会信用代码."""
    return pl.Series(["111", "001"]).gather((~are_natural(people)).astype(np.int64))


def telephones(people: Ints) -> pl.Series:
    """Return 11 digits; 190000xxxxx is handed out to nobody."""
    return fixed_text("190000", digits((people >> 20) % 100_000, 5))


@cache
def _all_names() -> pl.Series:
    persons = [_person(number) for number in range(_NAMES)]
    return pl.Series(persons + [_company(number) for number in range(_COMPANIES)])


def _person(number: int) -> str:
    surname = _SURNAMES[number % len(_SURNAMES)]
    first, second = _GIVEN[number * 17 % len(_GIVEN)], _GIVEN[number // len(_SURNAMES) * 7 % len(_GIVEN)]
    return surname + first + (second if number % 4 else "")


def _company(number: int) -> str:
    first, second = _TRADES[number % len(_TRADES)], _GIVEN[number // 12 % len(_GIVEN)]
    return f"{first}{second}{_FORMS[number // 5 % len(_FORMS)]}"


@cache
def _company_codes() -> Bytes:
    # 9 工商, 1 企业 (GB 32100-2015, annex A)
    bodies = [f"91{_AREA_BASE + number % 64}MA{number:05d}X{number % 10}" for number in range(_COMPANIES)]
    texts = "".join(body + credit_code_check_character(body) for body in bodies)
    return np.frombuffer(texts.encode(), dtype=np.uint8).reshape(len(bodies), -1)
