"""The home's own Dagster instance: made where it is missing, opened only if it sends nothing out and keeps no output of steps.

Its records are a history of runs, not the truth: where they are damaged they are set aside, and the run goes on.
"""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from assets.clock import beijing_now
from assets.errors import UsageError
from assets.home import Home, storage_errors, write_whole
from pipelines.orchestration.records import POSTGRES_STORAGE, RECORDS_URL, refuse_unready
from pipelines.settings import load_settings

_INSTANCE = """\
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  pools:
    default_limit: 1
    granularity: run
"""
# longer than the longest run, the first one of a year's deliveries: what still runs then hangs, and its place is given free
_MAX_RUNTIME = "max_runtime_seconds: 43200"
_MONITORING = f"""\
run_monitoring:
  enabled: true
  free_slots_after_run_end_seconds: 60
  {_MAX_RUNTIME}
"""
_TELEMETRY_OFF = """\
telemetry:
  enabled: false
"""
_NO_CAPTURE_CLASS = "NoOpComputeLogManager"
# else Dagster keeps what each step prints, and libraries print rows
_NO_CAPTURE = f"""\
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: {_NO_CAPTURE_CLASS}
"""
_POSTGRES = f"""\
storage:
  postgres:
    postgres_url:
      env: {RECORDS_URL}
"""
_ADVICE = "take that part out, or remove the file: the next run makes a good one"
# of SQLite, each in a folder below the instance's
_STORES = ("history", "schedules")
_DATABASE_BEGIN = b"SQLite format 3\0"


def prepare_instance(home: Home) -> Path:
    """The folder of the home's Dagster instance, with its configuration.

    Its storage is what ``[records]`` says; one that the site wrote there itself stays where that says nothing. Raises ``UsageError``
    where a configuration that the site wrote sends telemetry, or keeps what steps print, or another storage is set.
    """
    records = load_settings(home.root).records
    refuse_unready(records)
    configuration = home.dagster / "dagster.yaml"
    with storage_errors(configuration):
        found = configuration.read_text(encoding="utf-8", errors="replace") if configuration.exists() else None
    text = _INSTANCE if found is None else found
    if records.storage == "sqlite":
        text = text.replace(_POSTGRES, "")
    known = _known(configuration, text)
    if records.storage == "postgres" and known.get("storage", POSTGRES_STORAGE) != POSTGRES_STORAGE:
        raise UsageError(f"{configuration}: has another storage than records.storage of zhoubao.toml; {_ADVICE}")
    needed = [("telemetry", _TELEMETRY_OFF), ("compute_logs", _NO_CAPTURE), ("run_monitoring", _MONITORING)]
    needed += [("storage", _POSTGRES)] * (records.storage == "postgres")
    missing = [lines for name, lines in needed if name not in known]
    completed = _with_max_runtime(text, known)
    if missing or completed != found:
        write_whole(configuration, ("\n".join([completed.rstrip(), *missing]) if missing else completed).encode())
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    return home.dagster


def _with_max_runtime(text: str, known: dict[str, Any]) -> str:
    """The configuration with the limit, where an earlier release wrote it without; a site's own limit stays."""
    monitoring = known.get("run_monitoring")
    if not isinstance(monitoring, dict) or "max_runtime_seconds" in monitoring:
        return text
    return re.sub(r"^run_monitoring:[ \t]*\n(?=([ \t]+))", rf"\g<0>\g<1>{_MAX_RUNTIME}\n", text, count=1, flags=re.MULTILINE)


def _known(configuration: Path, text: str) -> dict[str, Any]:
    """What the configuration says. Raises ``UsageError`` where it may not say so."""
    import yaml

    try:
        known = yaml.safe_load(text)
    except yaml.YAMLError:
        raise UsageError(f"{configuration}: is no YAML; {_ADVICE}") from None
    if not isinstance(known, dict):
        raise UsageError(f"{configuration}: is no configuration of Dagster; {_ADVICE}")
    if "telemetry" in known and known["telemetry"] != {"enabled": False}:
        raise UsageError(f"{configuration}: telemetry must be off; {_ADVICE}")
    capture = known.get("compute_logs", {"class": _NO_CAPTURE_CLASS})
    if not isinstance(capture, dict) or capture.get("class") != _NO_CAPTURE_CLASS:
        raise UsageError(f"{configuration}: compute_logs would keep what steps print; {_ADVICE}")
    return known


def open_instance(home: Home) -> Any:
    """The home's own Dagster instance, made where it is missing.

    Raises ``UsageError`` where telemetry is on or the output of steps is kept after all: a library that found no or
    another configuration would say nothing.
    """
    import dagster as dg

    prepare_instance(home)
    instance = dg.DagsterInstance.from_config(str(home.dagster))
    if instance.telemetry_enabled or type(instance.compute_log_manager).__name__ != _NO_CAPTURE_CLASS:
        instance.dispose()
        raise UsageError(f"{home.dagster}: Dagster does not keep to dagster.yaml there; choose another path for the home")
    return instance


def are_few_records(home: Home, keep: int) -> bool:
    """Whether no more than ``keep`` runs have records, as far as their files tell: each run has one, and all of them have one more."""
    runs = home.dagster / "history" / "runs"
    return runs.is_dir() and sum(1 for _ in runs.glob("*.db")) <= keep + 1


@contextmanager
def instance_of_run(home: Home) -> Iterator[Any]:
    """The home's instance for one run in this process, whose events are stored together."""
    from pipelines.orchestration.run_events import run_events

    with open_instance(home) as instance, run_events(instance.event_log_storage):
        yield instance


def set_aside_damaged(home: Home) -> list[str]:
    """Move what is damaged of Dagster's records out of its way; what to tell of it. The caller holds the writer's lock."""
    told = []
    for name in _STORES:
        folder = home.dagster / name
        damaged = [path for path in _databases(folder) if not _is_sound(path)]
        if damaged:
            aside = home.dagster / f"{name}.damaged-{beijing_now():%Y%m%dT%H%M%S}"
            with storage_errors(folder):
                folder.replace(aside)
            lost = "the history of runs begins again" if name == "history" else "schedules are off until they are switched on"
            told.append(f"Dagster's records in {damaged[0]} were damaged and set aside as {aside}; {lost}")
    return told


def _databases(folder: Path) -> Iterator[Path]:
    if folder.exists() and not folder.is_dir():
        yield folder
    yield from sorted(path for path in folder.rglob("*.db"))


def _is_sound(path: Path) -> bool:
    """Whether SQLite finds no damage in a file; one without a byte was never written to."""
    if not path.is_file():
        return False
    with storage_errors(path), path.open("rb") as file:
        begin = file.read(len(_DATABASE_BEGIN))
    if begin != _DATABASE_BEGIN:
        return not begin
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            return bool(connection.execute("pragma quick_check(1)").fetchone() == ("ok",))
    except sqlite3.DatabaseError as error:
        # a run or the daemon may hold it: then it is not damaged
        return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)
