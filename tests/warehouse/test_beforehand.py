"""What a build finds beforehand: which tables, that nothing of it is left, and when it has to look again in its turn."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from assets.errors import DamageError
from assets.warehouse import beforehand, last_keys, newest
from assets.warehouse import build as build_module
from assets.warehouse.increment import Change, Increment
from assets.warehouse.models import Model, load_models
from tests.reports.small_site import Site, case

DAYS = [f"2023-08-{day}" for day in range(21, 31)]
CODES = ["115100000000000018", "115100000000000026"]


def delivery_of(day: str) -> str:
    return f"{day.replace('-', '')}_01"


def key(day: str, number: int) -> str:
    return f"510000-{day.replace('-', '')}-{number:06d}"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Nine days are built, whose keys are numbered by day."""
    site = Site(tmp_path / "home", monkeypatch)
    for day in DAYS[:-1]:
        site.deliver(delivery_of(day), accept=[case(key(day, number), day, day) for number in range(9)])
    site.run()
    return site


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> dict[str, Change | None]:
    """What the searches of the next builds find, by table."""
    seen: dict[str, Change | None] = {}
    real = beforehand.searches

    @contextmanager
    def watched(build: Increment, models: list[Model]) -> Iterator[list[Model]]:
        with real(build, models) as ordered:
            yield ordered
            seen.update({name: search.result() for name, search in build.beforehand.items()})

    monkeypatch.setattr(build_module, "searches", watched)
    return seen


def names_of_departments(site: Site) -> list[tuple[Any, ...]]:
    return site.private("select org_code, org_name, delivery from core.organization_names order by all")


def test_new_rows_and_the_sums_over_them_are_found_beforehand(site: Site, found: dict[str, Change | None]) -> None:
    late = case(key(DAYS[0], 0), DAYS[0], DAYS[-1], cd_operation="D")
    site.deliver(delivery_of(DAYS[-1]), accept=[case(key(DAYS[-1], 1), DAYS[-1], DAYS[-1]), late])
    site.run()
    assert set(found) == {"core.accept", "core.organization_days", "core.organization_names", "marts.daily_counts"}
    assert all(found.values())
    counts: dict[str, int] = dict(site.private("select event_date::varchar, accepted from marts.daily_counts"))
    assert counts == {DAYS[0]: 8, **dict.fromkeys(DAYS[1:-1], 9), DAYS[-1]: 1}


def test_what_needs_the_renewed_tables_is_looked_for_in_its_turn(site: Site, found: dict[str, Change | None]) -> None:
    # the winner of the one department's name goes to another, so that the next best is looked for among all rows
    winner = case(key(DAYS[-2], 0), DAYS[-2], DAYS[-2], org_code=CODES[0], org_name="某厅")
    site.deliver(delivery_of(DAYS[-1]), accept=[winner | {"cd_time": f"{DAYS[-1]} 01:00:00"}])
    site.run()
    moved = winner | {"cd_time": f"{DAYS[-1]} 02:00:00", "org_code": CODES[1]}
    site.deliver(f"{DAYS[-1].replace('-', '')}_02", accept=[moved])
    found.clear()
    site.run()
    assert found["core.accept"] is not None
    assert found["core.organization_names"] is None
    names = {code for code, _, _ in names_of_departments(site)}
    assert CODES[1] in names
    assert CODES[0] not in names


def test_a_search_that_fails_leaves_the_tables_and_nothing_beside(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.deliver(delivery_of(DAYS[-1]), accept=[case(key(DAYS[-1], 1), DAYS[-1], DAYS[-1])])
    before = site.private("from marts.daily_counts order by all")

    def fails(*_: object, **__: object) -> Change:
        raise DamageError("a search fails")

    beside = "select database_name from duckdb_databases() where starts_with(database_name, 'beside')"
    with monkeypatch.context() as patch:
        patch.setattr(newest, "found", fails)
        with pytest.raises(DamageError, match="a search fails"):
            site.run()
        with site.warehouse.open("test") as connection:
            with pytest.raises(DamageError, match="a search fails"):
                site.warehouse.build(connection, ())
            assert connection.execute(beside).fetchall() == []
    assert site.private("from marts.daily_counts order by all") == before
    with site.warehouse.open("test") as connection:
        site.warehouse.build(connection, ())
        assert connection.execute(beside).fetchall() == []
    assert len(site.private("from marts.daily_counts where event_date = '2023-08-30'")) == 1


def test_only_dates_that_may_have_a_key_are_searched(site: Site) -> None:
    model = load_models()["core.accept"]
    with site.warehouse.open("test") as connection:

        def where(*keys: str) -> str:
            connection.execute("create or replace temp table sought (project_no varchar)")
            connection.executemany("insert into sought values (?)", [[key] for key in keys])
            return last_keys.where_found(Increment(connection, site.home.lake, {}, None), model, "sought")  # type: ignore[arg-type]

        assert where(key(DAYS[-1], 0)) == "false"
        since = f"business_date between date '{DAYS[4]}' and date '{DAYS[-2]}'"
        assert where(key(DAYS[4], 8), key(DAYS[-1], 0)) == since
        # not the last of its day: that day is searched too
        assert where(key(DAYS[4], 0)) == since
        assert where("0") == f"business_date between date '{DAYS[0]}' and date '{DAYS[-2]}'"
        # a key out of order adds its date and no other
        connection.execute("update ledger.last_keys set last_key = '99TEST' where business_date = $day", {"day": DAYS[1]})
        assert where(key(DAYS[4], 0)) == f"business_date between date '{DAYS[1]}' and date '{DAYS[1]}' or {since}"


def test_an_old_key_that_comes_with_a_newer_day_is_found_there_next_time(site: Site) -> None:
    for day, number in (("2023-08-30", 1), ("2023-08-31", 2)):
        again = case(key(DAYS[0], 0), DAYS[0], day, cd_time=f"{day} 01:00:00", org_code=CODES[number - 1])
        site.deliver(delivery_of(day), accept=[again])
        site.run()
    rows = site.private(f"select org_code, delivery from core.accept where project_no = '{key(DAYS[0], 0)}'")
    assert rows == [(CODES[1], "20230831_01")]
