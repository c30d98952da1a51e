"""A model's own query over other rows: some of the tables that it reads stand for a part of themselves.

The text of the file is run as it stands but for the names of those tables, at the places where sqlglot found them.
"""

from collections.abc import Iterable, Mapping

from assets.warehouse.models import Model
from assets.warehouse.query_places import tables_of


def query_of(model: Model, instead: Mapping[str, str] | None = None) -> str:
    """The query with its columns in the header's types and order; ``instead`` maps ``schema.table`` to the relation read for it."""
    columns = ", ".join(f'cast("{name}" as {column.type}) as "{name}"' for name, column in model.header.columns.items())
    return f"select {columns} from (\n{_reading(model, instead or {})}\n)"


def _reading(model: Model, instead: Mapping[str, str]) -> str:
    places = []
    for table in tables_of(model.parsed):
        relation = instead.get(f"{table.db}.{table.name}")
        if relation is not None:
            places.append((table.args["db"].meta["start"], table.this.meta["end"] + 1, relation))
    text = model.query
    for start, end, relation in sorted(places, reverse=True):
        text = text[:start] + relation + text[end:]
    return text


def scratch(what: str, table: str) -> str:
    """The name of a temporary relation of this build: ``what`` of ``table``."""
    return f'temp.main."{what} {table}"'


def listed(names: Iterable[str], of: str = "") -> str:
    """Columns as SQL lists them, each of the relation ``of`` where it is given."""
    return ", ".join(f'{of}."{name}"' if of else f'"{name}"' for name in names)
