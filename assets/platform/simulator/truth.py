"""The right counts of a simulation, from the final states of its events: what a warehouse must find in the deliveries.

Told from the generator's own events by the rules of the interface, never through the code that reads deliveries.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import polars as pl

from assets.platform.simulator.departments import World
from assets.platform.simulator.events import NO_TRANSFERS, VOID_RESULTS, day_number
from assets.platform.simulator.records import Naming
from assets.platform.simulator.strata import CLASSES, OTHER_KIND, UNKNOWN_KIND
from assets.platform.simulator.weeks import IssueWeek, issue_weeks

MEASURES = ("consulted", "accepted", "completed", "issued", "transferred")
DIMENSIONS = ("org_code", "org_level", "task_type", "is_composite")
# what the interface counts of each feed: the measure, and how many a group of rows makes
_COUNTED: dict[str, tuple[str, pl.Expr]] = {
    "accept": ("accepted", pl.len().cast(pl.Int64)),
    "process": ("transferred", (~pl.col("value").is_in(NO_TRANSFERS)).sum().cast(pl.Int64)),
    "result": ("completed", (~pl.col("value").is_in(VOID_RESULTS)).sum().cast(pl.Int64)),
    "issue": ("issued", pl.len().cast(pl.Int64)),
    # a blank 人次 is one person
    "consult": ("consulted", pl.max_horizontal(pl.col("value"), pl.lit(1, pl.Int64)).sum()),
}
_COMPOSITE = ("consulted", "accepted", "issued", "transferred")
_CLASS_MEASURES = ("accepted", "completed")
_PROVINCE = "2"
_CELL = ("org", "kind", "composite", "day")

Row = dict[str, Any]


@dataclass(frozen=True)
class Opening:
    """Balances at the close of ``as_of``: a frame of the dimensions and measures."""

    as_of: date
    balances: pl.DataFrame


@dataclass
class Ledger:
    """Takes in final events day by day and keeps only their sums; then tells the tables."""

    world: World
    naming: Naming
    opening: Opening | None = None
    files: list[Row] = field(default_factory=list)
    quarantine: list[Row] = field(default_factory=list)
    lists: dict[date, list[tuple[str, str, str, date | None]]] = field(default_factory=dict)
    """per business date of a handbook: (item, org_code, org_name, finished)"""
    _cells: list[pl.DataFrame] = field(default_factory=list)
    _departments: list[pl.DataFrame] = field(default_factory=list)

    def add(self, feed: str, final: pl.DataFrame) -> None:
        """Count the live events of one feed and day of delivery."""
        measure, count = _COUNTED[feed]
        cells = final.group_by(_CELL).agg(count.alias("count")).with_columns(pl.lit(measure).alias("measure"))
        self._cells.append(cells.filter(pl.col("count") > 0))
        # a row without a name says nothing about its department's
        named = pl.col("cd").filter(~pl.col("nameless")).max()
        self._departments.append(
            final.group_by("org").agg(named.alias("cd"), pl.col("day").min().alias("first"), pl.col("day").max().alias("last"))
        )

    def withdraw(self, day: date, feeds: set[str]) -> None:
        """Mark what was delivered so far for ``day`` of these feeds: a replacing delivery follows."""
        for file in self.files:
            if file["delivery"].startswith(f"{day:%Y%m%d}_") and file["feed"] in feeds:
                file["state"] = "withdrawn"

    def tables(self, first: date, last: date) -> dict[str, list[Row]]:
        """Return the tables by name, with the issues whose cut-off lies within ``first`` and ``last``; every day has a delivery."""
        daily = self._daily()
        issues = issue_weeks(first, last)
        weekly = {
            issue.key: _summed(daily.filter(pl.col("event_date").is_between(issue.window_start, issue.cutoff)))
            for issue in issues
        }
        to_date = {issue.key: self._to_date(daily, issue) for issue in issues}
        progress = {issue.key: self._progress(issue) for issue in issues}
        return {
            "marts.daily_counts": daily.with_columns(pl.col("event_date").cast(pl.String)).to_dicts(),
            "marts.weekly_counts": _by_issue(weekly),
            "marts.cumulative_counts": _by_issue(to_date),
            "marts.bulletin_figures": [
                {"issue_key": issue.key, "figure": figure, "value": value}
                for issue in issues
                for figure, value in _figures(weekly[issue.key], to_date[issue.key], progress[issue.key]).items()
            ],
            "marts.handbook_progress": [{"issue_key": key, **row} for key, rows in progress.items() for row in rows],
            "marts.issue_coverage": [self._coverage(issue, first, last) for issue in issues],
            "marts.organizations": self._organizations(),
            "meta.files": self.files,
        }

    def _daily(self) -> pl.DataFrame:
        codes = pl.Series([department.code for department in self.world.departments])
        levels = pl.Series([str(department.level) for department in self.world.departments])
        cells = pl.concat(self._cells).group_by(*_CELL, "measure").agg(pl.col("count").sum())
        return _wide(
            cells.with_columns(
                pl.col("day").cast(pl.Int32).cast(pl.Date).alias("event_date"),
                codes.gather(cells["org"]).alias("org_code"),
                levels.gather(cells["org"]).alias("org_level"),
                _task_type(pl.col("kind")).alias("task_type"),
                pl.col("composite").alias("is_composite"),
            ),
            ("event_date", *DIMENSIONS),
        )

    def _to_date(self, daily: pl.DataFrame, issue: IssueWeek) -> pl.DataFrame:
        since = date(issue.year, 1, 1)
        if self.opening is None or self.opening.as_of.year != issue.year:
            return _summed(daily.filter(pl.col("event_date").is_between(since, issue.cutoff)))
        after = pl.col("event_date").is_between(self.opening.as_of, issue.cutoff, closed="right")
        return _summed(pl.concat([daily.filter(after).drop("event_date"), self.opening.balances]))

    def _progress(self, issue: IssueWeek) -> list[Row]:
        listed, before = self._list_by(issue.cutoff), self._list_by(issue.window_start - timedelta(days=1))
        done_before = {item for item, _, _, finished in before if finished is not None and finished < issue.window_start}
        rows: dict[str, Row] = {}
        for item, code, name, finished in listed:
            row = rows.setdefault(
                code, {"org_code": code, "org_name": name, "finished_in_week": 0, "finished_total": 0, "items_total": 0}
            )
            is_finished = finished is not None and finished <= issue.cutoff
            # without an earlier list only the day can say it
            is_new = item not in done_before if before else finished is not None and finished >= issue.window_start
            row["items_total"] += 1
            row["finished_total"] += is_finished
            row["finished_in_week"] += is_finished and is_new
        return [row | {"finished_share": row["finished_total"] / row["items_total"]} for _, row in sorted(rows.items())]

    def _list_by(self, day: date) -> list[tuple[str, str, str, date | None]]:
        """The list in force at the end of ``day``; empty where none was delivered yet."""
        days = [delivered for delivered in self.lists if delivered <= day]
        return self.lists[max(days)] if days else []

    def _coverage(self, issue: IssueWeek, first: date, last: date) -> Row:
        since = date(issue.year, 1, 1)
        if self.opening is not None and self.opening.as_of.year == issue.year:
            since = self.opening.as_of + timedelta(days=1)
        year_days, year_delivered = _days(since, issue.cutoff), _days(max(since, first), min(issue.cutoff, last))
        week_delivered = _days(max(issue.window_start, first), issue.cutoff)
        return {
            "issue_key": issue.key,
            "week_days": issue.days,
            "week_days_delivered": week_delivered,
            "year_days": year_days,
            "year_days_delivered": year_delivered,
            "is_complete": week_delivered == issue.days and year_delivered == year_days,
        }

    def _organizations(self) -> list[Row]:
        facts = (
            pl.concat(self._departments)
            .group_by("org")
            .agg(pl.col("cd").max(), pl.col("first").min(), pl.col("last").max())
            .sort("org")
        )
        epoch = date(1970, 1, 1)
        rows = []
        for org, cd, first, last in facts.iter_rows():
            department = self.world.departments[org]
            name = self.naming.name(department, cd)
            rows.append(
                {
                    "org_code": department.code,
                    "org_name": name,
                    "org_level": str(department.level),
                    "first_seen_date": str(epoch + timedelta(days=first)),
                    "last_seen_date": str(epoch + timedelta(days=last)),
                }
            )
        return rows


def _days(first: date, last: date) -> int:
    return max(0, day_number(last) - day_number(first) + 1)


def _task_type(kind: pl.Expr) -> pl.Expr:
    known = pl.when(kind == UNKNOWN_KIND).then(OTHER_KIND).otherwise(kind).cast(pl.String).str.zfill(2)
    return pl.when(kind == 0).then(pl.lit("")).otherwise(known)


def _wide(cells: pl.DataFrame, keys: tuple[str, ...]) -> pl.DataFrame:
    """One column per measure, 0 where none, from rows of ``measure`` and ``count``."""
    sums = [pl.col("count").filter(pl.col("measure") == measure).sum().alias(measure) for measure in MEASURES]
    return cells.group_by(keys).agg(sums).sort(keys)


def _summed(counts: pl.DataFrame) -> pl.DataFrame:
    return counts.group_by(DIMENSIONS).agg(pl.col(MEASURES).sum()).sort(DIMENSIONS)


def _by_issue(tables: dict[str, pl.DataFrame]) -> list[Row]:
    return [{"issue_key": key, **row} for key, table in tables.items() for row in table.to_dicts()]


def _figures(weekly: pl.DataFrame, to_date: pl.DataFrame, progress: list[Row]) -> dict[str, float]:
    figures: dict[str, float] = {}
    composite = (pl.col("org_level") == _PROVINCE) & pl.col("is_composite")
    for measure in _COMPOSITE:
        figures[f"composite.{measure}.week"] = float(weekly.filter(composite)[measure].sum())
        figures[f"composite.{measure}.ytd"] = float(to_date.filter(composite)[measure].sum())
    for name, kinds in CLASSES.items():
        members = (pl.col("org_level") == _PROVINCE) & pl.col("task_type").is_in([f"{kind:02d}" for kind in kinds])
        for measure in _CLASS_MEASURES:
            figures[f"{name}.{measure}.ytd"] = float(to_date.filter(members)[measure].sum())
    if progress:
        finished, items = sum(row["finished_total"] for row in progress), sum(row["items_total"] for row in progress)
        figures["handbook.finished.week"] = float(sum(row["finished_in_week"] for row in progress))
        figures["handbook.finished.total"] = float(finished)
        figures["handbook.items"] = float(items)
        figures["handbook.share"] = finished / items
    return figures
