"""A late correction to a frozen issue: the published figure stands, and the revision names exactly the deliveries that made it."""

from pathlib import Path

import pytest

from assets.errors import DamageError, RefusedError
from assets.home import Home
from assets.warehouse.models.rules import CountingRules
from tests.reports.small_site import Site, case, completion, item

WEEK, YEAR, LICENCE = "composite.accepted.week", "composite.accepted.ytd", "licence.accepted.ytd"
ISSUE = "2023-34"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Issue 2023-34 with five accepted cases, frozen: A in the week before, B to E in its own."""
    site = Site(tmp_path / "home", monkeypatch)
    site.deliver("20230825_01", accept=[case("A", "2023-08-25", "2023-08-25")])
    site.deliver(
        "20230828_01",
        accept=[case("B", "2023-08-28", "2023-08-28"), case("C", "2023-08-28", "2023-08-28")],
        result=[completion("B", "2023-08-28", "2023-08-28")],
        handbook=[item("H1", "2023-08-28", "2023-08-28"), item("H2", "", "2023-08-28")],
    )
    site.deliver("20230901_01", accept=[case("D", "2023-09-01", "2023-09-01"), case("E", "2023-08-31", "2023-09-01")])
    site.run()
    site.freeze(ISSUE)
    assert site.revisions() == []
    return site


def figures_of(site: Site, issue: str = ISSUE) -> dict[str, float]:
    return dict(site.rows(f"select figure, value from marts.bulletin_figures where issue_key = '{issue}'"))


def test_a_late_row_is_a_revision_of_each_figure_that_counts_it(site: Site) -> None:
    site.deliver("20230904_01", accept=[case("F", "2023-08-29", "2023-09-04"), case("G", "2023-09-04", "2023-09-04")])
    site.deliver("20230905_01", accept=[case("K", "2023-09-05", "2023-09-05")])
    site.run()
    late = site.at
    assert site.revisions() == [
        (ISSUE, WEEK, 4, 5, "20230904_01"),
        (ISSUE, YEAR, 5, 6, "20230904_01"),
        (ISSUE, LICENCE, 5, 6, "20230904_01"),
    ]
    assert site.rows("select distinct first_seen_at, difference from marts.revisions") == [(late, 1)]
    published: dict[str, float] = dict(site.rows("select figure, value from marts.published_figures"))
    assert (published[WEEK], published[YEAR]) == (4, 5)


def test_each_delivery_that_made_it_is_named_and_no_other(site: Site) -> None:
    site.deliver("20230904_01", accept=[case("F", "2023-08-29", "2023-09-04")])
    # the same row once more changes nothing, and neither does a row of another body or of another week
    site.deliver(
        "20230905_01", accept=[case("B", "2023-08-28", "2023-08-28"), case("X", "2023-08-29", "2023-09-05", org_level="3")]
    )
    site.deliver("20230906_01", accept=[case("D", "2023-09-01", "2023-09-06", is_composite="0")])
    site.deliver("20230907_01", accept=[case("C", "2023-08-28", "2023-09-07", cd_operation="D")])
    site.run()
    assert site.revisions() == [
        (ISSUE, WEEK, 4, 3, "20230904_01,20230906_01,20230907_01"),
        (ISSUE, YEAR, 5, 4, "20230904_01,20230906_01,20230907_01"),
    ]
    # of the licences, D is still one: a late row more, a deleted one less, and no figure has changed
    assert figures_of(site)[LICENCE] == 5


def test_a_row_moved_out_of_the_week_changes_the_week_alone(site: Site) -> None:
    site.deliver("20230904_01", accept=[case("E", "2023-08-24", "2023-09-04")])
    site.run()
    assert site.revisions() == [(ISSUE, WEEK, 4, 3, "20230904_01")]


def test_changed_and_changed_back_is_no_revision(site: Site) -> None:
    site.deliver("20230904_01", accept=[case("C", "2023-08-28", "2023-09-04", cd_operation="D")])
    site.run()
    assert [row[1] for row in site.revisions()] == [WEEK, YEAR, LICENCE]
    site.deliver("20230905_01", accept=[case("C", "2023-08-28", "2023-09-05")])
    site.run()
    assert site.revisions() == []


def test_rows_withdrawn_by_a_replacement_are_its_doing(site: Site) -> None:
    site.deliver("20230828_02", mode="replace", accept=[case("B", "2023-08-28", "2023-08-29")])
    site.run()
    assert site.revisions() == [
        (ISSUE, figure, value, value - 1, "20230828_02") for figure, value in ((WEEK, 4), (YEAR, 5), (LICENCE, 5))
    ]


def test_an_older_version_that_wins_since_a_withdrawal_is_the_replacement_s_doing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(tmp_path / "home", monkeypatch)
    site.deliver("20230829_01", accept=[case("A", "2023-08-28", "2023-08-28"), case("B", "2023-08-28", "2023-08-28")])
    site.deliver("20230901_01", accept=[case("A", "2023-08-01", "2023-09-01")])
    site.run()
    site.freeze(ISSUE)
    site.deliver("20230901_02", mode="replace", accept=[case("Z", "2023-09-01", "2023-09-01", org_level="4")])
    site.run()
    assert site.revisions() == [(ISSUE, WEEK, 1, 2, "20230901_02")]


def test_a_later_list_of_handbooks_revises_what_it_changes(site: Site) -> None:
    site.deliver("20230901_02", handbook=[item("H1", "2023-08-28", "2023-09-01"), item("H2", "2023-08-29", "2023-09-01")])
    site.run()
    assert site.revisions() == [
        (ISSUE, "handbook.finished.total", 1, 2, "20230901_02"),
        (ISSUE, "handbook.finished.week", 1, 2, "20230901_02"),
        (ISSUE, "handbook.share", 0.5, 1, "20230901_02"),
    ]


def test_a_changed_rule_is_a_revision_without_a_delivery(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    again = Site(site.home.root, monkeypatch, CountingRules(uncounted_result_types=("1",)))
    again.at = site.at
    again.run()
    assert again.revisions() == [(ISSUE, "licence.completed.ytd", 1, 0, "")]
    assert again.rows("select first_seen_at from marts.revisions") == [(None,)]


def test_an_opening_loaded_again_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(tmp_path / "home", monkeypatch)
    site.open_balance("2023-08-25", 100)
    site.deliver("20230828_01", accept=[case("A", "2023-08-28", "2023-08-28")])
    site.deliver("20230901_01", accept=[case("B", "2023-09-01", "2023-09-01")])
    site.run()
    assert site.freeze(ISSUE).opening_as_of is not None
    site.open_balance("2023-08-25", 90)
    site.deliver("20230904_01", accept=[case("C", "2023-08-29", "2023-09-04"), case("D", "2023-08-20", "2023-09-04")])
    site.run()
    assert site.revisions() == [
        (ISSUE, WEEK, 2, 3, "20230904_01"),
        (ISSUE, YEAR, 102, 93, "20230904_01,opening_20230825"),
        (ISSUE, LICENCE, 102, 93, "20230904_01,opening_20230825"),
    ]
    changes = site.private("select delivery, change from history.opening_changes where figure = 'composite.accepted.ytd'")
    assert changes == [("opening_20230825", -10)]


def test_an_issue_is_frozen_once(site: Site) -> None:
    path = site.home.lake / "frozen" / f"{ISSUE}.json"
    before = path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(RefusedError, match=f"{ISSUE} was frozen at 2023-09-02 03:00"):
        site.freeze(ISSUE)
    site.deliver("20230904_01", accept=[case("F", "2023-08-29", "2023-09-04")])
    site.run()
    assert path.read_bytes() == before


def test_what_has_no_figures_is_not_frozen(site: Site) -> None:
    with pytest.raises(RefusedError, match="no figures"):
        site.freeze("2023-36")
    assert not (site.home.lake / "frozen/2023-36.json").exists()


def test_a_freeze_that_was_altered_is_damage(site: Site) -> None:
    path = site.home.lake / "frozen" / f"{ISSUE}.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"value": 4.0', '"value": 7.0'), encoding="utf-8")
    with pytest.raises(DamageError, match="not the file that was recorded"):
        site.run()


def test_a_warehouse_built_anew_from_the_lake_comes_out_equal(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.deliver("20230904_01", accept=[case("F", "2023-08-29", "2023-09-04")])
    site.run()
    site.deliver("20230906_01", accept=[case("C", "2023-08-30", "2023-09-06"), case("G", "2023-09-05", "2023-09-06")])
    site.deliver("20230908_01", accept=[case("K", "2023-09-08", "2023-09-08")])
    site.run()
    site.freeze("2023-35")
    site.deliver("20230905_01", accept=[case("L", "2023-09-05", "2023-09-05")])
    site.run()
    tables = ("marts.published_figures", "marts.revisions", "marts.errata")
    before = [site.rows(f"select * from {table} order by all") for table in tables]
    assert {row[0] for row in before[1]} == {ISSUE, "2023-35"}
    site.home.warehouse.unlink()
    again = Site(Home(site.home.root).root, monkeypatch)
    again.at = site.at
    again.run()
    assert [again.rows(f"select * from {table} order by all") for table in tables] == before
