"""A check of severity ERROR keeps the run from publishing, until it is mended or accepted."""

import json
from datetime import date
from pathlib import Path

import duckdb
import pytest

from assets.errors import RefusedError
from assets.exports.delivery import take_in
from assets.exports.openings import load_opening
from assets.home import Home
from assets.platform.simulator import simulate
from assets.publication.gate import is_current, publish_if_good
from assets.quality import check_run, checks
from assets.quality.suites import Check, Expectation, Suite, load_suites
from pipelines.resources import intake_of, warehouse_of
from pipelines.run import run
from pipelines.settings import Settings, load_settings

NAME = "planted_fault"
SUITE = Suite(
    table="marts.daily_counts",
    checks=(
        Check(
            id=NAME,
            rule="没有任何一行",
            severity="ERROR",
            who_fixes="数据组",
            expectation=Expectation(
                type="unexpected_rows_expectation", kwargs={"unexpected_rows_query": "select 1 from {batch}"}
            ),
        ),
    ),
)


def fresh_home(folder: Path) -> tuple[Home, Settings]:
    home = Home(folder)
    home.prepare()
    simulate(home.landing, date(2023, 8, 28), date(2023, 8, 28), cases_per_day=20, seed=1)
    return home, load_settings(folder)


def test_what_was_built_and_not_checked_since_is_not_published(tmp_path: Path) -> None:
    _, settings = fresh_home(tmp_path)
    intake, warehouse = intake_of(settings)[0], warehouse_of(settings)
    list(take_in(intake.survey().arrivals, intake))
    with warehouse.open("test") as connection:
        warehouse.build(connection, ())
        check_run.check_warehouse(connection, warehouse)
    publish_if_good(warehouse)
    with warehouse.open("test") as connection:
        warehouse.build(connection, ())
    with pytest.raises(RefusedError, match="not checked since"):
        publish_if_good(warehouse)


def test_what_arrives_between_build_and_publication_is_still_pending(tmp_path: Path) -> None:
    home, settings = fresh_home(tmp_path)
    intake, warehouse = intake_of(settings)[0], warehouse_of(settings)
    list(take_in(intake.survey().arrivals, intake))
    with warehouse.open("test") as connection:
        warehouse.build(connection, ())
        check_run.check_warehouse(connection, warehouse)
    (tmp_path / "opening.csv").write_text(
        "as_of,org_code,org_level,task_type,is_composite,measure,value\n2023-08-25,,2,01,1,accepted,7\n", encoding="utf-8"
    )
    load_opening(tmp_path / "opening.csv", home.lake)
    publish_if_good(warehouse)
    assert not is_current(warehouse)


def test_a_lake_file_that_is_gone_is_damage(tmp_path: Path) -> None:
    home, settings = fresh_home(tmp_path)
    assert run(settings).exit_code == 0
    next((home.lake / "accept").rglob("*.parquet")).unlink()
    simulate(home.landing, date(2023, 8, 29), date(2023, 8, 29), cases_per_day=20, seed=2)
    outcome = run(settings)
    assert outcome.exit_code == 8
    assert "put it back" in outcome.facts["error"]


def test_an_error_leaves_the_last_publication_and_an_acceptance_lets_it_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, settings = fresh_home(tmp_path)
    assert run(settings).exit_code == 0
    before = json.loads(home.manifest.read_text())

    for module in (check_run, checks):
        monkeypatch.setattr(module, "load_suites", lambda: [*load_suites(), SUITE])
    simulate(home.landing, date(2023, 8, 29), date(2023, 8, 29), cases_per_day=20, seed=2)
    outcome = run(settings)
    assert outcome.exit_code == 4
    assert [check["check_id"] for check in outcome.facts["refused_by"]] == [NAME]
    after = json.loads(home.manifest.read_text())
    assert after["last_refused_run"]["checks"] == [NAME]
    assert {**after, "last_refused_run": None} == {**before, "last_refused_run": None}

    # a run after a refusal checks again; it never says that there is nothing to do
    assert run(settings).exit_code == 4

    assert run(settings, accepted={NAME: "经核实无误"}).exit_code == 0
    with duckdb.connect(home.published_database, read_only=True) as connection:
        accepted = connection.execute(
            "select passed, accepted_reason from quality.checks where check_id = $name order by run_at desc limit 1",
            {"name": NAME},
        ).fetchone()
        through = connection.execute("select max(event_date) from marts.daily_counts").fetchone()
    assert accepted == (False, "经核实无误")
    assert through == (date(2023, 8, 29),)
