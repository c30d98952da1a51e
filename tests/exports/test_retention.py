"""Originals go by the site's rule: of deliveries in the lake alone, never one that may still be needed."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from assets.clock import beijing_now
from assets.exports.delivery import Intake
from assets.exports.landing.bare_files import BareFiles
from assets.exports.retention import Removed, remove_originals
from assets.exports.retention_rules import Retention
from tests.exports.deliveries import NAME, deliver, held_notes, intake_in, take_all
from tests.exports.feed_files import result_csv

ONE, TWO, THREE = (result_csv([{"project_no": name}]) for name in ("P1", "P2", "P3"))
AT_ONCE, AFTER_TEN_DAYS = Retention(None, True), Retention(10, False)


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    return intake_in(tmp_path)


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def remove(
    intake: Intake, rule: Retention, days_later: float = 0, unsettled: frozenset[tuple[str, str]] = frozenset()
) -> Removed:
    return remove_originals(intake.home, intake.landing, rule, unsettled, beijing_now() + timedelta(days=days_later))


def test_by_default_nothing_goes(intake: Intake) -> None:
    deliver(intake.landing, {"a.csv": ONE})
    take_all(intake)
    before = files_below(intake.home.root)
    assert not Retention().removes
    assert remove(intake, Retention(), 100_000) == Removed(0, 0)
    assert files_below(intake.home.root) == before


def test_landing_is_cleared_of_what_is_loaded_and_of_nothing_else(intake: Intake) -> None:
    deliver(intake.landing / "loaded", {"a.csv": ONE, "b.csv": TWO})
    take_all(intake)
    waiting = deliver(intake.landing / "waiting", {"a.csv": ONE, "b.csv": TWO}, "20230829_01")
    (waiting.parent / "b.csv").unlink()
    deliver(intake.landing / "conflict", {"a.csv": THREE})
    (intake.landing / "loaded" / "notes.txt").write_text("whose?")
    kept = files_below(intake.landing / "waiting") | files_below(intake.landing / "conflict")
    archived = files_below(intake.home.archive)
    assert remove(intake, AT_ONCE) == Removed(archive=0, landing=3)
    assert files_below(intake.landing / "waiting") | files_below(intake.landing / "conflict") == kept
    assert files_below(intake.landing / "loaded") == {"notes.txt"}
    assert files_below(intake.home.archive) == archived
    assert {name: state for name, (state, _) in held_notes(intake).items()} == {"20230829_01": "waiting", NAME: "conflict"}


def test_the_folder_goes_with_the_last_file_and_landing_itself_stays(intake: Intake) -> None:
    deliver(intake.landing / "day", {"a.csv": ONE})
    deliver(intake.landing, {"a.csv": ONE}, "20230829_01")
    take_all(intake)
    remove(intake, AT_ONCE)
    assert list(intake.landing.iterdir()) == []
    assert intake.survey().arrivals == ()


def test_a_file_changed_after_it_was_loaded_is_nowhere_else_and_stays(intake: Intake) -> None:
    deliver(intake.landing, {"a.csv": ONE})
    take_all(intake)
    (intake.landing / "a.csv").write_bytes(TWO)
    for rule in (AT_ONCE, AFTER_TEN_DAYS):
        assert remove(intake, rule, 11).landing == 0
    assert (intake.landing / "a.csv").read_bytes() == TWO


def test_a_file_without_its_original_stays_until_it_is_old(intake: Intake) -> None:
    deliver(intake.landing, {"a.csv": ONE})
    take_all(intake)
    for path in intake.home.archive.rglob("*"):
        if path.is_file():
            path.unlink()
    assert remove(intake, AT_ONCE, 5).landing == 0
    assert remove(intake, AFTER_TEN_DAYS, 11).landing == 2


def test_a_file_that_a_waiting_delivery_shares_stays(intake: Intake) -> None:
    deliver(intake.landing, {"a.csv": ONE})
    take_all(intake)
    deliver(intake.landing, {"a.csv": ONE, "b.csv": TWO}, "20230829_01")
    (intake.landing / "b.csv").unlink()
    assert remove(intake, AT_ONCE) == Removed()
    (intake.landing / "b.csv").write_bytes(TWO)
    assert [receipt.delivery for receipt in take_all(intake)] == ["20230829_01"]
    # the shared file goes once
    remove(intake, AT_ONCE)
    assert files_below(intake.landing) == set()


@pytest.mark.parametrize(("days", "gone"), [(9.9, False), (10.1, True)])
def test_archive_and_landing_are_kept_for_the_same_days(intake: Intake, days: float, gone: bool) -> None:
    deliver(intake.landing, {"a.csv": ONE})
    take_all(intake)
    lake = files_below(intake.home.lake)
    assert remove(intake, AFTER_TEN_DAYS, days) == (Removed(1, 2) if gone else Removed())
    assert bool(files_below(intake.landing)) is bool(files_below(intake.home.archive)) is not gone
    assert files_below(intake.home.lake) == lake


def test_equal_bytes_are_kept_for_the_youngest_delivery_that_has_them(intake: Intake) -> None:
    for name in (NAME, "20230829_01"):
        deliver(intake.landing / name, {"a.csv": ONE}, name)
    old, _ = take_all(intake)
    intake.receipts.put(old.model_copy(update={"received_at": datetime(2000, 1, 1)}))
    assert remove(intake, AFTER_TEN_DAYS, 5) == Removed(archive=0, landing=2)
    assert remove(intake, AFTER_TEN_DAYS, 11) == Removed(archive=1, landing=2)


def test_an_original_with_unsettled_rows_is_kept_for_a_retry(intake: Intake) -> None:
    deliver(intake.landing, {"a.csv": ONE, "b.csv": TWO})
    take_all(intake)
    assert remove(intake, AFTER_TEN_DAYS, 11, frozenset({(NAME, "a.csv")})) == Removed(archive=1, landing=3)
    assert remove(intake, AFTER_TEN_DAYS, 11) == Removed(archive=1, landing=0)


def test_bare_files_and_their_ok_go_like_others(intake: Intake) -> None:
    intake = replace(intake, bare_files=BareFiles(enabled=True, quiet_seconds=0))
    loaded, changed = intake.landing / "result_20230828_01.csv", intake.landing / "result_20230828_02.csv"
    for path in (loaded, changed):
        path.write_bytes(ONE)
    loaded.with_name(f"{loaded.name}.ok").write_bytes(b"rows=1")
    assert len(take_all(intake)) == 2
    changed.write_bytes(TWO)
    assert remove(intake, AT_ONCE).landing == 2
    assert files_below(intake.landing) == {changed.name}
