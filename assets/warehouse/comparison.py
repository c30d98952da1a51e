"""Compares two warehouses of one lake, table by table: the rows that only one of them has, named by key and never by value."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from assets.warehouse.build.relations import listed
from assets.warehouse.build.transaction import BUILT_SCHEMAS
from assets.warehouse.models.model import Model, of_schemas

# so many of a table's keys are named; the rest is counted
MOST_KEYS = 20
# where a row of a single case stands in the lake; its key is the platform's and is nobody's business here
_PLACE = ("delivery", "file_index", "line")


@dataclass(frozen=True)
class TableDifference:
    """Rows of one table that only the kept or only the rebuilt warehouse has, with the first ``MOST_KEYS`` keys of each."""

    table: str
    only_kept: int
    only_anew: int
    keys_kept: tuple[dict[str, Any], ...]
    keys_anew: tuple[dict[str, Any], ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def differences(connection: duckdb.DuckDBPyConnection, models: Mapping[str, Model], kept: str) -> list[TableDifference]:
    """Every table that differs between the rebuilt database of ``connection`` and the one attached to it as ``kept``."""
    found = []
    # a view follows from the lake, which both have
    for model in (model for model in of_schemas(models, BUILT_SCHEMAS) if model.header.relation == "table"):
        if _fingerprint(connection, model, f"{kept}.{model.full_name}") != _fingerprint(connection, model, model.full_name):
            found.append(_difference(connection, model, kept))
    return found


def _fingerprint(connection: duckdb.DuckDBPyConnection, model: Model, table: str) -> tuple[Any, ...] | None:
    """The number of rows and the sum of their hashes; ``None`` if the table is missing or has other columns."""
    columns = listed(model.header.columns)
    try:
        return connection.execute(f"select count(*), sum(cast(hash({columns}) as hugeint)) from {table}").fetchone()
    except (duckdb.CatalogException, duckdb.BinderException):
        return None


def _difference(connection: duckdb.DuckDBPyConnection, model: Model, kept: str) -> TableDifference:
    columns = listed(model.header.columns)
    anew = f"select {columns} from {model.full_name}"
    there = f"select {columns} from {kept}.{model.full_name}"
    if _fingerprint(connection, model, f"{kept}.{model.full_name}") is None:
        there = f"{anew} where false"
    keys = _PLACE if set(_PLACE) <= set(model.header.columns) and model.schema == "core" else model.header.grain
    only_kept, keys_kept = _only(connection, there, anew, keys)
    only_anew, keys_anew = _only(connection, anew, there, keys)
    return TableDifference(model.full_name, only_kept, only_anew, keys_kept, keys_anew)


def _only(
    connection: duckdb.DuckDBPyConnection, here: str, there: str, keys: tuple[str, ...]
) -> tuple[int, tuple[dict[str, Any], ...]]:
    rows = connection.execute(
        f"select count(*) over (), {listed(keys)} from ({here} except all {there}) order by {listed(keys)} limit {MOST_KEYS}"
    ).fetchall()
    return (rows[0][0] if rows else 0), tuple(dict(zip(keys, row[1:], strict=True)) for row in rows)
