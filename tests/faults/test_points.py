"""The suite sees all that it must: every change of a home is a point, every point can be struck, and what is put in force is on the disk."""

import os
from pathlib import Path

import pytest

from tests.faults.children import remade
from tests.faults.commands import BY_NAME, as_program
from tests.faults.faults import Fault
from tests.faults.power import lost_at_a_power_cut
from tests.faults.supervision import Passage, Supervised, supervised
from tests.faults.worker import in_worker
from tests.faults.worlds import World

# between them, every step of the program and both ways of building
_WATCHED = ("opening", "first run", "rollback", "rebuild")
Contents = dict[str, tuple[int, int, int]]


@pytest.fixture(scope="module")
def watched(world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Supervised, set[str]]]:
    return in_worker(_watch, world, tmp_path_factory.mktemp("points"))


def _watch(world: World, folder: Path) -> dict[str, tuple[Supervised, set[str]]]:
    """Each command undisturbed, and the paths in its home that are others afterwards."""
    found = {}
    for name in _WATCHED:
        command = BY_NAME[name]
        root = remade(folder / "home", world.stage(command.stage))
        before = _contents(root)
        run = supervised(as_program(world.words(name), root, command.environment), root)
        assert run.exit_code == command.code, run.said
        after = _contents(root)
        found[name] = run, {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    return found


def _contents(root: Path) -> Contents:
    """Identity, size and time of each file below ``root``."""
    states = {path.relative_to(root).as_posix(): path.stat() for path in root.rglob("*") if path.is_file()}
    return {name: (state.st_ino, state.st_size, state.st_mtime_ns) for name, state in states.items()}


@pytest.mark.parametrize("name", _WATCHED)
def test_every_change_of_a_home_is_seen(watched: dict[str, tuple[Supervised, set[str]]], name: str) -> None:
    run, changed = watched[name]
    assert changed, "a command that changes nothing proves nothing"
    seen = {path for passage in run.passages for path in (passage.path, passage.other)}
    assert changed <= seen
    mapped = {passage.path for passage in run.passages if passage.name == "mmap"}
    assert not [path for path in mapped if not path.endswith("-shm")], "writes to a mapped file are not seen"


def test_the_calls_of_native_libraries_are_seen(watched: dict[str, tuple[Supervised, set[str]]]) -> None:
    run, _ = watched["first run"]
    points = {passage.point for passage in run.passages}
    for point in (
        "write warehouse.duckdb",
        "fsync warehouse.duckdb",
        "write published/.building-*/warehouse.duckdb",
        "write published/.building-*/versions/VERSION/parquet/TABLE",
        "link published/.building-*/parquet/TABLE",
        "rename published/manifest.json",
        "fsync published",
        "rename lake/deliveries/9_9.json",
    ):
        assert point in points, sorted(points)


@pytest.mark.parametrize("name", _WATCHED)
def test_what_is_put_in_force_is_on_the_disk(watched: dict[str, tuple[Supervised, set[str]]], name: str) -> None:
    assert not lost_at_a_power_cut(watched[name][0].passages)


def test_a_receipt_vouches_for_its_own_originals_and_not_for_the_next_delivery_s() -> None:
    own, next_one = f"archive/aa/{'a' * 64}", f"archive/bb/{'b' * 64}"
    before = [
        Passage("rename", own),
        Passage("rename", "lake/accept/2023-08-28/20230828_01_000_aaaaaaaa.parquet"),
        Passage("fsync", "lake/accept/2023-08-28"),
        Passage("rename", next_one),
    ]
    receipt, ended = Passage("rename", "lake/deliveries/20230828_01.json"), [Passage("fsync", "archive/bb")]
    ended += [Passage("fsync", "lake/deliveries"), Passage("fsync", "archive/aa")]
    assert lost_at_a_power_cut([*before, receipt, *ended]) == [f"{receipt.path} was put in force before {own} was on the disk"]
    assert not lost_at_a_power_cut([*before, Passage("fsync", "archive/aa"), receipt, *ended])


@pytest.mark.parametrize(("kind", "expected"), [("error", "5"), ("full", "28"), ("forbidden", "13"), ("kill", None)])
def test_each_kind_of_fault_strikes(tmp_path: Path, kind: str, expected: str | None) -> None:
    run = in_worker(_struck, tmp_path, kind)
    assert run.struck
    assert run.exit_code == (None if expected is None else 0)
    assert run.printed == (expected or "")
    # the file is made in the first passage alone
    assert (tmp_path / "a").exists() == (kind == "kill")


def _struck(folder: Path, kind: str) -> Supervised:
    (folder / "a").unlink(missing_ok=True)
    if kind == "kill":
        (folder / "a").touch()

    def program() -> int:
        try:
            (folder / "a").write_bytes(b"")
        except OSError as error:
            os.write(1, str(error.errno).encode())
        return 0

    return supervised(program, folder, Fault(kind, "open a"))  # type: ignore[arg-type]  # the names of the parameters


def test_reading_commands_change_nothing(world: World) -> None:
    run = in_worker(_read_only, world)
    changing = {passage.point for passage in run.passages} - {"open .writer.lock", "chmod .writer.lock"}
    assert (run.exit_code, changing) == (0, set())


def _read_only(world: World) -> Supervised:
    root = world.stage("published twice")
    return supervised(as_program(("sql", "select count(*) from marts.daily_counts"), root, {}), root)
