"""The stages of one small home, each the start of some command: a few days of invented cases, published, rolled back, frozen."""

import csv
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from assets.home import Home
from assets.platform.simulator import simulate
from pipelines.orchestration.instance import open_instance
from tests.faults.children import in_child, remade
from tests.faults.commands import BY_NAME, TIGHT, as_program
from tests.faults.supervision import supervised

FIRST, LAST, NEXT, MORE, AT_LAST = (date(2023, 8, 30), *(date(2023, 9, day) for day in (1, 2, 3, 4)))
_NEW_KEY = "7d1c0f5e93ab42687d20c9e4f1b8a35602f9d7e8c4b1a6309e5d2f7c81b4a60e"
NOTHING_SET: Mapping[str, str] = {}
FAILING_CHECK = "accept_grain"
_OPENING = "as_of,org_code,org_level,task_type,is_composite,measure,value\n2023-08-29,,2,01,1,accepted,{}\n2023-08-29,,2,01,1,consulted,77\n"


@dataclass(frozen=True)
class World:
    """The stages by name, below one folder."""

    folder: Path

    def stage(self, name: str) -> Path:
        return self.folder / "stages" / name.replace(" ", "-")

    @property
    def opening(self) -> Path:
        return self.folder / "opening_20230829.csv"

    @property
    def key(self) -> Path:
        return self.folder / "new.key"

    @property
    def person(self) -> Path:
        """The certificate number of somebody whom the second delivery names."""
        return self.folder / "person"

    def typed(self, command: str) -> str:
        """What is typed into the command, its places filled in."""
        return BY_NAME[command].typed.format(person=self.person.read_text(encoding="utf-8"))

    def words(self, command: str) -> tuple[str, ...]:
        """The command's words, its places filled in."""
        version = min((path.stem for path in (self.stage("published once") / "published/versions").glob("*.duckdb")), default="")
        return tuple(word.format(version=version, opening=self.opening, key=self.key) for word in BY_NAME[command].words)


def make_world(folder: Path) -> World:
    """Make every stage, each by the commands themselves; only in a process that may fork."""
    world = World(folder)
    (folder / "stages").mkdir(parents=True)
    world.opening.write_text(_OPENING.format(1000), encoding="utf-8")
    world.key.write_text(_NEW_KEY, encoding="utf-8")
    in_child(_land, world)
    _step(world, "landed", "opened", world.words("opening"))
    _step(world, "opened", "published once", ("run",), 5, TIGHT)
    remade(world.stage("second day landed"), world.stage("published once"))
    _move_delivery(folder / "next", world.stage("second day landed"))
    _step(world, "second day landed", "published twice", ("run",))
    _step(world, "published twice", "rolled back", world.words("rollback"))
    _step(world, "published twice", "frozen", world.words("freeze"))
    return world


def add_complete_home(world: World) -> None:
    """Two more stages: a home that holds every kind of file there is, and the same with one more delivery to take in."""
    _step(world, "frozen", "corrected", world.words("erratum"))
    _step(world, "corrected", "rotated", world.words("rotate"))
    _step(world, "rotated", "erased", world.words("erase"), typed=world.typed("erase"))
    _step(world, "erased", "withdrawn", world.words("withdraw"))
    home = Home(remade(world.stage("more landed"), world.stage("withdrawn")))
    # its mess has rows that are refused
    in_child(simulate, home.root / "more", MORE, MORE, cases_per_day=40, seed=7, mess=True)
    _move_delivery(home.root / "more", home.root)
    failing = {"FAILING_CHECK": FAILING_CHECK}
    _step(world, "more landed", "complete", ("run", "--waive", FAILING_CHECK, "--reason", "已核实"), 5, failing)
    in_child(_make_instance, world.stage("complete"))
    home = Home(remade(world.stage("complete and landed"), world.stage("complete")))
    in_child(simulate, home.root / "last", AT_LAST, AT_LAST, cases_per_day=20, seed=8)
    _move_delivery(home.root / "last", home.root)


def _make_instance(root: Path) -> None:
    """Dagster's storage, which the plain runs leave out."""
    with open_instance(Home(root)):
        pass


def _land(world: World) -> None:
    """Three days with gz files in landing, and a fourth that comes later."""
    home = Home(world.stage("landed"))
    os.umask(0o077)
    home.prepare()
    simulate(home.landing, FIRST, LAST, cases_per_day=20, seed=5, formats=("csv", "gz"))
    simulate(world.folder / "next", NEXT, NEXT, cases_per_day=20, seed=6)
    (path,) = (world.folder / "next").rglob("accept_*.csv")
    world.person.write_text(_a_number(path), encoding="utf-8")


def _a_number(path: Path) -> str:
    """The first certificate number in a file of accepted cases."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            number = (row.get("证件号码") or row.get("applyer_page_code") or "").strip()
            if number:
                return number
    raise AssertionError(f"{path} names nobody")


def _move_delivery(source: Path, root: Path) -> None:
    for path in source.iterdir():
        path.rename(Home(root).landing / path.name)


def _step(
    world: World,
    before: str,
    after: str,
    words: tuple[str, ...],
    code: int = 0,
    environment: Mapping[str, str] = NOTHING_SET,
    typed: str = "",
) -> None:
    root = remade(world.stage(after), world.stage(before))
    ended = supervised(as_program(words, root, environment, typed=typed), root)
    assert ended.exit_code == code, f"{' '.join(words)} ended with {ended.exit_code}: {ended.said}"
