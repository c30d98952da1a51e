"""A column that the contract got later: older files give NULL, a build never fails for it, and reading again fills it in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assets.exports.archive import archived_path
from assets.exports.delivery import Intake
from assets.exports.pseudonym import PseudonymKey
from assets.exports.pseudonym_retention import blank_old_pseudonyms
from assets.exports.retake import Retaken, reread
from assets.exports.source import FileLimits
from assets.platform.contract import load_contract
from assets.warehouse import ledger
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


def read_again(site: Site, days: list[str] = DAYS) -> list[Retaken]:
    return list(reread(intake_of(site), lambda receipt, _: str(receipt.business_date) in days))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Two days are taken in without the column, though their files have it; the third lies in landing."""
    site = Site(tmp_path / "home", monkeypatch)
    for day in DAYS[:2]:
        deliver(site, day)
    site.run()
    deliver(site, DAYS[2])
    return site


def expected(days_with: list[str]) -> Rows:
    return [(f"P{day}{number}", f"W{number}" if day in days_with else None) for day in DAYS for number in range(2)]


def tables(site: Site) -> dict[str, Any]:
    """What was built, times and receipts apart."""
    names = ("core.events", "core.versions", "marts.daily_counts", "marts.cumulative_counts", "meta.files", "lake.accept")
    return {name: site.private(f"select * from {name} order by all") for name in names}


@pytest.mark.parametrize("whole", [False, True])
def test_a_build_after_the_column_gives_null_for_older_files(site: Site, whole: bool) -> None:
    with one_more_column():
        if whole:
            site.warehouse = replace(site.warehouse, code_version="the next release")
        site.run()
        assert site.private(LAKE) == expected(DAYS[2:])
        assert site.private("select sum(accepted) from marts.daily_counts") == [(6,)]


def test_files_of_a_column_that_is_no_longer_in_the_contract_are_read(site: Site) -> None:
    with one_more_column():
        site.run()
    site.warehouse = replace(site.warehouse, code_version="the next release")
    site.run()
    assert site.private("select count(*) from lake.accept") == [(6,)]


def test_reading_again_fills_the_column_in_and_equals_a_fresh_home(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with one_more_column():
        site.run()
        found = read_again(site)
        assert [(one.receipt is not None, one.without_original) for one in found] == [(True, ()), (True, ()), (False, ())]
        site.run()
        assert site.private(LAKE) == expected(DAYS)
        # nothing comes out otherwise a second time
        assert [one.receipt for one in read_again(site)] == [None, None, None]
        fresh = Site(tmp_path / "fresh", monkeypatch)
        for day in DAYS:
            deliver(fresh, day)
        fresh.run()
        assert tables(site) == tables(fresh)


def test_an_original_that_was_removed_leaves_its_rows_as_they_are(site: Site) -> None:
    (receipt,) = [receipt for receipt in intake_of(site).receipts if str(receipt.business_date) == DAYS[0]]
    archived_path(site.home.archive, receipt.files[0].sha256).unlink()
    with one_more_column():
        site.run()
        found = read_again(site)
        assert found[0].without_original == (receipt.files[0].file,)
        site.run()
        assert site.private(LAKE) == expected(DAYS[1:])


def test_a_freeze_takes_a_column_for_no_news_and_the_checks_look_at_it(site: Site) -> None:
    site.run()
    site.freeze("2023-34")
    frozen = "select count(*) from ledger.frozen_receipts semi join ledger.deliveries using (delivery, receipt_sha256)"
    published = "select count(*) from ledger.published_receipts semi join ledger.deliveries using (receipt_sha256)"
    with site.warehouse.open("test") as connection:
        ledger.note_published(connection)
    assert (site.private(frozen), site.private(published)) == ([(3,)], [(3,)])
    with one_more_column():
        read_again(site)
        with site.warehouse.open("test") as connection:
            site.warehouse.build(connection, ())
    assert (site.private(frozen), site.private(published)) == ([(3,)], [(0,)])
    assert site.revisions() == []


def test_rows_that_come_out_otherwise_are_news_to_a_freeze(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    first = next(iter(intake_of(site).receipts))
    feeds = load_contract().feeds
    # the reader was wrong: the site's departments have codes of another form
    columns = [replace(column, pattern="[0-9]{3}") if column.name == "org_code" else column for column in feeds["accept"].columns]
    monkeypatch.setitem(feeds, "accept", replace(feeds["accept"], columns=tuple(columns)))
    changed = [one.receipt for one in read_again(site, DAYS[:1])]
    assert [(receipt.same_rows, receipt.same_events) for receipt in changed if receipt] == [(0,)]
    assert [file.quarantined for receipt in changed if receipt for file in receipt.files] == [2]
    assert first.known_events == 0


def test_pseudonyms_that_are_kept_no_longer_do_not_come_back(site: Site) -> None:
    def blanked() -> list[bool]:
        return [file.is_blanked for receipt in intake_of(site).receipts for file in receipt.files]

    person = case("P7", DAYS[0], DAYS[0], applyer_page_code="110101199003070011", window_no="W7")
    site.deliver("20230829_02", accept=[person])
    site.run()
    named = "select count(applicant_pseudonym) from lake.accept"
    assert site.private(named) == [(1,)]
    blank_old_pseudonyms(site.home, 0, site.at.replace(year=2024))
    site.run()
    assert (site.private(named), all(blanked())) == ([(0,)], True)
    with one_more_column():
        assert any(one.receipt for one in read_again(site))
        site.run()
        assert (site.private(named), all(blanked())) == ([(0,)], True)
        assert site.private("select window_no from lake.accept where project_no = 'P7'") == [("W7",)]
