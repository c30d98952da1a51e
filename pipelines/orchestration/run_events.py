"""Dagster's events of one run: stored together, through one connection to each of their SQLite files, and without those nobody reads.

Dagster makes an engine, a connection and a synced commit for each event and each look at its tables: 690 events of a small day cost
more than reading, building and publishing it. How an event is stored, and where, stays Dagster's.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from functools import cache
from typing import Any

import sqlalchemy as sa

_OUTPUT = "STEP_OUTPUT"
_PLANNED_CHECK, _CHECK = "ASSET_CHECK_EVALUATION_PLANNED", "ASSET_CHECK_EVALUATION"
# they come by the hundred; all others tell how far the run is and are stored at once
_IN_BATCHES = {_CHECK, "ASSET_MATERIALIZATION", "ASSET_MATERIALIZATION_PLANNED"}
_SUCCESS = "PIPELINE_SUCCESS"
_ENDS = {_SUCCESS, "PIPELINE_FAILURE", "PIPELINE_CANCELED"}
# how long an event may wait for others: the pages of a long run show its deliveries one after another
_WAIT_SECONDS = 1.0
_BUSY_SECONDS = 30
# whether an older release of Dagster made the tables: no run changes that
_ASKED_EACH_TIME = ("has_table", "has_asset_key_col", "has_secondary_index")


@contextmanager
def run_events(storage: Any) -> Iterator[None]:
    """Store events so while the block lasts, if ``storage`` (an instance's storage of events) is SQLite's; leave others alone."""
    if not hasattr(storage, "conn_string_for_shard"):
        yield
        return
    events = _RunEvents(storage)
    changed = {
        "store_event": events.store,
        "run_connection": events.run_connection,
        "index_connection": events.index_connection,
        "get_asset_records": events.get_asset_records,
    } | {name: cache(getattr(storage, name)) for name in _ASKED_EACH_TIME}
    vars(storage).update(changed)
    try:
        yield
        events.store_all()
    finally:
        for name in changed:
            delattr(storage, name)
        events.close()


class _RunEvents:
    """A layer before Dagster's storage of events, for one run.

    An output of a step is read by a run that begins again where this one failed, the plan of a check where the check was never
    carried out: both are kept back, and stored if it comes to that.
    """

    def __init__(self, storage: Any) -> None:
        self._storage = storage
        self._dagsters: dict[str, Callable[..., Any]] = {
            name: getattr(storage, name) for name in ("store_event", "run_connection", "index_connection", "get_asset_records")
        }
        self._engines: dict[str, sa.Engine] = {}
        self._waiting: list[Any] = []
        self._waiting_since = 0.0
        self._outputs: list[Any] = []
        self._planned: dict[tuple[str, str], Any] = {}
        # each asset with its last materialization, until there is a newer one
        self._assets: dict[Any, Any] | None = None
        # the connections of the batch that is being stored, and what commits them
        self._batch: dict[str, sa.Connection] | None = None
        self._commits = ExitStack()

    def store(self, event: Any) -> None:
        """Store an event, at once or with others."""
        kind = event.dagster_event.event_type_value if event.is_dagster_event else ""
        if kind == _OUTPUT:
            self._outputs.append(event)
        elif kind == _PLANNED_CHECK:
            self._planned[_check_of(event)] = event
        elif kind in _IN_BATCHES:
            self._add(event, kind)
        else:
            if kind == _SUCCESS:
                self._outputs.clear()
            if kind in _ENDS:
                self.store_all()
            self._store_waiting()
            self._dagsters["store_event"](event)

    def _add(self, event: Any, kind: str) -> None:
        if kind == _CHECK:
            self._planned.pop(_check_of(event), None)
        else:
            self._assets = None
        if not self._waiting:
            self._waiting_since = time.monotonic()
        self._waiting.append(event)
        if time.monotonic() - self._waiting_since > _WAIT_SECONDS:
            self._store_waiting()

    def store_all(self) -> None:
        """Store what waits and what was kept back, as at the end of a run that did not do all it had planned."""
        self._waiting += [*self._planned.values(), *self._outputs]
        self._planned.clear()
        self._outputs.clear()
        self._store_waiting()

    def _store_waiting(self) -> None:
        events, self._waiting = self._waiting, []
        if not events:
            return
        self._batch = {}
        try:
            with self._commits:
                for event in events:
                    self._dagsters["store_event"](event)
        finally:
            self._batch = None

    def get_asset_records(self, asset_keys: Sequence[Any] | None = None) -> list[Any]:
        """The records of these assets, or of all: Dagster asks for one after another, for each table that is checked."""
        if self._assets is None:
            self._assets = {record.asset_entry.asset_key: record for record in self._dagsters["get_asset_records"]()}
        return [record for key, record in self._assets.items() if asset_keys is None or key in asset_keys]

    def run_connection(self, run_id: str | None = None) -> AbstractContextManager[sa.Connection]:
        return self._connection(str(run_id), lambda: self._dagsters["run_connection"](run_id))

    def index_connection(self) -> AbstractContextManager[sa.Connection]:
        return self._connection("index", self._dagsters["index_connection"])

    @contextmanager
    def _connection(self, shard: str, dagsters_own: Callable[[], Any]) -> Iterator[sa.Connection]:
        if self._batch is None:
            # whoever reads sees all that came before
            self._store_waiting()
            with self._engine(shard, dagsters_own).begin() as connection:
                yield connection
            return
        if shard not in self._batch:
            self._batch[shard] = self._commits.enter_context(self._engine(shard, dagsters_own).begin())
        yield self._batch[shard]

    def _engine(self, shard: str, dagsters_own: Callable[[], Any]) -> sa.Engine:
        if shard not in self._engines:
            # the first connection is Dagster's, which makes the file and its tables
            with dagsters_own():
                pass
            engine = sa.create_engine(self._storage.conn_string_for_shard(shard), connect_args={"timeout": _BUSY_SECONDS})
            sa.event.listen(engine, "connect", _without_syncs)
            self._engines[shard] = engine
        return self._engines[shard]

    def close(self) -> None:
        for engine in self._engines.values():
            engine.dispose()


def _check_of(event: Any) -> tuple[str, str]:
    told = event.dagster_event.event_specific_data
    return told.asset_key.to_string(), told.check_name


def _without_syncs(connection: Any, _: Any) -> None:
    """Each commit is in the write-ahead log at once, and synced when that is taken over: a power cut loses the run's last events, no more."""
    with closing(connection.cursor()) as cursor:
        cursor.execute("pragma synchronous = normal")
