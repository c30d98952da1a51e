"""An upgrade and a rollback killed, or failed by the disk, at their effects: the same command finishes, and nothing is lost."""

import random
import shutil
from collections.abc import Sequence
from pathlib import Path

from assets.errors import StorageError, UsageError
from assets.home import Home
from tests.faults.commands import as_program
from tests.faults.faults import Fault, Kind, can_strike
from tests.faults.supervision import Supervised, supervised
from tests.faults.worker import in_worker
from tests.homes import KEY, RELEASES, unpacked
from tests.homes.contents import contents

_UPGRADE, _BACK = ("upgrade",), ("upgrade", "--rollback")
_KINDS: tuple[Kind, ...] = ("kill", "full")
Told = list[str]


def test_an_upgrade_and_the_way_back_at_any_point(tmp_path: Path) -> None:
    assert in_worker(swept, tmp_path, 1, 1) == []


def swept(folder: Path, trials: int, seed: int) -> Told:
    """Faults at ``trials`` points of each command, or where that is 0 at every point; what was wrong. In a process that may fork."""
    chance, wrong = random.Random(seed), Told()
    old = unpacked(RELEASES[0], folder / "old")
    before = contents(old)
    new = _copied(old, folder / "new")
    upgraded = _run(new, _UPGRADE)
    after = contents(new)
    assert upgraded.exit_code == 0, upgraded.said
    back = _run(_copied(new, folder / "place"), _BACK)
    assert (back.exit_code, contents(Home(folder / "place"))) == (0, before), back.said
    for start, words, run in ((old, _UPGRADE, upgraded), (new, _BACK, back)):
        for fault in _faults(run, chance, trials):
            home = _copied(start, folder / "place")
            met = _run(home, words, fault)
            told = _ending(met, fault) + _of_going_on(home, words, {_UPGRADE: after, _BACK: before}[words], before)
            wrong += [f"{' '.join(words)}, {fault}: {one}" for one in told]
    return wrong


def _faults(run: Supervised, chance: random.Random, trials: int) -> list[Fault]:
    points = sorted({passage.point for passage in run.passages})
    # where a folder of many files is linked, in the midst of them
    found = [
        Fault(kind, point, 1 + chance.randrange(_passages(run, point)))
        for point in points
        for kind in _KINDS
        if can_strike(kind, point)
    ]
    return chance.sample(found, trials) if trials else found


def _passages(run: Supervised, point: str) -> int:
    return sum(passage.point == point for passage in run.passages)


def _ending(met: Supervised, fault: Fault) -> Told:
    is_told = met.exit_code in ({None} if fault.kind == "kill" else {StorageError.exit_code, 0})
    return [] if is_told or not met.struck else [f"ended with {met.exit_code}: {met.said[-300:]}"]


def _of_going_on(home: Home, words: Sequence[str], expected: dict[str, str], before: dict[str, str]) -> Told:
    """The same command again, and from an upgraded home the way back."""
    again = _run(home, words)
    # a rollback that was killed at its end has no backup left to put back
    codes = {0, UsageError.exit_code} if words == _BACK else {0}
    wrong = [] if again.exit_code in codes else [f"again it ended with {again.exit_code}: {again.said[-300:]}"]
    wrong += _differing(contents(home), expected, "afterwards")
    if words == _UPGRADE:
        back = _run(home, _BACK)
        wrong += [] if back.exit_code == 0 else [f"the way back ended with {back.exit_code}: {back.said[-300:]}"]
        wrong += _differing(contents(home), before, "on the way back")
    return wrong


def _differing(found: dict[str, str], expected: dict[str, str], when: str) -> Told:
    # DuckDB writes the same rows as other bytes
    names = {name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name)} - {"warehouse.duckdb"}
    if when == "on the way back" and found.get("warehouse.duckdb") != expected["warehouse.duckdb"]:
        names.add("warehouse.duckdb")
    return [f"{when} not as expected: {sorted(names)[:4]}"] if names else []


def _run(home: Home, words: Sequence[str], fault: Fault | None = None) -> Supervised:
    return supervised(as_program(tuple(words), home.root, {"ZHOUBAO_SECRET_KEY": KEY}), home.root, fault)


def _copied(source: Home, target: Path) -> Home:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source.root, target)
    return Home(target)
