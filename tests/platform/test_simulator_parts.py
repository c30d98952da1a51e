"""The parts that truth and totals stand on: exact spreading, invented people, the rhythm of days, issue weeks, spellings."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.errors import UsageError
from assets.platform.contract import load_contract
from assets.platform.identifiers import credit_code_is_valid, resident_id_is_valid
from assets.platform.simulator import people, rhythm
from assets.platform.simulator.departments import load_world
from assets.platform.simulator.strata import COMPOSITE_OF, COUNT, KIND_OF, LEVEL_OF, laid_out, spread, stratum
from assets.platform.simulator.targets import MEASURE_OF, PUBLISHED_2023_34, totals
from assets.platform.simulator.text import digits, fixed_text, time_text
from assets.platform.simulator.timestamps import EXACT, SPELLINGS, spelled_times
from assets.platform.simulator.weeks import issue_weeks

weights = st.lists(st.floats(0.01, 1000), min_size=1, max_size=50).map(np.array)


@given(st.integers(0, 10**7), weights)
def test_spreading_loses_nothing_and_stays_within_one(total: int, shares: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    parts = spread(total, shares)
    assert parts.sum() == total
    assert np.all(np.abs(parts - total * shares / shares.sum()) < 1 + 1e-6)


@given(st.lists(st.integers(0, 5), min_size=COUNT, max_size=COUNT))
def test_laying_out_numbers_every_event_of_a_stratum(counts: list[int]) -> None:
    strata, position = laid_out(np.array(counts))
    expected = [(number, place) for number, count in enumerate(counts) for place in range(count)]
    assert list(zip(strata.tolist(), position.tolist(), strict=True)) == expected


def test_a_stratum_is_its_level_type_and_flag() -> None:
    numbers = [
        stratum(int(level), int(kind), bool(flag)) for level, kind, flag in zip(LEVEL_OF, KIND_OF, COMPOSITE_OF, strict=True)
    ]
    assert numbers == list(range(COUNT))


@given(st.lists(st.integers(0, 10**9 - 1), min_size=1, max_size=20))
def test_digits_are_the_number(numbers: list[int]) -> None:
    assert fixed_text(digits(np.array(numbers), 9)).to_list() == [f"{number:09d}" for number in numbers]


def test_a_number_too_long_for_its_place_is_an_error() -> None:
    with pytest.raises(ValueError, match="more than 6 digits"):
        digits(np.array([1_000_000]), 6)


def test_seconds_run_over_into_the_next_day() -> None:
    epoch = (date(2023, 12, 31) - date(1970, 1, 1)).days
    assert time_text(np.array([epoch, epoch]), np.array([86_399, 86_400])).to_list() == [
        "2023-12-31 23:59:59",
        "2024-01-01 00:00:00",
    ]


def test_invented_people_have_right_check_characters_and_areas_of_nobody() -> None:
    numbers = np.random.default_rng(0).integers(0, people.PERSON_LIMIT, 3000)
    natural, codes = pl.Series(people.are_natural(numbers)), people.codes(numbers)
    assert 0.8 < natural.mean() < 0.9  # type: ignore[operator]
    assert resident_id_is_valid(codes.filter(natural)).all()
    assert credit_code_is_valid(codes.filter(~natural)).all()
    assert codes.filter(natural).str.starts_with("5199").all()
    assert people.names(numbers).null_count() == 0
    assert people.names(numbers).equals(people.names(numbers))
    assert people.telephones(numbers).str.contains(r"^190000\d{5}$").all()


def test_the_world_has_valid_codes_and_items_of_every_type_at_every_level() -> None:
    world = load_world()
    codes = pl.Series([department.code for department in world.departments])
    assert credit_code_is_valid(codes).all()
    assert codes.n_unique() == len(codes)
    assert sum(department.level == 2 for department in world.departments) >= 30
    assert all(len(code) == 31 for code in world.item_texts["task_code"])
    listed = {int(code) for code in load_contract().codes["task_type"].values} - {99}
    for level in (2, 3, 4):
        at_level = np.isin(world.item_department, np.flatnonzero(world.levels == level))
        assert set(world.item_kind[at_level].tolist()) == listed


def test_no_window_opens_on_a_day_off() -> None:
    numbers = np.random.default_rng(0).integers(0, people.PERSON_LIMIT, 2000)
    assert 1 in rhythm.ways(numbers, date(2023, 8, 28))
    assert 1 not in rhythm.ways(numbers, date(2023, 8, 27))
    # a make-up day on a Saturday, and a holiday on a Friday
    assert 1 in rhythm.ways(numbers, date(2023, 10, 7))
    assert 1 not in rhythm.ways(numbers, date(2023, 9, 29))
    hours = rhythm.seconds_of_day(numbers, np.ones(2000, dtype=bool)) // 3600
    assert set(hours.tolist()) <= set(range(8, 18)) - {12}


def test_volumes_go_by_the_kind_of_day() -> None:
    working, weekend, holiday = date(2023, 8, 30), date(2023, 9, 2), date(2023, 10, 2)
    assert rhythm.volume(working) > rhythm.volume(weekend) > rhythm.volume(holiday) > 0


def test_a_year_without_a_holiday_notice_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="2060"):
        rhythm.is_working_day(date(2060, 1, 4))


@pytest.mark.parametrize(
    ("monday", "key"),
    [
        (date(2023, 1, 30), "2023-04"),
        (date(2023, 5, 1), "2023-17"),
        (date(2023, 8, 28), "2023-34"),
        (date(2023, 10, 2), None),
        (date(2023, 10, 9), "2023-39"),
        (date(2024, 9, 30), "2024-39"),
        (date(2026, 2, 16), None),
    ],
)
def test_issue_weeks_of_the_published_numbering(monday: date, key: str | None) -> None:
    week = issue_weeks(monday, monday + timedelta(days=4))
    assert [issue.key for issue in week] == ([key] if key else [])


def test_accounting_weeks_tile_the_days() -> None:
    issues = issue_weeks(date(2022, 6, 1), date(2025, 6, 1))
    for earlier, later in pairwise(issues):
        assert later.window_start == earlier.cutoff + timedelta(days=1)
    # days of the golden week belong to the next issue
    after_the_holidays = next(issue for issue in issues if issue.key == "2023-39")
    assert (after_the_holidays.window_start, after_the_holidays.cutoff) == (date(2023, 9, 29), date(2023, 10, 13))


def test_targets_hit_what_is_published() -> None:
    composite = (LEVEL_OF == 2) & COMPOSITE_OF
    classes = {"licence": [1], "public_service": [20], "other_six": [4, 5, 7, 8, 9, 10]}
    for feed, measure in MEASURE_OF.items():
        week, to_date = totals(feed, "week"), totals(feed, "ytd")
        assert np.all(to_date >= week)
        if f"composite.{measure}.week" in PUBLISHED_2023_34:
            assert week[composite].sum() == PUBLISHED_2023_34[f"composite.{measure}.week"]
            assert to_date[composite].sum() == PUBLISHED_2023_34[f"composite.{measure}.ytd"]
        for name, kinds in classes.items():
            if f"{name}.{measure}.ytd" in PUBLISHED_2023_34:
                of_class = (LEVEL_OF == 2) & np.isin(KIND_OF, kinds)
                assert to_date[of_class].sum() == PUBLISHED_2023_34[f"{name}.{measure}.ytd"]


def test_spellings_say_the_same_second() -> None:
    rng, time = np.random.default_rng(0), "2023-08-28 03:05:09"
    spelled = {name: spelled_times(rng, pl.Series([time]), (name,))[0] for name in SPELLINGS}
    assert spelled == {
        "standard": "2023-08-28 03:05:09",
        "tenths": "2023-08-28 03:05:09.0",
        "thousandths": "2023-08-28 03:05:09.000",
        "iso": "2023-08-28T03:05:09",
        "compact": "20230828030509",
        "compact_iso": "20230828T030509",
        "offset": "2023-08-28T03:05:09+08:00",
        "utc": "2023-08-27T19:05:09+00:00",
        "decimals": "2023-08-28 03:05:09.1234567",
        "minutes": "2023/8/28 3:05",
        "day": "2023-08-28",
    }
    assert set(EXACT) == set(spelled) - {"decimals", "minutes", "day"}
