"""What a killed process leaves: raw personal data under a temporary name does not outlive the next writer."""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assets.home import Home
from assets.stray_files import TRIAL_PREFIX, remove_stray_files, stray_files, trial_folder

PERSON = b"project_no,applyer_name\nP1,\xe5\xbc\xa0\xe4\xb8\x89\n"
KILLED_WHILE_ARCHIVING = """
import os, sys
from pathlib import Path
import assets.exports.lake.archive as archive

def killed(handle):
    os._exit(9)

archive.os.fsync = killed
archive.keep_original(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
"""
KILLED_IN_A_TRIAL = """
import os
from assets.stray_files import trial_folder
with trial_folder() as folder:
    (folder / "a.csv").write_text("left")
    print(folder, flush=True)
    os._exit(9)
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.prepare()
    return home


def child(*words: str) -> str:
    return subprocess.run([sys.executable, "-c", *words], capture_output=True, text=True, check=False).stdout.strip()


def held(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def test_a_copy_of_personal_data_goes_after_a_kill_while_archiving(home: Home) -> None:
    delivered = home.landing / "a.csv"
    delivered.write_bytes(PERSON)
    child(KILLED_WHILE_ARCHIVING, str(home.archive), str(delivered), hashlib.sha256(PERSON).hexdigest())
    assert held(home.archive) == [PERSON]
    assert len(stray_files(home)) == 1
    assert remove_stray_files(home) == 1
    assert held(home.archive) == []
    assert remove_stray_files(home) == 0


@pytest.mark.parametrize(
    "name",
    [
        "lake/accept/2023-08-28/.a_000.parquet.abcd_123.tmp",
        "lake/accept/2023-08-28/.a_000.parquet.abcd_123.tmp.waiting",
        "lake/refused/2023-08-28/.a_000.parquet.abcdefgh.tmp",
        "quarantine/2023-08-28/.quarantine_20230828.xlsx.abcdefgh.tmp",
        "lake/.retry/accept/a.parquet",
        ".duckdb-spill/duckdb_temp_storage_DEFAULT-0.tmp",
    ],
)
def test_every_place_that_only_the_writer_writes_is_cleared(home: Home, name: str) -> None:
    stray = home.root / name
    stray.parent.mkdir(parents=True)
    stray.write_bytes(PERSON)
    remove_stray_files(home)
    assert not stray.exists()


def test_what_is_whole_or_perhaps_still_written_stays(home: Home) -> None:
    kept = [home.archive / "ab" / "ab12", home.lake / "deliveries" / "a.json", home.reports / ".quality.html.abcdefgh.tmp"]
    kept += [home.root / "secret.key", home.landing / ".a.csv.abcdefgh.tmp", home.archive / ".notes.tmp"]
    for path in kept:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PERSON)
    assert remove_stray_files(home) == 0
    assert all(path.exists() for path in kept)
    an_hour_ago = time.time() - 3700
    os.utime(home.reports / ".quality.html.abcdefgh.tmp", (an_hour_ago, an_hour_ago))
    assert remove_stray_files(home) == 1


def test_a_dry_runs_folder_goes_when_its_process_is_gone(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    left = Path(child(KILLED_IN_A_TRIAL))
    assert (left / "a.csv").exists()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / f"{TRIAL_PREFIX}link").symlink_to(tmp_path / "elsewhere")
    with trial_folder() as alive:
        assert remove_stray_files(home) == 1
        assert alive.is_dir()
    assert not left.exists()
    assert not alive.exists()
    assert (tmp_path / "elsewhere").is_dir()
