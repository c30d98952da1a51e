"""The deliveries that carry a figure's rows, and those that revised it: from the private warehouse, since cases are not published.

Read only, under the writer's lock: counts come out, never a case.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from assets.errors import BusyError, DamageError, StorageError
from assets.home import Home
from assets.reports.figures.explanation import Explanation, Part
from assets.reports.figures.scope import CONDITION, scope_of
from assets.warehouse.connection import writer_lock

_CHANGES = ("count_changes", "handbook_changes", "opening_changes")
OUT_OF_STEP = "私有库在本版发布之后又重算过，与本版不符，未列批次；下次发布后再查"


@dataclass(frozen=True)
class Carriers:
    """Counts by delivery, ``None`` where they cannot be told and ``note`` says why; ``is_busy`` where a writer holds them."""

    deliveries: tuple[Part, ...] | None
    revised_by: tuple[Part, ...]
    note: str = ""
    is_busy: bool = False


def carriers_of(home: Home, explanation: Explanation, wait_seconds: float) -> Carriers:
    """The figure's rows by delivery, whose counts with the opening balance are the figure; and what each late delivery changed."""
    if not home.warehouse.exists():
        return Carriers(None, (), f"没有私有库 {home.warehouse}，未列批次")
    try:
        with writer_lock(home, wait_seconds, "explain", upgrading=False), _opened(home.warehouse) as con:
            deliveries = _deliveries(con, explanation)
            revised_by = _revised_by(con, explanation)
    except BusyError as error:
        return Carriers(None, (), f"私有库正被占用，未列批次：{error}", is_busy=True)
    except (OSError, StorageError):
        # whoever may read what is published alone
        return Carriers(None, (), "没有读私有库的权限，未列批次")
    if not _adds_up(explanation, deliveries):
        return Carriers(None, (), OUT_OF_STEP)
    return Carriers(deliveries, revised_by)


def _opened(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(path, read_only=True, config={"memory_limit": "1GB"})
    except duckdb.IOException as error:
        raise StorageError(f"{path}: cannot be opened ({type(error).__name__})") from error
    except duckdb.Error as error:
        raise DamageError(f"{path}: is not a warehouse ({type(error).__name__}); zhoubao rebuild rebuilds it") from error


def _adds_up(explanation: Explanation, deliveries: tuple[Part, ...]) -> bool:
    """Whether the private warehouse still counts what was published; a later build may not."""
    if not scope_of(explanation.figure).counts_events:
        return bool(deliveries)
    return sum(part.value for part in deliveries) + explanation.opening == explanation.value


def _deliveries(con: duckdb.DuckDBPyConnection, explanation: Explanation) -> tuple[Part, ...]:
    scope = scope_of(explanation.figure)
    if not scope.counts_events:
        return _handbook_list(con, explanation)
    condition = CONDITION.format(task_types="ref.task_types")
    rows = con.execute(
        f"select delivery, count(*), sum(counted) from core.events where {condition} and measure = $measure and counted <> 0"
        " and event_date between $first and $last group by delivery order by delivery",
        {"scope": scope.scope, "measure": scope.measure, "first": explanation.events_from, "last": explanation.cutoff_date},
    ).fetchall()
    return tuple(Part(delivery, f"{count} 条记录", int(value)) for delivery, count, value in rows)


def _handbook_list(con: duckdb.DuckDBPyConnection, explanation: Explanation) -> tuple[Part, ...]:
    row = con.execute(
        "select delivery, count(*) from core.handbook_items where business_date <= $cutoff"
        " group by delivery, business_date, sequence order by business_date desc, sequence desc, delivery desc limit 1",
        {"cutoff": explanation.cutoff_date},
    ).fetchone()
    return () if row is None else (Part(row[0], f"清单共 {row[1]} 项", explanation.value),)


def _revised_by(con: duckdb.DuckDBPyConnection, explanation: Explanation) -> tuple[Part, ...]:
    """What each delivery changed of the frozen figure; of a year to date, also of last issue's, whose revisions are a term of it."""
    listed = " union all ".join(f"select issue_key, figure, delivery, change from history.{table}" for table in _CHANGES)
    rows = con.execute(
        f"select issue_key, delivery, change from ({listed}) where figure = $figure and issue_key in ($issue, $previous)"
        " order by issue_key, delivery",
        {"figure": explanation.figure, "issue": explanation.issue_key, "previous": explanation.previous_issue},
    ).fetchall()
    wanted = {explanation.issue_key} | ({explanation.previous_issue} if explanation.identity else set())
    return tuple(Part(delivery, issue, change) for issue, delivery, change in rows if issue in wanted)
