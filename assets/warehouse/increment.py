"""One build by differences: which rows came into the tables that a model reads, and which went.

Every table renewed so leaves two temporary tables of its own columns, the rows it lost and the rows it won; the models that
read it are run over these instead of the whole. What to do with them is each kind's own (``newest.py``, ``sums.py``, ``parts.py``).
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from assets.errors import DamageError
from assets.platform.contract import load_contract
from assets.warehouse.built import LakeChanges, LakeFile, files_after, live_files
from assets.warehouse.models import Model
from assets.warehouse.relations import KEY_HASH, key_hash, listed, scratch
from assets.warehouse.sources import lake_query

FILE_STATES, WINDOWS, OPENINGS = "core.file_states", "core.issue_windows", "lake.opening"
# kinds whose tables are renewed row by row
ROW_KINDS = frozenset({"newest", "sum", "delivery", "issue", "union"})


@dataclass(frozen=True)
class Change:
    """The rows that a table lost and those it won in this build, each a relation with the table's columns."""

    gone: str
    come: str


@dataclass
class Increment:
    """What is known of this build's differences so far: the tables already renewed that have any, and how many rows were moved in each."""

    connection: duckdb.DuckDBPyConnection
    lake: Path
    models: Mapping[str, Model]
    lake_changes: LakeChanges
    changes: dict[str, Change] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)

    def row_inputs(self, model: Model) -> list[str]:
        """The tables that ``model`` reads and that change row by row: feeds of the lake, and tables renewed so."""
        return sorted(name for name in model.references if self._feed(name) or self._kind(name) in ROW_KINDS)

    def has_changed(self, name: str) -> bool:
        feed = self._feed(name)
        return bool(self.files_come(feed) or self.files_gone(feed)) if feed else name in self.changes

    def files_come(self, feed: str) -> list[LakeFile]:
        return [file for file in self.lake_changes.come if file.feed == feed and file.is_live]

    def files_gone(self, feed: str) -> list[LakeFile]:
        return [file for file in self.lake_changes.gone if file.feed == feed and file.is_live]

    def come(self, name: str) -> str:
        """The rows that came into ``name``."""
        feed = self._feed(name)
        if feed and self.files_come(feed):
            return self.rows_of_files("come", feed, self.files_come(feed))
        return self.changes[name].come if name in self.changes else self.nothing(name)

    def gone(self, name: str) -> str:
        """The rows that went from ``name``, which is no feed: the rows of a file that is gone can be read no more."""
        return self.changes[name].gone if name in self.changes else self.nothing(name)

    def nothing(self, name: str) -> str:
        """A relation as ``name``, without rows."""
        return self.view("nothing of", name, f"select * from {name} where false")

    def rows_of_files(self, what: str, feed: str, files: Iterable[LakeFile]) -> str:
        """The rows of some files of the lake. Raises ``DamageError`` where they are not as many as their receipts say."""
        chosen = list(files)
        columns = load_contract().feeds[feed].lake_columns
        view = self.view(what, f"lake.{feed}", lake_query(columns, [self.lake / file.lake_file for file in chosen]))
        found = self.number(f"select count(*) from {view}")
        if found != sum(file.rows for file in chosen):
            names = ", ".join(file.lake_file for file in chosen[:3])
            raise DamageError(
                f"{names}: {found} rows, and the receipts say {sum(file.rows for file in chosen)}; restore the lake"
            )
        return view

    def live_files(self, feed: str, deliveries: Iterable[str]) -> list[LakeFile]:
        """All files of ``deliveries`` that count now, not only those that came."""
        return live_files(self.connection, feed, self.deliveries(deliveries))

    def files_after(self, refusals: str) -> list[LakeFile]:
        """The files of all deliveries that come after the first of those that ``refusals`` name."""
        return files_after(self.connection, refusals)

    def deliveries(self, names: Iterable[str]) -> str:
        """A relation of deliveries by name."""
        self.connection.execute(f"create or replace temp table {scratch('chosen', 'deliveries')} (delivery varchar)")
        self.connection.execute(
            f"insert into {scratch('chosen', 'deliveries')} select unnest($names::varchar[])", {"names": sorted(names)}
        )
        return scratch("chosen", "deliveries")

    def columns(self, name: str) -> Collection[str]:
        """The columns of a table that a model makes; of any other none is of use here."""
        return self.models[name].header.columns if name in self.models else ()

    def view(self, what: str, name: str, query: str) -> str:
        self.connection.execute(f"create or replace temp view {scratch(what, name)} as {query}")
        return scratch(what, name)

    def table(self, what: str, name: str, query: str) -> str:
        self.connection.execute(f"create or replace temp table {scratch(what, name)} as {query}")
        return scratch(what, name)

    def number(self, query: str) -> int:
        row = self.connection.execute(query).fetchone()
        return int(row[0]) if row else 0

    def exchange(self, model: Model, gone: str, come: str) -> None:
        """Take the rows ``gone`` (by their ``place``, the row's id) out of the table, put ``come`` in, and remember both."""
        moved = self.number(f"select (select count(*) from {gone}) + (select count(*) from {come})")
        if not moved:
            return
        self.moved[model.full_name] = moved
        columns = values = listed(model.header.columns)
        if model.header.kind == "newest":
            columns, values = f"{columns}, {KEY_HASH}", f"{values}, {key_hash(model)}"
        self.connection.execute(f"delete from {model.full_name} where rowid in (select place from {gone})")
        self.connection.execute(f"insert into {model.full_name} ({columns}) select {values} from {come}")
        self.changes[model.full_name] = Change(gone, come)

    def watch(self, model: Model, build: Callable[[], None]) -> None:
        """Build a small table whole, and remember how it differs from what stood there."""
        before = self.table("before", model.full_name, f"select * from {model.full_name}")
        build()
        gone = self.table("gone", model.full_name, f"select * from {before} except select * from {model.full_name}")
        come = self.table("come", model.full_name, f"select * from {model.full_name} except select * from {before}")
        if self.number(f"select (select count(*) from {gone}) + (select count(*) from {come})"):
            self.changes[model.full_name] = Change(gone, come)

    def _feed(self, name: str) -> str | None:
        schema, table = name.split(".")
        return table if schema == "lake" and name != OPENINGS else None

    def _kind(self, name: str) -> str | None:
        return self.models[name].header.kind if name in self.models else None
