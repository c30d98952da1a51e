"""The differences of one build: which rows came into the tables that a model reads, and which left them.

A table that is renewed leaves two relations: the rows that it lost and those that it gained. The models that read it are run over
these instead of over all its rows. How their results are applied is in the module of each kind (``merge.py``, ``sums.py``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import duckdb

from assets.platform.contract import load_contract
from assets.warehouse.build.full import build_full
from assets.warehouse.build.last_build import LakeChanges, LakeFile
from assets.warehouse.build.relations import KEY_HASH, key_hash, listed, query_of
from assets.warehouse.models.model import Model
from assets.warehouse.state.lake_files import LakeFiles
from assets.warehouse.state.reconciliation import compare_files
from assets.warehouse.state.sources import lake_query

FILE_STATES, WINDOWS, OPENINGS, REFUSALS = "core.file_states", "core.issue_windows", "lake.opening", "ledger.refusals"
# kinds whose tables are renewed row by row
ROW_KINDS = frozenset({"merge", "sum"})
# where a row of the lake, or one that won, comes from
ORIGIN = ("delivery", "file_index", "line")


@dataclass(frozen=True)
class Change:
    """The rows that a table loses and gains in this build: relations with its columns, and in ``gone`` each row's ``place`` too."""

    gone: str
    come: str


def is_of_lake(name: str) -> bool:
    """Whether a table is a feed of the lake, whose rows are those of its files."""
    return name.startswith("lake.") and name != OPENINGS


def row_inputs(model: Model, models: Mapping[str, Model]) -> list[str]:
    """What ``model`` reads and what changes row by row: feeds of the lake, views over them, tables of a row kind."""
    return sorted(
        name
        for name in model.references
        if is_of_lake(name) or (name in models and models[name].header.kind in {*ROW_KINDS, "view"})
    )


@dataclass
class Difference:
    """The differences of this build so far: files that came and went, and the change of each table that is already renewed."""

    connection: duckdb.DuckDBPyConnection
    lake_files: LakeFiles
    models: Mapping[str, Model]
    lake: LakeChanges
    changes: dict[str, Change] = field(default_factory=dict)
    _shown: dict[str, list[LakeFile]] = field(default_factory=dict)

    def inputs(self, model: Model) -> list[str]:
        return row_inputs(model, self.models)

    def has_changed(self, name: str) -> bool:
        feeds = self._feeds(name)
        return any(file.feed in feeds for file in (*self.lake.come, *self.lake.gone)) if feeds else name in self.changes

    def has_lost(self, name: str) -> bool:
        """Whether rows went from ``name``."""
        feeds = self._feeds(name)
        return any(file.feed in feeds for file in self.lake.gone) if feeds else name in self.changes

    def come(self, name: str, files: Iterable[LakeFile] | None = None) -> str:
        """The rows that came into ``name``; for a feed, those of ``files`` if given."""
        if is_of_lake(name):
            return self._rows(name, self.lake.come if files is None else files)
        if self._feeds(name):
            view = self.models[name]
            return f"({query_of(view, {feed: self.come(feed, files) for feed in self.inputs(view)})})"
        return self.changes[name].come if name in self.changes else nothing(name)

    def gone(self, name: str) -> str:
        """The rows that left ``name``; for a feed only their origins, since the rows of a removed file can no longer be read."""
        feeds = self._feeds(name)
        if not feeds:
            return self.changes[name].gone if name in self.changes else nothing(name)
        relation = self.table("gone files of", name, "select '' as delivery, 0::bigint as file_index where false")
        files = [file for file in self.lake.gone if file.feed in feeds]
        self.connection.execute(
            f"insert into {relation} select unnest($deliveries::varchar[]), unnest($indexes::bigint[])",
            {"deliveries": [file.delivery for file in files], "indexes": [file.file_index for file in files]},
        )
        return relation

    def files_of_refused_keys(self) -> list[LakeFile]:
        """The files in which a refused key may have come again: new files, and all files later than a new refusal."""
        names = sorted({file.delivery for file in self.lake.come})
        rows = self.connection.execute(
            "with refusing as (select business_date, sequence from ledger.deliveries semi join ledger.refusals using (delivery)"
            " where delivery in (select unnest($names::varchar[])))"
            " select files_now.* from files_now inner join ledger.deliveries using (delivery)"
            " where delivery in (select unnest($names::varchar[]))"
            " or (business_date, sequence) > (select min((business_date, sequence)) from refusing) order by all",
            {"names": names},
        ).fetchall()
        return [LakeFile(*row) for row in rows]

    def _feeds(self, name: str) -> frozenset[str]:
        """The feeds behind a feed or a view over feeds; none for a table."""
        if is_of_lake(name):
            return frozenset({name.split(".")[1]})
        if name in self.models and self.models[name].header.kind == "view":
            return frozenset().union(*map(self._feeds, self.inputs(self.models[name])))
        return frozenset()

    def _rows(self, name: str, files: Iterable[LakeFile]) -> str:
        """The rows of some files of the lake. Raises ``LakeDamageError`` if they differ from their receipts."""
        feed, relation = name.split(".")[1], _scratch("of files", name)
        chosen = {file.lake_file: file for file in files if file.feed == feed and file.lake_file is not None}
        # several models read the same new files
        if self._shown.get(name) != list(chosen.values()):
            self.lake_files.verify(chosen)
            query = lake_query(load_contract().feeds[feed].lake_columns, self.lake_files.alike(chosen))
            self.connection.execute(f"create or replace temp view {relation} as {query}")
            compare_files(self.connection, self.lake_files, feed, relation, chosen.values())
            self._shown[name] = list(chosen.values())
        return relation

    def verify(self, names: Iterable[str]) -> None:
        """Hash the files of each feed behind ``names`` before all of them are read."""
        feeds = frozenset().union(*map(self._feeds, names))
        if feeds:
            self.lake_files.verify(name for name in self.lake_files.hashes if name.split("/")[0] in feeds)

    def table(self, what: str, name: str, query: str) -> str:
        """A relation that is kept while the build runs."""
        self.connection.execute(f"create or replace temp table {_scratch(what, name)} as {query}")
        return _scratch(what, name)

    def number(self, query: str) -> int:
        row = self.connection.execute(query).fetchone()
        return int(row[0] or 0) if row else 0

    def exchange(self, model: Model, change: Change) -> None:
        """Delete the rows that leave the table (by ``place``, the row's id), insert those that come, and remember both."""
        columns = values = listed(model.header.columns)
        if model.header.kind == "merge":
            columns, values = f"{columns}, {KEY_HASH}", f"{values}, {key_hash(model)}"
        # each says how many rows it was
        moved = self.number(f"delete from {model.full_name} where rowid in (select place from {change.gone})")
        moved += self.number(f"insert into {model.full_name} ({columns}) select {values} from {change.come}")
        if moved:
            self.changes[model.full_name] = change

    def watch(self, model: Model) -> None:
        """Rebuild a small table from all rows, and remember how it changed."""
        before = self.table("before", model.full_name, f"select * from {model.full_name}")
        build_full(self.connection, model)
        self.changes[model.full_name] = Change(
            self.table("gone", model.full_name, f"select * from {before} except select * from {model.full_name}"),
            self.table("come", model.full_name, f"select * from {model.full_name} except select * from {before}"),
        )


def _scratch(what: str, name: str) -> str:
    return f'temp.main."{what} {name}"'


def nothing(name: str) -> str:
    """A relation as ``name``, without rows."""
    return f"(select * from {name} where false)"
