"""The SQL models of ``sql/``: one file, one table; the folder is the schema, the file name the table.

Reads headers and queries and finds the order to build them in; running them is ``build.py``'s.
"""

import graphlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import sqlglot
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlglot import exp

from assets.errors import UsageError

SQL_FOLDER = Path(__file__).parents[2] / "sql"
# written by the steps themselves, not by a model: the lake's files, the ledger, settings as tables, results of checks
SOURCE_SCHEMAS = frozenset({"lake", "ledger", "ref", "quality"})

_HEADER = re.compile(r"\A\s*/\*\n(?P<yaml>.*?)\n\*/\s*\n(?P<query>.*)\Z", re.DOTALL)


class ModelColumn(BaseModel):
    """One column of a model, as its header promises it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str
    description: str


class ModelHeader(BaseModel):
    """What the YAML at the top of a model says: for readers, the dictionary and the checks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    description: str
    grain: tuple[str, ...]
    owner: str
    kind: Literal["table", "view"]
    columns: dict[str, ModelColumn]
    nuance: str | None = None
    checks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Model:
    """One table or view: ``schema.name``, its header, its query (the file after the header) and its file."""

    schema: str
    name: str
    header: ModelHeader
    query: str
    path: Path

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}"

    @cached_property
    def parsed(self) -> exp.Expr:
        try:
            return sqlglot.parse_one(self.query, dialect="duckdb")
        except sqlglot.errors.ParseError as error:
            raise UsageError(f"{self.path}: {error}") from error

    @cached_property
    def references(self) -> frozenset[str]:
        """Every ``schema.table`` the query reads, its own common table expressions left out."""
        own = {cte.alias for cte in self.parsed.find_all(exp.CTE)}
        tables = self.parsed.find_all(exp.Table)
        return frozenset(f"{table.db}.{table.name}" for table in tables if table.db or table.name not in own)


def load_models(folder: Path = SQL_FOLDER) -> dict[str, Model]:
    """All models below ``folder`` by full name, each after those it reads.

    Raises ``UsageError`` naming the file where a header is missing or wrong, or where models read each other in a circle.
    """
    models = [read_model(path) for path in sorted(folder.glob("*/*.sql"))]
    return in_order({model.full_name: model for model in models})


def read_model(path: Path) -> Model:
    """One model of the file ``<schema>/<name>.sql``."""
    match = _HEADER.match(path.read_text(encoding="utf-8"))
    if match is None:
        raise UsageError(f"{path}:1: a model begins with its YAML header between lines '/*' and '*/'")
    try:
        document: Any = yaml.safe_load(match["yaml"])
        header = ModelHeader.model_validate(document)
    except yaml.YAMLError as error:
        line = getattr(error, "problem_mark", None)
        raise UsageError(f"{path}:{line.line + 2 if line else 1}: the header is not YAML: {error}") from error
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise UsageError(f"{path}:1: header: {problems}") from error
    return Model(path.parent.name, path.stem, header, match["query"], path)


def in_order(models: Mapping[str, Model]) -> dict[str, Model]:
    """The same models, each after those it reads."""
    graph = {name: [ref for ref in sorted(model.references) if ref in models] for name, model in models.items()}
    try:
        names = list(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as error:
        raise UsageError(f"models read each other in a circle: {' → '.join(error.args[1])}") from error
    return {name: models[name] for name in names}


def of_schemas(models: Mapping[str, Model], schemas: Iterable[str]) -> list[Model]:
    """The models of the given schemas, in their order."""
    wanted = set(schemas)
    return [model for model in models.values() if model.schema in wanted]
