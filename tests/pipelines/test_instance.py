"""The home's Dagster instance: under which paths it is found, what it may not do, and what becomes of damaged records."""

import shutil
from pathlib import Path

import dagster as dg
import pytest
import yaml

from assets.errors import UsageError
from assets.guard import is_damaged_database
from assets.home import Home, refuse_unfit
from pipelines.orchestration import instance as instances
from pipelines.orchestration.instance import open_instance, prepare_instance, set_aside_damaged
from pipelines.settings import load_settings

FIT = [
    "a b",
    "周报　甲",
    "it's",
    'say "x"',
    "a#b",
    "a&b;c",
    "~a",
    "$HOME",
    "a\\b",
    "{a}",
    "-a",
    "a:b@c",
    "(a)|<b>",
    "é",
    "`a`!,+=",
]
UNFIT = ["[1]", "[1", "1]", "a*", "a?b", "a%2eb", "a%", "a\nb", "a\tb", "a\x1b[31mb", "a\u202eb", "a\udcffb"]


@dg.asset
def one() -> None:
    """A step."""


@pytest.mark.parametrize("name", FIT)
def test_these_names_are_accepted(tmp_path: Path, name: str) -> None:
    refuse_unfit(Home(tmp_path / name))


def test_a_home_under_all_of_these_names_keeps_its_records_and_its_configuration(tmp_path: Path) -> None:
    home = Home(tmp_path.joinpath(*FIT))
    home.prepare()
    with open_instance(home) as instance:
        run = dg.materialize([one], instance=instance)
    with open_instance(home) as instance:
        recorded = instance.get_run_by_id(run.run_id)
        assert recorded is not None and recorded.is_success
        assert not instance.telemetry_enabled
    # nothing came to be elsewhere, and what the step printed is kept nowhere
    assert [path.name for path in tmp_path.iterdir()] == [FIT[0]]
    assert {path.name for path in home.dagster.iterdir()} <= {"dagster.yaml", "history", "schedules", "storage"}


@pytest.mark.parametrize("name", UNFIT)
def test_a_home_that_dagster_cannot_hold_is_refused_before_anything_is_made(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="its path may not have") as caught:
        load_settings(tmp_path / name / "home")
    assert str(caught.value).isprintable()
    assert list(tmp_path.iterdir()) == []


def test_an_instance_that_missed_its_configuration_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a library does that takes the path for a pattern: it finds nothing, and says nothing."""
    home = Home(tmp_path / "[1]")
    home.prepare()
    monkeypatch.setattr(instances, "prepare_instance", lambda given: given.dagster)
    with pytest.raises(UsageError, match=r"does not keep to dagster\.yaml"):
        open_instance(home)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("telemetry:\n  enabled: true\n", "telemetry must be off"),
        ("telemetry: {}\n", "telemetry must be off"),
        (
            "compute_logs:\n  module: dagster.core.storage.local_compute_log_manager\n  class: LocalComputeLogManager\n",
            "compute_logs",
        ),
        ("compute_logs:\n", "compute_logs"),
        ("- telemetry\n", "is no configuration"),
        ("telemetry: [\n", "is no YAML"),
    ],
)
def test_a_configuration_of_the_sites_own_that_sends_or_keeps_is_refused(tmp_path: Path, text: str, said: str) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    (home.dagster / "dagster.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        prepare_instance(home)
    assert (home.dagster / "dagster.yaml").read_text(encoding="utf-8") == text


def test_a_configuration_of_the_sites_own_is_kept_and_completed(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    # a comment that names the words is no setting
    (home.dagster / "dagster.yaml").write_text("# telemetry: compute_logs:\nnux:\n  enabled: false\n", encoding="utf-8")
    with open_instance(home) as instance:
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled
    kept = (home.dagster / "dagster.yaml").read_text(encoding="utf-8")
    prepare_instance(home)
    assert (home.dagster / "dagster.yaml").read_text(encoding="utf-8") == kept


def test_a_home_of_an_earlier_release_gets_the_longest_time_of_a_run_and_a_sites_own_stays(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    configuration = home.dagster / "dagster.yaml"
    configuration.write_text("run_monitoring:\n  enabled: true\n  free_slots_after_run_end_seconds: 60\n", encoding="utf-8")
    with open_instance(home) as instance:
        assert instance.run_monitoring_max_runtime_seconds == 43200
        assert instance.run_monitoring_enabled
    configuration.write_text("run_monitoring:\n  enabled: true\n  max_runtime_seconds: 7\n", encoding="utf-8")
    with open_instance(home) as instance:
        assert instance.run_monitoring_max_runtime_seconds == 7


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("recorded") / "home")
    home.prepare()
    with open_instance(home) as instance:
        dg.materialize([one], instance=instance)
    return home


@pytest.mark.parametrize(
    ("name", "kind"), [("history/runs.db", "rubbish"), ("history/runs/index.db", "cut"), ("schedules/schedules.db", "rubbish")]
)
def test_damaged_records_are_known_as_such_and_set_aside(recorded: Home, tmp_path: Path, name: str, kind: str) -> None:
    home = Home(tmp_path / "home")
    shutil.copytree(recorded.root, home.root)
    path = home.dagster / name
    for log in ("-wal", "-shm"):
        path.with_name(path.name + log).unlink(missing_ok=True)
    content = path.read_bytes()
    path.write_bytes(b"x" * 5000 if kind == "rubbish" else content[: len(content) // 2])
    with pytest.raises(Exception) as caught, open_instance(home) as instance:
        dg.materialize([one], instance=instance)
    assert is_damaged_database(caught.value)
    (told,) = set_aside_damaged(home)
    assert str(path) in told
    (aside,) = home.dagster.glob("*.damaged-*")
    assert aside.name.startswith(name.split("/", maxsplit=1)[0])
    with open_instance(home) as instance:
        assert dg.materialize([one], instance=instance).success
    assert set_aside_damaged(home) == []


def test_records_go_to_postgresql_by_setting_and_back_and_no_file_has_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    home.prepare()
    before = prepare_instance(home).joinpath("dagster.yaml").read_text(encoding="utf-8")
    home.settings_file.write_text('[records]\nstorage = "postgres"\n', encoding="utf-8")
    with pytest.raises(UsageError, match="set ZHOUBAO_RECORDS_URL"):
        prepare_instance(home)
    monkeypatch.setenv("ZHOUBAO_RECORDS_URL", "postgresql://zhoubao:not-for-a-file@localhost/zhoubao")
    with pytest.raises(UsageError, match=r"such as postgresql\+psycopg2://") as refused:
        prepare_instance(home)
    assert "not-for-a-file" not in str(refused.value)
    monkeypatch.setenv("ZHOUBAO_RECORDS_URL", "postgresql+psycopg2://zhoubao:not-for-a-file@localhost/zhoubao")
    with pytest.raises(UsageError, match=r"install the extra with it, zhoubao\[postgres\]"):
        prepare_instance(home)
    (tmp_path / "extra" / "dagster_postgres").mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path / "extra")
    written = prepare_instance(home).joinpath("dagster.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(written)["storage"] == {"postgres": {"postgres_url": {"env": "ZHOUBAO_RECORDS_URL"}}}
    assert "not-for-a-file" not in written
    home.settings_file.unlink()
    prepare_instance(home)
    assert (home.dagster / "dagster.yaml").read_text(encoding="utf-8") == before
    # a site's own storage is not overridden in silence
    (home.dagster / "dagster.yaml").write_text(before + "storage:\n  sqlite:\n    base_dir: /srv/x\n", encoding="utf-8")
    prepare_instance(home)
    home.settings_file.write_text('[records]\nstorage = "postgres"\n', encoding="utf-8")
    with pytest.raises(UsageError, match="has another storage"):
        prepare_instance(home)
