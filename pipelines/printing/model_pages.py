"""The documents of ``zhoubao models`` for programs; ``printing/models.py`` prints them for people."""

import subprocess
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from assets.errors import UsageError, ZhoubaoError
from assets.publication.query import run_query
from assets.publication.snapshot.catalogue import (
    COPIED_SCHEMAS,
    VIEWS_FOLDER,
    VIEWS_SCHEMA,
    own_headers,
    published_tables,
    published_views,
)
from assets.publication.snapshot.origins import column_sources
from assets.quality.suites.reads import reads_of
from assets.quality.suites.suite import Check, Suite, load_suites
from assets.reports.tables_read import reports_of
from assets.warehouse.lineage.columns import ColumnRef, Lineage
from assets.warehouse.lineage.impact import Impact, impact_of
from assets.warehouse.lineage.steps import ROWS
from assets.warehouse.models.empty import source_columns
from assets.warehouse.models.findings import Finding
from assets.warehouse.models.header import ModelHeader
from assets.warehouse.models.model import SQL_FOLDER, Model, load_models, read_model

Document = dict[str, Any]
NOT_PUBLISHED = "single cases are not published, so there are no rows to show"


def finding_document(finding: Finding) -> Document:
    """One finding of the check."""
    return {
        "file": str(finding.path),
        "line": finding.line,
        "rule": finding.rule,
        "message": finding.message,
        "fix": finding.fix,
    }


def impact_document(file: str, settings: Any) -> Document:
    """What a change of the model ``file``, a path or ``schema.table``, reaches. Raises ``UsageError`` where there is no such model."""
    models, name = _models_and_name(file)
    model = models[name]
    committed = _committed(model.path)
    differs = committed is not None and committed != model.path.read_text(encoding="utf-8")
    before = read_model(model.path, committed) if differs else None
    found = impact_of(models, source_columns(), name, settings.counting.task_classes, before)
    return {
        "model": name,
        "file": str(model.path),
        "compared_with": "git HEAD" if differs else None,
        "changed_columns": list(found.changed),
        "tables": {table: list(columns) for table, columns in found.touched.items() if not _is_view(table)},
        "views": {_published_name(table): list(columns) for table, columns in found.touched.items() if _is_view(table)},
        "figures": list(found.figures),
        "checks": [_check_document(suite, check) for suite, check in _checks_touched(found, models)],
        "reports": reports_of([name, *found.touched]) if found.changed or found.figures else [],
    }


def table_document(table: str, settings: Any, rows: int) -> Document:
    """Everything about one table. Raises ``UsageError`` if no table has that name."""
    models = load_models()
    if table in own_headers():
        return _page(table, own_headers()[table], models, settings, rows)
    models, name = _models_and_name(table)
    return _page(name, models[name].header, models, settings, rows)


def _page(name: str, header: ModelHeader, models: Mapping[str, Model], settings: Any, rows: int) -> Document:
    shown = _published_name(name)
    sources = column_sources(models)
    model = models.get(name)
    return {
        "table": shown,
        "file": str(model.path) if model else None,
        "kind": header.kind,
        "description": header.description,
        "nuance": header.nuance,
        "grain": list(header.grain),
        "owner": header.owner,
        "columns": [
            {"name": column, "type": said.type, "description": said.description, "source": sources.get((shown, column))}
            for column, said in header.columns.items()
        ],
        "reads": sorted(model.references) if model else [],
        "read_by": [_published_name(other.full_name) for other in models.values() if name in other.references],
        "reports": reports_of([name]),
        "checks": [_check_document(suite, check) for suite in load_suites() if suite.table == name for check in suite.checks],
        **_sample(shown, models, settings, rows),
    }


def _sample(shown: str, models: Mapping[str, Model], settings: Any, rows: int) -> Document:
    """Some rows of the published table, or why none can be shown."""
    published = {table.full_name: table for table in [*published_tables(models), *(view for view, _ in published_views(models))]}
    if shown not in published:
        return {"rows": None, "rows_note": NOT_PUBLISHED}
    query = f"select {published[shown].column_list} from {published[shown].quoted} limit {rows}"
    try:
        result = run_query(settings.place.published_database, query)
    except ZhoubaoError as error:
        return {"rows": None, "rows_note": str(error).splitlines()[0]}
    return {"rows": [dict(zip(result.columns, row, strict=True)) for row in result.rows], "rows_note": None}


def _checks_touched(found: Impact, models: Mapping[str, Model]) -> list[tuple[Suite, Check]]:
    """The checks that read a column changed or touched, or count the rows of such a table."""
    lineage = Lineage(models, source_columns(), across=True)
    touched = found.columns | {ColumnRef(ref.table, ROWS) for ref in found.columns}
    pairs = [(suite, check) for suite in load_suites() for check in suite.checks]
    return [(suite, check) for suite, check in pairs if reads_of(suite, check, lineage.columns_of) & touched]


def _check_document(suite: Suite, check: Check) -> Document:
    return {"id": check.id, "table": suite.table, "rule": check.rule, "severity": check.severity, "who_fixes": check.who_fixes}


def _models_and_name(text: str) -> tuple[dict[str, Model], str]:
    """The models, and the full name of the one that ``text`` means: a file, ``schema.table``, or a view as it is published."""
    path = Path(text)
    if path.suffix == ".sql" and path.is_file():
        path = path.absolute()
        return load_models(path.parents[1]), f"{path.parent.name}.{path.stem}"
    models = load_models()
    name = text.replace('"', "").removeprefix(f"{VIEWS_SCHEMA}.")
    for candidate in (name, f"{VIEWS_FOLDER}.{name}", *(f"{schema}.{name}" for schema in COPIED_SCHEMAS)):
        if candidate in models:
            return models, candidate
    near = get_close_matches(name, models, n=3, cutoff=0.4)
    hint = f"is one of {', '.join(near)} meant?" if near else f"name a file in {SQL_FOLDER}, or schema.table"
    raise UsageError(f"{text}: there is no such model; {hint}")


def _is_view(name: str) -> bool:
    return name.startswith(f"{VIEWS_FOLDER}.")


def _published_name(name: str) -> str:
    return f"{VIEWS_SCHEMA}.{name.removeprefix(f'{VIEWS_FOLDER}.')}" if _is_view(name) else name


def _committed(path: Path) -> str | None:
    """The file in git's HEAD; ``None`` without git, or for a new file."""
    try:
        shown = subprocess.run(["git", "show", f"HEAD:./{path.name}"], cwd=path.parent, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return shown.stdout.decode("utf-8")
