"""What is published, and how each table and column is described: an allow-list, drawn from the models' headers.

A table or column that no header describes is not published, so that nothing private slips out by being there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from assets.sql_text import quoted
from assets.warehouse.models.model import Model, ModelHeader, of_schemas

COPIED_SCHEMAS = ("marts", "meta")
VIEWS_FOLDER = "views"
# where analysts find the views without naming a schema
VIEWS_SCHEMA = "main"
# rewritten by each publication; the private warehouse has none of them
OWN_META = ("meta.acceptances", "meta.columns", "meta.publication", "meta.publication_changes")


@dataclass(frozen=True)
class PublishedTable:
    """One table or view of the published database: its name there, its header, and the tables it is made from."""

    schema: str
    name: str
    header: ModelHeader
    source: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def quoted(self) -> str:
        return f"{quoted(self.schema)}.{quoted(self.name)}"

    @property
    def order(self) -> str:
        """The columns to sort by: the grain, then the rest, so that the order is one even where the grain repeats."""
        rest = [column for column in self.header.columns if column not in self.header.grain]
        return ", ".join(quoted(column) for column in (*self.header.grain, *rest))

    @property
    def column_list(self) -> str:
        return ", ".join(quoted(column) for column in self.header.columns)


@cache
def own_headers() -> dict[str, ModelHeader]:
    """The headers of published tables that no model makes, by full name."""
    document = yaml.safe_load(files("assets.publication.snapshot").joinpath("own_tables.yaml").read_text(encoding="utf-8"))
    return {name: ModelHeader.model_validate(header) for name, header in document.items()}


def copied_tables(models: Mapping[str, Model]) -> list[PublishedTable]:
    """The tables taken over from the private warehouse, by name."""
    tables = [_of_model(model, model.schema) for model in of_schemas(models, COPIED_SCHEMAS)]
    own = [_own_table(name) for name in own_headers() if name not in OWN_META]
    return sorted(tables + own, key=lambda table: table.full_name)


def published_tables(models: Mapping[str, Model]) -> list[PublishedTable]:
    """Every published table by name, those written by the publication itself among them; the views are not."""
    return sorted([*copied_tables(models), *map(_own_table, OWN_META)], key=lambda table: table.full_name)


def published_views(models: Mapping[str, Model]) -> list[tuple[PublishedTable, str]]:
    """Each Chinese view with its query, each after those it reads."""
    return [(_of_model(model, VIEWS_SCHEMA), model.query) for model in of_schemas(models, [VIEWS_FOLDER])]


def _of_model(model: Model, schema: str) -> PublishedTable:
    return PublishedTable(schema, model.name, model.header, tuple(sorted(model.references)))


def _own_table(full_name: str) -> PublishedTable:
    schema, name = full_name.split(".")
    return PublishedTable(schema, name, own_headers()[full_name])


def comment_of(table: PublishedTable) -> str:
    """What a table's comment says: the description and, where a reader would be misled, the nuance."""
    nuance = table.header.nuance
    return table.header.description if nuance is None else f"{table.header.description}。注意：{nuance}"
