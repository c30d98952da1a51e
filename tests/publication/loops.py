"""What runs in processes of its own under ``stress.py``: a publisher without rest, and readers that check each thing they read.

Every publication holds one number everywhere: in each row of two tables, in how many rows there are, in a view.
"""

import json
import os
import time
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from assets.clock import beijing_now
from assets.home import Home
from assets.publication.publish import publish
from assets.publication.store.access import PublishingRules
from assets.warehouse.connection import open_warehouse, writer_lock
from assets.warehouse.models.model import load_models

from .small_warehouse import FACTS

ROWS_AT_LEAST = 3
ROWS_VARY_BY = 200
_PAUSE = 0.01
_NUMBERS = """
select
    (select version from meta.publication),
    (select min(accepted) from marts.daily_counts),
    (select max(accepted) from marts.daily_counts),
    (select count(*) from marts.daily_counts),
    (select sum("受理") from "日统计"),
    (select min(note) from meta.files),
    (select max(note) from meta.files)
"""


@dataclass(frozen=True)
class Place:
    """Where a stress run takes place: the home, the small models, and the files by which its processes tell each other."""

    root: Path

    @property
    def home(self) -> Home:
        return Home(self.root / "home")

    @property
    def sql(self) -> Path:
        return self.root / "sql"

    @property
    def done(self) -> Path:
        """A line for each finished publication: appended in one write, which a kill cannot tear."""
        return self.root / "done"

    @property
    def stop(self) -> Path:
        return self.root / "stop"

    def finished(self) -> int:
        return len(self.done.read_bytes().splitlines()) if self.done.exists() else 0


def publish_all(place: Place, publications: int, rules: PublishingRules) -> None:
    """Publish the next number, until so many publications are finished, those of killed publishers counted in."""
    models = load_models(place.sql)
    while place.finished() < publications:
        with writer_lock(place.home, 60, "stress"), open_warehouse(place.home) as con:
            _next_number(con)
            facts = replace(FACTS, built_at=beijing_now().replace(microsecond=0))
            version = publish(con, place.home, models, facts, rules).version
        with place.done.open("ab", buffering=0) as stream:
            stream.write(f"{version}\n".encode())


def _next_number(con: duckdb.DuckDBPyConnection) -> None:
    row = con.execute("select max(accepted) + 1 from marts.daily_counts").fetchone()
    number = row[0] if row else 0
    con.execute("begin")
    con.execute("delete from marts.daily_counts")
    con.execute(
        "insert into marts.daily_counts select date '2023-09-01', 'D' || i, $number, '' from range($rows) r(i)",
        {"number": number, "rows": rows_of(number)},
    )
    con.execute("update meta.files set note = $note", {"note": str(number)})
    con.execute("commit")


def rows_of(number: int) -> int:
    return ROWS_AT_LEAST + number % ROWS_VARY_BY


@dataclass
class Seen:
    """What one reader saw: how often it read, and everything that should not be."""

    reads: int = 0
    versions: set[str] = field(default_factory=set)
    newest: dict[str, tuple[str, int]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def take(self, way: str, version: str, number: int) -> None:
        """One good read by one way in: it must be no older than the last one by that way."""
        if (version, number) < self.newest.get(way, ("", 0)):
            self.errors.append(f"{way}: {version} with {number} after {self.newest[way]}")
        self.newest[way] = version, number
        self.versions.add(version)
        self.reads += 1


def read_all_the_time(place: Place, result: Path) -> None:
    """Read by every way in until told to stop; what was seen goes to ``result`` as JSON."""
    seen = Seen()
    while not place.stop.exists():
        for read in (_by_name, _by_manifest, _by_parquet):
            try:
                read(place.home, seen)
            except Exception as error:
                seen.errors.append(f"{read.__name__}: {type(error).__name__}: {error}")
        # else four readers leave the publisher no processor
        time.sleep(_PAUSE)
    result.write_text(json.dumps({"reads": seen.reads, "versions": len(seen.versions), "errors": seen.errors}))


def _by_name(home: Home, seen: Seen) -> None:
    """As an analyst: the file by its fixed name; what was open stays what it was."""
    with duckdb.connect(home.published_database, read_only=True) as con:
        version, number = _consistent(con)
        os.sched_yield()
        if _consistent(con) != (version, number):
            seen.errors.append(f"{version} changed in an open handle")
    seen.take("name", version, number)


def _by_manifest(home: Home, seen: Seen) -> None:
    """As a program: the manifest first, then the version's own file, by its hash."""
    manifest: dict[str, Any] = json.loads(home.manifest.read_text(encoding="utf-8"))
    file = home.published / manifest["database"]["file"]
    if sha256(file.read_bytes()).hexdigest() != manifest["database"]["sha256"]:
        seen.errors.append(f"{file.name} is not what the manifest says")
    with duckdb.connect(file, read_only=True) as con:
        version, number = _consistent(con)
    if version != manifest["version"]:
        seen.errors.append(f"{file.name} holds {version}")
    if manifest["tables"]["marts.daily_counts"]["rows"] != rows_of(number):
        seen.errors.append(f"{version}: the manifest's rows are another version's")
    seen.take("manifest", version, number)


def _by_parquet(home: Home, seen: Seen) -> None:
    """As a program without DuckDB: the manifest once, then each of its Parquet files, by its hash."""
    manifest: dict[str, Any] = json.loads(home.manifest.read_text(encoding="utf-8"))
    found = {}
    for name in ("meta.publication", "marts.daily_counts", "meta.files"):
        entry = manifest["tables"][name]
        content = (home.published / entry["file"]).read_bytes()
        if sha256(content).hexdigest() != entry["sha256"]:
            seen.errors.append(f"{entry['file']} is not what the manifest says")
        found[name] = pl.read_parquet(content)
        os.sched_yield()
    versions, counts = set(found["meta.publication"]["version"]), found["marts.daily_counts"]["accepted"]
    numbers = {*counts, *map(int, found["meta.files"]["note"])}
    if versions != {manifest["version"]} or len(numbers) != 1 or len(counts) != rows_of(min(numbers)):
        seen.errors.append(f"{manifest['version']}: Parquet files of {versions} with {numbers}")
    seen.take("parquet", manifest["version"], min(numbers))


def _consistent(con: duckdb.DuckDBPyConnection) -> tuple[str, int]:
    """Version and number of one publication. Raises ``AssertionError`` where its parts are not of one number."""
    version, *numbers = con.execute(_NUMBERS).fetchone() or ("",)
    number = int(numbers[0])
    assert list(map(int, numbers)) == [number, number, rows_of(number), number * rows_of(number), number, number], numbers
    return version, number
