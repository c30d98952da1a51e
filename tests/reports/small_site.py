"""A site of a few hand-made deliveries, taken in, built and published as a run does it, but for the checks."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from assets.calendar import CalendarRules
from assets.exports import delivery as delivery_module
from assets.exports.delivery import Intake, take_in
from assets.exports.lake.openings import load_opening
from assets.exports.reading.source import FileLimits
from assets.exports.typing.pseudonym import PseudonymKey
from assets.home import Home
from assets.publication.publish import publish
from assets.publication.store.manifest import PublicationFacts, PublishedManifest
from assets.quality.results import create_table
from assets.reports.bulletin import prepare_issue
from assets.reports.freeze import FreezeTerms, freeze_issue
from assets.warehouse.models.rules import CountingRules
from assets.warehouse.state.freeze_files import FrozenIssue
from assets.warehouse.store import Warehouse
from tests.exports.feed_files import csv_text

ORG, OTHER = "11510000MB1234567X", "11510000MB7654321Y"
Row = dict[str, str]
Rows = list[tuple[Any, ...]]
SOUND = {"org_code": ORG, "org_name": "甲局", "org_level": "2", "task_type": "01", "is_composite": "1", "cd_operation": "I"}


def case(key: str, day: str, written: str, **other: str) -> Row:
    """An accept row: accepted on ``day``, written by the platform on the day ``written``."""
    return SOUND | {"project_no": key, "accept_date": f"{day} 10:00:00", "cd_time": f"{written} 20:00:00"} | other


def completion(key: str, day: str, written: str, **other: str) -> Row:
    return (
        SOUND
        | {"project_no": key, "result_type": "1", "result_date": f"{day} 10:00:00", "cd_time": f"{written} 20:00:00"}
        | other
    )


def item(key: str, finished: str, written: str) -> Row:
    return {
        "task_handle_item": key,
        "org_code": ORG,
        "org_name": "甲局",
        "finished_date": finished,
        "cd_time": f"{written} 20:00:00",
    }


class Site:
    """A home; the clock stands still but where ``at`` moves it."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch, rules: CountingRules | None = None) -> None:
        self.home = Home(root)
        self.home.prepare()
        self.at = datetime(2023, 9, 2, 3)
        self._patch = monkeypatch
        self.warehouse = Warehouse(self.home, CalendarRules(), rules or CountingRules(), "test", lock_wait_seconds=0)

    def deliver(self, name: str, mode: str = "upsert", **feeds: Sequence[Row]) -> None:
        """Drop one delivery; ``name`` is ``yyyymmdd_nn``."""
        folder = self.home.landing / name
        folder.mkdir(parents=True)
        files = []
        for feed, rows in feeds.items():
            header = list(rows[0]) if rows else [*case("", "", ""), "x"]
            content = csv_text(header, [[row[column] for column in header] for row in rows]).encode()
            path = folder / f"{feed}_{name}.csv"
            path.write_bytes(content)
            entry = {"name": path.name, "feed": feed, "rows": len(rows), "bytes": len(content)}
            files.append(entry | {"sha256": hashlib.sha256(content).hexdigest()})
        day = date(int(name[:4]), int(name[4:6]), int(name[6:8]))
        manifest = {"delivery": name, "business_date": str(day), "mode": mode, "files": files}
        manifest["produced_at"] = f"{day + timedelta(days=1)}T02:10:00+08:00"
        (folder / f"manifest_{name}.json").write_text(json.dumps(manifest))

    def open_balance(self, as_of: str, accepted: int) -> None:
        """Load an opening balance of accepted licences of the composite window."""
        path = self.home.root / "opening.csv"
        path.write_text(
            f"as_of,org_code,org_level,task_type,is_composite,measure,value\n{as_of},,2,01,1,accepted,{accepted}\n",
            encoding="utf-8",
        )
        load_opening(path, self.home.lake)

    @contextmanager
    def built(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The warehouse, open, after what is pending was taken in and built; a second passes."""
        self.at += timedelta(seconds=1)
        self._patch.setattr(delivery_module, "beijing_now", lambda: self.at)
        intake = Intake(self.home, self.home.landing, PseudonymKey(b"k" * 32), FileLimits())
        list(take_in(intake.survey().arrivals, intake))
        with self.warehouse.open("test") as connection:
            self.warehouse.build(connection, ())
            yield connection

    def run(self) -> PublishedManifest:
        """Take in what is pending, build and publish; a second passes."""
        with self.built() as connection:
            create_table(connection)
            through = connection.execute("select max(business_date) from core.delivered_days").fetchone()
            facts = PublicationFacts(self.at, "test", through[0] if through else None, [], self.warehouse.inputs_sha256())
            return publish(connection, self.home, self.warehouse.models, facts)

    def freeze(self, issue_key: str) -> FrozenIssue:
        """Freeze, build and publish."""
        why = "invented copy is not needed here"
        prepared = prepare_issue(self.home.published_database, self.home.editorial, issue_key, despite=why)
        frozen = freeze_issue(self.home, prepared, FreezeTerms("test", self.at, why))
        self.run()
        return frozen

    def rows(self, sql: str) -> Rows:
        """What the published database says."""
        with duckdb.connect(self.home.published_database, read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def private(self, sql: str) -> Rows:
        """What the private warehouse says."""
        with self.warehouse.open("test") as connection:
            return connection.execute(sql).fetchall()

    def revisions(self) -> Rows:
        return self.rows("select issue_key, figure, published_value, current_value, deliveries from marts.revisions order by all")
