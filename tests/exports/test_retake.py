"""Quarantined files read again: the receipt changes where something came out otherwise, and nothing else ever does."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.errors import DamageError
from assets.exports import retake as retaking
from assets.exports.delivery import Intake, read_original
from assets.exports.lake.archive import archived_path
from assets.exports.lake.receipt import Receipt
from assets.exports.reading.source import ArchiveLimits, FileLimits
from assets.exports.retake import retake
from tests.exports.deliveries import NAME, deliver, intake_in, take_all
from tests.exports.feed_files import result_csv

SOUND = result_csv([{"project_no": "S1"}])
MIXED = result_csv([{"project_no": "M1"}, {"project_no": "M2", "org_level": "7"}])


def packed(content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.csv"), content)
    return target.getvalue()


BIG = packed(SOUND)
TIGHT, WIDE = FileLimits(archives=ArchiveLimits(max_unpacked_bytes=len(SOUND) - 1)), FileLimits()


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    return replace(intake_in(tmp_path), limits=TIGHT)


def lake_state(intake: Intake) -> dict[str, bytes]:
    lake = intake.home.lake
    return {str(path.relative_to(lake)): path.read_bytes() for path in lake.rglob("*") if path.is_file()}


def zip_delivery(folder: Path, files: dict[str, bytes], rows: int = 1) -> None:
    path = deliver(folder, files)
    document = json.loads(path.read_text())
    for entry in document["files"]:
        if entry["name"].endswith(".zip"):
            entry["rows"] = rows
    path.write_text(json.dumps(document))


def test_a_zip_over_a_limit_loads_once_the_limit_is_raised(intake: Intake) -> None:
    zip_delivery(intake.landing, {"a.csv": SOUND, "b.zip": BIG})
    (before,) = take_all(intake)
    assert [file.state for file in before.files] == ["loaded", "quarantined"]
    (retaken,) = retake(replace(intake, limits=WIDE), {(NAME, "b.zip")})
    after = retaken.receipt
    assert after is not None
    assert [(file.state, file.records, file.loaded) for file in after.files] == [("loaded", 1, 1), ("loaded", 1, 1)]
    assert after.files[0] == before.files[0]
    assert (after.received_at, after.content) == (before.received_at, before.content)
    assert after.retried_at is not None
    assert list(intake.receipts) == [after]
    assert after.files[1].lake_file is not None
    rows = pl.read_parquet(intake.home.lake / after.files[1].lake_file, glob=False)
    assert rows.select("project_no", "delivery", "file_index").rows() == [("S1", NAME, 1)]


def test_nothing_changes_where_nothing_comes_out_otherwise(intake: Intake) -> None:
    zip_delivery(intake.landing, {"a.csv": MIXED, "b.zip": BIG})
    take_all(intake)
    before = lake_state(intake)
    assert [retaken.receipt for retaken in retake(intake, None)] == [None]
    assert lake_state(intake) == before


def test_rows_are_read_again_and_the_old_files_go(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(intake.landing, {"a.csv": MIXED})
    (before,) = take_all(intake)
    # the platform's people were right: the contract of that day was too narrow
    monkeypatch.setattr(retaking, "read_original", _with_level("7", read_original))
    (retaken,) = retake(intake, {(NAME, "a.csv")})
    assert retaken.receipt is not None
    (file,) = retaken.receipt.files
    assert (file.records, file.loaded, file.quarantined, file.refusals_file) == (2, 2, 0, None)
    assert file.lake_file != before.files[0].lake_file
    assert [name for name in lake_state(intake) if name.endswith(".parquet")] == [file.lake_file]
    # what has no quarantined row any longer is not read again
    assert list(retake(intake, None)) == []


def _with_level(level: str, read: Callable[..., object]) -> Callable[..., object]:
    """``read_original`` under a contract that allows one more level."""
    from assets.platform import contract

    feed = contract.load_contract().feeds["result"]
    column = feed.column("org_level")
    assert column.codes is not None
    wider = replace(column, codes=replace(column.codes, values=column.codes.values | {level: "新"}))
    feeds = {"result": replace(feed, columns=tuple(wider if one.name == "org_level" else one for one in feed.columns))}

    def reading(*args: object) -> object:
        from assets.exports import delivery

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(delivery, "load_contract", lambda: contract.Contract(feeds, {}))
            return read(*args)

    return reading


def test_only_what_is_unsettled_is_read_again(intake: Intake) -> None:
    zip_delivery(intake.landing, {"b.zip": BIG})
    take_all(intake)
    assert list(retake(replace(intake, limits=WIDE), set())) == []


def test_the_rows_that_the_manifest_declared_are_compared_again(intake: Intake) -> None:
    zip_delivery(intake.landing, {"b.zip": BIG}, rows=2)
    take_all(intake)
    (retaken,) = retake(replace(intake, limits=WIDE), None)
    assert retaken.receipt is not None
    assert (retaken.receipt.files[0].state, retaken.receipt.files[0].file_reason) == ("quarantined", "row_count")


def test_an_original_that_is_gone_is_said_and_one_that_is_damaged_is_named(intake: Intake) -> None:
    zip_delivery(intake.landing, {"b.zip": BIG})
    (before,) = take_all(intake)
    original = archived_path(intake.home.archive, before.files[0].sha256)
    original.write_bytes(BIG[:-1])
    with pytest.raises(DamageError, match=original.name):
        list(retake(intake, None))
    original.unlink()
    (retaken,) = retake(replace(intake, limits=WIDE), None)
    assert (retaken.receipt, retaken.without_original) == (None, ("b.zip",))
    assert list(intake.receipts) == [before]


@pytest.mark.parametrize("step", ["files placed", "receipt written"])
def test_a_crash_leaves_the_old_account_or_the_new_one(intake: Intake, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    zip_delivery(intake.landing, {"b.zip": BIG})
    (before,) = take_all(intake)
    wide = replace(intake, limits=WIDE)
    name = "sync_all" if step == "files placed" else "file_versions"

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(retaking, name, crash)
    with pytest.raises(KeyboardInterrupt):
        list(retake(wide, None))
    monkeypatch.undo()
    (receipt,) = intake.receipts
    for file in receipt.files:
        assert file.lake_file is None or (intake.home.lake / file.lake_file).exists()
    if step == "files placed":
        assert receipt == before
        (retaken,) = retake(wide, None)
        assert retaken.receipt is not None
    (receipt,) = intake.receipts
    parquet = [name for name in lake_state(intake) if name.endswith(".parquet")]
    assert parquet == [receipt.files[0].lake_file]


DELIVERIES: dict[str, dict[str, bytes]] = {
    "20230828_01": {"a.csv": SOUND, "b.csv": MIXED},
    "20230828_02": {"a.csv": SOUND},
    "20230827_01": {"a.csv": b"nothing,known\n1,2\n", "c.csv": MIXED},
    "20230830_01": {"a.csv": result_csv([{}, {}])},
}


@settings(max_examples=8)
@given(st.permutations(sorted(DELIVERIES)), st.lists(st.integers(0, len(DELIVERIES)), max_size=3))
def test_any_order_and_any_split_into_runs_leave_the_same_receipts(order: list[str], cuts: list[int]) -> None:
    def of(groups: list[list[str]]) -> tuple[list[Receipt], set[str]]:
        with TemporaryDirectory() as folder:
            intake = intake_in(Path(folder))
            for group in groups:
                for name in group:
                    deliver(intake.landing / name[::-1], DELIVERIES[name], name)
                take_all(intake)
                list(retake(intake, None))
            files = {name for name in lake_state(intake) if name.endswith(".parquet")}
            return [receipt.model_copy(update={"received_at": None, "salt": ""}) for receipt in intake.receipts], files

    bounds = sorted({0, len(order), *cuts})
    groups = [order[start:end] for start, end in pairwise(bounds)]
    assert of(groups) == of([sorted(DELIVERIES)])
