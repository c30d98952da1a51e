"""Going back: what is recorded of it, what it refuses, and what other programs left beside the published files."""

import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from assets.errors import DamageError, RefusedError, UsageError
from assets.home import Home
from assets.publication.publish import damaged_files, damaged_of_version, is_in_place, publish
from assets.publication.query import run_query
from assets.publication.rollback import forget_version, list_versions, roll_back
from assets.publication.snapshot import copy_comparison
from assets.publication.snapshot import database as snapshot
from assets.publication.store.access import PublishingRules
from assets.publication.store.manifest import current_manifest
from assets.publication.store.versions import all_versions, kept_versions, version_file, version_manifest, version_page
from assets.reports.facts.reader import open_published
from assets.warehouse.models.model import Model, load_models

from .small_warehouse import FACTS, LATER, small_models

Models = dict[str, Model]
Connection = duckdb.DuckDBPyConnection
NOW = datetime(2023, 9, 5, 8, 0)


def test_the_list_says_what_is_kept_and_what_is_in_force(warehouse: Connection, home: Home, models: Models) -> None:
    assert list_versions(home) == []
    first = publish(warehouse, home, models, FACTS)
    second = publish(warehouse, home, models, LATER)
    assert [(kept.version, kept.is_in_force) for kept in list_versions(home)] == [
        (second.version, True),
        (first.version, False),
    ]
    version_manifest(home, second.version).write_text("{", encoding="utf-8")
    damaged, sound = list_versions(home)
    assert (damaged.built_at, damaged.rows) == (None, None)
    assert (sound.built_at, sound.business_date_through) == (FACTS.built_at, date(2023, 9, 1))
    assert sound.rows == sum(entry.rows for entry in first.tables.values())
    with pytest.raises(DamageError, match="not a manifest"):
        roll_back(home, second.version, NOW)


def test_a_rollback_is_recorded_until_the_way_back(warehouse: Connection, home: Home, models: Models) -> None:
    versions = [publish(warehouse, home, models, FACTS).version for _ in range(3)]
    in_force = current_manifest(home)
    assert in_force is not None
    assert roll_back(home, versions[2], NOW) is None
    back = roll_back(home, versions[1], NOW)
    assert back is not None
    assert back.rollback is not None
    assert (back.rollback.at, back.rollback.from_version) == (NOW, versions[2])
    assert back.settled_inputs == in_force.inputs_sha256
    further = roll_back(home, versions[0], NOW)
    assert further is not None
    assert further.rollback is not None
    assert further.rollback.from_version == versions[2]
    assert [kept.version for kept in list_versions(home) if kept.is_in_force] == [versions[0]]
    # the newest again: nothing is set aside any more
    again = roll_back(home, versions[2], NOW)
    assert again is not None
    assert again.rollback is None
    assert (again.version, damaged_files(home)) == (versions[2], [])


@pytest.mark.parametrize("name", ["warehouse.duckdb", "parquet/marts/daily_counts.parquet", "dictionary.html"])
def test_going_back_to_the_version_in_force_puts_damaged_files_right(
    name: str, warehouse: Connection, home: Home, models: Models
) -> None:
    version = publish(warehouse, home, models, FACTS).version
    (home.published / name).unlink()
    (home.published / name).write_bytes(b"?")
    assert damaged_files(home) == [name]
    back = roll_back(home, version, NOW)
    assert back is not None
    assert (back.rollback, damaged_files(home)) == (None, [])


@pytest.mark.parametrize("name", ["{}.duckdb", "{}.json", "{}.diff.json", "{}.dictionary.html"])
def test_a_damaged_version_is_found_and_removed(name: str, warehouse: Connection, home: Home, models: Models) -> None:
    past, in_force = (publish(warehouse, home, models, facts).version for facts in (FACTS, LATER))
    flip(version_file(home, past).with_name(name.format(past)))
    assert damaged_of_version(home, past) == [f"versions/{name.format(past)}"]
    with pytest.raises(RefusedError, match="in force"):
        forget_version(home, in_force)
    forget_version(home, past)
    assert all_versions(home) == [in_force]
    with pytest.raises(UsageError, match=f"kept are: {in_force}"):
        forget_version(home, past)


def test_a_publication_compares_with_no_damaged_version_and_removes_it(warehouse: Connection, home: Home, models: Models) -> None:
    damaged = publish(warehouse, home, models, FACTS).version
    flip(version_file(home, damaged))
    sound = publish(warehouse, home, models, LATER)
    assert all_versions(home) == [sound.version]
    assert damaged_files(home) == []


def flip(path: Path) -> None:
    """One bit in the middle of the file is another; a link to it keeps what it was."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()
    path.write_bytes(content)


@pytest.mark.parametrize("version", ["../manifest", "", "20230902T030000-00000000"])
def test_what_is_no_kept_version_is_refused(version: str, warehouse: Connection, home: Home, models: Models) -> None:
    publish(warehouse, home, models, FACTS)
    with pytest.raises(UsageError, match="is not kept; kept are: 20230902T030000-"):
        roll_back(home, version, NOW)


def test_final_figures_are_not_taken_back(warehouse: Connection, home: Home, tmp_path: Path) -> None:
    small_models(tmp_path / "sql")
    folder = tmp_path / "sql/marts"
    for name, columns in {
        "published_figures": "issue_key: {type: VARCHAR, description: 期}\n  figure: {type: VARCHAR, description: 数字}\n"
        "  value: {type: DOUBLE, description: 值}",
        "errata": "issue_key: {type: VARCHAR, description: 期}\n  erratum_no: {type: BIGINT, description: 号}\n"
        "  text: {type: VARCHAR, description: 文}",
    }.items():
        selected = ", ".join(line.split(":")[0].strip() for line in columns.splitlines())
        (folder / f"{name}.sql").write_text(
            f"/*\ndescription: 定稿\ngrain: [issue_key]\nowner: data_team\nkind: table\ncolumns:\n  {columns}\n*/\n\n"
            f"select {selected} from ledger.{name}\n",
            encoding="utf-8",
        )
    models = load_models(tmp_path / "sql")
    warehouse.execute("create table marts.published_figures (issue_key varchar, figure varchar, value double)")
    warehouse.execute("create table marts.errata (issue_key varchar, erratum_no bigint, text varchar)")
    before = publish(warehouse, home, models, FACTS)
    warehouse.execute("insert into marts.published_figures values ('2023-34', 'composite.accepted.week', 774)")
    frozen = publish(warehouse, home, models, LATER)
    later = publish(warehouse, home, models, LATER)
    with pytest.raises(RefusedError, match=r"before issue 2023-34 was frozen"):
        roll_back(home, before.version, NOW)
    assert roll_back(home, frozen.version, NOW) is not None
    # a version in force that cannot be read is what one goes back from
    assert roll_back(home, later.version, NOW) is not None
    version_file(home, later.version).write_bytes(b"damaged")
    assert roll_back(home, before.version, NOW) is not None


def test_a_version_of_other_tables_can_be_put_in_force(warehouse: Connection, home: Home, models: Models) -> None:
    fewer = {name: model for name, model in models.items() if name != "meta.files"}
    first = publish(warehouse, home, fewer, FACTS)
    publish(warehouse, home, models, LATER)
    back = roll_back(home, first.version, NOW)
    assert back is not None
    assert "meta.files" not in back.tables
    assert damaged_files(home) == []
    assert not (home.published / "parquet/meta/files.parquet").exists()


def test_the_number_of_versions_kept_is_a_setting(warehouse: Connection, home: Home, models: Models) -> None:
    made = [publish(warehouse, home, models, FACTS, PublishingRules(kept_versions=2)).version for _ in range(4)]
    assert kept_versions(home) == made[2:]
    (home.published / "versions/readme.txt").write_text("not ours", encoding="utf-8")
    publish(warehouse, home, models, FACTS, PublishingRules(kept_versions=1))
    assert len(list((home.published / "versions").iterdir())) == 6


def written_by_another(file: Path) -> None:
    """A program opens ``file`` for writing, changes a row, and dies: what it wrote stays in a log beside."""
    program = (
        "import duckdb, os, sys\n"
        "con = duckdb.connect(sys.argv[1])\n"
        "con.execute('update marts.daily_counts set accepted = 999')\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(file)], check=True)
    assert file.with_name(file.name + ".wal").exists()


def test_what_another_program_wrote_never_reaches_a_reader_of_the_next_version(
    warehouse: Connection, home: Home, models: Models
) -> None:
    first = publish(warehouse, home, models, FACTS)
    written_by_another(home.published_database)
    written_by_another(version_file(home, first.version))
    assert damaged_files(home) == ["warehouse.duckdb.wal", f"versions/{first.version}.duckdb.wal"]
    assert not is_in_place(home, first, PublishingRules())
    with pytest.raises(DamageError, match="another program"):
        run_query(home.published_database, "select 1")
    with pytest.raises(DamageError, match="another program"), open_published(home.published_database):
        pass
    publish(warehouse, home, models, LATER)
    assert damaged_files(home) == []
    assert run_query(home.published_database, "select max(accepted) from marts.daily_counts").rows == [(2,)]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("comment on column marts.daily_counts.accepted is null", r"marts\.daily_counts\.accepted \(comment\)"),
        ("comment on view \"日统计\" is 'other'", r"main\.日统计 \(comment\)"),
        (
            'create or replace view "日统计" as select event_date as "日期", org_code as "部门编码", accepted + 1 as "受理"'
            " from marts.daily_counts",
            r"main\.日统计, main\.日统计 \(comment\)",
        ),
    ],
)
def test_comments_and_views_are_compared_too(
    fault: str, said: str, warehouse: Connection, home: Home, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete = snapshot._complete

    def then(database: Path, *rest: object) -> None:
        complete(database, *rest)  # type: ignore[arg-type]
        with duckdb.connect(database) as copy:
            copy.execute(fault)

    monkeypatch.setattr(snapshot, "_complete", then)
    with pytest.raises(DamageError, match=said):
        publish(warehouse, home, models, FACTS)
    assert not home.manifest.exists()


def test_rows_that_are_in_a_log_alone_are_not_published(
    warehouse: Connection, home: Home, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copy_comparison, "stray_log", lambda database: database)
    with pytest.raises(DamageError, match="log was not written back"):
        publish(warehouse, home, models, FACTS)


def test_a_version_put_in_force_again_has_its_own_dictionary(warehouse: Connection, home: Home, models: Models) -> None:
    page = home.published / "dictionary.html"
    first = publish(warehouse, home, models, FACTS)
    said = page.read_bytes()
    publish(warehouse, home, models, LATER)
    assert page.read_bytes() != said
    assert roll_back(home, first.version, NOW) is not None
    assert page.read_bytes() == said
    assert page.samefile(version_page(home, first.version))
    assert (page.stat().st_mode & 0o777) == 0o644


def test_the_dictionary_of_a_version_goes_with_it(warehouse: Connection, home: Home, models: Models) -> None:
    first = publish(warehouse, home, models, FACTS, PublishingRules(kept_versions=1))
    assert version_page(home, first.version).exists()
    publish(warehouse, home, models, LATER, PublishingRules(kept_versions=1))
    assert not version_page(home, first.version).exists()
