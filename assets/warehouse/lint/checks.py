"""``zhoubao models check``: all that can be proved about the models without data. Reports every finding, not only the first.

The rules are in ``header_rules.py``, ``query_rules.py``, ``layers.py`` and ``translation.py``; this module applies them.
"""

import graphlib
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import duckdb

from assets.errors import UsageError
from assets.warehouse.build import kinds
from assets.warehouse.lineage.columns import Lineage
from assets.warehouse.lint import header_rules, query_rules, translation
from assets.warehouse.models import layers
from assets.warehouse.models.empty import empty_warehouse, source_columns
from assets.warehouse.models.findings import Finding
from assets.warehouse.models.model import SQL_FOLDER, Model, read_all

# what the bigger engine computes: this table and all that it is made from
HEAVIEST = "marts.daily_counts"

_LINE = re.compile(r"^LINE (\d+):", re.MULTILINE)


def check_models(unique: Mapping[str, Collection[frozenset[str]]], folder: Path = SQL_FOLDER) -> list[Finding]:
    """Every fault of the models below ``folder``, by file and line; empty if there is none.

    ``unique`` has, by table, the sets of columns that a suite checks to be unique. Raises ``UsageError`` where there is no model.
    """
    models, findings = read_all(folder)
    if not models and not findings:
        raise UsageError(f"{folder}: there are no models (<schema>/<table>.sql)")
    findings += layers.misplaced_files(folder)
    for model in models.values():
        findings += _of_header(model, unique)
        findings += kinds.wrong_kind(model, models)
    parsed = {name: model for name, model in models.items() if not model.unparsed}
    findings += [finding for model in models.values() for finding in model.unparsed]
    findings += _circles(parsed)
    if not any(finding.rule == "circle" for finding in findings):
        findings += _of_queries(parsed, models)
    return sorted(set(findings))


def _of_header(model: Model, unique: Mapping[str, Collection[frozenset[str]]]) -> Iterator[Finding]:
    yield from header_rules.wrong_words(model)
    yield from header_rules.wrong_columns(model)
    yield from header_rules.wrong_grain(model, unique)


def _circles(models: Mapping[str, Model]) -> Iterator[Finding]:
    graph = {name: [ref for ref in sorted(model.references) if ref in models] for name, model in models.items()}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        circle = error.args[1]
        for name in circle[1:]:
            message = f"models read each other in a circle: {' → '.join(circle)}"
            yield Finding(models[name].path, 1, "circle", message, "take one of the references out")


def _of_queries(parsed: Mapping[str, Model], known: Mapping[str, Model]) -> Iterator[Finding]:
    lineage = Lineage(known, source_columns(), across=False)
    names = [*known, *source_columns()]
    heavy = _upstream(parsed, HEAVIEST)
    with empty_warehouse(known) as connection:
        for model in parsed.values():
            missing = [*query_rules.missing_tables(model, lineage, names), *query_rules.missing_columns(model, lineage)]
            yield from missing
            yield from layers.reading_upwards(model)
            yield from query_rules.stars(model)
            yield from query_rules.unused_steps(model)
            yield from translation.refused_functions(model, model.full_name in heavy)
            yield from translation.untranslatable(model)
            if not missing:
                yield from _described(connection, model)


def _described(connection: duckdb.DuckDBPyConnection, model: Model) -> Iterator[Finding]:
    """The query's columns and types as the engine itself finds them, against the header."""
    try:
        rows = connection.execute(f"describe {model.query}").fetchall()
    except duckdb.Error as error:
        line = _LINE.search(str(error))
        message = f"DuckDB refuses the query: {str(error).splitlines()[0]}"
        yield model.finding(int(line[1]) if line else 1, "engine", message, "fix the SQL here")
        return
    yield from query_rules.wrong_outputs(model, {name: kind for name, kind, *_ in rows})


def _upstream(models: Mapping[str, Model], name: str) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current in models and current not in found:
            found.add(current)
            waiting += models[current].references
    return found
