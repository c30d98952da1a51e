"""What comes into tables and goes from them, found for several at once before the first of them is renewed.

A build is one transaction, which runs one statement after another. Of what the search for a day's new versions reads, only the
states of the new files are of that transaction; all else stands as the last build left it. So cursors of their own search, each
for one table, and put what they find into a database in memory of their own, where the build's transaction reads it. Sums over
such tables, and the names of departments, follow from what was found and are searched for in the same way, while the first tables
are renewed. Where a search would need the renewed tables themselves (the next best name of a department) it finds nothing, and the
build searches when it comes to that table.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import duckdb

from assets.warehouse import newest, sums
from assets.warehouse.increment import FILE_STATES, SETTINGS, Change, Increment, Search, TooEarlyError, is_of_lake
from assets.warehouse.models import Model
from assets.warehouse.parts import ISSUE
from assets.warehouse.relations import listed
from assets.warehouse.whole import query_errors

_BESIDE = "beside "
_FOUND: dict[str, Callable[[Increment, Model], Change]] = {"newest": newest.found, "sum": sums.found}


@contextmanager
def nothing_left_beside(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """What was found is there until the end, when no transaction may read it any more."""
    try:
        yield
    finally:
        query = "select database_name from duckdb_databases() where starts_with(database_name, $beside)"
        # a connection that an error made useless takes them with it, and the error is what is to be told
        with suppress(duckdb.FatalException):
            for (name,) in connection.execute(query, {"beside": _BESIDE}).fetchall():
                connection.execute(f'detach "{name}"')


@contextmanager
def searches(build: Increment, models: Sequence[Model]) -> Iterator[list[Model]]:
    """Let ``build.beforehand`` have the searches for each table for which they can begin now; they end before this does.

    Gives the models in an order in which those that wait for no search come first.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        # what takes long begins first; a search waits only for earlier ones, so that one thread is enough
        first = [model for model in models if _follows_from_new_files(build, model)]
        states = _states_of_new_files(build) if first else []
        for model in sorted(first, key=partial(_new_rows, build), reverse=True):
            build.beforehand[model.full_name] = pool.submit(_of_new_files, build, model, states)
        for model in models:
            if _follows_from_searches(build, model):
                inputs = {name: build.beforehand[name] for name in build.row_inputs(model) if name in build.beforehand}
                build.beforehand[model.full_name] = pool.submit(_of_searches, build, model, inputs)
        try:
            yield _waiting_last(build, models)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _new_rows(build: Increment, model: Model) -> int:
    feeds = (name.split(".")[1] for name in build.row_inputs(model))
    return sum(file.rows for feed in feeds for file in build.files_come(feed))


def _waiting_last(build: Increment, models: Iterable[Model]) -> list[Model]:
    waiting: dict[str, Model] = {}
    others: list[Model] = []
    for model in models:
        if model.full_name in build.beforehand or waiting.keys() & model.references:
            waiting[model.full_name] = model
        else:
            others.append(model)
    return [*others, *waiting.values()]


def _follows_from_new_files(build: Increment, model: Model) -> bool:
    """Whether it reads the new files of one feed, their states and settings alone, and no file is gone."""
    inputs = build.row_inputs(model)
    return (
        model.header.kind == "newest"
        and _reads_besides(build, model) <= {FILE_STATES}
        and len(inputs) == 1
        and is_of_lake(inputs[0])
        and build.has_changed(inputs[0])
        and not build.has_lost(inputs[0])
    )


def _follows_from_searches(build: Increment, model: Model) -> bool:
    """Whether it reads nothing but what is searched for or stands, and settings."""
    inputs = build.row_inputs(model)
    return (
        model.header.kind in _FOUND
        and ISSUE not in model.header.grain
        and not _reads_besides(build, model)
        and any(name in build.beforehand for name in inputs)
        and all(name in build.beforehand or _stands(build, name) for name in inputs)
    )


def _stands(build: Increment, name: str) -> bool:
    feeds = build.row_inputs(build.models[name]) if name in build.models else [name]
    return all(is_of_lake(feed) and not build.has_changed(feed) for feed in feeds)


def _reads_besides(build: Increment, model: Model) -> set[str]:
    """What ``model`` reads but for its inputs and settings."""
    return {name for name in model.references.difference(build.row_inputs(model)) if not name.startswith(SETTINGS)}


def _states_of_new_files(build: Increment) -> list[Any]:
    """The rows of ``core.file_states`` of their deliveries, which no other transaction sees yet."""
    deliveries = build.deliveries({file.delivery for file in build.lake_changes.come})
    columns = listed(build.models[FILE_STATES].header.columns)
    return build.connection.execute(f"select {columns} from {FILE_STATES} semi join {deliveries} using (delivery)").fetchall()


def _of_new_files(build: Increment, model: Model, states: Sequence[Any]) -> Change:
    with _beside(build, model) as search, query_errors(model):
        header = build.models[FILE_STATES].header
        empty = ", ".join(f'null::{column.type} as "{name}"' for name, column in header.columns.items())
        table = search.table("new", FILE_STATES, f"select {empty} where false")
        search.connection.executemany(f"insert into {table} values ({', '.join('?' for _ in header.columns)})", states)
        return newest.found(search, model, others={FILE_STATES: table})


def _of_searches(build: Increment, model: Model, inputs: dict[str, Search]) -> Change | None:
    with _beside(build, model) as search, query_errors(model):
        for name, found in inputs.items():
            change = found.result()
            if change is None:
                return None
            search.changes[name] = change
        try:
            return _FOUND[model.header.kind](search, model)
        except TooEarlyError:
            return None


@contextmanager
def _beside(build: Increment, model: Model) -> Iterator[Increment]:
    """The build as a cursor of its own sees it, with a database of its own: the build looks into it when all is there."""
    place = f'"{_BESIDE}{model.full_name}"'
    with build.connection.cursor() as cursor:
        cursor.execute(f"attach ':memory:' as {place}")
        yield Increment(cursor, build.lake_files, build.models, build.lake_changes, place)
