"""The commands about the key: no key is ever printed, and a forged record of an erasure stops a rebuild."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assets.errors import LakeDamageError, UsageError
from assets.exports.erasing.record import Erasure, record_erasure
from assets.exports.typing.pseudonym import PseudonymKey
from pipelines.cli import app
from pipelines.settings import load_settings
from pipelines.upkeep.keys import key_status, rotate_key, verify_before_rebuild
from tests.exports.deliveries import deliver, intake_in, take_all
from tests.exports.feed_files import accept_csv

STRANGER = PseudonymKey(b"7b20e9d4c6f18a53" * 4)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with one row, of the key in its key file."""
    intake = intake_in(tmp_path)
    deliver(intake.landing, {"a.csv": accept_csv([{"project_no": "P1"}])}, feed="accept")
    take_all(intake)
    intake.home.key_file.write_bytes(intake.key.secret)
    return intake.home.root


def test_status_and_rotation_show_ids_and_no_key(home: Path) -> None:
    runner = CliRunner()
    old = PseudonymKey(b"k" * 32)
    rotated = runner.invoke(app, ["key", "rotate", "--json", "--home", str(home)])
    new = (home / "secret.key").read_text().strip()
    # what was said on stderr follows the document
    document, _ = json.JSONDecoder().raw_decode(rotated.output)
    assert document == {"former": old.key_id, "key_id": PseudonymKey(new.encode()).key_id, "is_kept": True}
    shown = runner.invoke(app, ["key", "status", "--home", str(home)]).output
    assert old.key_id in shown
    assert document["key_id"] in shown
    for secret in (new, "k" * 32):
        assert secret not in rotated.output + shown
    entries = [
        (entry["key_id"], entry["is_in_use"], entry["is_here"], entry["rows"]) for entry in key_status(load_settings(home))
    ]
    assert entries == [(old.key_id, False, True, 1), (document["key_id"], True, True, 0)]


def test_a_key_of_the_settings_is_not_rotated_here(home: Path) -> None:
    with pytest.raises(UsageError, match="secret_key_file"):
        rotate_key(load_settings(home, secret_key="7b20e9d4c6f18a53" * 4))


def test_a_forged_record_of_an_erasure_stops_a_rebuild(home: Path) -> None:
    settings = load_settings(home)
    verify_before_rebuild(settings)
    at = datetime(2026, 1, 2)
    erasure = Erasure(erasure_no=1, erased_at=at, code_version="0", case="2026-1", files=(), key_id="")
    rotate_key(settings)
    record_erasure(settings.place.lake, erasure, PseudonymKey((home / "secret.key").read_bytes().strip()))
    verify_before_rebuild(settings)
    path = settings.place.lake / "erasures" / "001.json"
    document = json.loads(path.read_text()) | {"case": "2026-2"}
    del document["checksum"]
    path.write_text(json.dumps(document))
    with pytest.raises(LakeDamageError, match="wrong signature"):
        verify_before_rebuild(settings)
