"""``zhoubao models check``: the project's own models hold, and each planted fault is found, at its line, with its fix."""

import re
import shutil
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from assets.errors import UsageError
from assets.quality.suites.reads import unique_columns
from assets.quality.suites.suite import load_suites
from assets.warehouse.lint.checks import check_models
from assets.warehouse.models.layers import MAY_READ
from assets.warehouse.models.model import SQL_FOLDER, load_models

UNIQUE = unique_columns(load_suites())
Plant = Callable[[Path], None]


def replaced(file: str, old: str, new: str) -> Plant:
    """A fault that puts ``new`` in the place of ``old``, wherever it stands in one file."""

    def plant(sql: Path) -> None:
        path = sql / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return plant


def added(file: str, text: str) -> Plant:
    """A fault that is a file of its own."""

    def plant(sql: Path) -> None:
        (sql / file).parent.mkdir(parents=True, exist_ok=True)
        (sql / file).write_text(text, encoding="utf-8")

    return plant


def moved(file: str, to: str) -> Plant:
    """A fault that is a file in the wrong place."""

    def plant(sql: Path) -> None:
        (sql / file).rename(sql / to)

    return plant


TASK_TYPES, COVERAGE = "marts/task_types.sql", "marts/issue_coverage.sql"
DAILY, EVENTS, WEEKLY = "marts/daily_counts.sql", "core/events.sql", "marts/weekly_counts.sql"
LAST_CLASS = "    class\nfrom task_types"

# what is planted, the file in which it is found, a text of the line found, words of the message
FAULTS: dict[str, tuple[Plant, str, str, str]] = {
    "a header that is not YAML": (
        replaced(TASK_TYPES, "grain: [task_type]", "grain: [task_type"),
        TASK_TYPES,
        "owner: data_team",
        "the header is not YAML: .*; see to indentation, brackets and colons",
    ),
    "no header": (
        replaced(TASK_TYPES, "/*\n", "-- "),
        TASK_TYPES,
        "-- description",
        "begins with its YAML header.*; write the header",
    ),
    "a word of the header that is missing": (
        replaced(TASK_TYPES, "owner: data_team\n", ""),
        TASK_TYPES,
        "description: 事项类型",
        "`owner` is missing; add `owner:`",
    ),
    "a word that is not a word of a header": (
        replaced(TASK_TYPES, "owner:", "owned_by: x\nowner:"),
        TASK_TYPES,
        "owned_by: x",
        "`owned_by` is not a word of a header; take it out, or write one of description",
    ),
    "a column described twice": (
        replaced(TASK_TYPES, "  class:", "  task_type: {type: VARCHAR, description: 代码}\n  class:"),
        TASK_TYPES,
        "description: 代码}",
        "`task_type` occurs here a second time; keep one",
    ),
    "a column without a description": (
        replaced(TASK_TYPES, '{type: VARCHAR, description: "事项类型名称", nullable: false}', "{type: VARCHAR}"),
        TASK_TYPES,
        "task_type_name: {",
        r"`columns\.task_type_name\.description` is missing; add `description:`",
    ),
    "a column described in English": (
        replaced(TASK_TYPES, '"事项类型名称"', "its name"),
        TASK_TYPES,
        "task_type_name: {",
        "`task_type_name` is not described in Chinese; say what it means",
    ),
    "a table described in English": (
        replaced(TASK_TYPES, "description: 事项类型及其在公报中的类别", "description: types"),
        TASK_TYPES,
        "description: types",
        "the description is not in Chinese",
    ),
    "an owner that is no team": (
        replaced(TASK_TYPES, "owner: data_team", "owner: Data Team"),
        TASK_TYPES,
        "owner: Data Team",
        "`Data Team` is not an owner; write a team such as data_team",
    ),
    "a table that calls itself a view": (
        replaced(TASK_TYPES, "kind: table", "kind: view"),
        TASK_TYPES,
        "kind: view",
        "a model in marts/ is a table, and the header says view; write kind: table",
    ),
    "a kind that is neither": (
        replaced(TASK_TYPES, "kind: table", "kind: snapshot"),
        TASK_TYPES,
        "kind: snapshot",
        "`kind`: Input should be 'table', 'view', 'merge'",
    ),
    "newest by a column that is not there": (
        replaced(EVENTS, "newest_by: [cd_time,", "newest_by: [cd_tim,"),
        EVENTS,
        "newest_by: [cd_tim,",
        "`newest_by` names `cd_tim`, which is not a column",
    ),
    "an order of versions where none compete": (
        replaced(TASK_TYPES, "kind: table", "kind: table\nnewest_by: [task_type]"),
        TASK_TYPES,
        "newest_by: [task_type]",
        "`newest_by` orders versions, and the kind is table",
    ),
    "a sum that is no sum": (
        replaced(DAILY, "cast(sum(case when measure = 'issued'", "cast(max(case when measure = 'issued'"),
        DAILY,
        "kind: sum",
        "a table of kind sum adds up by its grain, and the query does not",
    ),
    "a sum that is no whole number": (
        replaced(DAILY, "issued: {type: BIGINT", "issued: {type: DOUBLE"),
        DAILY,
        "  issued: {type: DOUBLE",
        "`issued` is DOUBLE, and differences are added up exactly only in BIGINT",
    ),
    "a row kind of what no rows come into": (
        replaced(TASK_TYPES, "kind: table", "kind: merge"),
        TASK_TYPES,
        "kind: merge",
        "it reads neither a feed of the lake nor a table that is renewed row by row",
    ),
    "a merge without an order of versions": (
        replaced(EVENTS, "newest_by: [cd_time, business_date, sequence, delivery, file_index, line]\n", ""),
        EVENTS,
        "kind: merge",
        "a table of kind merge needs to say which version wins",
    ),
    "a merge whose rows do not know their file": (
        replaced(EVENTS, "  file_index: {type: BIGINT", "  number: {type: BIGINT"),
        EVENTS,
        "columns:",
        "a table of kind merge needs file_index, to know which of its rows a file brought that was removed",
    ),
    "a sum of what is built whole": (
        replaced(DAILY, "select * from core.events", "select * from core.delivered_days"),
        DAILY,
        "kind: sum",
        "`core.delivered_days` is built whole, and a sum reads what changes row by row",
    ),
    "a check that does not exist": (
        replaced(TASK_TYPES, "checks: [grain_is_unique]", "checks: [grain_is_unique, is_right]"),
        TASK_TYPES,
        "checks: [",
        "there is no check `is_right`; write",
    ),
    "a grain without its promise": (
        replaced(TASK_TYPES, "checks: [grain_is_unique]", "checks: []"),
        TASK_TYPES,
        "checks: []",
        "does not promise that the grain is unique; write checks",
    ),
    "a grain that no suite proves": (
        replaced(TASK_TYPES, "grain: [task_type]", "grain: [class]"),
        TASK_TYPES,
        "grain: [class]",
        "no check proves that class is unique; add to expectations/marts_task_types.yaml",
    ),
    "a grain that names no column": (
        replaced(TASK_TYPES, "grain: [task_type]", "grain: [task_type, code]"),
        TASK_TYPES,
        "grain: [task_type, code]",
        "the grain names `code`, which is not a column; name some of task_type",
    ),
    "a date that is a text": (
        replaced("core/delivered_days.sql", "business_date: {type: DATE", "business_date: {type: VARCHAR"),
        "core/delivered_days.sql",
        "business_date: {",
        "`business_date` is VARCHAR, and a column of such a name is DATE; give it the type of its name",
    ),
    "a truth whose name does not say so": (
        replaced(COVERAGE, "is_complete", "complete"),
        COVERAGE,
        "complete: {",
        "`complete` is BOOLEAN; call it is_complete or has_complete",
    ),
    "a name in capitals": (
        replaced(TASK_TYPES, "  class:", "  Class:"),
        TASK_TYPES,
        "  Class:",
        "`Class` is not a column's name; use small letters",
    ),
    "a column that the query does not give": (
        replaced(TASK_TYPES, f"task_type_name,\n{LAST_CLASS}", "task_type_name\nfrom task_types"),
        TASK_TYPES,
        "  class: {",
        "the header promises `class`, and the query does not give it; add it to the last select",
    ),
    "a column that the header does not know": (
        replaced(TASK_TYPES, LAST_CLASS, "    class,\n    class as kind\nfrom task_types"),
        TASK_TYPES,
        "class as kind",
        "the query gives `kind`, which the header does not know; describe it",
    ),
    "columns in another order": (
        replaced(TASK_TYPES, f"task_type_name,\n{LAST_CLASS}", "class,\n    task_type_name\nfrom task_types"),
        TASK_TYPES,
        "  task_type_name: {",
        "`task_type_name` is at another place than in the query; .* order: task_type, class, task_type_name",
    ),
    "another type than promised": (
        replaced(WEEKLY, "cast(sum(daily_counts.issued) as bigint) as issued", "sum(daily_counts.issued) as issued"),
        WEEKLY,
        "sum(daily_counts.issued) as issued",
        r"`issued` is BIGINT in the header and HUGEINT in the query; cast it: cast\(… as bigint\)",
    ),
    "a type that DuckDB does not know": (
        replaced(TASK_TYPES, "class: {type: VARCHAR", "class: {type: WORD"),
        TASK_TYPES,
        LAST_CLASS.splitlines()[0],
        "`class` is WORD in the header and VARCHAR in the query; cast it",
    ),
    "a table that is not there": (
        replaced(DAILY, "from core.events", "from core.event"),
        DAILY,
        "from core.event",
        "there is no table `core.event`; is `core.events` meant",
    ),
    "a step that is not there": (
        replaced(TASK_TYPES, LAST_CLASS, "    class\nfrom task_typs"),
        TASK_TYPES,
        "from task_typs",
        "`task_typs` is neither a step above nor `schema.table`",
    ),
    "a column that is not there": (
        replaced(EVENTS, "live.org_level,", "live.org_levle,"),
        EVENTS,
        "live.org_levle,",
        "nothing read here has a column `live.org_levle`; is `org_level` meant",
    ),
    "a column that is not there, in a condition": (
        replaced(WEEKLY, "where issue_windows.has_figures", "where issue_windows.has_numbers"),
        WEEKLY,
        "where issue_windows.has_numbers",
        "nothing read here has a column `issue_windows.has_numbers`",
    ),
    "a table of its own layer's reader": (
        replaced("core/delivered_days.sql", "select * from core.file_states", "select * from meta.files"),
        "core/delivered_days.sql",
        "select * from meta.files",
        "`core` may not read `meta.files`: layers read only downwards; read one of the schemas core, lake, ledger, ref",
    ),
    "a view of single cases": (
        replaced("views/日统计.sql", "select * from marts.daily_counts", "select * from core.events"),
        "views/日统计.sql",
        "select * from core.events",
        "`views` may not read `core.events`: layers read only downwards; read one of the schemas marts",
    ),
    "a star after the import": (
        replaced("core/issue_windows.sql", "    select distinct\n        as_of,", "    select distinct *,\n        as_of,"),
        "core/issue_windows.sql",
        "select distinct *,",
        r"`\*` outside an import CTE hides which columns are taken; list the columns",
    ),
    "a star with a condition": (
        replaced(
            WEEKLY, "    select * from core.issue_windows\n", "    select * from core.issue_windows\n    where has_figures\n"
        ),
        WEEKLY,
        "select * from core.issue_windows",
        "outside an import CTE hides",
    ),
    "a step that nothing reads": (
        replaced(TASK_TYPES, "with task_types", "with reasons as (\n    select * from ref.reasons\n),\n\ntask_types"),
        TASK_TYPES,
        "with reasons as (",
        "nothing reads the step `reasons`; take it out",
    ),
    "SQL that cannot be parsed": (
        replaced(TASK_TYPES, LAST_CLASS, "    case when class\nfrom task_types"),
        TASK_TYPES,
        "from task_types",
        "the query cannot be parsed",
    ),
    "no select": (
        replaced(TASK_TYPES, "with task_types as", "create table a.b as with task_types as"),
        TASK_TYPES,
        "create table a.b",
        "a model is one plain select; write one statement",
    ),
    "two statements": (
        replaced(TASK_TYPES, LAST_CLASS, f"{LAST_CLASS};\nselect 1"),
        TASK_TYPES,
        "with task_types",
        "a model is one plain select",
    ),
    "a comma too many": (
        replaced(TASK_TYPES, LAST_CLASS, "    class,,\nfrom task_types"),
        TASK_TYPES,
        "    class,,",
        "DuckDB refuses the query: Parser Error.*; fix the SQL here",
    ),
    "what only the engine knows": (
        replaced(TASK_TYPES, LAST_CLASS, "    clas_s(class) as class\nfrom task_types"),
        TASK_TYPES,
        "clas_s(class)",
        "DuckDB refuses the query: .*clas_s",
    ),
    "a weekday": (
        replaced(
            COVERAGE, "    week_days_delivered,\n", "    dayofweek(cutoff_date) + week_days_delivered as week_days_delivered,\n"
        ),
        COVERAGE,
        "dayofweek(cutoff_date)",
        r"`DAYOFWEEK\(cutoff_date\)` counts weeks or weekdays.*; take weeks and working days from ref.issue_calendar",
    ),
    "a week by truncation": (
        replaced(
            EVENTS, "        versions.event_date,", "        cast(date_trunc('week', versions.event_date) as date) as event_date,"
        ),
        EVENTS,
        "date_trunc('week'",
        "counts weeks or weekdays",
    ),
    "a quantile": (
        replaced(COVERAGE, "    year_days_delivered,\n", "    quantile_cont(year_days_delivered, 0.5) as year_days_delivered,\n"),
        COVERAGE,
        "quantile_cont",
        r"is a quantile, which Spark computes otherwise or not at all; use median\(\)",
    ),
    "an ordered list on the way to Spark": (
        replaced(EVENTS, "    live.org_name,\n    live", "    list(live.org_name order by live.line)[1] as org_name,\n    live"),
        EVENTS,
        "list(live.org_name",
        "loses its order on Spark; use row_number",
    ),
    "the time of day": (
        replaced(COVERAGE, "cutoff_date - window_start + 1 as bigint", "current_date - window_start + 1 as bigint"),
        COVERAGE,
        "current_date - window_start",
        "gives another answer each time, so that a rebuild would differ; take the time from a column",
    ),
    "a circle": (
        replaced("core/file_states.sql", "select * from ledger.files", "select * from core.delivered_days"),
        "core/file_states.sql",
        "/*",
        "models read each other in a circle: .*core.delivered_days; take one of the references out",
    ),
    "a file in no schema's folder": (
        moved(TASK_TYPES, "task_types.sql"),
        "task_types.sql",
        "/*",
        r"`\.` is not a schema's folder; move it to sql/core/, sql/history/",
    ),
    "a folder that is no schema": (
        added("staging/a.sql", "select 1 as a\n"),
        "staging/a.sql",
        "select 1",
        "`staging` is not a schema's folder; move it to sql/core/",
    ),
    "a table's name in Chinese": (
        moved(TASK_TYPES, "marts/事项类型.sql"),
        "marts/事项类型.sql",
        "/*",
        "`事项类型` is not a table's name; rename the file",
    ),
}


MODELS = load_models()


def small_folder(folder: Path, files: Collection[str]) -> Path:
    """A copy of these models and of all that they read."""
    waiting = [f"{Path(file).parent.name}.{Path(file).stem}" for file in files]
    needed: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in MODELS and name not in needed:
            needed.add(name)
            waiting += MODELS[name].references
    for name in needed:
        copy = folder / MODELS[name].path.relative_to(SQL_FOLDER)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(MODELS[name].path, copy)
    return folder


def test_the_projects_own_models_hold() -> None:
    assert check_models(UNIQUE) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_at_its_line_with_its_fix(tmp_path: Path, fault: str) -> None:
    plant, file, text, message = FAULTS[fault]
    # what Spark runs is what daily_counts reads
    sql = small_folder(tmp_path / "sql", [file, TASK_TYPES, "core/delivered_days.sql", *([DAILY] if "Spark" in fault else [])])
    assert check_models(UNIQUE, sql) == []
    plant(sql)
    findings = [str(finding) for finding in check_models(UNIQUE, sql) if finding.path == sql / file]
    lines = (sql / file).read_text(encoding="utf-8").splitlines()
    places = [number for number, line in enumerate(lines, 1) if text in line]
    assert any(re.search(rf"{re.escape(str(sql / file))}:{line}: .*{message}", found) for line in places for found in findings), (
        findings
    )


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    sql = small_folder(tmp_path / "sql", [TASK_TYPES, COVERAGE, EVENTS])
    for fault in ("a header that is not YAML", "a quantile", "a column that is not there"):
        FAULTS[fault][0](sql)
    found = {(finding.path.name, finding.rule) for finding in check_models(UNIQUE, sql)}
    assert found >= {("task_types.sql", "header"), ("issue_coverage.sql", "spark"), ("events.sql", "reference")}


def test_a_fault_is_not_laid_at_the_door_of_those_who_read_it(tmp_path: Path) -> None:
    sql = small_folder(tmp_path / "sql", [DAILY])
    replaced("core/file_states.sql", "placed.feed,", "placed.feeds,")(sql)
    assert {finding.path.name for finding in check_models(UNIQUE, sql)} == {"file_states.sql"}


def test_without_suites_every_grain_but_the_views_is_unproved() -> None:
    nothing: dict[str, Collection[frozenset[str]]] = {}
    found = {finding.path.parent.name + "." + finding.path.stem for finding in check_models(nothing)}
    assert found == {name for name, model in MODELS.items() if model.header.kind != "view"}


def test_every_folder_has_its_layer() -> None:
    assert {path.name for path in SQL_FOLDER.iterdir() if path.is_dir()} == set(MAY_READ)


def test_a_folder_without_models_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there are no models"):
        check_models(UNIQUE, tmp_path)
