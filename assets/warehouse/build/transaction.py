"""Lake and ledger → core → marts → meta, in one transaction: readers of the private file see all of it or none.

Here is decided whether the build is full or by differences: by differences where the tables exist and little is new. Both run the same
files of ``sql/``, in the order of the models' own references. How one table is renewed is in the modules of each kind.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import duckdb

from assets.calendar import CalendarRules, Issue, WorkingDays
from assets.errors import StorageError
from assets.exports.lake.opening_files import current_openings
from assets.exports.landing.scan import Held
from assets.home import Home
from assets.warehouse.build import last_build, merge, sums
from assets.warehouse.build.difference import FILE_STATES, ROW_KINDS, WINDOWS, Difference
from assets.warehouse.build.full import build_full, query_errors
from assets.warehouse.models.model import Model, of_schemas
from assets.warehouse.models.rules import CountingRules
from assets.warehouse.state import ledger
from assets.warehouse.state.lake_files import LakeFiles
from assets.warehouse.state.ledger_update import update_ledger
from assets.warehouse.state.reconciliation import compare_all_files, compare_sums, reading
from assets.warehouse.state.sources import show_lake, write_reference

# ``history`` explains what changed since a freeze: it reads figures of marts and is read by marts.revisions; never published
BUILT_SCHEMAS = ("core", "marts", "history", "meta")
CHANGED_FIGURES = "history.changed_figures"
# a full build costs two thirds as much per row as one by differences, but it also pays for the rows that the tables already hold
FULL_FROM_SHARE = 0.5
RENEW = {"merge": merge.renew, "sum": sums.renew}


@dataclass(frozen=True)
class TableRows:
    """A table after the build and its number of rows; ``None`` for a view, whose rows are not counted."""

    name: str
    rows: int | None


def build(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    models: Mapping[str, Model],
    rules: CountingRules,
    issues: Sequence[Issue],
    inputs_sha256: str,
    held: Iterable[Held] | None = (),
    days: WorkingDays | None = None,
    *,
    calendar: CalendarRules | None = None,
    code_version: str = "",
    full: bool = False,
) -> list[TableRows]:
    """Enter new receipts into the ledger and build every table; ``inputs_sha256`` is recorded as what the tables follow from.

    The build is full if ``full`` is set, if rules, calendar, models, openings or ``code_version`` changed since the last one, or if so
    much is new that a full build is cheaper; otherwise it is by differences. An error leaves the tables as they were. Raises
    ``StorageError`` where disk or memory run out, ``DamageError`` where the lake lacks a file.
    """
    # a cursor has temporary tables of its own, which go with it
    with connection.cursor() as work:
        work.execute("begin")
        try:
            files = update_ledger(work, home, held)
            tables = of_schemas(models, BUILT_SCHEMAS)
            openings = current_openings(home.lake)
            basis = last_build.basis(models, rules, issues, days, code_version, calendar, openings)
            _begin(work, models)
            difference = None if full or last_build.last_basis(work) != basis else _difference(work, files, models, tables)
            if difference is None:
                write_reference(work, rules, issues, days, calendar)
                _build_all(work, files, tables)
            else:
                _renew_all(difference, tables)
            compare_sums(work)
            last_build.note_files(work, basis, openings)
            ledger.note_build(work, inputs_sha256)
            rows = _counted(work, tables)
            with _writing(home):
                # into the file itself and not first into its log, as it would be read from there and written once more at once
                work.execute("set wal_autocheckpoint = '1KB'")
                work.execute("commit")
        except BaseException:
            # an error of the commit leaves nothing to roll back, and is what is to be told
            with suppress(duckdb.Error):
                work.execute("rollback")
            raise
    with _writing(home):
        connection.execute("reset wal_autocheckpoint")
        # a failed checkpoint at close is hidden by the library, so it is asked for here
        connection.execute("checkpoint")
    return [TableRows(model.full_name, rows.get(model.full_name)) for model in tables]


@contextmanager
def _writing(home: Home) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise StorageError(f"{home.warehouse} cannot be written: see to the disk ({type(error).__name__})") from error


def _begin(work: duckdb.DuckDBPyConnection, models: Mapping[str, Model]) -> None:
    """Build the tables of files that count, which follow from the ledger alone; the differences are found from them."""
    for schema in BUILT_SCHEMAS:
        work.execute(f"create schema if not exists {schema}")
    build_full(work, models[FILE_STATES])


def _difference(
    work: duckdb.DuckDBPyConnection, files: LakeFiles, models: Mapping[str, Model], tables: Sequence[Model]
) -> Difference | None:
    """The rows that came and went; ``None`` where a table is missing or a full build is cheaper."""
    if not _are_there(work, tables):
        return None
    changes = last_build.lake_changes(work)
    moved = sum(file.rows for file in (*changes.come, *changes.gone))
    return Difference(work, files, models, changes) if moved <= FULL_FROM_SHARE * changes.rows else None


def _build_all(work: duckdb.DuckDBPyConnection, files: LakeFiles, tables: Sequence[Model]) -> None:
    """Build every table from all rows, and drop the tables of former models."""
    made = {(model.full_name, model.header.relation) for model in tables}
    for kind in ("table", "view"):
        query = f"select schema_name || '.' || {kind}_name from duckdb_{kind}s() where schema_name in {BUILT_SCHEMAS} and database_name = current_database()"
        for (name,) in work.execute(query).fetchall():
            if (name, kind) not in made:
                work.execute(f"drop {kind} {name}")
    files.verify_all()
    with reading("lake"):
        show_lake(work, files.lake)
    compare_all_files(work, files)
    for model in tables:
        if model.full_name != FILE_STATES:
            build_full(work, model)


def _renew_all(difference: Difference, tables: Sequence[Model]) -> None:
    """Renew every table by the rows that came and went; a table of kind ``table`` is built from all rows."""
    with reading("lake"):
        show_lake(difference.connection, difference.lake_files.lake)
    for model in tables:
        if model.header.kind in ROW_KINDS:
            with query_errors(model):
                RENEW[model.header.kind](difference, model)
        elif model.full_name == WINDOWS:
            difference.watch(model)
        elif model.schema == "history" and model.full_name != CHANGED_FIGURES and _nothing_changed(difference):
            difference.connection.execute(f"delete from {model.full_name}")
        elif model.full_name != FILE_STATES:
            if model.header.kind != "view":
                difference.verify(model.references)
            build_full(difference.connection, model)


def _nothing_changed(difference: Difference) -> bool:
    """Whether no frozen figure changed: the tables that explain changes are then empty and read no row of lake and core."""
    return not difference.number(f"select count(*) from {CHANGED_FIGURES}")


def _are_there(work: duckdb.DuckDBPyConnection, tables: Sequence[Model]) -> bool:
    """Whether every table exists with the columns of its header and its kind; somebody may have changed them by hand."""
    query = "select schema_name || '.' || table_name, column_count from duckdb_tables() where database_name = current_database()"
    found = dict(work.execute(query).fetchall())
    # names and types are of the basis already
    return all(found.get(model.full_name) == _width(model) for model in tables if model.header.kind != "view")


def _width(model: Model) -> int:
    return len(model.header.columns) + (model.header.kind == "merge")


def _counted(work: duckdb.DuckDBPyConnection, tables: Sequence[Model]) -> dict[str, int]:
    names = [model.full_name for model in tables if model.header.kind != "view"]
    return dict(work.execute(" union all ".join(f"select '{name}', count(*) from {name}" for name in names)).fetchall())
