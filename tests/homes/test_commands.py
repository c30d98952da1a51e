"""The commands on a home of the last release, and on one of a release to come."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.exports.lake.archive import archived_path
from assets.exports.lake.receipt import Receipts
from assets.exports.lake.withdrawals import withdraw
from assets.home import LAYOUT, Home, note_layout
from tests.faults.commands import as_program
from tests.faults.supervision import supervised
from tests.faults.worker import in_worker
from tests.homes import KEY, RELEASES, unpacked


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int | None
    said: str
    printed: str

    @property
    def facts(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.printed)
        return found


def command(home: Home, *words: str) -> Ended:
    run = supervised(as_program(words, home.root, {"ZHOUBAO_SECRET_KEY": KEY}), home.root)
    return Ended(run.exit_code, run.said, run.printed)


def commands(home: Home, lines: Sequence[str]) -> list[Ended]:
    """Run each in a process that may fork."""
    return in_worker(_all, home, [line.split() for line in lines])


def _all(home: Home, lines: Sequence[Sequence[str]]) -> list[Ended]:
    return [command(home, *words) for words in lines]


def test_reading_again_in_a_home_that_a_run_has_upgraded(tmp_path: Path) -> None:
    """One story, since each run takes its time."""
    home = unpacked(RELEASES[0], tmp_path / "home")
    removed, withdrawn = (Receipts(home.lake).get(name) for name in ("20230902_01", "20230901_02"))
    assert removed is not None
    assert withdrawn is not None
    (consulted,) = [file for file in removed.files if file.feed == "consult"]
    looked, run = commands(home, ["doctor --quick --json", "run"])
    parts = {one["part"]: one for one in json.loads(looked.printed)}
    assert (parts["layout"]["state"], parts["layout"]["fix"]) == ("notice", "zhoubao upgrade")
    assert not {"lake", "warehouse"} & parts.keys()
    assert run.code == 0, run.said
    assert f"layout 1 and is upgraded to {LAYOUT} first" in run.said

    withdraw(home.lake, withdrawn.delivery, "演练")
    archived_path(home.archive, consulted.sha256).unlink()
    read, none, sound = commands(
        home, ["reread --feed consult --json", "reread --from 2030-01-01 --json", "doctor --quick --json"]
    )
    assert read.code == 5, read.said
    assert [(one["delivery"], one["file"]) for one in read.facts["without_original"]] == [(removed.delivery, consulted.file)]
    assert withdrawn.delivery not in read.facts["retried"]
    assert "earlier" not in read.facts
    assert (none.code, none.facts["retried"]) == (3, [])
    assert {one["state"] for one in json.loads(sound.printed) if one["part"] in {"layout", "lake", "warehouse"}} == {"sound"}
    feeds, days = commands(home, ["reread --feed licence", "reread --from 2023-09-02 --to 2023-09-01"])
    assert (feeds.code, days.code) == (2, 2)
    assert "accept, process" in feeds.said

    assert [path.name[:2] for path in home.backups.iterdir()] == ["1_"]
    erased = in_worker(_erased, home, somebody(home))
    assert erased.code in (0, 5), erased.said
    assert list(home.backups.iterdir()) == []
    (back,) = commands(home, ["upgrade --rollback"])
    assert back.code == 2
    assert "no backup of an upgrade" in back.said


def somebody(home: Home) -> str:
    """The certificate number of one of the invented people."""
    texts = (path.read_bytes().decode("utf-8", "replace") for path in sorted(home.landing.rglob("accept_*.csv")))
    return next(found[0] for text in texts if (found := re.search(r"\b[1-9][0-9]{16}[0-9X]\b", text)))


def _erased(home: Home, number: str) -> Ended:
    words = ("erase", "--case", "2023-01", "--despite-unsettled")
    run = supervised(as_program(words, home.root, {"ZHOUBAO_SECRET_KEY": KEY}, typed=number), home.root)
    return Ended(run.exit_code, run.said, run.printed)


def test_a_newer_home_is_refused_by_every_command_but_the_doctor(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    note_layout(home, LAYOUT + 1)
    *refused, looked = commands(home, ["run", "status", "upgrade", "upgrade --rollback", "doctor --json"])
    for one in refused:
        assert one.code == 2
        assert f"install a release that knows layout {LAYOUT + 1}" in one.said
    (condition,) = json.loads(looked.printed)
    assert (looked.code, condition["part"], condition["state"]) == (2, "layout", "refused")


def test_a_damaged_layout_is_told_with_its_step(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    home.layout_file.write_bytes(home.layout_file.read_bytes().replace(b"2", b"3", 1))
    run, looked = commands(home, ["upgrade", "doctor --json"])
    assert run.code == 8
    (first, *_) = json.loads(looked.printed)
    assert (first["state"], first["fix"]) == ("damaged", f"rm {home.layout_file}")
    home.layout_file.unlink()
    (again,) = commands(home, ["upgrade"])
    assert again.code == 0
