"""What a suite's checks see: its table over their interval, beside it the suite's computed columns."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb

from assets.quality.suites import Check, Interval, Suite

# views over the checked rows, so that a check's cost follows the interval and not the history
_SCHEMA = "checking"


def parts(suite: Suite) -> list[tuple[Interval, tuple[Check, ...]]]:
    """The suite's checks by the interval that they see, in the suite's order."""
    by_interval: dict[Interval, tuple[Check, ...]] = {}
    for check in suite.checks:
        interval = suite.interval_of(check)
        by_interval[interval] = (*by_interval.get(interval, ()), check)
    return list(by_interval.items())


def batch_query(suite: Suite, checks: Sequence[Check], condition: str = "") -> str:
    """The rows that ``checks`` see, with those computed columns that they name: others could cost a join for nothing."""
    named = {word for check in checks for word in _words(check)}
    computed = [f"({expression}) as {name}" for name, expression in suite.computed.items() if name in named]
    return f"select {', '.join(['*', *computed])} from {suite.table} {condition}".rstrip()


@contextmanager
def seen(
    connection: duckdb.DuckDBPyConnection,
    suite: Suite,
    interval: Interval,
    checks: Sequence[Check],
    deliveries: Sequence[str] | None,
) -> Iterator[tuple[str, str]]:
    """Schema and table that ``checks``, all of one interval, see while the block lasts: of ``deliveries``, or all for ``None``."""
    schema, table = suite.table.split(".")
    is_part = interval == "loaded" and deliveries is not None
    if not is_part and not suite.computed:
        yield schema, table
        return
    # left behind where a run was killed
    connection.execute(f"drop schema if exists {_SCHEMA} cascade")
    connection.execute(f"create schema {_SCHEMA}")
    try:
        connection.execute(
            f"create table {_SCHEMA}.deliveries as select unnest($names::varchar[]) as delivery",
            {"names": list(deliveries or ())},
        )
        condition = f"where delivery in (select delivery from {_SCHEMA}.deliveries)" if is_part else ""
        connection.execute(f"create view {_SCHEMA}.{table} as {batch_query(suite, checks, condition)}")
        yield _SCHEMA, table
    finally:
        connection.execute(f"drop schema {_SCHEMA} cascade")


def _words(check: Check) -> set[str]:
    return set(re.findall(r"\w+", repr(check.expectation.kwargs)))
