"""What a publication holds: the described tables alone, comments, views, Parquet copies and a manifest that is right."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256

import duckdb
import polars as pl
import pytest

from assets.errors import DamageError
from assets.home import Home
from assets.publication.publish import damaged_files, publish
from assets.publication.snapshot import database as snapshot
from assets.publication.snapshot.catalogue import copied_tables
from assets.publication.snapshot.copy_comparison import fingerprint
from assets.publication.snapshot.database import version_of
from assets.publication.store.manifest import note_refusal, read_manifest
from assets.warehouse.models.model import Model

from .small_warehouse import FACTS, LATER

Models = dict[str, Model]
Connection = duckdb.DuckDBPyConnection


def rows(home: Home, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(home.published_database, read_only=True) as con:
        return con.execute(sql).fetchall()


def test_only_described_tables_and_columns_are_published(warehouse: Connection, home: Home, models: Models) -> None:
    publish(warehouse, home, models, FACTS)
    tables = rows(home, "select schema_name || '.' || table_name from duckdb_tables() order by all")
    expected = [
        "marts.daily_counts",
        "meta.acceptances",
        "meta.columns",
        "meta.files",
        "meta.publication",
        "meta.publication_changes",
        "quality.checks",
    ]
    assert [name for (name,) in tables] == expected
    assert "个案".encode() not in home.published_database.read_bytes()
    assert (
        rows(home, "select * from marts.daily_counts")
        == warehouse.execute("select event_date, org_code, accepted from marts.daily_counts order by all").fetchall()
    )


def test_every_table_and_column_is_documented(warehouse: Connection, home: Home, models: Models) -> None:
    publish(warehouse, home, models, FACTS)
    silent = rows(
        home,
        "select table_name, null from duckdb_tables() where comment is null"
        " union all select view_name, null from duckdb_views() where not internal and comment is null"
        " union all select table_name, column_name from duckdb_columns() where not internal and comment is null",
    )
    assert silent == []
    undescribed = rows(
        home,
        "select schema_name, table_name, column_name, data_type, comment from duckdb_columns() where not internal"
        " except select schema_name, table_name, column_name, data_type, description from meta.columns",
    )
    assert undescribed == []
    (comment,) = rows(home, "select comment from duckdb_columns() where column_name = 'org_code' and table_name = 'daily_counts'")
    assert comment == ("部门的编码 'org' \"code\" ; drop",)
    (table,) = rows(home, "select comment from duckdb_tables() where table_name = 'daily_counts'")
    assert table == ("每日办件量，'按日'。注意：各量各按自己的时间计数",)
    (origin,) = rows(
        home, "select grain, source from meta.columns where table_name = 'daily_counts' and column_name = 'accepted'"
    )
    assert origin == ("event_date,org_code", "core.accept")


def test_views_open_in_a_fresh_process_and_under_another_name(warehouse: Connection, home: Home, models: Models) -> None:
    manifest = publish(warehouse, home, models, FACTS)
    warehouse.close()
    home.warehouse.unlink()
    program = (
        "import duckdb, sys\n"
        "con = duckdb.connect(sys.argv[1], read_only=True)\n"
        'print(con.execute("""select sum("受理"), count(*) from "日统计" """).fetchall())\n'
    )
    for name in (home.published_database, home.published / manifest.database.file):
        done = subprocess.run([sys.executable, "-c", program, name], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "[(3, 3)]"


def test_manifest_says_what_is_on_disk(warehouse: Connection, home: Home, models: Models) -> None:
    publish(warehouse, home, models, FACTS)
    said = json.loads(home.manifest.read_text(encoding="utf-8"))
    assert len(said.pop("checksum")) == 64
    assert said == read_manifest(home)
    assert list(said) == [
        "version",
        "built_at",
        "code_version",
        "business_date_through",
        "issues",
        "last_refused_run",
        "inputs_sha256",
        "database",
        "tables",
        "diff",
        "dictionary",
        "contract_version",
        "rollback",
        "acceptances",
    ]
    assert said["version"].startswith("20230902T030000-")
    assert (said["built_at"], said["business_date_through"]) == ("2023-09-02T03:00:00", "2023-09-01")
    content = (home.published / said["database"]["file"]).read_bytes()
    assert (len(content), sha256(content).hexdigest()) == (said["database"]["bytes"], said["database"]["sha256"])
    assert home.published_database.read_bytes() == content
    assert set(said["tables"]) == {
        "marts.daily_counts",
        "meta.acceptances",
        "meta.columns",
        "meta.files",
        "meta.publication",
        "meta.publication_changes",
        "quality.checks",
    }
    for name, entry in said["tables"].items():
        path = home.published / entry["file"]
        assert entry["file"] == f"versions/{said['version']}/parquet/{name.replace('.', '/')}.parquet"
        assert sha256(path.read_bytes()).hexdigest() == entry["sha256"]
        assert pl.read_parquet(path).height == entry["rows"] == rows(home, f"select count(*) from {name}")[0][0]
    (publication,) = rows(home, "select version, code_version, issues, last_refused_run, inputs_sha256 from meta.publication")
    assert publication == (said["version"], "0.1.0+test", "2023-33,2023-34", None, "ab" * 32)
    assert damaged_files(home) == []


def test_readers_of_another_user_may_read_and_nothing_is_left_over(warehouse: Connection, home: Home, models: Models) -> None:
    before = os.umask(0o077)
    try:
        publish(warehouse, home, models, FACTS)
    finally:
        os.umask(before)
    for path in home.published.rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path
    assert sorted(path.name for path in home.published.iterdir()) == [
        "dictionary.html",
        "manifest.json",
        "parquet",
        "versions",
        "warehouse.duckdb",
    ]
    assert warehouse.execute("select database_name from duckdb_databases() where not internal").fetchall() == [("warehouse",)]


def test_an_older_client_can_open_it(warehouse: Connection, home: Home, models: Models) -> None:
    publish(warehouse, home, models, FACTS)
    with home.published_database.open("rb") as stream:
        # the main header: 8 bytes of checksum, "DUCK", then the storage version
        assert stream.read(20)[8:12] == b"DUCK"
        stream.seek(12)
        assert int.from_bytes(stream.read(8), "little") == 65


def test_rows_of_parquet_are_the_same_whatever_the_order_they_came_in(warehouse: Connection, home: Home, models: Models) -> None:
    publish(warehouse, home, models, FACTS)
    files = ["marts/daily_counts", "meta/files", "quality/checks"]
    first = [pl.read_parquet(home.published / "parquet" / f"{name}.parquet").rows() for name in files]
    for name in ("marts.daily_counts", "meta.files"):
        warehouse.execute(f"create or replace table {name} as select * from {name} order by all desc")
    publish(warehouse, home, models, FACTS)
    assert [pl.read_parquet(home.published / "parquet" / f"{name}.parquet").rows() for name in files] == first


def test_versions_sort_as_they_were_made_whatever_the_clock_does(warehouse: Connection, home: Home, models: Models) -> None:
    made = [publish(warehouse, home, models, facts).version for facts in (LATER, LATER, FACTS, LATER)]
    assert made == sorted(set(made))
    assert [version[:15] for version in made] == [f"20230903T03000{second}" for second in range(4)]


def test_the_same_moment_and_other_rows_make_another_name(warehouse: Connection, models: Models) -> None:
    source = {table.full_name: fingerprint(warehouse, table) for table in copied_tables(models)}
    warehouse.execute("update marts.daily_counts set accepted = accepted + 1 where org_code = 'B'")
    changed = {table.full_name: fingerprint(warehouse, table) for table in copied_tables(models)}
    assert version_of(FACTS, source) == version_of(FACTS, dict(source)) != version_of(FACTS, changed)


def test_a_reader_with_an_open_handle_keeps_its_rows(warehouse: Connection, home: Home, models: Models) -> None:
    publish(warehouse, home, models, FACTS)
    program = (
        "import duckdb, sys\n"
        "con = duckdb.connect(sys.argv[1], read_only=True)\n"
        "for _ in sys.stdin:\n"
        "    print(con.execute('select sum(accepted) from marts.daily_counts').fetchone()[0], flush=True)\n"
    )
    command = [sys.executable, "-c", program, str(home.published_database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        reader.stdin.write("\n")
        reader.stdin.flush()
        assert reader.stdout.readline() == "3\n"
        warehouse.execute("update marts.daily_counts set accepted = 10")
        publish(warehouse, home, models, LATER)
        assert reader.communicate("\n")[0] == "3\n"
    assert rows(home, "select sum(accepted) from marts.daily_counts") == [(30,)]


def test_a_copy_that_differs_is_not_published(
    warehouse: Connection, home: Home, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish(warehouse, home, models, FACTS)
    complete = snapshot._complete

    def lose_a_row(database: object, *rest: object) -> None:
        complete(database, *rest)  # type: ignore[arg-type]
        with duckdb.connect(str(database)) as copy:
            copy.execute("update marts.daily_counts set accepted = accepted + 1 where org_code = 'A'")

    monkeypatch.setattr(snapshot, "_complete", lose_a_row)
    with pytest.raises(DamageError, match=r"marts\.daily_counts"):
        publish(warehouse, home, models, LATER)
    said = read_manifest(home)
    assert said is not None
    assert said["version"] == first.version


def test_a_missing_table_is_named(warehouse: Connection, home: Home, models: Models) -> None:
    warehouse.execute("drop table meta.files")
    with pytest.raises(DamageError, match="files"):
        publish(warehouse, home, models, FACTS)
    assert read_manifest(home) is None


def test_a_refusal_changes_one_fact_and_stays_noted(warehouse: Connection, home: Home, models: Models) -> None:
    note_refusal(home, FACTS.built_at, ["a.b"])
    assert not home.manifest.exists()
    publish(warehouse, home, models, FACTS)
    before = read_manifest(home)
    note_refusal(home, LATER.built_at, ["accept.key", "daily.sum"])
    after = read_manifest(home)
    assert before is not None
    assert after == before | {"last_refused_run": {"run_at": "2023-09-03T03:00:00", "checks": ["accept.key", "daily.sum"]}}
    publish(warehouse, home, models, replace(LATER, built_at=LATER.built_at.replace(day=4)))
    assert rows(home, "select last_refused_run, last_refused_checks from meta.publication") == [
        (LATER.built_at, "accept.key,daily.sum")
    ]


def test_damage_is_found_and_a_broken_manifest_is_fixed(warehouse: Connection, home: Home, models: Models) -> None:
    version = publish(warehouse, home, models, FACTS).version
    path = home.published / "parquet/meta/files.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    # one file of two names
    assert damaged_files(home) == [f"versions/{version}/parquet/meta/files.parquet", "parquet/meta/files.parquet"]
    home.manifest.write_text("{", encoding="utf-8")
    with pytest.raises(DamageError):
        read_manifest(home)
    publish(warehouse, home, models, LATER)
    assert damaged_files(home) == []
