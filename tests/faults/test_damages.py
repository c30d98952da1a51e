"""Damages at random in a home that holds every kind of file: the doctor notices, and no command publishes a wrong figure."""

import random
from pathlib import Path

from tests.faults.damage import NOT_DAMAGED, WAYS, files_by_kind
from tests.faults.damage_trials import Fuzz, Tally
from tests.faults.worker import in_worker
from tests.faults.worlds import World

DAMAGES = 20


def _fuzz(world: World, place: Path, seed: int) -> Tally:
    place.mkdir()
    fuzz, tally = Fuzz(world, place, random.Random(seed)), Tally()
    for _ in range(DAMAGES):
        fuzz.go_on(tally, act_on_each=10)
    return tally


def test_damages_at_random(complete_world: World, tmp_path: Path) -> None:
    tally = in_worker(_fuzz, complete_world, tmp_path / "place", 1)
    assert tally.wrong == []
    assert tally.unnoticed == []
    assert tally.noticed > DAMAGES / 2
    assert tally.acted


def test_every_file_of_a_home_is_of_a_kind_that_is_damaged(complete_world: World) -> None:
    root = complete_world.stage("complete and landed")
    known = {path for paths in files_by_kind(root).values() for path in paths}
    known |= {path.relative_to(root).as_posix() for pattern in NOT_DAMAGED for path in root.glob(pattern)}
    files = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    assert files <= known, sorted(files - known)


def test_every_way_of_damage_changes_a_file(tmp_path: Path) -> None:
    for number, way in enumerate(WAYS.values()):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "other.json").write_bytes(b"other")
        path = folder / "file.json"
        before = bytes(range(1, 200)) * 50
        path.write_bytes(before)
        way(path, before, random.Random(3))
        assert not path.exists() or path.read_bytes() != before or len(list(folder.iterdir())) == 3
