"""Whether the records of runs can be read: Dagster's storage and its configuration, and the journal of the last run.

They are a history, not the truth: no figure follows from them, and what cannot be read is moved out of the way.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

import yaml

from assets.condition import Condition, State, command, free_name, sound_unless
from assets.errors import UsageError
from assets.home import Home, storage_errors
from pipelines.ui.token import read_token, token_file

# of SQLite, each in a folder below the instance's, with the databases that a run that has begun leaves there
_STORES = {"history": ("runs.db", "runs/index.db"), "schedules": ("schedules.db",)}
_BEGIN = b"SQLite format 3\0"


def examine_dagster(home: Home) -> Iterator[Condition]:
    """Each database of Dagster's records, by SQLite's own check; and the configuration."""
    found = chain(_of_dagster(home.dagster), _of_token(token_file(home)))
    yield from sound_unless("dagster", found, "its records and its configuration can be read")


def _of_dagster(folder: Path) -> Iterator[Condition]:
    for name, needed in _STORES.items():
        store = folder / name
        if not store.exists():
            continue
        paths = sorted({*store.rglob("*.db"), *(store / file for file in needed)})
        for path in paths:
            if not _is_sound(path):
                # the next run makes another
                fix = command("mv", store, free_name(store, "damaged"))
                yield Condition("dagster", State.DAMAGED, f"{path} is damaged or was removed: the history of runs", fix)
    configuration = folder / "dagster.yaml"
    if configuration.exists() and not _is_configuration(configuration):
        fix = command("rm", configuration)
        yield Condition("dagster", State.DAMAGED, f"{configuration} is not a configuration; the next run writes it", fix)


def _of_token(path: Path) -> Iterator[Condition]:
    """The UI's token is valid and readable by its user alone; the next start makes another."""
    try:
        if path.exists():
            read_token(path)
    except UsageError as error:
        yield Condition("dagster", State.DAMAGED, str(error), command("rm", path))


def _is_sound(path: Path) -> bool:
    if not path.is_file():
        return False
    with storage_errors(path), path.open("rb") as file:
        if file.read(len(_BEGIN)) != _BEGIN:
            return False
    # a database that nobody has open is read as one that cannot change: SQLite would write its log's index alongside
    how = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?{how}", uri=True)) as connection:
            return bool(connection.execute("pragma integrity_check(1)").fetchone() == ("ok",))
    except sqlite3.DatabaseError as error:
        # a run or the daemon may hold it: then it is not damaged
        return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)


def _is_configuration(path: Path) -> bool:
    with storage_errors(path):
        content = path.read_bytes()
    try:
        return isinstance(yaml.safe_load(content), dict)
    except (yaml.YAMLError, UnicodeDecodeError):
        return False


def examine_journal(home: Home) -> Iterator[Condition]:
    """How the last run ended can be read, and what it has not told of; where none has run, there is nothing to read."""
    yield from _of_last_run(home)
    yield from _of_unreported(home)


def _of_unreported(home: Home) -> Iterator[Condition]:
    if not home.unreported.exists():
        return
    try:
        with storage_errors(home.unreported):
            names = json.loads(home.unreported.read_bytes())
    except ValueError:
        names = None
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        note = f"{len(names)} deliveries were taken in by a command that was ended, or is under way, and are not told of yet"
        yield Condition("journal", State.NOTICE, note, command("zhoubao", "run"))
    else:
        note = f"{home.unreported} is no list of deliveries: which of them no run has told of is not known"
        yield Condition("journal", State.DAMAGED, note, command("zhoubao", "run"))


def _of_last_run(home: Home) -> Iterator[Condition]:
    if not home.journal.exists():
        yield Condition("journal", State.SOUND, "no run has ended yet")
        return
    with storage_errors(home.journal):
        content = home.journal.read_bytes()
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    if isinstance(document, dict) and isinstance(document.get("exit_code"), int):
        yield Condition("journal", State.SOUND, f"the last run ended with {document['exit_code']}")
    else:
        yield Condition("journal", State.DAMAGED, f"{home.journal} is not the journal of a run", command("zhoubao", "run"))
