"""Lists the rows that break a rule, by a second query after a check has failed: keys and places, never values.

A SQL rule's own query gives them; an expectation of Great Expectations' own vocabulary is put as a condition here. A rule
about a table as a whole has no rows to list.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb
import polars as pl

from assets.exports.typing.record_keys import safe_record_key
from assets.platform.contract import ORIGIN_COLUMNS, Column, load_contract
from assets.quality.run.batches import Group, seen
from assets.quality.suites.suite import Check, Suite
from assets.quality.suites.vocabulary import SQL_RULE
from assets.sql_text import literal, quoted

# a workbook that nobody scrolls through helps nobody; the whole number stands alongside them
ROWS_LISTED = 5_000
HIDDEN = "（不列出）"
_ORIGIN = ("delivery", "file", "line")
# of a feed's columns, those whose cells may hold what slipped in from another
_NEVER = ("text",)


@dataclass(frozen=True)
class FailingKeys:
    """The rows of one failed check: the names of the columns that tell them, and at most ``ROWS_LISTED`` of ``total``."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    total: int


def failing_keys(
    connection: duckdb.DuckDBPyConnection, suite: Suite, check: Check, deliveries: Sequence[str] | None
) -> FailingKeys | None:
    """The rows that break ``check``, among those of ``deliveries`` for a suite of interval ``loaded``, or all for ``None``.

    ``None`` where the rule is about the table as a whole, or its rows cannot be told by keys.
    """
    with seen(connection, suite, Group((check,), 0), deliveries) as batch:
        query = _query(check, f"{batch.schema}.{batch.table}")
        return None if query is None else _found(connection, check, query)


def _found(connection: duckdb.DuckDBPyConnection, check: Check, query: str) -> FailingKeys | None:
    names = set(_columns(connection, query))
    if {"delivery", "file_index"} <= names and "file" not in names:
        query = (
            f"select found.*, account.file from ({query}) as found left join ledger.files as account"
            " on found.delivery = account.delivery and found.file_index = account.file_index"
        )
    columns = _shown(check, _columns(connection, query))
    if not columns:
        return None
    listed = ", ".join(f'"{name}"' for name in columns)
    rows = connection.execute(f"select {listed} from ({query}) order by all nulls first limit {ROWS_LISTED}").fetchall()
    counted = connection.execute(f"select count(*) from ({query})").fetchone()
    return FailingKeys(columns, _without_persons(columns, rows), counted[0] if counted else len(rows))


def _query(check: Check, batch: str) -> str | None:
    if check.expectation.type == SQL_RULE:
        return check.query.format(batch=batch) + "\n"
    condition = _CONDITIONS.get(check.expectation.type)
    return f"select * from {batch} {condition(check.expectation.kwargs)}" if condition else None


def _columns(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return [name for name, *_ in connection.execute(f"describe ({query})").fetchall()]


def _shown(check: Check, columns: Sequence[str]) -> tuple[str, ...]:
    """The place first, then what the check says to print; nothing that stands for a person, and no free text."""
    keys = [name for name in check.prints if name in columns and name not in _ORIGIN and name != "file_index"]
    return tuple([name for name in _ORIGIN if name in columns] + [name for name in keys if _may_be_shown(name)])


def _may_be_shown(name: str) -> bool:
    column = _feed_columns().get(name)
    return column is None or (column.personal is None and column.type not in _NEVER)


def _without_persons(columns: Sequence[str], rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The rows, each key hidden that has the form of somebody's number, as in the workbook of quarantined rows."""
    places = [place for place, name in enumerate(columns) if name in _feed_columns() and _feed_columns()[name].type == "key"]
    shown = [list(row) for row in rows]
    for place in places:
        keys = pl.Series("key", [None if row[place] is None else str(row[place]).upper() for row in rows], dtype=pl.String)
        for row, key, safe in zip(shown, keys, safe_record_key(keys), strict=True):
            row[place] = HIDDEN if key is not None and safe is None else row[place]
    return [tuple(row) for row in shown]


@cache
def _feed_columns() -> Mapping[str, Column]:
    """Every column of the lake that came from the platform, by its name there; the origin of a row is ours."""
    columns = [column for feed in load_contract().feeds.values() for column in feed.columns if column.inside]
    return {column.inside or column.name: column for column in columns if column.inside not in ORIGIN_COLUMNS}


def _column(arguments: Mapping[str, Any]) -> str:
    return quoted(str(arguments["column"]))


def _literal(value: object) -> str:
    if isinstance(value, bool | int | float):
        return str(value).lower()
    return literal(str(value))


def _not_in_set(arguments: Mapping[str, Any]) -> str:
    column, values = _column(arguments), ", ".join(_literal(value) for value in arguments["value_set"])
    return f"where {column} is not null and {column} not in ({values})"


def _twice(columns: Sequence[str]) -> str:
    keys = ", ".join(f'"{column}"' for column in columns)
    # as the library has it: a row without any of the key is no row of it
    missing = " and ".join(f'"{column}" is null' for column in columns)
    return f"where not ({missing}) qualify count(*) over (partition by {keys}) > 1"


def _not_between(arguments: Mapping[str, Any]) -> str:
    column = _column(arguments)
    bounds = [f"{column} {sign} {_literal(arguments[name])}" for name, sign in _BOUNDS if arguments.get(name) is not None]
    return f"where {' or '.join(bounds) or 'false'}"


_BOUNDS = (("min_value", "<"), ("max_value", ">"))
_CONDITIONS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "expect_column_values_to_be_in_set": _not_in_set,
    "expect_column_values_to_be_between": _not_between,
    "expect_column_values_to_be_unique": lambda arguments: _twice([str(arguments["column"])]),
    "expect_compound_columns_to_be_unique": lambda arguments: _twice([str(name) for name in arguments["column_list"]]),
    "expect_column_values_to_not_be_null": lambda arguments: f"where {_column(arguments)} is null",
}
