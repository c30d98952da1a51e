"""The sources of the models: views ``lake.*`` over the lake's files, and tables ``ref.*`` of rules, calendar and words."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

import duckdb

from assets.calendar import CalendarRules, Issue, WorkingDays
from assets.exports.lake.opening_files import current_openings
from assets.exports.typing.reasons import WORDING
from assets.platform.contract import load_contract
from assets.sql_text import literal
from assets.warehouse.models.code_lists import published_codes
from assets.warehouse.models.rules import CountingRules, published_rules
from assets.warehouse.state.ledger import literal_path

# paths of files that hold the same columns, with these
LikeFiles = Sequence[tuple[Collection[str], Sequence[str]]]
_SATURDAY = 5
_OPENING_COLUMNS = {
    "as_of": "DATE",
    "org_code": "VARCHAR",
    "org_level": "VARCHAR",
    "task_type": "VARCHAR",
    "is_composite": "BOOLEAN",
    "measure": "VARCHAR",
    "value": "BIGINT",
}
_CALENDAR_COLUMNS = """
    issue_key varchar, issue_year integer, issue_no integer, total_no integer, shown_start date, shown_end date,
    window_start date, cutoff_date date, iso_year integer, iso_week integer, working_days integer
"""


def show_lake(connection: duckdb.DuckDBPyConnection, lake: Path) -> None:
    """Create the views ``lake.*`` over every file that the ledger holds (``ledger_update.py`` verified them before). A feed without
    files is an empty view.
    """
    connection.execute("create schema if not exists lake")
    found = connection.execute(
        "select feed, columns, list(lake_file order by lake_file) from ledger.files"
        " inner join ledger.lake_files on lake_file = path group by feed, columns order by all"
    ).fetchall()
    for feed in load_contract().feeds.values():
        # as text: years of files are thousands of paths
        files = [(held, [f"{lake}/{name}" for name in names]) for of, held, names in found if of == feed.name]
        _show(connection, feed.name, feed.lake_columns, files)
    openings = [str(path) for path in current_openings(lake)]
    _show(connection, "opening", _OPENING_COLUMNS, [(_OPENING_COLUMNS, openings)] if openings else [])


def _show(connection: duckdb.DuckDBPyConnection, name: str, columns: dict[str, str], files: LikeFiles) -> None:
    connection.execute(f"create or replace view lake.{name} as {lake_query(columns, files)}")


def lake_query(columns: Mapping[str, str], files: LikeFiles) -> str:
    """The query of ``columns`` (with their types) over Parquet files of the lake, by the columns that they hold; without files it
    gives no row.

    A column that files lack is NULL in their rows. DuckDB's ``union_by_name`` would find that out from every footer in every build:
    2.5 s a feed for the files of ten years, and 0.3 s so.
    """
    if not files:
        return "select " + ", ".join(_null(column, kind) for column, kind in columns.items()) + " where false"
    return " union all ".join(_of_like_files(columns, held, paths) for held, paths in files)


def _of_like_files(columns: Mapping[str, str], held: Collection[str], paths: Iterable[str]) -> str:
    chosen = [column if column in held else _null(column, kind) for column, kind in columns.items()]
    listed = ", ".join(literal(literal_path(path)) for path in paths)
    return f"select {', '.join(chosen)} from read_parquet([{listed}], hive_partitioning = false)"


def _null(column: str, kind: str) -> str:
    return f"null::{kind} as {column}"


def write_reference(
    connection: duckdb.DuckDBPyConnection,
    rules: CountingRules,
    issues: Sequence[Issue],
    days: WorkingDays | None = None,
    calendar: CalendarRules | None = None,
) -> None:
    """Replace the tables ``ref.*``: issue calendar, its days, festivals, task types with their classes, result types
    that do not count, the rules in force, reasons, codes with their words.

    ``days`` says which days of the issues' weeks are worked; without it the table of days is empty.
    """
    contract = load_contract()
    connection.execute("create schema if not exists ref")
    classes = {code: name for name, members in rules.task_classes.items() for code in members}
    _replace(connection, "issue_calendar", _CALENDAR_COLUMNS, [astuple(issue) for issue in issues])
    _write_days(connection, issues, days)
    _replace(connection, "festivals", "day date, festival varchar", days.festival_days() if days else [])
    _replace(
        connection,
        "task_types",
        "task_type varchar, task_type_name varchar, class varchar",
        [(code, name, classes.get(code)) for code, name in contract.codes["task_type"].values.items()],
    )
    _replace(
        connection,
        "uncounted_result_types",
        "result_type varchar",
        [(code,) for code in sorted(set(rules.uncounted_result_types))],
    )
    _replace(
        connection,
        "rules",
        "rule varchar, value varchar, description varchar",
        published_rules(rules, calendar or CalendarRules()),
    )
    _replace(
        connection,
        "reasons",
        "reason_code varchar, reason varchar, who_fixes varchar",
        [(reason.value, wording.text, wording.who_fixes) for reason, wording in WORDING.items()],
    )
    _replace(
        connection,
        "codes",
        "code_list varchar, code varchar, code_name varchar, list_name varchar",
        [(name, code, word, codes.name) for name, codes in published_codes().items() for code, word in codes.values.items()],
    )


def _write_days(connection: duckdb.DuckDBPyConnection, issues: Sequence[Issue], days: WorkingDays | None) -> None:
    """Every known day of the issues' weeks, as working day or holiday, so that checks can compare like days with like."""
    connection.execute("create or replace table ref.days (day date, is_working_day boolean, is_holiday boolean)")
    if days is None or not issues:
        return
    first, last = issues[0].window_start, issues[-1].cutoff_date
    span = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    rows: list[tuple[date, bool, bool]] = []
    for is_working_day, run in groupby(filter(days.knows, span), key=days.is_working_day):
        together = list(run)
        # a weekend that a weekday off adjoins belongs to the holiday
        is_holiday = not is_working_day and any(day.weekday() < _SATURDAY for day in together)
        rows += [(day, is_working_day, is_holiday) for day in together]
    known, working, holidays = (list(values) for values in zip(*rows, strict=True))
    connection.execute(
        "insert into ref.days select unnest($days::date[]), unnest($working::boolean[]), unnest($holidays::boolean[])",
        {"days": known, "working": working, "holidays": holidays},
    )


def _replace(connection: duckdb.DuckDBPyConnection, name: str, columns: str, rows: Sequence[tuple[object, ...]]) -> None:
    connection.execute(f"create or replace table ref.{name} ({columns})")
    if rows:
        marks = ", ".join("?" for _ in rows[0])
        connection.executemany(f"insert into ref.{name} values ({marks})", rows)
