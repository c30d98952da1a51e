"""Dagster's events of one run, stored through one connection to each of their SQLite files.

Dagster makes an engine, a connection and a synced commit for each event and each look at its tables: 670 events of a small day cost
more than reading, building and publishing it. What is stored, and where, stays Dagster's.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from typing import Any

import sqlalchemy as sa


@contextmanager
def one_connection(storage: Any) -> Iterator[None]:
    """While the block lasts, ``storage``, an instance's storage of events, keeps its connections; another than SQLite's is left alone."""
    if not hasattr(storage, "conn_string_for_shard"):
        yield
        return
    made: dict[str, sa.Engine] = {}
    first = {
        "run_connection": storage.run_connection,
        "index_connection": storage.index_connection,
        "has_table": storage.has_table,
    }

    @contextmanager
    def connection_to(shard: str, dagsters_own: Any) -> Iterator[sa.Connection]:
        if shard not in made:
            # the first is Dagster's, which makes the file and its tables
            with dagsters_own():
                pass
            made[shard] = _engine(storage.conn_string_for_shard(shard))
        with made[shard].begin() as connection:
            yield connection

    storage.run_connection = lambda run_id=None: connection_to(run_id, lambda: first["run_connection"](run_id))
    storage.index_connection = lambda: connection_to("index", first["index_connection"])
    # asked before each event of a check
    storage.has_table = cache(first["has_table"])
    try:
        yield
    finally:
        for name in first:
            delattr(storage, name)
        for engine in made.values():
            engine.dispose()


def _engine(address: str) -> sa.Engine:
    engine = sa.create_engine(address, connect_args={"timeout": 30})
    sa.event.listen(engine, "connect", _without_syncs)
    return engine


def _without_syncs(connection: Any, _: Any) -> None:
    """Each commit is in the write-ahead log at once, and synced when that is taken over: a power cut loses the run's last events, no more."""
    with closing(connection.cursor()) as cursor:
        cursor.execute("pragma synchronous = normal")
