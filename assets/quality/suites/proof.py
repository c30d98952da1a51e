"""Proves that the suites fit the tables: every table, column and query, on an empty warehouse, without data or the library."""

import re
from collections.abc import Iterable, Iterator, Mapping

import duckdb

from assets.errors import UsageError
from assets.quality.run.batches import batch_query
from assets.quality.suites.reads import named_columns
from assets.quality.suites.suite import Check, Suite
from assets.quality.suites.vocabulary import SQL_RULE
from assets.warehouse.models.empty import empty_warehouse
from assets.warehouse.models.model import Model

_LINE = re.compile(r"^LINE (\d+):", re.MULTILINE)
# what a delivery is known by, in the tables that keep it
_DELIVERY = "delivery"
# a row knows its file by its place in the manifest, and is shown with the file's name
_FILE, _BEHIND_FILE = "file", {"delivery", "file_index"}


def prove(suites: Iterable[Suite], models: Mapping[str, Model]) -> None:
    """Raise ``UsageError``, naming file and line, for the first table, column or query that does not exist or is wrong."""
    with empty_warehouse(models) as connection:
        for suite in suites:
            for place, problem in _problems(connection, suite):
                raise UsageError(f"{place}: {problem}")


def _problems(connection: duckdb.DuckDBPyConnection, suite: Suite) -> Iterator[tuple[str, str]]:
    columns = _columns(connection, f"select * from {suite.table}")
    if isinstance(columns, str):
        yield suite.place("table"), f"there is no table {suite.table}"
        return
    for name, expression in suite.computed.items():
        if name in columns:
            yield suite.place("computed", name), f"{suite.table} has a column {name} already"
        found = _columns(connection, f"select\n{expression}\nas {name} from {suite.table}")
        if isinstance(found, str):
            yield _place(suite, found, "computed", name, before=1), f"the column {name}: {_said(found)}"
    for number, check in enumerate(suite.checks):
        if suite.interval_of(check) == "loaded" and _DELIVERY not in columns:
            yield suite.place("checks", number), f"{suite.table} does not know the delivery of a row, so it is checked whole"
        yield from _of_check(connection, suite, check, number, [*columns, *suite.computed])


def _of_check(
    connection: duckdb.DuckDBPyConnection, suite: Suite, check: Check, number: int, columns: list[str]
) -> Iterator[tuple[str, str]]:
    here = ("checks", number, "expectation", "kwargs")
    if check.sample_by:
        yield from _of_sample(connection, suite, check, number)
    shown = columns
    if check.expectation.type == SQL_RULE:
        batch = batch_query(suite, [check])
        found = _columns(connection, check.query.format(batch=f"({batch})"))
        if isinstance(found, str):
            yield _place(suite, found, *here, "unexpected_rows_query"), f"the check {check.id}: {_said(found)}"
            return
        shown = found
    else:
        for name in named_columns(check):
            if name not in columns:
                yield suite.place(*here), f"the check {check.id}: {suite.table} has no column {name}"
    known = {*shown, _FILE} if set(shown) >= _BEHIND_FILE else set(shown)
    missing = [name for name in check.prints if name not in known]
    if missing:
        yield suite.place("checks", number, "prints"), f"the check {check.id} has no column {', '.join(missing)} to print"


def _of_sample(connection: duckdb.DuckDBPyConnection, suite: Suite, check: Check, number: int) -> Iterator[tuple[str, str]]:
    found = _columns(connection, f"select hash({check.sample_by}) from {suite.table}")
    if isinstance(found, str):
        yield suite.place("checks", number, "sample_by"), f"the check {check.id}: {_said(found)}"


def _columns(connection: duckdb.DuckDBPyConnection, query: str) -> list[str] | str:
    """The columns of what ``query`` gives, or why DuckDB refuses it."""
    try:
        return [name for name, *_ in connection.execute(f"describe {query}").fetchall()]
    except duckdb.Error as error:
        return str(error)


def _said(message: str) -> str:
    return message.splitlines()[0]


def _place(suite: Suite, message: str, *parts: int | str, before: int = 0) -> str:
    """The line inside a text of several lines that DuckDB's message points to."""
    file, _, first = suite.place(*parts).rpartition(":")
    line = _LINE.search(message)
    return f"{file}:{int(first) + (int(line[1]) - 1 - before if line else 0)}"
