"""The whole graph on small deliveries, offline, through the command line's own functions."""

import json
import shutil
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from assets.home import Home
from assets.platform.simulator import simulate
from benchmarks.start_up import MOST_MODULES, assert_few_events, assert_light, commands, modules_of, stored_events
from pipelines.running.run import run
from pipelines.settings import Settings, load_settings

FIRST, LAST = date(2023, 1, 16), date(2023, 2, 3)
Rows = list[tuple[Any, ...]]


def settings_of(home: Path) -> Settings:
    return load_settings(home, lock_wait_seconds=0)


def rows(home: Path, table: str, columns: list[str]) -> Rows:
    with duckdb.connect(Home(home).published_database, read_only=True) as connection:
        return sorted(connection.execute(f"select {', '.join(columns)} from {table}").fetchall(), key=str)


def as_stored(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 and value[4:8:3] == "--" else value


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A home in which 19 days around the Spring Festival are loaded, in mixed formats and encodings; and the truth."""
    home = tmp_path_factory.mktemp("home")
    Home(home).prepare()
    truth = simulate(
        Home(home).landing, FIRST, LAST, cases_per_day=40, seed=5, formats=("csv", "xlsx", "zip", "gz"), encoding="mixed"
    )
    assert run(settings_of(home)).exit_code == 0
    return home, truth


def test_every_published_table_equals_the_truth(world: tuple[Path, dict[str, Any]]) -> None:
    home, truth = world
    for table, expected in truth["tables"].items():
        assert expected, table
        columns = list(expected[0])
        wanted = sorted([tuple(as_stored(row[name]) for name in columns) for row in expected], key=str)
        found = rows(home, table, columns)
        assert len(found) == len(wanted), table
        for one, other in zip(found, wanted, strict=True):
            assert one == pytest.approx(other) if table.endswith("figures") else one == other


def test_figures_over_time_are_sums_of_days_and_compare_whole_periods_only(world: tuple[Path, dict[str, Any]]) -> None:
    home, truth = world
    days = {FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)}
    accepted = Counter[str]()
    for row in truth["tables"]["marts.daily_counts"]:
        if row["org_level"] == "2" and row["is_composite"]:
            accepted[row["event_date"]] += row["accepted"]

    def counted(first: date, last: date) -> int:
        return sum(count for day, count in accepted.items() if first.isoformat() <= str(day) <= last.isoformat())

    columns = ["period_kind", "period", "period_start", "period_end", "days_delivered", "is_complete", "value"]
    found = rows(home, "marts.period_figures where figure = 'composite.accepted'", columns)
    assert {(kind, period) for kind, period, *_ in found} >= {
        ("week", "2023-04"), ("ytd", "2023-04"), ("month", "2023-01"), ("month", "2023-02"), ("quarter", "2023-Q1")
    }  # fmt: skip
    for kind, period, first, last, delivered, is_complete, value in found:
        there = sum(first <= day <= last for day in days)
        assert (delivered, is_complete) == (there, there == (last - first).days + 1), (kind, period)
        assert value == counted(first, last), (kind, period)
    values = {(kind, period): (value, is_complete) for kind, period, _, _, _, is_complete, value in found}
    changes = rows(
        home,
        "marts.figure_changes where figure = 'composite.accepted'",
        ["period_kind", "period", "previous_period", "previous_change", "previous_status", "year_earlier_change"],
    )
    assert any(status == "incomplete" for *_, status, _ in changes)
    for kind, period, previous, change, _, year_earlier in changes:
        value, is_complete = values[kind, period]
        base, base_is_complete = values.get((kind, previous), (0, False))
        expected = value / base - 1 if base and is_complete and base_is_complete else None
        assert change == (None if expected is None else pytest.approx(expected)), (kind, period)
        assert year_earlier is None


def test_running_again_is_nothing_to_do(world: tuple[Path, dict[str, Any]]) -> None:
    home, _ = world
    before = (home / "published/manifest.json").read_bytes()
    assert run(settings_of(home)).exit_code == 3
    assert (home / "published/manifest.json").read_bytes() == before


def test_one_by_one_in_any_order_in_any_folder_gives_the_same(world: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    home, _ = world
    other = tmp_path / "other"
    Home(other).prepare()
    shutil.copy(home / "secret.key", other / "secret.key")
    deliveries = sorted((home / "landing").iterdir(), reverse=True)
    for number, part in enumerate((deliveries[::2], deliveries[1::2])):
        for delivery in part:
            shutil.copytree(delivery, other / "landing" / f"第{number}次 [{delivery.name[-5:]}]" / delivery.name[::-1])
        assert run(settings_of(other)).exit_code == 0
    for table in ("marts.daily_counts", "marts.weekly_counts", "marts.cumulative_counts", "marts.bulletin_figures"):
        assert rows(home, table, ["*"]) == rows(other, table, ["*"]), table


def test_accounts_balance_and_nothing_personal_is_published(world: tuple[Path, dict[str, Any]]) -> None:
    home, _ = world
    with duckdb.connect(Home(home).published_database, read_only=True) as connection:
        assert connection.execute(
            "select count(*) from meta.files where records <> loaded + superseded + quarantined"
        ).fetchone() == (0,)
        schemas = connection.execute("select distinct schema_name from duckdb_tables()").fetchall()
        undocumented = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() where not internal and comment is null"
        ).fetchall()
    assert {name for (name,) in schemas} == {"marts", "meta", "quality"}
    assert undocumented == []


def test_private_files_are_private_and_published_ones_are_not(world: tuple[Path, dict[str, Any]]) -> None:
    home, _ = world
    assert (home / "warehouse.duckdb").stat().st_mode & 0o077 == 0
    assert (home / "secret.key").stat().st_mode & 0o777 == 0o600
    assert (home / "published/warehouse.duckdb").stat().st_mode & 0o444 == 0o444


def test_a_bad_row_is_quarantined_and_the_rest_published(tmp_path: Path) -> None:
    home = tmp_path / "home"
    Home(home).prepare()
    simulate(home / "landing", date(2023, 8, 28), date(2023, 8, 28), cases_per_day=20, seed=1)
    folder = next((home / "landing").iterdir())
    manifest_path = next(folder.glob("manifest_*.json"))
    manifest = json.loads(manifest_path.read_text())
    entry = next(file for file in manifest["files"] if file["feed"] == "accept")
    path = folder / entry["name"]
    lines = path.read_text(encoding="utf-8").splitlines()
    lines.append(",".join("" for _ in lines[0].split(",")))
    content = ("\n".join(lines) + "\n").encode()
    path.write_bytes(content)
    import hashlib

    entry |= {"rows": entry["rows"] + 1, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    manifest_path.write_text(json.dumps(manifest))
    outcome = run(settings_of(home))
    assert outcome.exit_code == 5
    found = rows(home, "meta.quarantine", ["file", "line", "column_name", "reason_code"])
    assert found == [(entry["name"], len(lines), "project_no", "missing_required")]


def test_a_busy_warehouse_names_its_holder(tmp_path: Path) -> None:
    import subprocess
    import sys

    from assets.errors import BusyError

    home = Home(tmp_path)
    home.prepare()
    script = (
        "import sys; from pathlib import Path; from assets.home import Home; from assets.warehouse.connection import writer_lock\n"
        "with writer_lock(Home(Path(sys.argv[1])), 0, 'other'):\n    print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    assert holder.stdout.readline().strip() == b"held"
    try:
        with pytest.raises(BusyError, match=str(holder.pid)):
            run(settings_of(tmp_path))
    finally:
        holder.stdin.close()
        holder.wait()


def test_a_home_with_data_and_no_key_refuses(world: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    from assets.errors import UsageError

    copy = tmp_path / "copy"
    shutil.copytree(world[0], copy)
    (copy / "secret.key").unlink()
    with pytest.raises(UsageError, match=r"secret\.key"):
        run(settings_of(copy))


def test_a_run_stores_one_event_for_each_thing_that_a_page_shows(world: tuple[Path, dict[str, Any]]) -> None:
    first, *_ = sorted(
        (path for path in world[0].glob("dagster/history/runs/*.db") if path.stem != "index"),
        key=lambda path: path.stat().st_mtime,
    )
    events = stored_events(Home(world[0]), first.stem)
    assert_few_events(events)
    (checks,) = rows(world[0], "quality.checks", ["count(distinct check_id)"])[0]
    # and the two that say whether every day has come
    assert events["ASSET_CHECK_EVALUATION"] == checks + 2
    assert events["ASSET_MATERIALIZATION"] >= events["ASSET_MATERIALIZATION_PLANNED"] > 40


@pytest.mark.parametrize("name", MOST_MODULES)
def test_a_command_imports_what_it_needs(world: tuple[Path, dict[str, Any]], tmp_path: Path, name: str) -> None:
    # a run with nothing to do writes its journal all the same
    shutil.copytree(world[0], tmp_path / "home")
    assert_light(name, modules_of(commands(tmp_path / "home", "2023-04")[name]))
