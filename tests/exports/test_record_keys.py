"""Keys of refused rows: a case's number may stay, what could be a person's may not."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.exports.typing.record_keys import safe_record_key

# the check digits are GB 11643's own example; the other numbers are invented
RESIDENT_ID = "11010519491231002X"


def kept(*keys: str | None) -> list[str | None]:
    return safe_record_key(pl.Series("record_key", keys, dtype=pl.String)).to_list()


@pytest.mark.parametrize(
    "key",
    [
        "P1",
        "510000-20230828-000123",
        "510000-20230828-000123/12",
        "11510000MB1234567X2010123456789012202308280001",
        "20230828510000000123",
        "ZX202308280000123",
        "115100000089967412200000000000123401",
    ],
)
def test_numbers_of_cases_are_kept(key: str) -> None:
    assert kept(key) == [key]


@pytest.mark.parametrize(
    "key",
    [
        None,
        "",
        "/",
        "张三",
        "ZHANG SAN",
        "ZHANGSAN",
        RESIDENT_ID,
        f"{RESIDENT_ID}/1",
        "110105-19491231-0021",
        "110105-19491231-0021/12",
        f"ZHANGSAN{RESIDENT_ID}",
        f"张三{RESIDENT_ID}",
        "110105491231002",
        "13800138000",
        "138-0013-8000",
        "8613800138000/2",
        "LI13800138000",
        "028-86501234",
        "6222020000000000000",
        "E12345678",
        "EA1234567",
        "91110000600037341L",
        "SAN.ZHANG@EXAMPLE.CN1",
        "=CMD1",
        "1" * 65,
    ],
)
def test_what_may_be_a_persons_is_dropped(key: str | None) -> None:
    assert kept(key) == [None]


@settings(max_examples=60)
@given(
    st.lists(
        st.one_of(st.none(), st.from_regex(r"[1-9][0-9]{16}[0-9X](/[0-9]{1,2})?", fullmatch=True), st.just("P1")), max_size=8
    )
)
def test_each_key_is_judged_by_itself_and_keeps_its_place(keys: list[str | None]) -> None:
    assert kept(*keys) == ["P1" if key == "P1" else None for key in keys]
