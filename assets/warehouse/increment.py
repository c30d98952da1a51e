"""One build by differences: which rows came into the tables that a model reads, and which went.

Every table renewed so leaves two others, of the rows it lost and of those it won; the models that read it are run over these
instead of the whole. What to do with them is each kind's own (``newest.py``, ``sums.py``, ``parts.py``).
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import duckdb

from assets.platform.contract import load_contract
from assets.warehouse.built import LakeChanges, LakeFile, files_after, live_files
from assets.warehouse.lake_files import LakeFiles
from assets.warehouse.models import Model
from assets.warehouse.reconciliation import compare_files
from assets.warehouse.relations import KEY_HASH, TEMPORARY, key_hash, listed, scratch
from assets.warehouse.sources import lake_query

FILE_STATES, WINDOWS, OPENINGS = "core.file_states", "core.issue_windows", "lake.opening"
# the site's rules and calendar as tables: where one is another, everything is built whole
SETTINGS = "ref."
# kinds whose tables are renewed row by row
ROW_KINDS = frozenset({"newest", "sum", "delivery", "issue", "union"})


@dataclass(frozen=True)
class Change:
    """The rows that a table loses and those it wins in this build: relations with its columns, ``gone`` with each row's ``place`` too."""

    gone: str
    come: str


def is_of_lake(name: str) -> bool:
    """Whether a table is a feed of the lake, whose rows are those of its files."""
    return name.startswith("lake.") and name != OPENINGS


class TooEarlyError(Exception):
    """Something cannot be found before the tables are renewed that it is looked for in."""


# what a table loses and wins, as it is being found; nothing where that cannot be known before the tables it reads are renewed
Search = Future[Change | None]


@dataclass
class Increment:
    """What is known of this build's differences so far: the tables already renewed that have any, and how many rows were moved in each."""

    connection: duckdb.DuckDBPyConnection
    lake_files: LakeFiles
    models: Mapping[str, Model]
    lake_changes: LakeChanges
    # where this build keeps what it looks at in passing: temporary relations, or a database of that name
    place: str = TEMPORARY
    beforehand: dict[str, Search] = field(default_factory=dict)
    changes: dict[str, Change] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)

    @property
    def is_beforehand(self) -> bool:
        """Whether this is a search, before which no table was renewed."""
        return self.place != TEMPORARY

    def found_beforehand(self, model: Model) -> Change | None:
        """What a search has found for the table, where there was one and it could.

        The build's transaction sees of a database what was there when it first looked: so it waits here before it looks.
        """
        search = self.beforehand.get(model.full_name)
        return search.result() if search else None

    def row_inputs(self, model: Model) -> list[str]:
        """The tables that ``model`` reads and that change row by row: feeds of the lake, and tables renewed so."""
        return sorted(name for name in model.references if self._feed(name) or self._kind(name) in ROW_KINDS)

    def has_changed(self, name: str) -> bool:
        feed = self._feed(name)
        return bool(self.files_come(feed) or self.files_gone(feed)) if feed else name in self.changes

    def stands(self, model: Model) -> bool:
        """Whether the table follows from nothing but rules and openings, and these are as they were."""
        return all(
            name.startswith(SETTINGS) or (name == OPENINGS and not self.lake_changes.opening_years) for name in model.references
        )

    def has_lost(self, name: str) -> bool:
        """Whether rows went from ``name``."""
        feed = self._feed(name)
        return bool(self.files_gone(feed)) if feed else name in self.changes

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
        return f"(select * from {name} where false)"

    def rows_of_files(self, what: str, feed: str, files: Iterable[LakeFile]) -> str:
        """The rows of some files of the lake. Raises ``LakeDamageError`` where they are not what their receipts say."""
        chosen = list(files)
        self.lake_files.verify(file.lake_file for file in chosen)
        columns = load_contract().feeds[feed].lake_columns
        view = self.view(what, f"lake.{feed}", lake_query(columns, [self.lake_files.lake / file.lake_file for file in chosen]))
        compare_files(self.connection, self.lake_files, feed, view, chosen)
        return view

    def verify_feeds(self, names: Iterable[str]) -> None:
        """Hash the files of each feed among ``names`` before all of them are read."""
        for feed in filter(None, map(self._feed, names)):
            self.lake_files.verify(name for name in self.lake_files.hashes if name.startswith(f"{feed}/"))

    def live_files(self, feed: str, deliveries: Iterable[str]) -> list[LakeFile]:
        """All files of ``deliveries`` that count now, not only those that came."""
        return live_files(self.connection, feed, self.deliveries(deliveries))

    def files_after(self, refusals: str) -> list[LakeFile]:
        """The files of all deliveries that come after the first of those that ``refusals`` name."""
        return files_after(self.connection, refusals)

    def deliveries(self, names: Iterable[str]) -> str:
        """A relation of deliveries by name."""
        chosen = self.table("chosen", "deliveries", "select null::varchar as delivery where false")
        self.connection.execute(f"insert into {chosen} select unnest($names::varchar[])", {"names": sorted(names)})
        return chosen

    def columns(self, name: str) -> Collection[str]:
        """The columns of a table that a model makes; of any other none is of use here."""
        return self.models[name].header.columns if name in self.models else ()

    def view(self, what: str, name: str, query: str) -> str:
        return self._make("view", what, name, query)

    def table(self, what: str, name: str, query: str) -> str:
        return self._make("table", what, name, query)

    def _make(self, kind: str, what: str, name: str, query: str) -> str:
        relation = scratch(what, name, self.place)
        temporary = "" if self.is_beforehand else "temp "
        self.connection.execute(f"create or replace {temporary}{kind} {relation} as {query}")
        return relation

    def number(self, query: str) -> int:
        return int(self.value(query) or 0)

    def value(self, query: str) -> Any:
        """The first value of the first row, ``None`` where there is no row."""
        row = self.connection.execute(query).fetchone()
        return row[0] if row else None

    def exchange(self, model: Model, change: Change) -> None:
        """Take the rows that go (by their ``place``, the row's id) out of the table, put those that come in, and remember both."""
        columns = values = listed(model.header.columns)
        if model.header.kind == "newest":
            columns, values = f"{columns}, {KEY_HASH}", f"{values}, {key_hash(model)}"
        # each says how many rows it was
        moved = self.number(f"delete from {model.full_name} where rowid in (select place from {change.gone})")
        moved += self.number(f"insert into {model.full_name} ({columns}) select {values} from {change.come}")
        if moved:
            self.moved[model.full_name] = moved
            self.changes[model.full_name] = change

    def watch(self, model: Model, build: Callable[[], None]) -> None:
        """Build a small table whole, and remember how it differs from what stood there."""
        before = self.table("before", model.full_name, f"select * from {model.full_name}")
        build()
        gone = self.table("gone", model.full_name, f"select * from {before} except select * from {model.full_name}")
        come = self.table("come", model.full_name, f"select * from {model.full_name} except select * from {before}")
        if self.number(f"select (select count(*) from {gone}) + (select count(*) from {come})"):
            self.changes[model.full_name] = Change(gone, come)

    def _feed(self, name: str) -> str | None:
        return name.split(".")[1] if is_of_lake(name) else None

    def _kind(self, name: str) -> str | None:
        return self.models[name].header.kind if name in self.models else None
