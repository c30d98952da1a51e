"""Files without a manifest, where a site allows them: at rest, named by the interface, and checked against their ``.ok``."""

import hashlib
import os
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from assets.exports.delivery import Intake
from assets.exports.landing.bare_files import BareFiles
from tests.exports.deliveries import deliver, held_notes, intake_in, take_all
from tests.exports.feed_files import result_csv

CONTENT = result_csv([{}, {"project_no": "P2"}])
OTHER = result_csv([{"result_type": "2"}])
NAME = "result_20230828_02.csv"
LONG_AGO = 1_000_000_000


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    return intake_in(tmp_path, BareFiles(enabled=True, quiet_seconds=60))


def bare(folder: Path, name: str = NAME, content: bytes = CONTENT, changed_at: float = LONG_AGO) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    os.utime(path, (changed_at, changed_at))
    return path


def test_off_by_default(intake: Intake) -> None:
    bare(intake.landing)
    assert held_notes(replace(intake, bare_files=BareFiles())) == {}
    assert take_all(replace(intake, bare_files=BareFiles())) == []


@pytest.mark.parametrize("extension", ["csv", "csv.gz", "zip", "xlsx"])
def test_a_file_at_rest_is_a_delivery_of_its_own_by_its_name(intake: Intake, extension: str) -> None:
    name = f"result_20230828_02.{extension}"
    bare(intake.landing / "任意", name)
    (receipt,) = take_all(intake)
    assert (receipt.delivery, receipt.business_date, receipt.sequence, receipt.mode) == (name, date(2023, 8, 28), 2, "upsert")
    (file,) = receipt.files
    assert (file.file, file.feed, file.records, file.loaded, file.declared_rows) == (name, "result", 2, 2, None)
    assert file.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert held_notes(intake) == {}
    assert take_all(intake) == []


@pytest.mark.parametrize("name", ["readme.txt", "payments_20230828_01.csv", "result_20230832_01.csv", "result_20230828.csv"])
def test_a_name_that_says_nothing_waits_with_a_note(intake: Intake, name: str) -> None:
    bare(intake.landing, name)
    assert held_notes(intake)[name][0] == "waiting"
    assert take_all(intake) == []


def test_names_that_are_ignored_are_not_even_waited_for(intake: Intake) -> None:
    for name in (f".{NAME}", f"{NAME}.part", f"~${NAME}", f"{NAME}.TMP", f"{NAME}.filepart"):
        bare(intake.landing, name)
    assert held_notes(intake) == {}


@pytest.mark.parametrize("age", [0, 55, -3600])
def test_a_file_that_changed_lately_waits(intake: Intake, age: int) -> None:
    path = bare(intake.landing, changed_at=time.time() - age)
    assert held_notes(intake)[NAME][0] == "waiting"
    assert take_all(intake) == []
    os.utime(path, (LONG_AGO, LONG_AGO))
    assert len(take_all(intake)) == 1


DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.mark.parametrize("ok", [f"rows=2\nsha256={DIGEST}\n", f"sha256={DIGEST.upper()}", "rows=2", "\ufeffrows = 2\r\n\r\n"])
def test_an_ok_file_that_agrees_lets_it_in(intake: Intake, ok: str) -> None:
    bare(intake.landing)
    bare(intake.landing, f"{NAME}.ok", ok.encode())
    (receipt,) = take_all(intake)
    assert receipt.files[0].loaded == 2
    assert held_notes(intake) == {}


@pytest.mark.parametrize(
    "ok", ["", "rows=two", "rows=2\nrows=3", f"sha256={DIGEST[:-1]}", "完成", "rows=2 sha256=", f"rows={10**20}"]
)
def test_an_ok_file_that_says_nothing_sound_keeps_it_waiting(intake: Intake, ok: str) -> None:
    bare(intake.landing)
    bare(intake.landing, f"{NAME}.ok", ok.encode())
    assert held_notes(intake)[NAME][0] == "waiting"


def test_an_ok_file_with_another_hash_keeps_it_waiting_and_says_both(intake: Intake) -> None:
    bare(intake.landing)
    bare(intake.landing, f"{NAME}.ok", b"sha256=" + b"0" * 64)
    state, note = held_notes(intake)[NAME]
    assert state == "waiting"
    assert DIGEST in note
    assert "0" * 64 in note


def test_an_ok_file_still_being_written_is_waited_for(intake: Intake) -> None:
    bare(intake.landing)
    bare(intake.landing, f"{NAME}.ok", b"rows=2", time.time())
    assert held_notes(intake)[NAME][0] == "waiting"


def test_an_ok_file_with_other_rows_quarantines_the_file(intake: Intake) -> None:
    bare(intake.landing)
    bare(intake.landing, f"{NAME}.ok", b"rows=3\n")
    (receipt,) = take_all(intake)
    assert (receipt.files[0].state, receipt.files[0].file_reason, receipt.files[0].quarantined) == ("quarantined", "row_count", 2)


def test_a_file_that_a_manifest_names_anywhere_is_no_bare_file(intake: Intake) -> None:
    manifest = deliver(intake.landing / "a", {NAME: CONTENT})
    bare(intake.landing / "b")
    assert [receipt.delivery for receipt in take_all(intake)] == ["20230828_01"]
    assert held_notes(intake) == {}
    # nor is one whose manifest went, with the number of its delivery in its name
    (manifest.parent / NAME).rename(manifest.parent / "result_20230828_01.csv")
    deliver(intake.landing / "c", {"result_20230829_01.csv": CONTENT}, "20230829_01")
    take_all(intake)
    (intake.landing / "c" / "manifest_20230829_01.json").unlink()
    os.utime(intake.landing / "c" / "result_20230829_01.csv", (LONG_AGO, LONG_AGO))
    assert "result_20230829_01.csv" not in held_notes(intake)
    assert "result_20230829_01.csv" not in [arrival.manifest.delivery for arrival in intake.survey().arrivals]


def test_files_beside_a_manifest_that_is_still_being_written_belong_to_it(intake: Intake) -> None:
    bare(intake.landing / "day")
    (intake.landing / "day" / "manifest_20230828_02.json").write_bytes(b"{")
    assert list(held_notes(intake)) == ["20230828_02"]
    assert intake.survey().arrivals == ()


def test_the_same_file_with_other_content_is_a_conflict(intake: Intake) -> None:
    path = bare(intake.landing)
    (before,) = take_all(intake)
    bare(intake.landing / "copy")
    assert held_notes(intake) == {}
    path.write_bytes(OTHER)
    # not before it is at rest: it may be the same again
    assert held_notes(intake) == {}
    os.utime(path, (LONG_AGO, LONG_AGO))
    state, note = held_notes(intake)[NAME]
    assert state == "conflict"
    assert hashlib.sha256(OTHER).hexdigest() in note
    assert list(intake.receipts) == [before]


def test_a_link_and_a_later_day_are_left(intake: Intake, tmp_path: Path) -> None:
    outside = bare(tmp_path / "outside")
    (intake.landing / NAME).symlink_to(outside)
    assert held_notes(intake)[NAME][0] == "waiting"
    (intake.landing / NAME).unlink()
    bare(intake.landing)
    until = replace(intake, through=date(2023, 8, 27))
    assert until.survey().arrivals == ()
    assert held_notes(until) == {}
