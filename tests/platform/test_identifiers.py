"""Check characters against python-stdnum, an implementation of its own."""

from collections.abc import Callable, Sequence
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from assets.platform.identifiers import (
    CREDIT_ALPHABET,
    credit_code_check_character,
    credit_code_is_valid,
    resident_id_check_character,
    resident_id_is_valid,
)

credit_bodies = st.text(CREDIT_ALPHABET, min_size=17, max_size=17)
resident_bodies = st.builds(
    lambda area, birth, sequence: f"{area:06d}{birth:%Y%m%d}{sequence:03d}",
    st.integers(110000, 659999),
    st.dates(date(1900, 1, 1), date(2020, 12, 31)),
    st.integers(0, 999),
)


@given(credit_bodies)
def test_credit_check_character_is_that_of_stdnum(body: str) -> None:
    assert credit_code_check_character(body) == uscc.calc_check_digit(body)


@given(resident_bodies)
def test_resident_check_character_is_that_of_stdnum(body: str) -> None:
    assert resident_id_check_character(body) == ric.calc_check_digit(body + "0")


def judged(texts: Sequence[str | None], judge: Callable[[pl.Series], pl.Series]) -> list[bool | None]:
    verdicts: list[bool | None] = judge(pl.Series("codes", texts, dtype=pl.String)).to_list()
    return verdicts


@given(st.lists(credit_bodies), st.text(CREDIT_ALPHABET, min_size=1, max_size=1))
def test_a_column_of_credit_codes_is_judged_as_stdnum_judges_each(bodies: list[str], last: str) -> None:
    codes = [body + credit_code_check_character(body) for body in bodies] + [body + last for body in bodies]
    # stdnum's own is_valid also wants the first eight to be digits, which the standard's alphabet does not
    expected = [uscc.calc_check_digit(code[:-1]) == code[-1] for code in codes]
    assert judged(codes, credit_code_is_valid) == expected


@given(st.lists(resident_bodies), st.sampled_from("0123456789X"))
def test_a_column_of_numbers_is_judged_as_stdnum_judges_each(bodies: list[str], last: str) -> None:
    numbers = [body + resident_id_check_character(body) for body in bodies] + [body + last for body in bodies]
    expected = [ric.calc_check_digit(number) == number[-1] for number in numbers]
    assert judged(numbers, resident_id_is_valid) == expected


@given(st.lists(st.one_of(st.none(), st.text(max_size=20), resident_bodies)))
def test_null_stays_null_and_any_text_is_judged(texts: list[str | None]) -> None:
    for judge in (credit_code_is_valid, resident_id_is_valid):
        verdicts = judged(texts, judge)
        assert [verdict is None for verdict in verdicts] == [text is None for text in texts]


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("11010519491231002X", True),
        ("11010519491231002x", True),
        ("110105194912310021", False),
        # the day, the month and the year do not exist, with right check characters
        *(
            (body + resident_id_check_character(body), False)
            for body in ("11010519490230002", "11010519491331002", "11010518001231002")
        ),
        # 29 February exists in 2000 and not in 1900
        ("11010520000229001" + resident_id_check_character("11010520000229001"), True),
        ("11010519000229001" + resident_id_check_character("11010519000229001"), False),
        ("11010519491231002", False),
        ("１１０１０５１９４９１２３１００２Ｘ", False),
        ("110105194912310 2X", False),
        ("", False),
    ],
)
def test_resident_ids_by_hand(number: str, valid: bool) -> None:
    assert judged([number], resident_id_is_valid) == [valid]


@pytest.mark.parametrize(
    ("code", "valid"),
    [
        ("91110000600037341L", True),
        ("91110000600037341l", True),
        ("91110000600037341K", False),
        ("I1110000600037341L", False),
        ("91110000600037341", False),
        ("中" * 6, False),
    ],
)
def test_credit_codes_by_hand(code: str, valid: bool) -> None:
    assert judged([code], credit_code_is_valid) == [valid]


@pytest.mark.parametrize("body", ["", "1" * 16, "1" * 18, "1" * 16 + "I", "中" * 17])
def test_a_body_of_another_shape_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match="17 characters"):
        credit_code_check_character(body)
    with pytest.raises(ValueError, match="17 characters"):
        resident_id_check_character(body)
