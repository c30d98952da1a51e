"""Of a long table a run looks at a share, each run at another; ``check --all`` at all of it, and a short table is always whole."""

from datetime import datetime, timedelta

import duckdb
import pytest

from assets.quality.results import CheckResult
from assets.quality.run import batches
from assets.quality.run.engine import run_suites
from assets.quality.suites.suite import Suite
from tests.quality.test_engine import check, sql

FIRST = datetime(2023, 9, 2, 6)
ROWS, PARTS = 200, 4


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> duckdb.DuckDBPyConnection:
    monkeypatch.setattr(batches, "ROWS_SAMPLED", ROWS // PARTS)
    connection = duckdb.connect()
    connection.execute(
        "create schema lake; create table lake.accept as"
        f" select n // 2 as project_no, n as line, 'd1' as delivery, n < {ROWS // 2} as is_odd from range({ROWS}) numbers(n)"
    )
    return connection


def suite() -> Suite:
    grain = sql("grain", "select project_no from {batch} group by project_no having count(*) > 1")
    rate = check("rate", "expect_column_values_to_be_in_set", column="is_right", value_set=[True], mostly=0.1)
    whole = check("whole", "expect_column_values_to_be_in_set", column="is_there", value_set=[True])
    return Suite.model_validate(
        {
            "table": "lake.accept",
            "interval": "loaded",
            "computed": {"is_right": "not is_odd", "is_there": "line is not null"},
            "checks": (
                grain.model_copy(update={"sample_by": "project_no"}),
                rate.model_copy(update={"sample_by": "line"}),
                whole,
            ),
        }
    )


def found(connection: duckdb.DuckDBPyConnection, deliveries: list[str] | None, run_at: datetime) -> dict[str, CheckResult]:
    return {result.check_id: result for result in run_suites(connection, [suite()], deliveries, run_at)}


def test_the_shares_of_as_many_runs_are_the_whole_and_keep_together_what_belongs_together(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    runs = [found(connection, ["d1"], FIRST + timedelta(seconds=number)) for number in range(PARTS)]
    for check_id, failing in (("grain", ROWS // 2), ("rate", ROWS // 2)):
        assert sum(run[check_id].failing_rows or 0 for run in runs) == failing
        assert sum(run[check_id].checked_rows or 0 for run in runs) == ROWS
        assert all(0 < (run[check_id].checked_rows or 0) < ROWS for run in runs)
    # each pair is whole in its share: as many keys twice as half its rows
    assert all(run["grain"].failing_rows == (run["grain"].checked_rows or 0) // 2 for run in runs)
    assert all((run["whole"].checked_rows, run["whole"].failing_rows) == (ROWS, 0) for run in runs)
    assert [run["rate"].passed for run in runs] == [True] * PARTS


def test_runs_at_the_same_time_of_each_day_see_each_share(connection: duckdb.DuckDBPyConnection) -> None:
    (some, *_) = batches.parts(suite())
    days = [FIRST + timedelta(days=number) for number in range(PARTS)]
    found = [group.condition for day in days for group in batches.groups(connection, suite(), some, ["d1"], day) if group.share]
    assert len(set(found)) == 2 * PARTS


def test_the_whole_is_looked_at_where_all_is_asked_for_or_the_table_is_short(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = found(connection, None, FIRST)
    monkeypatch.setattr(batches, "ROWS_SAMPLED", ROWS)
    short = found(connection, ["d1"], FIRST)
    for run in (everything, short):
        assert {result.checked_rows for result in run.values()} == {ROWS}
        assert (run["grain"].failing_rows, run["rate"].failing_rows) == (ROWS // 2, ROWS // 2)
