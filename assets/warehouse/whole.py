"""A table built whole: by its own query over all rows there are."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import duckdb

from assets.errors import DamageError, StorageError
from assets.warehouse.models import Model
from assets.warehouse.relations import KEY_HASH, key_hash, listed, query_of


def build_whole(connection: duckdb.DuckDBPyConnection, model: Model, instead: Mapping[str, str] | None = None) -> None:
    """Make the table of ``model`` anew, ``instead`` as in ``query_of``. Raises ``StorageError`` where disk or memory end, ``DamageError`` where its query fails."""
    # core stays in the lake's order: by time, so that a search for recent keys passes over old rows
    order = f" order by {listed(model.header.grain)}" if model.schema != "core" else ""
    with query_errors(model):
        connection.execute(f"create or replace table {model.full_name} as {_stored(model, instead)}{order}")


def _stored(model: Model, instead: Mapping[str, str] | None) -> str:
    query = query_of(model, instead)
    return f"select *, {key_hash(model)} as {KEY_HASH} from ({query})" if model.header.kind == "newest" else query


@contextmanager
def query_errors(model: Model) -> Iterator[None]:
    """Tell by type what DuckDB met while it ran the query of ``model``."""
    try:
        yield
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise StorageError(f"{model.full_name} cannot be built: see to disk and memory ({type(error).__name__})") from error
    except duckdb.Error as error:
        raise DamageError(f"{model.path}: the query fails: {type(error).__name__}") from error
