"""The changes of a publication against the one before it: rows of tables, sums by month, past days, figures of issues.

Compared on two database files opened read-only; the result is a document kept alongside the version and the rows of
``meta.publication_changes``. A former file that was removed or is damaged leaves only what is new, never an error.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Literal

import duckdb
from pydantic import BaseModel, ConfigDict

from assets.publication.snapshot.catalogue import PublishedTable
from assets.sql_text import literal

MEASURES = ("consulted", "accepted", "completed", "issued", "transferred")
# a changed rule can touch every day there is; the table in the database lists them all
LISTED_DAYS = 100
_LIMITS: dict[str, str | bool | int | float | list[str]] = {"memory_limit": "1GB", "temp_directory": ""}
_OLD, _NEW = "former", "latter"
Kind = Literal["table", "records", "month", "day", "figure"]


class Change(BaseModel):
    """One number before and after; ``None`` where it was not there. ``item`` is a table, month, day or issue."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    item: str
    measure: str
    before: float | None
    after: float | None


class PublicationChanges(BaseModel):
    """The changes from the version ``former`` (``None`` for the first) to ``version``; of past days at most LISTED_DAYS are listed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    former: str | None
    former_business_date_through: date | None
    records: Change | None
    tables: tuple[Change, ...]
    months: tuple[Change, ...]
    changed_days: int
    days: tuple[Change, ...]
    changed_figures: int
    figures: tuple[Change, ...]

    @property
    def summary(self) -> str:
        """One line for a person."""
        if self.former is None:
            return "first version: nothing to compare with"
        added = int((self.records.after or 0) - (self.records.before or 0)) if self.records else 0
        return (
            f"since last version: {added:+,} rows, {_past(self.changed_days)} changed, {_figures(self.changed_figures)} changed"
        )


def _past(days: int) -> str:
    return f"{days} past day{'' if days == 1 else 's'}"


def _figures(count: int) -> str:
    return f"{count} figure{'' if count == 1 else 's'} of published issues"


def compare(former: Path | None, latter: Path, tables: Iterable[PublishedTable]) -> list[Change]:
    """Every change between two database files in the order of kind, item, measure; ``former`` may be missing or damaged."""
    with duckdb.connect(config=_LIMITS) as con:
        con.execute(f"attach {literal(str(latter))} as {_NEW} (read_only)")
        has_former = former is not None and _attached(con, former)
        changes = list(_tables(con, tables, has_former))
        if has_former:
            for compared in (_records, _months, _days, _issues):
                changes += compared(con)
    return changes


def document(version: str, former: str | None, through: date | None, changes: Iterable[Change]) -> PublicationChanges:
    """The changes as they are kept; what is left out of ``days`` is counted in ``changed_days``."""
    by_kind: dict[str, list[Change]] = {kind: [] for kind in ("table", "records", "month", "day", "figure")}
    for change in changes:
        by_kind[change.kind].append(change)
    days = sorted({change.item for change in by_kind["day"]})
    listed = set(days[-LISTED_DAYS:])
    return PublicationChanges(
        version=version,
        former=former,
        former_business_date_through=through,
        records=next(iter(by_kind["records"]), None),
        tables=tuple(by_kind["table"]),
        months=tuple(by_kind["month"]),
        changed_days=len(days),
        days=tuple(change for change in by_kind["day"] if change.item in listed),
        changed_figures=len(by_kind["figure"]),
        figures=tuple(by_kind["figure"]),
    )


def write_changes(copy: duckdb.DuckDBPyConnection, changes: Iterable[Change]) -> None:
    """Make ``meta.publication_changes`` in ``copy``: all changes, past days without a limit."""
    copy.execute(
        "create table meta.publication_changes"
        " (kind varchar, item varchar, measure varchar, before_value double, after_value double)"
    )
    rows = [[change.kind, change.item, change.measure, change.before, change.after] for change in changes]
    if rows:
        copy.executemany("insert into meta.publication_changes values (?, ?, ?, ?, ?)", sorted(rows, key=lambda row: row[:3]))


def _attached(con: duckdb.DuckDBPyConnection, former: Path) -> bool:
    try:
        con.execute(f"attach {literal(str(former))} as {_OLD} (read_only)")
    except duckdb.Error:
        return False
    return True


def _tables(con: duckdb.DuckDBPyConnection, tables: Iterable[PublishedTable], has_former: bool) -> Iterable[Change]:
    for table in tables:
        after = _one(con, f"select count(*) from {_NEW}.{table.quoted}")
        known = has_former and bool(_columns(con, _OLD, table.schema, table.name))
        before = _one(con, f"select count(*) from {_OLD}.{table.quoted}") if known else None
        if before != after:
            yield Change(kind="table", item=table.full_name, measure="rows", before=before, after=after)


def _records(con: duckdb.DuckDBPyConnection) -> list[Change]:
    """Case rows that are in force, of all deliveries."""
    if len(_common(con, "meta", "files", ("loaded", "state"))) < len(("loaded", "state")):
        return []
    counted = "select coalesce(sum(loaded), 0) from {}.meta.files where state = 'loaded'"
    before, after = (_one(con, counted.format(side)) for side in (_OLD, _NEW))
    return [Change(kind="records", item="meta.files", measure="loaded", before=before, after=after)]


def _months(con: duckdb.DuckDBPyConnection) -> list[Change]:
    return _counts(con, "month", "strftime(event_date, '%Y-%m')", "true")


def _days(con: duckdb.DuckDBPyConnection) -> list[Change]:
    """Days within the former publication whose counts changed, each with the number of slices that differ."""
    measures = _common(con, "marts", "daily_counts", MEASURES)
    # the latter's own meta.publication is written after this comparison
    if not measures or "business_date_through" not in _columns(con, _OLD, "meta", "publication"):
        return []
    reached = f"event_date <= (select max(business_date_through) from {_OLD}.meta.publication)"
    side = f"select {', '.join(_slices(con))} from {{}}.marts.daily_counts where {reached}"
    old, new = side.format(_OLD), side.format(_NEW)
    # a count that goes from one department to another leaves the day's sums as they were
    rows = con.execute(
        "select strftime(event_date, '%Y-%m-%d') as item, count(*) filter (where is_former), count(*) filter (where not is_former)"
        f" from (select *, true as is_former from ({old} except {new})"
        f" union all select *, false as is_former from ({new} except {old})) group by item order by item"
    ).fetchall()
    slices = [Change(kind="day", item=day, measure="slices", before=before, after=after) for day, before, after in rows]
    return slices + _counts(con, "day", "strftime(event_date, '%Y-%m-%d')", reached)


def _slices(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The columns of the daily counts that both have."""
    dimensions = ("event_date", "org_code", "org_level", "task_type", "is_composite")
    return _common(con, "marts", "daily_counts", (*dimensions, *MEASURES))


def _counts(con: duckdb.DuckDBPyConnection, kind: Kind, item: str, condition: str) -> list[Change]:
    """Sums of the daily counts that differ."""
    measures = _common(con, "marts", "daily_counts", MEASURES)
    if not measures:
        return []
    sums = ", ".join(f"coalesce(sum({measure}), 0) as {measure}" for measure in measures)
    side = f"select {item} as item, {sums} from {{}}.marts.daily_counts where {condition} group by item"
    pairs = ", ".join(f"former_side.{measure}, latter_side.{measure}" for measure in measures)
    rows = con.execute(
        f"select item, {pairs} from ({side.format(_OLD)}) former_side full join ({side.format(_NEW)}) latter_side using (item)"
        " order by item"
    ).fetchall()
    return [
        Change(kind=kind, item=item_, measure=measure, before=before, after=after)
        for item_, *values in rows
        for measure, before, after in zip(measures, values[::2], values[1::2], strict=True)
        if (before or 0) != (after or 0)
    ]


def _issues(con: duckdb.DuckDBPyConnection) -> list[Change]:
    """Figures of the former publication that changed or were removed; new issues are no change."""
    if not _common(con, "marts", "bulletin_figures", ("value",)):
        return []
    rows = con.execute(
        f"select former_side.issue_key, former_side.figure, former_side.value, latter_side.value"
        f" from {_OLD}.marts.bulletin_figures former_side left join {_NEW}.marts.bulletin_figures latter_side"
        " using (issue_key, figure) where latter_side.value is distinct from former_side.value order by all"
    ).fetchall()
    return [Change(kind="figure", item=issue, measure=name, before=old, after=new) for issue, name, old, new in rows]


def _common(con: duckdb.DuckDBPyConnection, schema: str, table: str, wanted: Iterable[str]) -> list[str]:
    """Those of the ``wanted`` columns that both databases have."""
    both = _columns(con, _OLD, schema, table) & _columns(con, _NEW, schema, table)
    return [name for name in wanted if name in both]


def _columns(con: duckdb.DuckDBPyConnection, database: str, schema: str, table: str) -> set[str]:
    rows = con.execute(
        "select column_name from duckdb_columns() where database_name = ? and schema_name = ? and table_name = ?",
        [database, schema, table],
    ).fetchall()
    return {name for (name,) in rows}


def _one(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return int(row[0]) if row else 0


def described(changes: PublicationChanges) -> dict[str, str | int]:
    """The changes in a few Chinese words and numbers, for Dagster's metadata."""
    return {
        "上一版": changes.former or "无",
        "较上一版的记录增减": int((changes.records.after or 0) - (changes.records.before or 0)) if changes.records else 0,
        "有变动的往日": changes.changed_days,
        "有变动的各期数字": changes.changed_figures,
    }
