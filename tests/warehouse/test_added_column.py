"""A column that the contract got later: older files give NULL, a build never fails for it, and reading again fills it in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from assets.clock import beijing_now
from assets.exports.delivery import Intake, take_in
from assets.exports.erasing.pseudonym_retention import blank_old_pseudonyms
from assets.exports.lake.archive import archived_path
from assets.exports.reading.source import FileLimits
from assets.exports.retake import Retaken, reread
from assets.exports.typing.pseudonym import PseudonymKey
from assets.platform.contract import load_contract
from tests.reports.small_site import Rows, Site, case

DAYS = ["2023-08-28", "2023-08-29", "2023-09-01"]
LAKE = "select project_no, window_no from lake.accept order by all"


@contextmanager
def one_more_column(feed: str = "accept") -> Iterator[None]:
    """The contract as it may be next year."""
    feeds = load_contract().feeds
    kept = feeds[feed]
    like = kept.column("task_name")
    more = replace(like, name="window_no", header="窗口号", inside="window_no")
    feeds[feed] = replace(kept, columns=(*kept.columns, more))
    try:
        yield
    finally:
        feeds[feed] = kept


def deliver(site: Site, day: str) -> None:
    rows = [case(f"P{day}{number}", day, day, window_no=f"W{number}", applyer_page_code="") for number in range(2)]
    site.deliver(f"{day.replace('-', '')}_01", accept=rows)


def intake_of(site: Site) -> Intake:
    return Intake(site.home, site.home.landing, PseudonymKey(b"k" * 32), FileLimits())


def take(site: Site) -> None:
    list(take_in(intake_of(site).survey().arrivals, intake_of(site)))


def build(site: Site, full: bool = False) -> None:
    take(site)
    with site.warehouse.open("test") as connection:
        site.warehouse.build(connection, (), full=full)


def read_again(site: Site, days: list[str] = DAYS) -> list[Retaken]:
    return list(reread(intake_of(site), lambda receipt, _: str(receipt.business_date) in days))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Two days are taken in without the column, though their files have it; the third lies in landing."""
    site = Site(tmp_path / "home", monkeypatch)
    for day in DAYS[:2]:
        deliver(site, day)
    take(site)
    deliver(site, DAYS[2])
    return site


def expected(days_with: list[str]) -> Rows:
    return [(f"P{day}{number}", f"W{number}" if day in days_with else None) for day in DAYS for number in range(2)]


def tables(site: Site) -> dict[str, Any]:
    """What was built, times and receipts apart."""
    names = ("core.events", "core.versions", "marts.daily_counts", "marts.cumulative_counts", "meta.files", "lake.accept")
    return {name: site.private(f"select * from {name} order by all") for name in names}


def test_older_files_give_null_and_a_column_that_went_is_passed_over(site: Site) -> None:
    # the third day is less than half of the rows, so that the second build is one by differences
    with site.warehouse.open("test") as connection:
        site.warehouse.build(connection, ())
    with one_more_column():
        for full in (False, True):
            build(site, full)
            assert site.private(LAKE) == expected(DAYS[2:])
            assert site.private("select sum(accepted) from marts.daily_counts") == [(6,)]
    build(site, full=True)
    assert site.private("select count(*) from lake.accept") == [(6,)]


def test_reading_again_fills_the_column_in_and_equals_a_fresh_home(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = next(iter(intake_of(site).receipts)).files[0]
    original, aside = archived_path(site.home.archive, first.sha256), tmp_path / "aside"
    with one_more_column():
        build(site)
        # an original that was removed leaves its rows as they are
        original.rename(aside)
        assert [(one.receipt is not None, one.without_original) for one in read_again(site)] == [
            (False, (first.file,)),
            (True, ()),
            (False, ()),
        ]
        build(site)
        assert site.private(LAKE) == expected(DAYS[1:])
        aside.rename(original)
        assert [one.receipt is not None for one in read_again(site)] == [True, False, False]
        build(site)
        assert site.private(LAKE) == expected(DAYS)
        fresh = Site(tmp_path / "fresh", monkeypatch)
        for day in DAYS:
            deliver(fresh, day)
        build(fresh)
        assert tables(site) == tables(fresh)


def test_rows_that_got_a_column_are_the_same_events(site: Site) -> None:
    with one_more_column():
        first = [one.receipt for one in read_again(site) if one.receipt]
        assert [(receipt.same_rows, receipt.same_events) for receipt in first] == [(0, 1), (0, 1)]
    again = [one.receipt for one in read_again(site) if one.receipt]
    assert [(receipt.same_rows, receipt.same_events) for receipt in again] == [(0, 2), (0, 2)]


def test_rows_that_come_out_otherwise_are_news_to_a_freeze(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    feeds = load_contract().feeds
    # the reader was wrong: the site's departments have codes of another form
    columns = [
        replace(one, pattern="[0-9]{3}", unknown="quarantine") if one.name == "org_code" else one
        for one in feeds["accept"].columns
    ]
    monkeypatch.setitem(feeds, "accept", replace(feeds["accept"], columns=tuple(columns)))
    changed = [one.receipt for one in read_again(site, DAYS[:1]) if one.receipt]
    assert [(receipt.same_rows, receipt.same_events) for receipt in changed] == [(0, 0)]
    assert [file.quarantined for receipt in changed for file in receipt.files] == [2]


def test_pseudonyms_that_are_kept_no_longer_do_not_come_back(site: Site) -> None:
    def named() -> tuple[int, bool]:
        files = [file for receipt in intake_of(site).receipts for file in receipt.files]
        rows = [pl.read_parquet(site.home.lake / str(file.lake_file), glob=False) for file in files]
        return sum(frame["applicant_pseudonym"].count() for frame in rows), all(file.is_blanked for file in files)

    person = case("P7", DAYS[1], DAYS[1], applyer_page_code="110101199003070011", window_no="W7")
    site.deliver("20230829_02", accept=[person])
    take(site)
    assert named() == (1, False)
    blank_old_pseudonyms(site.home, 0, beijing_now() + timedelta(days=1))
    assert named() == (0, True)
    with one_more_column():
        assert all(one.receipt for one in read_again(site))
        assert named() == (0, True)
