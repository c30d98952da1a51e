"""Deliveries taken in from a landing folder: names that are data and no patterns, names that are ignored, what came twice."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from assets.exports.delivery import Intake, take_in
from assets.exports.lake.receipt import Receipt
from assets.exports.landing.scan import Landing
from assets.exports.reading.source import FileLimits
from assets.exports.typing.pseudonym import PseudonymKey
from assets.home import Home
from tests.exports.feed_files import result_csv


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    home = Home(tmp_path / "home")
    home.prepare()
    return Intake(home, home.landing, PseudonymKey(b"k" * 32), FileLimits())


def deliver(folder: Path, files: Mapping[str, bytes], name: str = "20230828_01", missing: tuple[str, ...] = ()) -> None:
    """Write a delivery of ``result`` files, the manifest last; files of ``missing`` are declared and do not come."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for file, content in files.items():
        if file not in missing:
            (folder / file).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest().upper()
        entries.append(
            {"name": file, "feed": "result", "rows": content.count(b"\n") - 1, "bytes": len(content), "sha256": digest}
        )
    manifest = {"delivery": name, "business_date": f"{name[:4]}-{name[4:6]}-{name[6:8]}", "files": entries}
    (folder / f"manifest_{name}.json").write_text(json.dumps(manifest), encoding="utf-8")


def _take_all(intake: Intake) -> list[Receipt]:
    return list(take_in(intake.survey().arrivals, intake))


def _states(landing: Landing) -> dict[str, str]:
    return {held.delivery: held.state for held in landing.held}


def test_brackets_and_quotes_in_names_are_no_patterns(intake: Intake) -> None:
    names = ["办件1.csv", "办件[1].csv", "办件*.csv", "办件'; drop.csv"]
    files = {name: result_csv([{"project_no": f"{at}-{row}"} for row in range(at + 1)]) for at, name in enumerate(names)}
    deliver(intake.landing / "任意 [1] 'x'", files)
    (receipt,) = _take_all(intake)
    assert [file.file for file in receipt.files] == names
    for at, file in enumerate(receipt.files):
        assert file.lake_file is not None
        rows = pl.read_parquet(intake.home.lake / file.lake_file, glob=False)
        assert sorted(rows["project_no"]) == [f"{at}-{row}" for row in range(at + 1)]
        assert rows["file_index"].to_list() == [at] * (at + 1)


@pytest.mark.parametrize("name", [".manifest_1.json", "~$manifest_1.json", "manifest_1.json.part", "manifest_1.json.tmp"])
def test_ignored_manifest_names(intake: Intake, name: str) -> None:
    deliver(intake.landing, {"a.csv": result_csv([{}])})
    (intake.landing / "manifest_20230828_01.json").rename(intake.landing / name)
    assert intake.survey() == Landing((), ())


@pytest.mark.parametrize("folder", [".upload", "upload.part", "~$x"])
def test_ignored_folders_are_not_entered(intake: Intake, folder: str) -> None:
    deliver(intake.landing / folder, {"a.csv": result_csv([{}])})
    assert intake.survey() == Landing((), ())


def test_files_that_no_manifest_names_are_nothing(intake: Intake) -> None:
    deliver(intake.landing, {"a.csv": result_csv([{}])})
    (intake.landing / "b.csv").write_bytes(result_csv([{}]))
    (receipt,) = _take_all(intake)
    assert [file.file for file in receipt.files] == ["a.csv"]


def test_waits_until_the_last_file_is_there_and_whole(intake: Intake) -> None:
    content = result_csv([{}])
    deliver(intake.landing, {"a.csv": content, "b[1].csv": content}, missing=("b[1].csv",))
    # a pattern would find this one
    (intake.landing / "b1.csv").write_bytes(content)
    same_size = content.replace(b"P1", b"P2")
    for partly in (None, content[:-1], same_size):
        if partly is not None:
            (intake.landing / "b[1].csv").write_bytes(partly)
        landing = intake.survey()
        assert landing.arrivals == ()
        assert _states(landing) == {"20230828_01": "waiting"}
        assert "b[1].csv" in landing.held[0].note
    (intake.landing / "b[1].csv").write_bytes(content)
    assert [receipt.delivery for receipt in _take_all(intake)] == ["20230828_01"]


@pytest.mark.parametrize("name", ["../outside.csv", "..", "/etc/hostname", "a\\b.csv", "", "a\0.csv"])
def test_a_name_that_leaves_the_folder_waits(intake: Intake, name: str) -> None:
    content = result_csv([{}])
    (intake.landing.parent / "outside.csv").write_bytes(content)
    deliver(intake.landing, {name: content}, missing=(name,))
    landing = intake.survey()
    assert landing.arrivals == ()
    assert _states(landing) == {"20230828_01": "waiting"}
    assert landing.held[0].manifest is None


def test_a_link_out_of_the_landing_folder_is_not_read(intake: Intake, tmp_path: Path) -> None:
    content = result_csv([{}])
    deliver(intake.landing, {"a.csv": content}, missing=("a.csv",))
    (tmp_path / "outside.csv").write_bytes(content)
    (intake.landing / "a.csv").symlink_to(tmp_path / "outside.csv")
    assert _states(intake.survey()) == {"20230828_01": "waiting"}


def test_the_same_again_is_nothing_new_and_other_bytes_are_a_conflict(intake: Intake) -> None:
    deliver(intake.landing / "first", {"a.csv": result_csv([{}])})
    _take_all(intake)
    deliver(intake.landing / "again", {"a.csv": result_csv([{}])})
    assert intake.survey() == Landing((), ())
    deliver(intake.landing / "changed", {"a.csv": result_csv([{"result_type": "2"}])})
    landing = intake.survey()
    assert landing.arrivals == ()
    assert _states(landing) == {"20230828_01": "conflict"}
    assert [receipt.files[0].loaded for receipt in intake.receipts] == [1]


def test_two_that_differ_under_one_name_before_either_is_loaded(intake: Intake) -> None:
    deliver(intake.landing / "b", {"a.csv": result_csv([{"project_no": "SECOND"}])})
    deliver(intake.landing / "a", {"a.csv": result_csv([{"project_no": "FIRST"}])})
    landing = intake.survey()
    assert [arrival.folder.name for arrival in landing.arrivals] == ["a"]
    assert _states(landing) == {"20230828_01": "conflict"}


def test_deliveries_come_in_the_order_of_date_and_sequence_up_to_a_day(intake: Intake) -> None:
    for name in ("20230829_01", "20230828_10", "20230828_02", "20230830_01"):
        deliver(intake.landing / name[::-1], {"a.csv": result_csv([{}])}, name)
    limited = Intake(intake.home, intake.landing, intake.key, intake.limits, date(2023, 8, 29))
    assert [arrival.manifest.delivery for arrival in limited.survey().arrivals] == ["20230828_02", "20230828_10", "20230829_01"]


def test_a_quarantined_file_leaves_its_neighbour_and_its_original(intake: Intake) -> None:
    broken = b"nothing,known\n1,2\n"
    deliver(intake.landing, {"a.csv": broken, "b.csv": result_csv([{}, {"org_level": "7", "project_no": "P2"}])})
    (receipt,) = _take_all(intake)
    assert [(file.state, file.records, file.loaded, file.quarantined) for file in receipt.files] == [
        ("quarantined", 1, 0, 1),
        ("loaded", 2, 1, 1),
    ]
    digest = hashlib.sha256(broken).hexdigest()
    assert (intake.home.archive / digest[:2] / digest).read_bytes() == broken
    assert receipt.files[0].lake_file is None
    refusals = receipt.files[1].refusals_file
    assert refusals is not None
    frame = pl.read_parquet(intake.home.lake / refusals, glob=False)
    assert frame.rows() == [(3, "org_level", "invalid_code", "P2")]
    assert [path.name for path in (intake.home.lake / "result").rglob("*") if path.is_file()] == [
        Path(str(receipt.files[1].lake_file)).name
    ]
