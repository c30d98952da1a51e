"""The warehouse as later steps receive it: its home, the rules it is built by, and the methods that open and build it.

It is opened under the writer's lock, and nothing is read before a method asks for it.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import duckdb

from assets.calendar import CalendarRules, Issue, WorkingDays, issues, load_working_days
from assets.exports.lake.opening_files import opening_hashes
from assets.exports.lake.receipt import Receipts
from assets.exports.lake.sealed import hashes_of
from assets.exports.lake.withdrawals import WITHDRAWALS
from assets.exports.landing.scan import Held
from assets.home import Home
from assets.warehouse.connection import open_warehouse, writer_lock
from assets.warehouse.models.model import Model, load_models, query_texts
from assets.warehouse.models.rules import CountingRules
from assets.warehouse.state.lake_records import BUILT_FROM
from assets.warehouse.state.ledger import receipt_hash

if TYPE_CHECKING:
    # with all that builds, which a command that only looks does not need
    from assets.warehouse.build.transaction import TableRows


@dataclass(frozen=True)
class Warehouse:
    """One home's warehouse and the rules it is built by; ``code_version`` goes into what it publishes."""

    home: Home
    calendar: CalendarRules
    counting: CountingRules
    code_version: str
    memory_limit: str = "1GB"
    lock_wait_seconds: float = 60.0

    @cached_property
    def models(self) -> dict[str, Model]:
        return load_models()

    @cached_property
    def issues(self) -> list[Issue]:
        return issues(self.calendar, self.working_days)

    @cached_property
    def working_days(self) -> WorkingDays:
        return load_working_days(self.home.calendar_file)

    @contextmanager
    def open(self, purpose: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """The private database, under the writer's lock. Raises ``BusyError``, ``StorageError`` or ``DamageError``."""
        with (
            writer_lock(self.home, self.lock_wait_seconds, purpose),
            open_warehouse(self.home, self.memory_limit) as connection,
        ):
            yield connection

    def build(self, connection: duckdb.DuckDBPyConnection, held: Sequence[Held] | None, full: bool = False) -> "list[TableRows]":
        """Build every table from the lake as it is now; ``held`` is ``None`` where landing was not looked at."""
        from assets.warehouse.build.transaction import build

        inputs, days, version = self.inputs_sha256(), self.working_days, self.code_version
        return build(
            connection,
            self.home,
            self.models,
            self.counting,
            self.issues,
            inputs,
            held,
            days,
            calendar=self.calendar,
            code_version=version,
            full=full,
        )

    def verify(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Verify the lake against the ledger; what is new in it is left to the next build.

        Hashes the files whose size, inode or time changed since they were last hashed. Raises ``LakeDamageError``.
        """
        from assets.warehouse.state.ledger_update import update_ledger

        with connection.cursor() as work:
            work.execute("begin")
            try:
                update_ledger(work, self.home, None)
            finally:
                work.execute("rollback")

    def inputs_sha256(self) -> str:
        """A hash of everything the tables follow from: if the last publication has the same one, there is nothing to do."""
        return _hash(self._data() | {"recorded": self._recorded(), "code": self.code_version})

    def data_sha256(self) -> str:
        """A hash of everything the counts follow from. A freeze does not change it, a new release only through its models."""
        return _hash(self._data())

    def _recorded(self) -> dict[str, str]:
        once = {name: digest for folder in BUILT_FROM for name, digest in hashes_of(self.home.lake, folder).items()}
        return once | opening_hashes(self.home.lake, "json")

    def _data(self) -> dict[str, object]:
        lake, calendar = self.home.lake, self.home.calendar_file
        return {
            "receipts": sorted(receipt_hash(path) for path in Receipts(lake).paths()),
            "openings": opening_hashes(lake),
            "withdrawals": hashes_of(lake, WITHDRAWALS),
            "rules": [self.calendar.model_dump(mode="json"), self.counting.model_dump(mode="json")],
            "calendar": hashlib.sha256(calendar.read_bytes()).hexdigest() if calendar.exists() else None,
            "models": {name: hashlib.sha256(query.encode()).hexdigest() for name, query in query_texts().items()},
        }


def _hash(parts: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
