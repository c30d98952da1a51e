"""How often a run of the checks reads the tables that grow: what one scan can answer takes no second one."""

from datetime import datetime
from typing import Any, cast

import duckdb
import pytest

from assets.quality.run import batches
from assets.quality.run.engine import run_suites
from assets.quality.suites.suite import load_suites
from benchmarks.scans import Watched
from tests.quality.sound_warehouse import DELIVERY, sound_warehouse

NOW = datetime(2023, 9, 2, 6)


def scans(only: str | None = None) -> dict[str, int]:
    """By table, of one run of all suites, or of those of one table."""
    watched = Watched(sound_warehouse())
    suites = [suite for suite in load_suites() if only in (None, suite.table)]
    results = run_suites(cast(Any, watched), suites, [DELIVERY], NOW)
    assert {result.status for result in results} == {"passed"}
    return dict(watched.scans)


def test_what_a_run_reads_of_the_tables_that_grow() -> None:
    read = scans()
    # the count, all rules about one row at once, and the four rules between rows: the rows of these, and what each reads
    assert read["lake.accept"] == 1 + 1 + 1 + 5
    # a feed with fewer rules between rows: the planner puts their scans together
    assert {read[f"lake.{feed}"] for feed in ("consult", "issue", "process", "result")} == {3}
    # its own four rules, two of which look for the acceptance of a case, and the sum of the day's counts
    assert read["core.events"] <= 10


def test_of_a_long_table_all_that_is_sampled_by_one_thing_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = scans("lake.accept")["lake.accept"]
    monkeypatch.setattr(batches, "ROWS_SAMPLED", 5)
    shares = {check.sample_by for suite in load_suites() if suite.table == "lake.accept" for check in suite.checks} - {None}
    # the count of each share, and no more than one scan that the short table had no need of
    assert scans("lake.accept")["lake.accept"] <= whole + 2 * len(shares)


def test_a_plan_tells_each_scan() -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema s; create table s.t as select 1 as a")
        watched = Watched(connection)
        watched.execute("select one.a from s.t as one cross join s.t as other where one.a > 0 and other.a < 5")
        assert watched.scans == {"s.t": 2}
