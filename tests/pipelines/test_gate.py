"""A check of severity ERROR keeps the run from publishing, until it is mended or accepted."""

import json
from datetime import date
from pathlib import Path

import duckdb
import pytest

from assets.home import Home
from assets.platform.simulator import simulate
from assets.quality import check_run, checks
from assets.quality.suites import Check, Expectation, Suite, load_suites
from pipelines.run import run
from pipelines.settings import load_settings

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


def test_an_error_leaves_the_last_publication_and_an_acceptance_lets_it_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    home.prepare()
    settings = load_settings(tmp_path)
    simulate(home.landing, date(2023, 8, 28), date(2023, 8, 28), cases_per_day=20, seed=1)
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
