"""A finding stays until data or a waiver settles it, though the run after it looks at other deliveries."""

from dataclasses import replace
from datetime import datetime, timedelta

import duckdb
import pytest

from assets.quality.open_findings import BY_DATA, BY_RULES, BY_WAIVER, OpenFinding, follow, keep, open_findings, waived_at
from assets.quality.run.engine import run_suites
from assets.quality.suites.suite import load_suites
from tests.quality.sound_warehouse import DELIVERY, sound_warehouse

NOW = datetime(2023, 9, 2, 6)
NEXT = "20230829_01"
# whole rows of one delivery, a rule between rows of the whole table
SUITES = [suite for suite in load_suites() if suite.table in ("lake.accept", "lake.handbook", "marts.weekly_counts")]
FAULT = "update lake.accept set org_code = 'A' where line <= 4"
CHECK = "accept_org_code"


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = sound_warehouse()
    # every row of the feed counts
    connection.execute("delete from core.events where feed = 'accept'")
    connection.execute(
        "insert into core.events by name select 'accept' as feed, project_no as record_key, 'accepted' as measure, 1 as counted,"
        " delivery, file_index, line from lake.accept"
    )
    return connection


def a_run(
    connection: duckdb.DuckDBPyConnection, day: int, interval: list[str], waived: dict[str, str] | None = None
) -> dict[str, str]:
    """A run of the checks ``day`` days later; what settled what was settled."""
    results = run_suites(connection, SUITES, interval, NOW + timedelta(days=day))
    followed = follow(connection, SUITES, results, interval, waived or {}, f"checks_{day}.xlsx")
    keep(connection, followed, results[0].run_at)
    return {finding.check_id: by for finding, by in followed.settled}


def of(connection: duckdb.DuckDBPyConnection, check: str = CHECK) -> OpenFinding | None:
    return next((finding for finding in open_findings(connection) if finding.check_id == check), None)


def test_what_was_found_stays_though_the_next_run_looks_at_other_deliveries(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(FAULT)
    a_run(connection, 0, [DELIVERY])
    assert a_run(connection, 3, [NEXT]) == {}
    found = of(connection)
    assert found is not None
    assert (found.first_seen_at, found.last_seen_at, found.days_open(NOW + timedelta(days=3))) == (
        NOW,
        NOW + timedelta(days=3),
        3,
    )
    assert (found.failing_rows, found.deliveries, found.table_name) == (3, (DELIVERY,), "lake.accept")
    # where its rows are listed
    assert found.workbook == "checks_0.xlsx"


def test_rows_that_came_again_settle_it(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(FAULT)
    a_run(connection, 0, [DELIVERY])
    # a later version of one of the three wins
    connection.execute(f"update core.events set delivery = '{NEXT}' where feed = 'accept' and line = 2")
    assert a_run(connection, 1, [NEXT]) == {}
    left = of(connection)
    assert left is not None
    assert (left.failing_rows, left.checked_rows) == (2, 9)
    connection.execute(f"update core.events set delivery = '{NEXT}' where feed = 'accept' and line <= 4")
    assert a_run(connection, 2, []) == {CHECK: BY_DATA}
    assert of(connection) is None


def test_a_list_that_was_replaced_is_settled(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("update lake.handbook set org_code = 'A' where line <= 4")
    a_run(connection, 0, [DELIVERY])
    assert a_run(connection, 1, []) == {}
    connection.execute(
        f"insert into ledger.deliveries by name select '{NEXT}' as delivery, date '2023-08-29' as business_date, 1 as sequence;"
        f"insert into core.handbook_items by name select '{NEXT}' as delivery, 'T1' as task_handle_item"
    )
    assert a_run(connection, 2, [NEXT]) == {"handbook_org_code": BY_DATA}


def test_further_deliveries_with_the_fault_are_added(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(FAULT)
    a_run(connection, 0, [DELIVERY])
    connection.execute(
        f"insert into lake.accept select * replace ('{NEXT}' as delivery) from lake.accept where line <= 3;"
        f"insert into core.events by name select 'accept' as feed, 'n' || line as record_key, '{NEXT}' as delivery, file_index, line"
        f" from lake.accept where delivery = '{NEXT}'"
    )
    a_run(connection, 1, [NEXT])
    found = of(connection)
    assert found is not None
    assert (found.failing_rows, found.deliveries, found.first_seen_at) == (3 + 2, (DELIVERY, NEXT), NOW)
    assert found.workbook == "checks_1.xlsx"
    # what is still to be published is looked at once, not twice
    a_run(connection, 2, [DELIVERY, NEXT])
    assert replace(found, last_seen_at=NOW + timedelta(days=2), workbook="checks_2.xlsx") == of(connection)


def test_a_waiver_settles_it_and_a_fault_after_that_is_a_new_one(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(FAULT)
    a_run(connection, 0, [DELIVERY])
    assert a_run(connection, 1, [], {CHECK: "经核实无误"}) == {CHECK: BY_WAIVER}
    assert waived_at(connection, NOW + timedelta(days=1)) == {CHECK}
    assert a_run(connection, 2, []) == {}
    assert of(connection) is None
    a_run(connection, 4, [DELIVERY])
    again = of(connection)
    assert again is not None
    assert again.first_seen_at == NOW + timedelta(days=4)


def test_a_check_of_a_whole_table_is_settled_when_it_passes_and_one_that_was_removed_at_once(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute("insert into marts.weekly_counts from marts.weekly_counts limit 1")
    a_run(connection, 0, [])
    found = of(connection, "weekly_counts_grain")
    assert found is not None
    assert (found.severity, found.deliveries) == ("ERROR", ())
    connection.execute("update quality.findings set check_id = 'removed' where check_id = 'weekly_counts_grain'")
    connection.execute("delete from marts.weekly_counts")
    settled = a_run(connection, 1, [])
    assert settled["removed"] == BY_RULES
    assert of(connection, "weekly_counts_grain") is None
