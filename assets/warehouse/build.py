"""Lake and ledger → core → marts → meta, in one transaction: readers of the private file see all of it or none.

By differences where the tables stand and little is new, else whole; which, is decided here. The order comes from the models' own
references, and both ways run the same files of ``sql/``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass

import duckdb

from assets.calendar import CalendarRules, Issue, WorkingDays
from assets.errors import StorageError
from assets.exports.landing import Held
from assets.exports.opening_files import current_openings
from assets.home import Home
from assets.warehouse import built, compaction, last_keys, ledger, newest, parts, sums, unions
from assets.warehouse.beforehand import nothing_left_beside, searches
from assets.warehouse.increment import FILE_STATES, ROW_KINDS, Increment
from assets.warehouse.lake_files import LakeFiles
from assets.warehouse.models import Model, of_schemas
from assets.warehouse.reconciliation import compare_all_files, compare_sums, reading
from assets.warehouse.rules import CountingRules
from assets.warehouse.sources import show_lake, write_reference
from assets.warehouse.taking_up import take_up
from assets.warehouse.whole import build_whole, query_errors

# ``history`` explains what changed since a freeze: it reads figures of marts and is read by marts.revisions; never published
BUILT_SCHEMAS = ("core", "marts", "history", "meta")
CHANGED_FIGURES = "history.changed_figures"
# a build whole costs two thirds as much a row as one by differences, but pays for the rows that are there already too
WHOLE_FROM_SHARE = 0.5

_RENEW: dict[str, Callable[[Increment, Model], None]] = {
    "newest": newest.renew,
    "sum": sums.renew,
    "delivery": parts.renew_deliveries,
    "issue": parts.renew_issues,
    "union": unions.renew,
}


@dataclass(frozen=True)
class BuiltTable:
    """A table as it was built: its name and rows."""

    name: str
    rows: int


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
    whole: bool = False,
) -> list[BuiltTable]:
    """Enter new receipts into the ledger and build every table; ``inputs_sha256`` says what they follow from.

    By differences, unless ``whole`` is asked for, or rules, calendar, models or ``code_version`` are others than before, or so much
    is new that whole is cheaper. On an error nothing of it is kept. Raises ``StorageError`` where disk or memory end,
    ``DamageError`` where the lake lacks a file.
    """
    # a cursor has temporary tables of its own, which go with it
    with nothing_left_beside(connection), connection.cursor() as work:
        work.execute("begin")
        try:
            files = take_up(work, home, held)
            tables = of_schemas(models, BUILT_SCHEMAS)
            basis = built.basis(models, rules, issues, days, code_version, calendar)
            stands = built.last_basis(work) == basis and _stand(work, tables) and not whole
            if not stands:
                write_reference(work, rules, issues, days, calendar)
            increment = _build_tables(work, files, models, tables, stands)
            compare_sums(work)
            built.note_built(work, basis, current_openings(home.lake))
            ledger.note_build(work, inputs_sha256)
            rows = _counted(work, tables)
            if increment is None:
                compaction.forget(work)
                last_keys.note_all(work, tables)
            else:
                compaction.compact(increment, rows)
                last_keys.note(increment)
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
    return [BuiltTable(name, number) for name, number in rows.items()]


@contextmanager
def _writing(home: Home) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise StorageError(f"{home.warehouse} cannot be written: see to the disk ({type(error).__name__})") from error


def _build_tables(
    work: duckdb.DuckDBPyConnection, files: LakeFiles, models: Mapping[str, Model], tables: Sequence[Model], stands: bool
) -> Increment | None:
    """Every table; by differences, which are returned, where they are those of the lake as it was (``stands``) and it has not
    grown much since.
    """
    for schema in BUILT_SCHEMAS:
        work.execute(f"create schema if not exists {schema}")
    build_whole(work, models[FILE_STATES])
    changes = built.lake_changes(work, current_openings(files.lake))
    increment = Increment(work, files, models, changes) if stands and not _is_long(changes) else None
    if increment is None:
        files.verify_all()
    watched = {name for model in tables if model.header.kind in ROW_KINDS for name in model.references}
    # a freeze never goes, so without one what explains changes since stands empty
    is_unfrozen = increment is not None and not increment.number("select count(*) from ledger.frozen_figures")
    with searches(increment, tables) if increment else nullcontext(tables) as ordered:
        # searches read new files alone, and wait for no view
        with reading("lake"):
            show_lake(work, files.lake)
        if increment is None:
            compare_all_files(work, files)
        for model in ordered:
            if model.full_name == FILE_STATES or (is_unfrozen and model.schema == "history"):
                continue
            if increment is None:
                build_whole(work, model)
            elif not increment.stands(model):
                _renew(increment, model, model.full_name in watched)
    return increment


def _renew(increment: Increment, model: Model, is_watched: bool) -> None:
    kind = model.header.kind
    if kind in ROW_KINDS:
        with query_errors(model):
            _RENEW[kind](increment, model)
    elif is_watched:
        increment.verify_feeds(model.references)
        increment.watch(model, lambda: build_whole(increment.connection, model))
    else:
        not_needed = _not_needed(increment, model)
        increment.verify_feeds(model.references - not_needed.keys())
        build_whole(increment.connection, model, not_needed)


def _not_needed(increment: Increment, model: Model) -> dict[str, str]:
    """What explains changes of frozen figures reads no row of lake and core where no such figure has changed.

    Left to the planner, which of a join's sides is read first hangs on how many rows it expects.
    """
    if model.schema != "history" or CHANGED_FIGURES not in model.references:
        return {}
    if increment.number(f"select count(*) from {CHANGED_FIGURES}"):
        return {}
    return {name: increment.nothing(name) for name in increment.row_inputs(model)}


def _is_long(changes: built.LakeChanges) -> bool:
    """Whether so many rows came or went, against those there are, that to build whole is cheaper."""
    moved = sum(file.rows for file in (*changes.come, *changes.gone))
    return moved > WHOLE_FROM_SHARE * changes.rows


def _stand(work: duckdb.DuckDBPyConnection, tables: Sequence[Model]) -> bool:
    """Whether every table is there with as many columns as its header has and its kind adds; another hand may have been at them."""
    query = "select schema_name || '.' || table_name, column_count from duckdb_tables() where database_name = current_database()"
    found = dict(work.execute(query).fetchall())
    return all(found.get(model.full_name) == _width(model) for model in tables)


def _width(model: Model) -> int:
    # names and types are of the basis already
    return len(model.header.columns) + (model.header.kind == "newest")


def _counted(work: duckdb.DuckDBPyConnection, tables: Sequence[Model]) -> dict[str, int]:
    counts = " union all ".join(f"select '{model.full_name}', count(*) from {model.full_name}" for model in tables)
    return dict(work.execute(counts).fetchall())
