"""``zhoubao doctor``: each planted fault is found by its part and its exit code, and nothing of the home changes."""

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assets.condition import Condition, State
from assets.exports.examination import examine_lake
from assets.exports.lake.receipt import Receipts
from assets.home import Home
from assets.home_examination import examine_rights
from assets.platform.contract import load_contract
from assets.warehouse.examination import examine_freezes
from assets.warehouse.state.freeze_files import FrozenDocument, FrozenIssue, FrozenIssues
from pipelines.cli import app
from pipelines.running.run import run
from pipelines.settings import load_settings
from tests.exports.feed_files import invented_rows, result_csv, write_csv
from tests.pipelines.test_retry import NAME, entry, everything

HOLD = (
    "import sys; from pathlib import Path; from assets.home import Home; from assets.warehouse.connection import writer_lock\n"
    "with writer_lock(Home(Path(sys.argv[1])), 0, 'other'):\n    print('held', flush=True); sys.stdin.read()"
)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("site") / "home")
    home.prepare()
    folder = home.landing / NAME
    folder.mkdir()
    accept = load_contract().feeds["accept"]
    path = folder / "b.csv"
    write_csv(path, accept, invented_rows(accept, 1))
    files = [
        entry(folder, "a.csv", result_csv([{"project_no": "S1"}, {"project_no": "S2"}]), 2),
        entry(folder, path.name, path.read_bytes(), 1) | {"feed": "accept"},
    ]
    document = {"delivery": NAME, "business_date": "2023-08-28", "files": files}
    (folder / f"manifest_{NAME}.json").write_text(json.dumps(document))
    assert run(load_settings(home.root, lock_wait_seconds=0)).exit_code == 0
    return home


@pytest.fixture
def home(published: Home, tmp_path: Path) -> Home:
    copy = Home(tmp_path / "home")
    shutil.copytree(published.root, copy.root)
    return copy


@pytest.fixture
def other_process(home: Home) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the writer's place until it is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        yield other
        other.kill()


def doctor(home: Home, *words: str) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    result = CliRunner().invoke(app, ["doctor", "--home", str(home.root), "--json", *words])
    found: dict[str, list[dict[str, Any]]] = {}
    for condition in json.loads(result.stdout):
        found.setdefault(condition["part"], []).append(condition)
    return result.exit_code, found


def lake_file(home: Home) -> Path:
    receipt = next(iter(Receipts(home.lake)))
    assert receipt.files[0].lake_file is not None
    return home.lake / receipt.files[0].lake_file


def original(home: Home) -> Path:
    return next(path for path in home.archive.rglob("*") if path.is_file())


def overwritten(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)


def test_a_sound_home_is_left_as_it_was(home: Home) -> None:
    before = everything(home)
    code, found = doctor(home)
    assert code == 0
    for part in ("lock", "disk", "modes", "key", "archive", "lake", "warehouse", "publication"):
        assert [condition["state"] for condition in found[part]] == ["sound"], part
    assert found["lake"][0]["note"] == "1 deliveries, 3 rows"
    changed = {path for path in before if everything(home).get(path) != before[path]}
    # taking the lock writes who holds it, and takes that away again
    assert changed <= {str(home.root), f"{home.root}/.", str(home.lock_file)}


def test_a_home_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    code, found = doctor(Home(tmp_path / "none"))
    assert (code, found["key"][0]["fix"]) == (0, "zhoubao run")
    assert not (tmp_path / "none").exists()


def ui_token_of(home: Home, text: str) -> Path:
    path = home.dagster / "ui.token"
    path.write_text(text)
    path.chmod(0o600)
    return path


def retired_key(home: Home) -> Path:
    home.retired_keys.mkdir(exist_ok=True)
    return home.retired_keys / "0123456789abcdef.key"


FAULTS: dict[str, tuple[Callable[[Home], object], int, set[str]]] = {
    "a file of the lake is gone": (lambda home: lake_file(home).unlink(), 8, {"lake"}),
    "a file of the lake is cut": (lambda home: lake_file(home).write_bytes(b"PAR1"), 8, {"lake"}),
    "an original is gone": (lambda home: original(home).unlink(), 8, {"archive"}),
    "an original was changed": (lambda home: overwritten(original(home)), 8, {"archive"}),
    "a receipt is gone": (lambda home: next(iter(Receipts(home.lake).paths())).unlink(), 8, {"lake", "warehouse", "publication"}),
    "a receipt is none": (
        lambda home: next(iter(Receipts(home.lake).paths())).write_text("{}"),
        8,
        {"lake"},
    ),
    "the warehouse is none": (lambda home: home.warehouse.write_bytes(b"\0" * 20000), 8, {"warehouse"}),
    "the published file was changed": (lambda home: overwritten(home.published_database), 8, {"publication"}),
    "the manifest is none": (lambda home: home.manifest.write_text("{}"), 8, {"publication"}),
    "the token of the UI can be read by others": (lambda home: ui_token_of(home, "x" * 43).chmod(0o644), 8, {"dagster"}),
    "the note of what is not told of is none": (lambda home: home.unreported.write_text("{}"), 8, {"journal"}),
    "a run was killed before it told of its deliveries": (lambda home: home.unreported.write_text('["x"]'), 0, {"journal"}),
    "records that were set aside": (lambda home: (home.dagster / "history.damaged-1").mkdir(), 0, {"leftovers"}),
    "a retired key was changed": (lambda home: retired_key(home).write_text("0f9e2c7a81b3d645" * 4), 8, {"key"}),
    "the key is gone": (lambda home: home.key_file.unlink(), 8, {"key"}),
    "the key is another": (lambda home: home.key_file.write_text("0f9e2c7a81b3d645" * 4), 8, {"key"}),
    "the lake can be read by others": (lambda home: home.lake.chmod(0o755), 0, {"modes"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found_in_its_part(home: Home, fault: str) -> None:
    plant, expected, parts = FAULTS[fault]
    plant(home)
    code, found = doctor(home)
    unsound = {part for part, conditions in found.items() if any(one["state"] != "sound" for one in conditions)}
    assert code == expected
    # the calendar and the fonts are this machine's
    assert unsound - {"calendar", "fonts"} == parts


def test_quick_compares_originals_by_size(home: Home) -> None:
    overwritten(original(home))
    assert doctor(home, "--quick")[0] == 0
    original(home).write_bytes(b"")
    assert doctor(home, "--quick")[0] == 8


def test_an_original_that_the_site_no_longer_keeps_is_no_damage(home: Home) -> None:
    original(home).unlink()
    home.settings_file.write_text("archive_days_to_keep = 30\n")
    code, found = doctor(home)
    assert (code, [condition["state"] for condition in found["archive"]]) == (0, ["sound", "notice"])


def test_it_works_while_another_process_writes(home: Home, other_process: subprocess.Popen[str]) -> None:
    code, found = doctor(home)
    assert code == 0
    assert f"pid {other_process.pid}" in found["lock"][0]["note"]
    assert "not looked into" in found["warehouse"][0]["note"]
    assert found["publication"][0]["state"] == "sound"


def test_what_a_killed_process_left_behind_is_no_holder(home: Home, other_process: subprocess.Popen[str]) -> None:
    other_process.kill()
    other_process.wait()
    assert home.lock_file.with_suffix(".holder").exists()
    assert doctor(home)[1]["lock"][0]["note"] == "nobody writes"
    shown = CliRunner().invoke(app, ["status", "--home", str(home.root), "--json"])
    assert json.loads(shown.stdout)["running"] is None


def test_a_copy_of_a_receipt_under_another_name_is_put_aside(home: Home) -> None:
    path = Receipts(home.lake).paths()[0]
    copy = path.with_name("another.json")
    shutil.copy2(path, copy)
    code, found = doctor(home)
    assert (code, [one["fix"] for one in found["lake"] if one["state"] == "damaged"]) == (8, [f"mv {copy} {copy}.aside"])


def test_no_crash_of_one_part_hides_the_others(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> Iterator[Condition]:
        yield Condition("lake", State.NOTICE, "found before it")
        raise RuntimeError("赵六 13800138000")

    monkeypatch.setattr("pipelines.doctor.examine_lake", crash)
    ui_token_of(home, "short")
    code, found = doctor(home)
    assert (code, [one["state"] for one in found["lake"]]) == (8, ["notice", "damaged"])
    assert "RuntimeError" in found["lake"][1]["note"]
    assert "赵六" not in json.dumps(found, ensure_ascii=False)
    assert found["archive"][0]["state"] == "sound"
    assert found["dagster"][0]["state"] == "damaged"


def test_each_refusal_of_the_system_has_its_step(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test is run by root too, which modes do not stop: the system's refusals are given here."""

    def refused(number: int) -> Callable[..., Any]:
        def refuse(*_: object, **__: object) -> Any:
            raise OSError(number, os.strerror(number))

        return refuse

    expected = {
        errno.EROFS: (f"mount the disk of {home.root} for writing", f"mount the disk of {home.warehouse} for writing"),
        errno.EPERM: (f"chattr -i {home.root}", f"chattr -i {home.warehouse}"),
        errno.EACCES: (f"chmod u+rwx {home.root}", f"chmod u+rw {home.warehouse}"),
        errno.ENOSPC: (f"make room on the disk of {home.root}", f"make room on the disk of {home.warehouse}"),
    }
    for number, (of_folder, of_file) in expected.items():
        with monkeypatch.context() as patched:
            patched.setattr("assets.home_examination.tempfile.TemporaryFile", refused(number))
            patched.setattr("assets.home_examination.os.open", refused(number))
            found = list(examine_rights(home))
        assert {one.state for one in found} == {State.STORAGE}
        assert {of_folder, of_file} <= {one.fix for one in found}


def test_documents_of_a_freeze_are_held_to_their_hashes(tmp_path: Path) -> None:
    home = Home(tmp_path)
    text = "2023年第34期".encode()
    issue = FrozenIssue(
        issue_key="2023-34",
        frozen_at=datetime(2023, 9, 11, 9),
        code_version="0",
        version="1",
        opening_as_of=None,
        figures=(),
        receipts=(),
        documents=(FrozenDocument(name="a.md", sha256=sha256(text).hexdigest()), FrozenDocument(name="b.md", sha256="0" * 64)),
    )
    FrozenIssues(home.lake).put(issue, {"a.md": text})
    assert next(iter(examine_lake(home))).state is State.SOUND
    (found,) = examine_freezes(home)
    assert (found.state, found.fix) == (
        State.DAMAGED,
        f"put {home.lake / 'frozen/2023-34.documents/b.md'} back from a copy of the home",
    )
    copy = FrozenIssues(home.lake).path_of("2023-35")
    shutil.copy2(FrozenIssues(home.lake).path_of("2023-34"), copy)
    assert [one.fix for one in examine_freezes(home)][1:] == [f"mv {copy} {copy}.aside"]
    copy.unlink()
    # a freeze that cannot be read is the lake's finding, and hides no other freeze's
    overwritten(FrozenIssues(home.lake).path_of("2023-34"))
    assert [one.state for one in examine_freezes(home)] == [State.SOUND]
    assert [one.fix for one in examine_lake(home)] == [f"put {home.lake / 'frozen/2023-34.json'} back from a copy of the home"]
