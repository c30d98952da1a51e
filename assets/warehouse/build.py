"""Lake and ledger → core → marts → meta, in one transaction: readers of the private file see all of it or none.

Whole-history queries; the order comes from the models' own references.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from assets.calendar import Issue, WorkingDays
from assets.errors import DamageError, StorageError
from assets.exports.landing import Held
from assets.exports.receipt import Receipt, Receipts
from assets.home import Home
from assets.warehouse import freezes, ledger
from assets.warehouse.models import Model, of_schemas
from assets.warehouse.rules import CountingRules
from assets.warehouse.sources import show_lake, write_reference

# ``history`` explains what changed since a freeze: it reads figures of marts and is read by marts.revisions; never published
BUILT_SCHEMAS = ("core", "marts", "history", "meta")


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
    held: Iterable[Held] = (),
    days: WorkingDays | None = None,
) -> list[BuiltTable]:
    """Enter new receipts into the ledger and build every table; ``inputs_sha256`` says what they follow from.

    On an error nothing of it is kept. Raises ``StorageError`` where disk or memory end, ``DamageError`` where the lake lacks a file.
    """
    connection.execute("begin")
    try:
        connection.execute(ledger.SCHEMA)
        ledger.enter(connection, _new_receipts(connection, home), home.lake)
        ledger.note_held(connection, held)
        freezes.enter(connection, home.lake)
        show_lake(connection, home.lake)
        write_reference(connection, rules, issues, days)
        built = [_build_one(connection, model) for model in of_schemas(models, BUILT_SCHEMAS)]
        ledger.note_build(connection, inputs_sha256)
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    # a failed checkpoint at close is hidden by the library, so it is asked for here
    connection.execute("checkpoint")
    return built


def _new_receipts(connection: duckdb.DuckDBPyConnection, home: Home) -> list[tuple[Receipt, str]]:
    known = ledger.known_receipts(connection)
    found = [(path, ledger.receipt_hash(path)) for path in Receipts(home.lake).paths()]
    return [(Receipt.model_validate_json(path.read_bytes()), digest) for path, digest in found if digest not in known]


def _build_one(connection: duckdb.DuckDBPyConnection, model: Model) -> BuiltTable:
    columns = ", ".join(f'cast("{name}" as {column.type}) as "{name}"' for name, column in model.header.columns.items())
    order = ", ".join(f'"{name}"' for name in model.header.grain) if model.schema != "core" else ""
    connection.execute(f"create schema if not exists {model.schema}")
    try:
        # the header is the contract: its columns, its types, its order
        connection.execute(
            f"create or replace table {model.full_name} as select {columns} from (\n{model.query}\n)"
            + (f" order by {order}" if order else "")
        )
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise StorageError(f"{model.full_name} cannot be built: see to disk and memory ({type(error).__name__})") from error
    except duckdb.Error as error:
        raise DamageError(f"{model.path}: the query fails: {type(error).__name__}") from error
    counted = connection.execute(f"select count(*) from {model.full_name}").fetchone()
    return BuiltTable(model.full_name, counted[0] if counted else 0)
