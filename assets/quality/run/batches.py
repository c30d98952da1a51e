"""The rows that a suite's checks see: its table over their interval, with the suite's computed columns."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import duckdb

from assets.quality.suites.suite import Check, Interval, Suite
from assets.quality.suites.vocabulary import SQL_RULE

# more than any ordinary day of a province has; a rate is told as well from these, and a fault of the program shows in them
ROWS_SAMPLED = 100_000

# views over the checked rows, so that a check's cost follows the interval and not the history
_SCHEMA = "checking"


def parts(suite: Suite) -> list[tuple[Check, ...]]:
    """The suite's checks by the interval that they see, in the suite's order."""
    by_interval: dict[Interval, tuple[Check, ...]] = {}
    for check in suite.checks:
        interval = suite.interval_of(check)
        by_interval[interval] = (*by_interval.get(interval, ()), check)
    return list(by_interval.values())


def batch_query(suite: Suite, checks: Sequence[Check], condition: str = "") -> str:
    """The query of the rows that ``checks`` see, with only those computed columns that they name: another could cost a join."""
    computed = [f"({expression}) as {name}" for name, expression in suite.computed.items() if _name_any(checks, [name])]
    return f"select {', '.join(['*', *computed])} from {suite.table} {condition}".rstrip()


@dataclass(frozen=True)
class Share:
    """The sample of a long table that a run checks: one part in ``parts``, each run another, so that all rows are checked in time."""

    parts: int
    number: int

    def holds(self, sample_by: str) -> str:
        """The condition of a row that is in the share."""
        return f"hash({sample_by}) % {self.parts} = {self.number}"


@dataclass(frozen=True)
class Group:
    """Checks that run together over ``rows`` rows, or over a share of them."""

    checks: tuple[Check, ...]
    rows: int
    share: Share | None = None

    @property
    def condition(self) -> str:
        """That of a row in the share; none where there is no share."""
        sample_by = self.checks[0].sample_by
        return self.share.holds(sample_by) if self.share and sample_by else ""


@dataclass(frozen=True)
class Batch:
    """A table as some checks see it, ``rows`` long."""

    schema: str
    table: str
    rows: int


def groups(
    connection: duckdb.DuckDBPyConnection,
    suite: Suite,
    checks: Sequence[Check],
    deliveries: Sequence[str] | None,
    run_at: datetime,
) -> list[Group]:
    """``checks``, all of one interval, by the batch that they are asked of together in a run at ``run_at``.

    Of a long table those that are ``sample_by`` something look at a share, except where all is asked for, with ``None`` for
    ``deliveries``. Rules in SQL keep away from computed columns that they do not name: one can be a join, which is made
    whether or not it is asked for.
    """
    rows = _count(connection, suite, suite.interval_of(checks[0]), deliveries)
    parts = rows // ROWS_SAMPLED if deliveries is not None else 0
    # the day counts as one second, or a run at the same time of each day could see the same share: 86,400 is 75 times 1,152
    moment = run_at.toordinal() + (run_at.hour * 60 + run_at.minute) * 60 + run_at.second
    share = Share(parts, moment % parts) if parts > 1 else None
    together: dict[tuple[str | None, bool], tuple[Check, ...]] = {}
    for check in checks:
        is_plain = check.expectation.type == SQL_RULE and not _name_any([check], suite.computed)
        key = (check.sample_by if share else None, is_plain)
        together[key] = (*together.get(key, ()), check)
    return [Group(some, rows, share if sample_by else None) for (sample_by, _), some in together.items()]


@contextmanager
def seen(connection: duckdb.DuckDBPyConnection, suite: Suite, group: Group, deliveries: Sequence[str] | None) -> Iterator[Batch]:
    """What a group of ``suite`` sees while the block lasts: rows of ``deliveries``, or all for ``None``."""
    schema, table = suite.table.split(".")
    interval = suite.interval_of(group.checks[0])
    if not _is_part(interval, deliveries) and not _name_any(group.checks, suite.computed) and not group.share:
        yield Batch(schema, table, group.rows)
        return
    rows = _count(connection, suite, interval, deliveries, group.condition) if group.share else group.rows
    # left behind where a run was killed
    connection.execute(f"drop schema if exists {_SCHEMA} cascade")
    connection.execute(f"create schema {_SCHEMA}")
    try:
        connection.execute(
            f"create table {_SCHEMA}.deliveries as select unnest($names::varchar[]) as delivery",
            {"names": list(deliveries or ())},
        )
        of_them = f"delivery in (select delivery from {_SCHEMA}.deliveries)" if _is_part(interval, deliveries) else ""
        conditions = " and ".join(condition for condition in (of_them, group.condition) if condition)
        condition = f"where {conditions}" if conditions else ""
        connection.execute(f"create view {_SCHEMA}.{table} as {batch_query(suite, group.checks, condition)}")
        yield Batch(_SCHEMA, table, rows)
    finally:
        connection.execute(f"drop schema {_SCHEMA} cascade")


def _is_part(interval: Interval, deliveries: Sequence[str] | None) -> bool:
    return interval == "loaded" and deliveries is not None


def _count(
    connection: duckdb.DuckDBPyConnection, suite: Suite, interval: Interval, deliveries: Sequence[str] | None, sampled: str = ""
) -> int:
    is_part = _is_part(interval, deliveries)
    conditions = ["delivery in (select unnest($names::varchar[]))"] * is_part + [sampled] * bool(sampled)
    condition = f"where {' and '.join(conditions)}" if conditions else ""
    names = {"names": list(deliveries or ())} if is_part else None
    row = connection.execute(f"select count(*) from {suite.table} {condition}", names).fetchone()
    return int(row[0]) if row else 0


def _name_any(checks: Iterable[Check], columns: Iterable[str]) -> bool:
    return any(set(re.findall(r"\w+", repr(check.expectation.kwargs))).intersection(columns) for check in checks)
