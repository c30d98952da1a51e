"""What a cell means: every spelling the interface names, and the impossible ones."""

import unicodedata
from datetime import datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.exports.typing import values
from assets.platform.contract import Column, load_contract

FEEDS = load_contract().feeds
CD_TIME = FEEDS["accept"].column("cd_time")


def _times(*cells: str) -> list[datetime | None]:
    return values.timestamps(values.cleaned(pl.Series(cells, dtype=pl.String), CD_TIME)).to_list()


def _codes(column: Column, *cells: str) -> tuple[list[str | None], list[bool | None]]:
    stored, outside = values.codes(values.cleaned(pl.Series(cells, dtype=pl.String), column), column)
    return stored.to_list(), outside.to_list()


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2023-08-28 09:05:00", datetime(2023, 8, 28, 9, 5)),
        ("2023-08-28 09:05:00.0", datetime(2023, 8, 28, 9, 5)),
        ("2023-08-28 09:05:07.123456789", datetime(2023, 8, 28, 9, 5, 7, 123456)),
        ("2023/8/28 9:05:07.5", datetime(2023, 8, 28, 9, 5, 7, 500000)),
        ("20230828T090507.000001999999999999999999", datetime(2023, 8, 28, 9, 5, 7, 1)),
        ("20230828090507.25", datetime(2023, 8, 28, 9, 5, 7, 250000)),
        ("2023-08-28T09:05:07.0000000+08:00", datetime(2023, 8, 28, 9, 5, 7)),
        ("2023-08-28 23:59:59.9999999", datetime(2023, 8, 28, 23, 59, 59, 999999)),
        ("2023-08-28T09:05:00", datetime(2023, 8, 28, 9, 5)),
        ("2023/8/28 9:05", datetime(2023, 8, 28, 9, 5)),
        ("2023/12/1 19:05:33", datetime(2023, 12, 1, 19, 5, 33)),
        ("20230828090500", datetime(2023, 8, 28, 9, 5)),
        ("20230828T090500", datetime(2023, 8, 28, 9, 5)),
        ("20230828", datetime(2023, 8, 28)),
        ("2023-08-28", datetime(2023, 8, 28)),
        ("2023-08-28T09:05:00+08:00", datetime(2023, 8, 28, 9, 5)),
        ("2023-08-28T20:05:00Z", datetime(2023, 8, 29, 4, 5)),
        ("2023-08-28 01:05:00.5 -0330", datetime(2023, 8, 28, 12, 35, 0, 500000)),
        ("'2023-08-28 09:05:00", datetime(2023, 8, 28, 9, 5)),
        ("\t２０２３－０８－２８　０９：０５：００ ", datetime(2023, 8, 28, 9, 5)),
        ("2024-02-29 23:59:59", datetime(2024, 2, 29, 23, 59, 59)),
    ],
)
def test_spellings_of_a_time(cell: str, expected: datetime) -> None:
    assert _times(cell) == [expected]


@pytest.mark.parametrize(
    "cell",
    [
        "2023-08-28 24:00:00",
        "2023/8/28 24:00",
        "20230828240000",
        "9999-12-31",
        "0023-08-28",
        "99999-01-01",
        "2023-08-28 09:60:00",
        "2023-08-28 09:05:60",
        "2023/8/28 9:05:60",
        "2023-02-30 09:05:00",
        "2023/2/29 9:05",
        "20230230",
        "23-08-28 09:05:00",
        "23/8/28 9:05",
        "2023-13-01",
        "1989-12-31 23:59:59",
        "2100-01-01 00:00:00",
        "0001-01-01 00:00:00",
        "2023-08-28 09:05:00+15:00",
        "2023-08-28 09:05:00 AM",
        "2023-08",
        "yesterday",
        "45166.5",
    ],
)
def test_impossible_times(cell: str) -> None:
    assert _times("2023-08-28", cell) == [datetime(2023, 8, 28), None]


@pytest.mark.parametrize("day", ["0000-00-00", "0000/00/00", "0000/0/0", "00000000", "1753-01-01", "1753/1/1", "17530101"])
@pytest.mark.parametrize("time", ["", " 00:00:00", "T00:00:00.000", " 0:00", "000000", " 00:00:00+08:00"])
def test_null_dates_are_blank_and_not_impossible(day: str, time: str) -> None:
    assert _times(day + time) == [None]
    assert values.is_null_date(pl.Series([day + time])).to_list() == [True]


@pytest.mark.parametrize(
    "cell", ["1753-01-02", "1753-01-01 00:00:01", "1753/1/11", "0000-01-01", "0001-01-01", "20000101", "2000-00-00", "0", "1753"]
)
def test_other_dates_do_not_mean_no_date(cell: str) -> None:
    assert values.is_null_date(pl.Series([cell])).to_list() == [False]


@given(
    st.datetimes(datetime(1990, 1, 2), datetime(2099, 12, 30)),
    st.integers(-14 * 60, 14 * 60),
    st.sampled_from(
        ["%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%f", "%Y/%m/%d %H:%M:%S.%f", "%Y%m%d%H%M%S.%f", "%Y%m%dT%H%M%S.%f"]
    ),
)
def test_offsets_are_taken_to_beijing_time(moment: datetime, minutes: int, spelling: str) -> None:
    abroad = moment.replace(tzinfo=timezone(timedelta(hours=8))).astimezone(timezone(timedelta(minutes=minutes)))
    assert _times(abroad.strftime(spelling + "%z"), moment.strftime(spelling)) == [moment, moment]


@given(st.lists(st.sampled_from(["2023-08-28 09:05:00", "2023/8/28 9:05", "", "NULL", "24:00", "20230828090500"])))
def test_times_keep_their_places(cells: list[str]) -> None:
    moment = datetime(2023, 8, 28, 9, 5)
    assert _times(*cells) == [None if cell in ("", "NULL", "24:00") else moment for cell in cells]


# as long as the export's own spelling, and taken for it by nobody; and what is near it
NEARLY_STANDARD = [
    "2023-08-28 09:05:00",
    "2023-08-28T09:05:00",
    "2023-08-28 09:05+08",
    "2023-08-28 09+08:00",
    " 2023-08-28 9:05:00",
    "2023-08-28 09:05:60",
    "2023-08-28 24:00:00",
    "2023-02-30 09:05:00",
    "1753-01-01 00:00:00",
    "0000-00-00 00:00:00",
    "1989-12-31 23:59:59",
    "2100-01-01 00:00:00",
    "2023-08-28 09:05:00 ",
    "２０２３-08-28 09:05:00",
    "2023/8/28 9:05",
    "NULL",
    "",
    None,
]
TIMES = st.one_of(st.sampled_from(NEARLY_STANDARD), st.text("0123456789-: T+Z", min_size=19, max_size=19))


@given(st.lists(TIMES, min_size=1, max_size=3).flatmap(lambda kinds: st.lists(st.sampled_from(kinds), max_size=6)))
def test_a_column_of_times_says_what_each_of_its_cells_says(cells: list[str | None]) -> None:
    text = pl.Series(cells, dtype=pl.String)
    cleaned = values.cleaned(text, CD_TIME)
    said = cleaned.set(values.is_null_date(cleaned), None)
    found, times = values.times(text, CD_TIME)
    assert times.to_list() == values.timestamps(said).to_list()
    assert found.is_null().to_list() == said.is_null().to_list()


@pytest.mark.parametrize("blank", ["", "  ", "　", "NULL", "null", "\\N", "无", "-", " NULL ", "'", "'-", "－"])
def test_blanks(blank: str) -> None:
    column = FEEDS["accept"].column("project_no")
    assert values.cleaned(pl.Series([blank]), column).to_list() == [None]


@pytest.mark.parametrize("text", ["Null", "nULL", "\\n", "N/A", "无此项", "--", "—", "0", "NULL."])
def test_only_the_listed_spellings_are_blank(text: str) -> None:
    assert values.cleaned(pl.Series([text]), FEEDS["accept"].column("project_no")).to_list() == [text.upper()]
    assert values.cleaned(pl.Series([text]), FEEDS["accept"].column("task_name")).to_list() == [text]


@given(st.lists(st.text(alphabet="aXｘ0９－- \t\u3000\u00a0\u2003\u2028①ﬁ䶮无\\N", max_size=6)))
def test_keys_are_compared_after_nfkc_trimming_and_upper_casing(cells: list[str]) -> None:
    trimmed = [unicodedata.normalize("NFKC", cell).strip() for cell in cells]
    expected = [None if text in ("", "NULL", "null", "\\N", "无", "-") else text.upper() for text in trimmed]
    column = FEEDS["accept"].column("project_no")
    assert values.cleaned(pl.Series(cells, dtype=pl.String), column).to_list() == expected


def test_keys_are_compared_without_their_dress() -> None:
    column = FEEDS["accept"].column("project_no")
    spellings = ["510a1x", " 510A1X", "'510a1x", "\t510A1x", "５１０ａ１Ｘ", "　510a1X\u00a0"]
    assert values.cleaned(pl.Series(spellings), column).to_list() == ["510A1X"] * len(spellings)


def test_names_keep_their_characters() -> None:
    column = FEEDS["accept"].column("task_name")
    assert values.cleaned(pl.Series([" ①号Ａb 䶮 "]), column).to_list() == ["①号Ａb 䶮"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("7", 7),
        ("007", 7),
        ("3.0", 3),
        ("+2", 2),
        ("3.5", None),
        ("1e3", None),
        ("-1", None),
        ("0", None),
        ("9" * 19, None),
        ("一", None),
    ],
)
def test_whole_numbers_of_at_least_one(cell: str, expected: int | None) -> None:
    assert values.integers(pl.Series([cell]), 1).to_list() == [expected]


def test_whole_numbers_without_a_minimum() -> None:
    assert values.integers(pl.Series(["-1", "0", None], dtype=pl.String), None).to_list() == [-1, 0, None]


def test_flags() -> None:
    cells = pl.Series(["1", "是", "0", "否", "2", "TRUE", None], dtype=pl.String)
    assert values.flags(cells).to_list() == [True, True, False, False, None, None, None]


def test_one_digit_of_a_task_type_means_two_and_others_are_kept() -> None:
    column = FEEDS["accept"].column("task_type")
    assert _codes(column, "1", "01", "２０", "77", "NULL") == (["01", "01", "20", "77", None], [False, False, False, True, False])


@pytest.mark.parametrize(
    ("feed", "name", "cells", "stored"),
    [
        ("result", "result_type", ("4", "7"), ["4", "9"]),
        ("accept", "org_level", ("2", "7"), ["2", None]),
        ("process", "transfer_type", ("0", "4"), ["0", None]),
        ("accept", "area_code", ("510000000000", "5100000000001"), ["510000000000", None]),
        ("accept", "cd_operation", ("d", "X"), ["D", None]),
    ],
)
def test_codes_outside_their_list(feed: str, name: str, cells: tuple[str, str], stored: list[str | None]) -> None:
    assert _codes(FEEDS[feed].column(name), *cells) == (stored, [False, True])
