"""``zhoubao withdraw`` by the whole program: one delivery undone, and every figure as in a home that never had it."""

import json
from pathlib import Path

import duckdb
import pytest

from assets.exports.delivery import take_in
from assets.home import Home
from assets.publication.store.manifest import current_manifest
from pipelines.resources import intake_of, warehouse_of
from pipelines.settings import load_settings
from tests.exports.deliveries import deliver
from tests.exports.feed_files import result_csv
from tests.pipelines.test_erasing import command, published

FIRST, SECOND, THIRD = "20230828_01", "20230829_01", "20230829_02"
# invented
PHONE = "13900001234"
_FIGURES = "select schema_name || '.' || table_name from duckdb_tables() where schema_name in ('core', 'marts') order by all"


def home_with(root: Path, *deliveries: str) -> Home:
    """A home whose warehouse has the deliveries, built by the steps' own functions and not published yet."""
    home = Home(root)
    home.prepare()
    for name in deliveries:
        put(home, name)
    settings = load_settings(root, secret_key="one key for either home")
    intake, warehouse = intake_of(settings)[0], warehouse_of(settings)
    list(take_in(intake.survey().arrivals, intake))
    with warehouse.open("test") as connection:
        warehouse.build(connection, ())
    return home


def put(home: Home, name: str) -> None:
    """A delivery of a result of its own, and of one that all of them correct."""
    day = f"{name[:4]}-{name[4:6]}-{name[6:8]}"
    rows = [
        {"project_no": f"P{name}", "cd_time": f"{day} 18:00:00"},
        {"project_no": "P0", "cd_time": f"{day} 18:00:00", "result_date": f"{day} 10:00:00"},
    ]
    deliver(home.landing / name, {"r.csv": result_csv(rows)}, name)


def figures(home: Home) -> dict[str, list[tuple[object, ...]]]:
    with duckdb.connect(home.warehouse, read_only=True) as connection:
        names = [name for (name,) in connection.execute(_FIGURES).fetchall() if name != "core.file_states"]
        return {name: sorted(connection.execute(f"select * from {name}").fetchall(), key=repr) for name in names}


def states(home: Home) -> list[tuple[object, ...]]:
    with duckdb.connect(home.published_database, read_only=True) as connection:
        return connection.execute("select delivery, state, note from meta.deliveries order by all").fetchall()


def through(home: Home) -> str:
    manifest = current_manifest(home)
    assert manifest is not None
    return str(manifest.business_date_through)


def test_a_delivery_undone_is_as_one_that_never_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One story, since each of its runs takes its time."""
    monkeypatch.setenv("ZHOUBAO_SECRET_KEY", "one key for either home")
    never_had_it = figures(home_with(tmp_path / "other", FIRST))
    home = home_with(tmp_path / "home", FIRST, SECOND)
    assert figures(home) != never_had_it

    for name, reason in (("20230830_01", "送错了"), (SECOND, "  "), (SECOND, "长" * 501), (SECOND, f"问{PHONE}，送错了")):
        capsys.readouterr()
        assert command(monkeypatch, home.root, "withdraw", name, "--reason", reason) == 2
        assert PHONE not in "".join(capsys.readouterr())
    assert not (home.lake / "withdrawals").exists()

    # it still lies in landing, and is not taken in again
    assert command(monkeypatch, home.root, "withdraw", SECOND, "--reason", "送错了") == 0
    assert figures(home) == never_had_it
    assert states(home) == [(FIRST, "loaded", None), (SECOND, "withdrawn", "撤回：送错了")]
    assert through(home) == "2023-08-28"
    assert command(monkeypatch, home.root, "withdraw", SECOND, "--reason", "又一次") == 3
    assert json.loads(home.journal.read_text())["withdrawn"] == SECOND
    assert states(home)[1] == (SECOND, "withdrawn", "撤回：送错了")

    before = published(home)
    assert command(monkeypatch, home.root, "rebuild") == 0
    assert published(home) == before
    assert figures(home) == never_had_it

    put(home, THIRD)
    assert command(monkeypatch, home.root, "run") == 0
    assert figures(home) == figures(home_with(tmp_path / "third", FIRST, THIRD))
    assert [row[:2] for row in states(home)] == [(FIRST, "loaded"), (SECOND, "withdrawn"), (THIRD, "loaded")]
    assert through(home) == "2023-08-29"
    assert command(monkeypatch, home.root, "status") == 0
    assert command(monkeypatch, home.root, "doctor") == 0
    (home.lake / "withdrawals" / f"{SECOND}.001.json").unlink()
    assert command(monkeypatch, home.root, "doctor") == 8
    assert command(monkeypatch, home.root, "run") == 8
