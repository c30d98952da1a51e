"""Cases of the models: given rows → expected rows, as YAML files in ``cases/``, run on DuckDB in memory.

A file names its ``model``; ``defaults`` are the values of a table's columns where a row says nothing, ``given`` the rows that every
case starts from. A case has its own ``given`` (per table in the place of the file's), ``expect`` (rows, compared as a multiset over
the columns they list), and may look at one step (``cte``). Other models may be built first (``through``, of a file or a case). Values
are texts, cast to the column's type; ``null`` is NULL.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml
from sqlglot import exp

from assets.warehouse.lineage.steps import ROWS
from assets.warehouse.models.model import Model

CASES = Path(__file__).parent / "cases"
Row = dict[str, str]
_WORDS_OF_A_FILE = {"model", "through", "defaults", "given", "cases"}
_WORDS_OF_A_CASE = {"case", "given", "expect", "cte", "through"}


class CaseError(Exception):
    """A case that is not written right; the message names file and case."""


@dataclass(frozen=True)
class Case:
    """One case with all that its file says."""

    file: str
    name: str
    model: str
    given: Mapping[str, list[Row]]
    expect: list[Row]
    cte: str | None
    through: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.file}: case '{self.name}'"


def read_cases(folder: Path = CASES) -> list[Case]:
    """All cases below ``folder``. Raises ``CaseError`` for an unknown word or a name that stands twice."""
    return [case for path in sorted(folder.glob("*.yaml")) for case in _of_file(path)]


def _of_file(path: Path) -> Iterator[Case]:
    # every value stays the text it is written as: 01 is a code, not a number
    document: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    _refuse_unknown(f"{path.name}", document, _WORDS_OF_A_FILE)
    defaults: dict[str, Row] = document.get("defaults", {})
    names = Counter(entry["case"] for entry in document["cases"])
    for entry in document["cases"]:
        place = f"{path.name}: case '{entry['case']}'"
        _refuse_unknown(place, entry, _WORDS_OF_A_CASE)
        if names[entry["case"]] > 1:
            raise CaseError(f"{place}: the name stands twice")
        given = {**document.get("given", {}), **entry.get("given", {})}
        rows = {table: [{**defaults.get(table, {}), **row} for row in listed] for table, listed in given.items()}
        through = tuple(entry.get("through", document.get("through", ())))
        yield Case(path.name, entry["case"], document["model"], rows, entry["expect"], entry.get("cte"), through)


def _refuse_unknown(place: str, entry: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(entry) - known)
    if unknown:
        raise CaseError(f"{place}: unknown words {', '.join(unknown)}; known are {', '.join(sorted(known))}")


def run_case(connection: duckdb.DuckDBPyConnection, models: Mapping[str, Model], case: Case) -> None:
    """Put the given rows into ``connection``, an empty warehouse, ask the model, compare; the warehouse is empty again after.

    Raises ``AssertionError`` with the rows that are missing and those not expected, ``CaseError`` for a case that is not right.
    """
    connection.execute("begin")
    try:
        for table, rows in case.given.items():
            _put(connection, case, table, rows)
        for name in case.through:
            columns = ", ".join(f'"{column}"' for column in models[name].header.columns)
            connection.execute(f"insert into {name} ({columns}) select {columns} from ({models[name].query})")
        _compare(connection, models[case.model], case)
    finally:
        connection.execute("rollback")


def _put(connection: duckdb.DuckDBPyConnection, case: Case, table: str, rows: list[Row]) -> None:
    types = _types(connection, f"select * from {table}")
    kind = "view" if table.startswith("lake.") else "table"
    connection.execute(f"drop {kind} {table}")
    # without the ledger's constraints, so that a case names only the columns that matter
    connection.execute(f"create table {table} ({', '.join(f'{name} {kind}' for name, kind in types.items())})")
    for row in rows:
        wrong = sorted(set(row) - set(types))
        if wrong:
            raise CaseError(f"{case}: {table} has no column {', '.join(wrong)}; it has {', '.join(types)}")
        values = [None if value == "null" else value for value in row.values()]
        marks = ", ".join(f"cast(? as {types[name]})" for name in row)
        connection.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", values)


def _compare(connection: duckdb.DuckDBPyConnection, model: Model, case: Case) -> None:
    query = model.query if case.cte is None else _up_to(model, case)
    types = _types(connection, query)
    columns = list(case.expect[0]) if case.expect else list(types)
    if any(list(row) != columns for row in case.expect) or not set(columns) <= set(types):
        raise CaseError(f"{case}: all rows expected list the same columns in one order, some of {', '.join(types)}")
    names = ", ".join(f'cast("{name}" as varchar)' for name in columns)
    found = Counter(connection.execute(f"select {names} from ({query})").fetchall())
    expected = Counter(_as_stored(connection, row, types) for row in case.expect)
    missing, unexpected = expected - found, found - expected
    assert not missing and not unexpected, (
        f"{case}: over ({', '.join(columns)}) missing {list(missing.elements())}, not expected {list(unexpected.elements())}"
    )


def _as_stored(connection: duckdb.DuckDBPyConnection, row: Row, types: Mapping[str, str]) -> tuple[str | None, ...]:
    """The row as the database would give it back: 1 of a DOUBLE is 1.0."""
    values = [None if value == "null" else value for value in row.values()]
    selected = ", ".join(f"cast(cast(? as {types[name]}) as varchar)" for name in row)
    stored = connection.execute(f"select {selected}", values).fetchone()
    assert stored is not None
    return stored


def _up_to(model: Model, case: Case) -> str:
    steps = model.parsed.ctes if isinstance(model.parsed, exp.Query) else []
    names = [step.alias for step in steps]
    if case.cte not in names:
        raise CaseError(f"{case}: the model has no step {case.cte}; it has {', '.join(names)}")
    needed = steps[: names.index(case.cte) + 1]
    return f"with {', '.join(step.sql('duckdb') for step in needed)} select {ROWS} from {case.cte}"


def _types(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, str]:
    return {name: kind for name, kind, *_ in connection.execute(f"describe {query}").fetchall()}
