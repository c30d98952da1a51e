"""A full build of one table: its own query over all rows."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from assets.errors import DamageError, StorageError
from assets.warehouse.build.relations import KEY_HASH, key_hash, listed, query_of
from assets.warehouse.models.model import Model


def build_full(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Rebuild the table or view of ``model`` from all rows. Raises ``StorageError`` where disk or memory run out, ``DamageError`` where its query fails."""
    query = query_of(model)
    if model.header.kind == "merge":
        query = f"select *, {key_hash(model)} as {KEY_HASH} from ({query})"
    # core stays in the lake's order, which is that of time; a view has none
    order = f" order by {listed(model.header.grain)}" if model.schema != "core" else ""
    with query_errors(model):
        connection.execute(f"create or replace {model.header.relation} {model.full_name} as {query}{order}")


@contextmanager
def query_errors(model: Model) -> Iterator[None]:
    """Turn DuckDB's errors of the query of ``model`` into this project's types."""
    try:
        yield
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise StorageError(f"{model.full_name} cannot be built: see to disk and memory ({type(error).__name__})") from error
    except duckdb.Error as error:
        raise DamageError(f"{model.path}: the query fails: {type(error).__name__}") from error
