"""How a run's events are stored: what somebody reads as Dagster stores it, the rest only where it comes to that, by few connections."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa

from assets.errors import UsageError
from assets.home import Home
from pipelines.orchestration.instance import open_instance
from pipelines.orchestration.run_events import run_events

CHECKS = 30
LEFT_OUT = {"STEP_OUTPUT", "ASSET_CHECK_EVALUATION_PLANNED"}


@dataclass(frozen=True)
class Stored:
    """What a run left: each event's kind, step and asset with how often it came; the checks' records; the connections it made."""

    events: Counter[tuple[str, str, str]]
    checks: list[tuple[str, str, str, str]]
    connections: int
    run_is_success: bool
    rows_of_last: list[Any]


def definitions(fails: bool) -> list[Any]:
    """Two steps, then checks of the second, which may fail."""

    @dg.asset
    def one() -> None:
        """The first step."""

    @dg.asset(deps=[one])
    def last() -> dg.MaterializeResult[None]:
        if fails:
            raise UsageError("as asked")
        return dg.MaterializeResult(metadata={"dagster/row_count": 7})

    @dg.multi_asset_check(specs=[dg.AssetCheckSpec(f"rule_{number}", asset="last") for number in range(CHECKS)])
    def rules() -> Iterator[dg.AssetCheckResult]:
        for number in range(CHECKS):
            yield dg.AssetCheckResult(check_name=f"rule_{number}", asset_key="last", passed=number > 0, metadata={"rows": number})

    return [one, last, rules]


def stored(folder: Path, fails: bool, way: Callable[[Any], AbstractContextManager[None]]) -> Stored:
    """Run once, and read what is stored then."""
    home = Home(folder / "home")
    home.prepare()
    with counted_connections(home) as connections, open_instance(home) as instance, way(instance.event_log_storage):
        ended = dg.materialize(definitions(fails), instance=instance, raise_on_error=False)
    made = len(connections)
    with open_instance(home) as instance:
        found = instance.fetch_materializations(dg.AssetKey("last"), limit=10).records
        rows = [
            record.asset_materialization.metadata["dagster/row_count"].value for record in found if record.asset_materialization
        ]
        (run,) = instance.get_runs()
    index = home.dagster / "history" / "runs" / "index.db"
    of_run = index.with_name(f"{ended.run_id}.db")
    with closing(sqlite3.connect(index)) as one, closing(sqlite3.connect(of_run)) as other:
        checks = one.execute(
            "select asset_key, check_name, execution_status, json_extract(evaluation_event, '$.dagster_event.event_specific_data.metadata')"
            " from asset_check_executions order by asset_key, check_name"
        ).fetchall()
        events = other.execute("select dagster_event_type, step_key, asset_key from event_logs").fetchall()
    # the log of writes is taken over and removed when the last connection is closed
    assert not list(home.dagster.rglob("*-wal"))
    return Stored(Counter(events), checks, made, run.is_success, rows)


@contextmanager
def counted_connections(home: Home) -> Iterator[list[str]]:
    """The files of events that SQLite is asked to open, each time."""
    opened: list[str] = []

    def note(_dialect: object, _record: object, arguments: list[Any], _named: object) -> None:
        if str(arguments[0]).startswith(str(home.dagster / "history" / "runs")):
            opened.append(arguments[0])

    sa.event.listen(sa.Engine, "do_connect", note)
    try:
        yield opened
    finally:
        sa.event.remove(sa.Engine, "do_connect", note)


def test_what_the_pages_of_assets_and_checks_read_is_as_dagster_stores_it(tmp_path: Path) -> None:
    own, kept = stored(tmp_path / "own", False, nullcontext), stored(tmp_path / "kept", False, run_events)
    assert kept.checks == own.checks
    assert Counter(status for _, _, status, _ in kept.checks) == {"SUCCEEDED": CHECKS - 1, "FAILED": 1}
    assert kept.rows_of_last == own.rows_of_last == [7]
    assert kept.run_is_success and own.run_is_success
    assert not kept.events - own.events
    assert {kind for kind, *_ in own.events - kept.events} == LEFT_OUT
    assert not LEFT_OUT & {kind for kind, *_ in kept.events}


def test_of_a_run_that_fails_everything_is_stored_since_it_may_be_begun_again(tmp_path: Path) -> None:
    own, kept = stored(tmp_path / "own", True, nullcontext), stored(tmp_path / "kept", True, run_events)
    assert kept.events == own.events
    assert {kind for kind, *_ in kept.events} >= LEFT_OUT
    assert kept.checks == own.checks
    assert {status for _, _, status, _ in kept.checks} == {"PLANNED"}
    assert not kept.run_is_success and not kept.rows_of_last


def test_connections_do_not_grow_with_the_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = stored(tmp_path / "many", False, run_events)
    monkeypatch.setattr(f"{__name__}.CHECKS", 2)
    few = stored(tmp_path / "few", False, run_events)
    assert many.events.total() >= few.events.total() + 28
    assert many.connections == few.connections


def test_another_storage_than_sqlites_is_left_alone() -> None:
    storage = object()
    with run_events(storage):
        pass
