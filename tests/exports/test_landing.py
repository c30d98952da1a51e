"""Deliveries that are whole, that wait, and that come back changed."""

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from assets.errors import UsageError
from assets.exports.keys.secret import pseudonym_key
from assets.exports.lake.receipt import FileReceipt, Receipt, Receipts
from assets.exports.landing.scan import survey
from assets.home import Home

CONTENT = b"project_no\n"


def deliver(folder: Path, delivery: str = "20230828_01", file: str = "办件[1].csv", **entry: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(CONTENT)
    listed = {"name": file, "feed": "accept", "rows": 0, "bytes": len(CONTENT), "sha256": hashlib.sha256(CONTENT).hexdigest()}
    manifest = {"delivery": delivery, "business_date": "2023-08-28", "mode": "upsert", "files": [listed | entry]}
    (folder / f"manifest_{delivery}.json").write_text(json.dumps(manifest), encoding="utf-8")


def receipt(name: str, sha256: str) -> Receipt:
    file = FileReceipt(
        file="办件[1].csv", file_index=0, feed="accept", sha256=sha256, bytes=1, format="csv", encoding="utf-8", records=0,
        loaded=0, superseded=0, quarantined=0, state="loaded", lake_file=None, refusals_file=None,
    )  # fmt: skip
    moment = datetime(2023, 8, 29)
    return Receipt(
        delivery=name, business_date=moment.date().replace(day=28), sequence=1, mode="upsert", produced_at=None,
        received_at=moment, files=(file,),
    )  # fmt: skip


def test_a_whole_delivery_arrives_from_a_folder_of_any_name(tmp_path: Path) -> None:
    deliver(tmp_path / "landing" / "任意 [名]'")
    found = survey(tmp_path / "landing", Receipts(tmp_path / "lake"))
    assert [arrival.manifest.delivery for arrival in found.arrivals] == ["20230828_01"]
    assert found.held == ()


@pytest.mark.parametrize("entry", [{"bytes": 5}, {"sha256": "0" * 64}, {"name": "missing.csv"}])
def test_an_incomplete_delivery_waits_and_says_why(tmp_path: Path, entry: dict[str, Any]) -> None:
    deliver(tmp_path, **entry)
    found = survey(tmp_path, Receipts(tmp_path / "lake"))
    assert found.arrivals == ()
    assert [held.state for held in found.held] == ["waiting"]
    assert found.held[0].note


@pytest.mark.parametrize("name", ["../secret.key", "/etc/passwd", "a/b.csv", ".."])
def test_a_manifest_reads_nothing_outside_its_folder(tmp_path: Path, name: str) -> None:
    deliver(tmp_path, name=name)
    assert [held.state for held in survey(tmp_path, Receipts(tmp_path / "lake")).held] == ["waiting"]


def test_half_written_and_hidden_manifests_do_not_load(tmp_path: Path) -> None:
    deliver(tmp_path / "a")
    manifest = tmp_path / "a" / "manifest_20230828_01.json"
    manifest.rename(manifest.with_name("manifest_20230828_01.json.part"))
    assert survey(tmp_path, Receipts(tmp_path / "lake")).arrivals == ()
    (tmp_path / "manifest_20230829_01.json").write_text('{"delivery": "20230829_01", "files": [')
    assert [held.delivery for held in survey(tmp_path, Receipts(tmp_path / "lake")).held] == ["20230829_01"]


def test_the_same_again_is_nothing_new_and_a_changed_one_a_conflict(tmp_path: Path) -> None:
    deliver(tmp_path / "landing")
    receipts = Receipts(tmp_path / "lake")
    receipts.put(receipt("20230828_01", hashlib.sha256(CONTENT).hexdigest()))
    assert survey(tmp_path / "landing", receipts) == survey(tmp_path / "empty", receipts)
    receipts.put(receipt("20230828_01", "1" * 64))
    assert [held.state for held in survey(tmp_path / "landing", receipts).held] == ["conflict"]


def test_a_fresh_home_makes_a_private_key_and_data_without_one_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    key, is_new = pseudonym_key(home, None)
    assert is_new
    assert home.key_file.stat().st_mode & 0o777 == 0o600
    assert pseudonym_key(home, None) == (key, False)
    Receipts(home.lake).put(receipt("20230828_01", "1" * 64))
    home.key_file.unlink()
    with pytest.raises(UsageError, match=r"secret\.key"):
        pseudonym_key(home, None)
