"""The SQL models of ``sql/``: one file, one table; the folder is the schema, the file name the table.

Reads headers and queries and finds the order to build them in; running them is ``build.py``'s, checking ``lint/checks.py``'s.
"""

import graphlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from assets.errors import UsageError
from assets.warehouse.models.findings import Finding, refuse
from assets.warehouse.models.header import HeaderText, ModelColumn, ModelHeader, query_of, take_apart

if TYPE_CHECKING:
    # 0.1 s, which a command that parses no query does not pay
    from sqlglot import exp

__all__ = [
    "SOURCE_SCHEMAS",
    "SQL_FOLDER",
    "Model",
    "ModelColumn",
    "ModelHeader",
    "in_order",
    "load_models",
    "of_schemas",
    "query_texts",
    "read_all",
    "read_model",
]

SQL_FOLDER = Path(__file__).parents[3] / "sql"
# written by the steps themselves, not by a model: the lake's files, the ledger, settings as tables, results of checks
SOURCE_SCHEMAS = frozenset({"lake", "ledger", "ref", "quality"})


@dataclass(frozen=True, eq=False)
class Model:
    """One table or view: ``schema.name``, its header, its query (the file after the header) and its file.

    A file with the same text is the same model, so that what is found of it once holds for the whole process.

    ``query_line`` is the line of the file on which the query begins.
    """

    schema: str
    name: str
    header: ModelHeader
    query: str
    path: Path
    query_line: int
    header_text: HeaderText

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}"

    @cached_property
    def parsed(self) -> "exp.Expr":
        """The query's tree. Raises ``UsageError`` naming file and line where it cannot be parsed."""
        refuse(self.unparsed)
        (query,) = _statements(self.query)
        if query is None:
            raise UsageError(f"{self.path}: there is no query")
        return query

    @cached_property
    def unparsed(self) -> list[Finding]:
        """Why the query is no plain SELECT; empty where it is one."""
        from sqlglot import exp
        from sqlglot.errors import ParseError

        try:
            statements = _statements(self.query)
        except ParseError as error:
            return [
                self.finding(item["line"] or 1, "parse", f"the query cannot be parsed: {item['description']}", "fix the SQL here")
                for item in error.errors
            ]
        if len(statements) == 1 and isinstance(statements[0], exp.Query):
            return []
        return [
            self.finding(1, "parse", "a model is one plain select", "write one statement that begins with `with` or `select`")
        ]

    @cached_property
    def references(self) -> frozenset[str]:
        """Every ``schema.table`` the query reads, its own common table expressions left out."""
        from sqlglot import exp

        own = {cte.alias for cte in self.parsed.find_all(exp.CTE)}
        tables = self.parsed.find_all(exp.Table)
        return frozenset(f"{table.db}.{table.name}" for table in tables if table.db or table.name not in own)

    @cached_property
    def reading_places(self) -> tuple[tuple[int, int, str], ...]:
        """Where the query's text names a table: begin, end, ``schema.table``; the last comes first."""
        from sqlglot import exp

        named = [table for table in self.parsed.find_all(exp.Table) if table.db]
        places = [(one.args["db"].meta["start"], one.this.meta["end"] + 1, f"{one.db}.{one.name}") for one in named]
        return tuple(sorted(places, reverse=True))

    def finding(self, query_line: int, rule: str, message: str, fix: str) -> Finding:
        """A finding at a line of the query."""
        return Finding(self.path, self.query_line - 1 + query_line, rule, message, fix)

    def header_finding(self, place: tuple[str | int, ...], rule: str, message: str, fix: str) -> Finding:
        """A finding at a place of the header, such as ``("columns", "event_date")``."""
        return Finding(self.path, self.header_text.line_of(*place), rule, message, fix)


@lru_cache(maxsize=256)
def _statements(query: str) -> "list[exp.Expr | None]":
    import sqlglot

    # 25 ms each; nothing changes a tree, so that the same text may share one
    return sqlglot.parse(query, dialect="duckdb")


def load_models(folder: Path = SQL_FOLDER) -> dict[str, Model]:
    """All models below ``folder`` by full name, each after those it reads.

    Raises ``UsageError`` naming file and line of every header that is missing or wrong, or models that read each other in a circle.
    """
    models, findings = read_all(folder)
    refuse(findings)
    return in_order(models)


def query_texts(folder: Path = SQL_FOLDER) -> dict[str, str]:
    """The text of each model's query by full name, without reading header or query."""
    files = sorted(folder.glob("*/*.sql"))
    return {f"{path.parent.name}.{path.stem}": query_of(path.read_text(encoding="utf-8")) for path in files}


def read_all(folder: Path) -> tuple[dict[str, Model], list[Finding]]:
    """The models below ``folder`` whose headers can be read, by full name, and what is wrong with the others."""
    read = [_of_file(path) for path in sorted(folder.glob("*/*.sql"))]
    models = {entry.full_name: entry for entry in read if isinstance(entry, Model)}
    return models, [finding for entry in read if not isinstance(entry, Model) for finding in entry]


def read_model(path: Path, text: str | None = None) -> Model:
    """One model of the file ``<schema>/<name>.sql``; with ``text``, another state of that file. Raises ``UsageError``."""
    entry = _of_file(path) if text is None else _of_text(path, text)
    if isinstance(entry, Model):
        return entry
    raise UsageError("\n".join(map(str, entry)))


def _of_file(path: Path) -> Model | list[Finding]:
    try:
        return _of_text(path, path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        return [Finding(path, 1, "header", "the file is not UTF-8", "save it as UTF-8")]


@lru_cache(maxsize=256)
def _of_text(path: Path, text: str) -> Model | list[Finding]:
    parts = take_apart(path, text)
    if isinstance(parts, list):
        return parts
    return Model(path.parent.name, path.stem, parts.header, parts.query, path, parts.query_line, parts.header_text)


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
