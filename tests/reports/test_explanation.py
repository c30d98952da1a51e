"""A figure explained: its parts add up to it, and last issue's year to date + revisions + this week is this year to date."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from assets.errors import DamageError, RefusedError, UsageError
from assets.reports.facts.reader import read_facts
from assets.reports.figures.carriers import OUT_OF_STEP, carriers_of
from assets.reports.figures.explanation import Explanation, explain
from tests.reports.small_site import ORG, OTHER, Site, case, item

WEEK, YEAR = "composite.accepted.week", "composite.accepted.ytd"


def explained(site: Site, issue: str, figure: str) -> Explanation:
    return explain(site.home.published_database, issue, figure)


def terms(explanation: Explanation) -> list[tuple[str, float]]:
    return [(term.key, term.value) for term in explanation.identity]


def parts(found: object) -> list[tuple[str, float]]:
    return [(part.key, part.value) for part in found]  # type: ignore[attr-defined]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Issues 33 (two cases) and 34 (three, of two departments), published."""
    site = Site(tmp_path / "home", monkeypatch)
    site.deliver("20230825_01", accept=[case("A", "2023-08-24", "2023-08-25"), case("B", "2023-08-25", "2023-08-25")])
    site.deliver(
        "20230828_01", accept=[case("C", "2023-08-28", "2023-08-28"), case("D", "2023-08-28", "2023-08-28", org_code=OTHER)]
    )
    site.deliver("20230901_01", accept=[case("E", "2023-09-01", "2023-09-01")], handbook=[item("H", "2023-08-30", "2023-09-01")])
    site.run()
    return site


def test_a_week_is_the_sum_of_days_departments_and_deliveries(site: Site) -> None:
    week = explained(site, "2023-34", WEEK)
    assert (week.value, week.published_value, week.identity) == (3, None, ())
    assert parts(week.days) == [("2023-08-28", 2), ("2023-09-01", 1)]
    assert parts(week.departments) == [(ORG, 2), (OTHER, 1)]
    carriers = carriers_of(site.home, week, 0)
    assert parts(carriers.deliveries) == [("20230828_01", 2), ("20230901_01", 1)]
    assert week.definition.startswith("受理件数，按受理时间")


def test_a_department_has_the_name_that_it_had_at_the_issue_s_cut_off(site: Site) -> None:
    for day in ("2023-09-04", "2023-09-05"):
        site.deliver(f"{day.replace('-', '')}_01", accept=[case(f"R{day}", day, day, org_name="甲厅", org_code=ORG)])
    site.deliver("20230908_01", accept=[case("S", "2023-09-08", "2023-09-08", org_name="甲厅")])
    site.run()
    for issue, name in (("2023-34", "甲局"), ("2023-35", "甲厅")):
        assert {part.name for part in explained(site, issue, WEEK).departments if part.key == ORG} == {name}
        facts = read_facts(site.home.published_database, issue)
        assert name in {counts.name for counts in facts.composite_by_department}
    # copy of the older issue may use either
    assert {"甲局", "甲厅"} <= set(read_facts(site.home.published_database, "2023-34").organizations)


def test_the_week_of_handbooks_is_defined_by_two_lists(site: Site) -> None:
    definition = explained(site, "2023-34", "handbook.finished.week").definition
    assert "本期清单中已完成、上期清单中尚未完成" in definition


def test_a_plain_week_adds_to_last_issue_s_year_to_date(site: Site) -> None:
    year = explained(site, "2023-34", YEAR)
    assert year.value == 5
    assert terms(year) == [("last_issue", 2), ("revisions", 0), ("this_week", 3)]
    assert parts(year.days) == [("2023-08-24", 1), ("2023-08-25", 1), ("2023-08-28", 2), ("2023-09-01", 1)]


def test_revisions_of_a_frozen_last_issue_are_a_term(site: Site) -> None:
    site.freeze("2023-33")
    site.deliver("20230904_01", accept=[case("L", "2023-08-24", "2023-09-04"), case("M", "2023-08-21", "2023-09-04")])
    site.deliver("20230905_01", accept=[case("A", "2023-08-24", "2023-09-05", cd_operation="D")])
    site.run()
    year = explained(site, "2023-34", YEAR)
    assert terms(year) == [("last_issue", 2), ("revisions", 1), ("this_week", 3)]
    carriers = carriers_of(site.home, year, 0)
    assert parts(carriers.revised_by) == [("20230904_01", 2), ("20230905_01", -1)]
    assert parts(carriers.deliveries) == [("20230825_01", 1), ("20230828_01", 2), ("20230901_01", 1), ("20230904_01", 2)]
    frozen = explained(site, "2023-33", YEAR)
    assert (frozen.published_value, frozen.value) == (2, 3)
    assert frozen.revision is not None
    assert (frozen.revision.difference, frozen.revision.deliveries) == (1, "20230904_01,20230905_01")


def test_an_opening_stands_in_for_what_was_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(tmp_path / "home", monkeypatch)
    site.open_balance("2023-08-22", 100)
    # accepted before the balance closed, after it but before the week, and in the week
    rows = [case("A", "2023-08-22", "2023-08-28"), case("B", "2023-08-23", "2023-08-28"), case("C", "2023-08-28", "2023-08-28")]
    site.deliver("20230828_01", accept=rows)
    site.deliver("20230901_01", accept=[case("D", "2023-09-01", "2023-09-01")])
    site.run()
    year = explained(site, "2023-34", YEAR)
    assert year.value == 103
    assert terms(year) == [("last_issue", 0), ("opening", 100), ("days_before", 1), ("this_week", 2)]
    assert ("", 100) in parts(year.departments)
    assert parts(carriers_of(site.home, year, 0).deliveries) == [("20230828_01", 2), ("20230901_01", 1)]


def test_the_first_issue_of_a_year_begins_at_its_first_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(tmp_path / "home", monkeypatch)
    # the first week of 2023 runs from 31 December to 6 January
    site.deliver("20221231_01", accept=[case("A", "2022-12-31", "2022-12-31")])
    site.deliver("20230103_01", accept=[case("B", "2023-01-01", "2023-01-03"), case("C", "2023-01-03", "2023-01-03")])
    site.deliver("20230106_01", accept=[case("D", "2023-01-06", "2023-01-06")])
    site.run()
    assert explained(site, "2023-01", WEEK).value == 4
    year = explained(site, "2023-01", YEAR)
    assert (year.value, year.previous_issue) == (3, None)
    assert terms(year) == [("last_issue", 0), ("this_week", 3)]


def test_handbook_figures_are_items_by_department(site: Site) -> None:
    share = explained(site, "2023-34", "handbook.share")
    assert (share.value, share.numerator, share.denominator) == (1, 1, 1)
    assert parts(share.departments) == [(ORG, 1)]
    carriers = carriers_of(site.home, explained(site, "2023-34", "handbook.items"), 0)
    assert parts(carriers.deliveries) == [("20230901_01", 1)]


def test_what_is_not_there_is_said(site: Site) -> None:
    with pytest.raises(UsageError, match=r"no figure 'composite\.handed'; it has: .*composite\.accepted\.week"):
        explained(site, "2023-34", "composite.handed")
    with pytest.raises(RefusedError, match="2023-40 has no figures"):
        explained(site, "2023-40", WEEK)


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        ("update marts.daily_counts set accepted = accepted + 1 where event_date = '2023-08-28'", "days"),
        ("update marts.cumulative_counts set accepted = accepted + 1 where issue_key = '2023-34'", "departments"),
        ("update marts.weekly_counts set accepted = accepted + 1 where issue_key = '2023-34'", "terms"),
    ],
)
def test_parts_that_do_not_add_up_are_damage(site: Site, fault: str, what: str) -> None:
    with duckdb.connect(site.home.published_database) as con:
        con.execute(fault)
    with pytest.raises(DamageError, match=f"its {what} add up to"):
        explained(site, "2023-34", YEAR)


def test_a_private_warehouse_of_a_later_build_is_not_shown(site: Site) -> None:
    week = explained(site, "2023-34", WEEK)
    site.deliver("20230904_01", accept=[case("L", "2023-08-29", "2023-09-04")])
    site.run()
    carriers = carriers_of(site.home, week, 0)
    assert (carriers.deliveries, carriers.note) == (None, OUT_OF_STEP)


def test_a_held_or_missing_warehouse_leaves_the_rest(site: Site) -> None:
    week = explained(site, "2023-34", WEEK)
    script = (
        "import sys; from pathlib import Path; from assets.home import Home; from assets.warehouse.connection import writer_lock\n"
        "with writer_lock(Home(Path(sys.argv[1])), 0, 'other'):\n    print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(site.home.root)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        carriers = carriers_of(site.home, week, 0)
        holder.communicate()
    assert carriers.is_busy
    assert str(holder.pid) in carriers.note
    site.home.warehouse.unlink()
    assert carriers_of(site.home, week, 0).deliveries is None
    assert not site.home.warehouse.exists()
