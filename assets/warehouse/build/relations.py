"""Runs a model's query over a part of the rows: some table names are replaced by relations that hold the rows that changed.

The text of the file is otherwise run as it is; sqlglot says at which places the names are.
"""

from collections.abc import Iterable, Mapping

from assets.warehouse.models.model import Model

# of a table of kind ``merge``, after its header's columns: the hash of the key, since a search for the keys' own texts reads ten
# times as much. Of 32 bits: of ten million rows a day's keys meet some dozens by chance, which the key itself tells apart
KEY_HASH = "key_hash"


def query_of(model: Model, instead: Mapping[str, str] | None = None) -> str:
    """The query with its columns in the header's types and order; ``instead`` maps ``schema.table`` to the relation read for it."""
    text = model.query
    for start, end, name in model.reading_places if instead else ():
        text = text[:start] + (instead or {}).get(name, name) + text[end:]
    columns = ", ".join(f'cast("{name}" as {column.type}) as "{name}"' for name, column in model.header.columns.items())
    return f"select {columns} from (\n{text}\n)"


def key_hash(model: Model) -> str:
    """A hash of the row's key, as SQL."""
    return f"(hash({listed(model.header.grain)}) >> 32)::uinteger"


def listed(names: Iterable[str], of: str = "") -> str:
    """A list of columns as SQL, each qualified by the relation ``of`` if given."""
    return ", ".join(f'{of}."{name}"' if of else f'"{name}"' for name in names)


def equal(names: Iterable[str], one: str, other: str) -> str:
    """The SQL condition that two relations agree in columns that are never empty."""
    return " and ".join(f'{one}."{name}" = {other}."{name}"' for name in names)
