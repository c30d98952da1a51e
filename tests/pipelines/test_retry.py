"""``run``, ``retry`` and ``run --dry-run`` on a home with a zip over a limit: what is printed, kept, removed and left alone."""

import hashlib
import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assets.home import Home
from pipelines.cli import app
from pipelines.running.outcome import Outcome
from pipelines.running.run import run
from pipelines.running.trial import try_out
from pipelines.settings import load_settings
from tests.exports.feed_files import result_csv

NAME = "20230828_01"
ROWS = [{"project_no": f"P{number}"} for number in range(1, 4)]


def zipped(content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", content)
    return target.getvalue()


def entry(folder: Path, name: str, content: bytes, rows: int) -> dict[str, Any]:
    (folder / name).write_bytes(content)
    return {"name": name, "feed": "result", "rows": rows, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with one delivery: a sound file, and a zip that unpacks to more than the limit."""
    home = Home(tmp_path_factory.mktemp("site") / "home")
    home.prepare()
    folder = home.landing / NAME
    folder.mkdir()
    files = [
        entry(folder, "a.csv", result_csv([{"project_no": "S1"}]), 1),
        entry(folder, "b.zip", zipped(result_csv(ROWS)), len(ROWS)),
    ]
    document = {"delivery": NAME, "business_date": "2023-08-28", "files": files}
    (folder / f"manifest_{NAME}.json").write_text(json.dumps(document))
    limit(home, len(result_csv(ROWS)) - 1)
    return home


def limit(home: Home, unpacked_bytes: int, further: str = "") -> None:
    home.settings_file.write_text(f"{further}\n[archives]\nmax_unpacked_bytes = {unpacked_bytes}\n")


def everything(home: Home) -> dict[str, tuple[int, int, int]]:
    """Each path below the home with its time of change, its mode and its size."""
    found = {}
    for folder, folders, files in os.walk(home.root):
        for name in (".", *folders, *files):
            status = (Path(folder) / name).stat(follow_symlinks=False)
            found[str(Path(folder) / name)] = (status.st_mtime_ns, status.st_mode, status.st_size)
    return found


def states(outcome: Outcome) -> list[tuple[str, str, int]]:
    return [(account["file"], account["state"], account["loaded"]) for account in outcome.facts["accounts"]]


def retried(home: Home) -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(app, ["retry", "--home", str(home.root), "--json"])
    return result.exit_code, json.loads(result.stdout)


def test_from_a_dry_run_to_a_retry(home: Home) -> None:
    """One story, since each of its runs takes its time: every step relies on the one before."""
    settings = load_settings(home.root, lock_wait_seconds=0)
    before = everything(home)
    trial = try_out(settings)
    assert everything(home) == before
    assert trial.exit_code == 5
    assert states(trial) == [("a.csv", "loaded", 1), ("b.zip", "quarantined", 0)]

    first = run(settings)
    assert (first.exit_code, first.facts["accounts"]) == (5, trial.facts["accounts"])
    workbook = home.quarantine / "2023-08-28" / "quarantine_20230828.xlsx"
    assert first.facts["workbooks"] == [str(workbook)]
    assert workbook.stat().st_mode & 0o777 == 0o600

    receipts = {path: path.read_bytes() for path in (home.lake / "deliveries").iterdir()}
    code, facts = retried(home)
    assert (code, facts["retried"]) == (3, [NAME])
    assert {path: path.read_bytes() for path in (home.lake / "deliveries").iterdir()} == receipts

    limit(home, 10**6)
    code, facts = retried(home)
    assert code == 0
    assert [(one["file"], one["state"], one["loaded"]) for one in facts["accounts"]] == [
        ("a.csv", "loaded", 1),
        ("b.zip", "loaded", 3),
    ]
    assert not workbook.exists()
    assert facts["version"] != first.facts["version"]
    assert json.loads(home.journal.read_text())["retried"] == [NAME]
    assert retried(home)[0] == 3

    limit(home, 10**6, "remove_from_landing = true")
    cleared = run(load_settings(home.root, lock_wait_seconds=0))
    assert (cleared.exit_code, cleared.facts["removed"]) == (3, {"archive": 0, "landing": 3, "workbooks": 0})
    assert list(home.landing.iterdir()) == []


def test_a_landing_folder_that_is_not_there_is_a_usage_error(home: Home) -> None:
    result = CliRunner().invoke(app, ["run", "--home", str(home.root), "--landing", str(home.root / "nowhere"), "--dry-run"])
    assert type(result.exception).__name__ == "UsageError"
