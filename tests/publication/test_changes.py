"""What a publication says it changed against the one before it."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from assets.errors import DamageError
from assets.home import Home
from assets.publication.publish import changes_of, damaged_files, publish
from assets.publication.rollback import roll_back
from assets.publication.snapshot.catalogue import copied_tables
from assets.publication.snapshot.changes import LISTED_DAYS, Change, compare, document
from assets.publication.store.access import PublishingRules
from assets.publication.store.manifest import current_manifest
from assets.publication.store.versions import version_changes
from assets.warehouse.models.model import Model, load_models

from .small_warehouse import FACTS, LATER

Models = dict[str, Model]
Connection = duckdb.DuckDBPyConnection
DIMENSIONS = "event_date date, org_code varchar, org_level varchar, task_type varchar, is_composite boolean"
MEASURES = "consulted bigint, accepted bigint, completed bigint, issued bigint, transferred bigint"


def database(path: Path, *statements: str) -> Path:
    """A file of the tables that are compared: two departments on two days of August and one of September."""
    with duckdb.connect(path) as con:
        con.execute("create schema marts; create schema meta")
        con.execute(f"create table marts.daily_counts ({DIMENSIONS}, {MEASURES})")
        con.execute(
            "insert into marts.daily_counts values ('2023-08-30', 'A', '2', '01', true, 1, 2, 3, 4, 5),"
            " ('2023-08-30', 'B', '2', '01', true, 1, 2, 3, 4, 5), ('2023-09-01', 'A', '2', '01', true, 0, 7, 0, 0, 0)"
        )
        con.execute("create table marts.bulletin_figures (issue_key varchar, figure varchar, value double)")
        con.execute("insert into marts.bulletin_figures values ('2023-34', 'a', 11), ('2023-34', 'b', 1)")
        con.execute("create table meta.files as select 100 as loaded, 'loaded' as state")
        con.execute("create table meta.publication as select date '2023-09-01' as business_date_through")
        for statement in statements:
            con.execute(statement)
    return path


def changes(tmp_path: Path, *statements: str) -> list[Change]:
    former, latter = database(tmp_path / "former.duckdb"), database(tmp_path / "latter.duckdb", *statements)
    tables = [table for table in copied_tables(load_models()) if table.full_name in ("marts.daily_counts", "meta.files")]
    return compare(former, latter, tables)


def told(found: list[Change], kind: str) -> list[tuple[str, str, float | None, float | None]]:
    return [(change.item, change.measure, change.before, change.after) for change in found if change.kind == kind]


def test_nothing_changed_is_nothing_listed(tmp_path: Path) -> None:
    found = changes(tmp_path)
    kept = document("v2", "v1", date(2023, 9, 1), found)
    assert (kept.tables, kept.months, kept.days, kept.figures) == ((), (), (), ())
    assert kept.summary == "since last version: +0 rows, 0 past days changed, 0 figures of published issues changed"


def test_one_past_day_is_told_with_its_month_and_figure(tmp_path: Path) -> None:
    found = changes(
        tmp_path,
        "update marts.daily_counts set accepted = 3 where event_date = '2023-08-30' and org_code = 'B'",
        "insert into marts.daily_counts values ('2023-09-02', 'A', '2', '01', true, 0, 5, 0, 0, 0)",
        "update marts.bulletin_figures set value = 12 where figure = 'a'",
        "insert into marts.bulletin_figures values ('2023-35', 'a', 5)",
        "update meta.files set loaded = 145",
    )
    assert told(found, "table") == [("marts.daily_counts", "rows", 3, 4)]
    assert told(found, "month") == [("2023-08", "accepted", 4, 5), ("2023-09", "accepted", 7, 12)]
    # a day that the former publication had not reached is new, not changed
    assert told(found, "day") == [("2023-08-30", "slices", 1, 1), ("2023-08-30", "accepted", 4, 5)]
    # and so is an issue
    assert told(found, "figure") == [("2023-34", "a", 11, 12)]
    summary = document("v2", "v1", date(2023, 9, 1), found).summary
    assert summary == "since last version: +45 rows, 1 past day changed, 1 figure of published issues changed"


def test_a_count_that_goes_to_another_department_changes_the_day_though_not_its_sums(tmp_path: Path) -> None:
    found = changes(tmp_path, "update marts.daily_counts set org_code = 'C' where org_code = 'B'")
    assert told(found, "day") == [("2023-08-30", "slices", 1, 1)]
    assert told(found, "month") == []


def test_a_figure_that_is_gone_is_told(tmp_path: Path) -> None:
    found = changes(tmp_path, "delete from marts.bulletin_figures where figure = 'b'")
    assert told(found, "figure") == [("2023-34", "b", 1, None)]


def test_days_left_out_of_the_document_are_counted(tmp_path: Path) -> None:
    days = LISTED_DAYS + 20
    insert = (
        "insert into marts.daily_counts select cast(day as date), 'A', '2', '01', true, 1, 0, 0, 0, 0"
        f" from generate_series(date '2023-01-01', date '2023-01-01' + {days - 1}, interval 1 day) series(day)"
    )
    found = changes(tmp_path, insert)
    kept = document("v2", "v1", date(2023, 9, 1), found)
    assert kept.changed_days == days
    assert len({change.item for change in kept.days}) == LISTED_DAYS
    assert len({change.item for change in found if change.kind == "day"}) == days


def test_a_damaged_former_file_stops_nothing(tmp_path: Path) -> None:
    latter = database(tmp_path / "latter.duckdb")
    broken = tmp_path / "broken.duckdb"
    broken.write_bytes(b"no database")
    tables = [table for table in copied_tables(load_models()) if table.full_name == "meta.files"]
    for former in (None, tmp_path / "gone.duckdb", broken):
        assert told(compare(former, latter, tables), "table") == [("meta.files", "rows", None, 1)]
    assert not (tmp_path / "gone.duckdb").exists()


def test_it_is_kept_with_the_version_and_in_the_database(warehouse: Connection, home: Home, models: Models) -> None:
    first = publish(warehouse, home, models, FACTS)
    warehouse.execute("update marts.daily_counts set accepted = accepted + 10 where event_date = '2023-08-31'")
    second = publish(warehouse, home, models, LATER)
    kept = changes_of(home, second)
    assert kept is not None
    assert (kept.former, kept.version, kept.changed_days) == (first.version, second.version, 1)
    assert kept.days[-1] == Change(kind="day", item="2023-08-31", measure="accepted", before=1, after=11)
    with duckdb.connect(home.published_database, read_only=True) as con:
        rows = con.execute("select * from meta.publication_changes where kind = 'day' and measure = 'accepted'").fetchall()
    assert rows == [("day", "2023-08-31", "accepted", 1, 11)]
    of_first = changes_of(home, first)
    assert of_first is not None
    assert of_first.summary == "first version: nothing to compare with"
    # a version put in force again keeps what it was published with
    back = roll_back(home, first.version, LATER.built_at)
    assert back is not None
    assert changes_of(home, back) == of_first


def test_an_altered_document_is_damage(warehouse: Connection, home: Home, models: Models) -> None:
    manifest = publish(warehouse, home, models, FACTS)
    path = version_changes(home, manifest.version)
    path.write_text("{}", encoding="utf-8")
    assert damaged_files(home) == [f"versions/{manifest.version}.diff.json"]
    with pytest.raises(DamageError, match=r"diff\.json"):
        changes_of(home, manifest)


def test_it_goes_with_its_version(warehouse: Connection, home: Home, models: Models) -> None:
    first = publish(warehouse, home, models, FACTS)
    publish(warehouse, home, models, LATER, PublishingRules(kept_versions=1))
    in_force = current_manifest(home)
    assert in_force is not None
    assert not version_changes(home, first.version).exists()
    assert version_changes(home, in_force.version).exists()
