"""A changed key is noticed before anything is taken in; a rotation leaves the old state or the new one, wherever it is killed."""

import stat
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from assets.condition import State
from assets.errors import LakeDamageError, UsageError
from assets.exports.delivery import Intake
from assets.exports.examination import examine_key
from assets.exports.keys.record import KeyRecord, key_record, note_key_in_use, rows_by_key, write_key_record
from assets.exports.keys.secret import known_keys, pseudonym_key, rotate
from assets.exports.typing.pseudonym import PseudonymKey
from assets.home import Home, write_whole
from tests.exports.deliveries import deliver, intake_in, take_all
from tests.exports.feed_files import accept_csv, result_csv

OLD, NEW, THIRD = (PseudonymKey(text * 4) for text in (b"0f9e2c7a81b3d645", b"c41d90e7f2a8b356", b"7b20e9d4c6f18a53"))


class KilledError(Exception):
    """Stands for the end of the process."""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home whose data were taken in with the old key."""
    home = Home(tmp_path / "home")
    home.prepare()
    home.key_file.write_bytes(OLD.secret + b"\n")
    note_key_in_use(home.lake, OLD)
    return home


def key_of(home: Home) -> PseudonymKey:
    return pseudonym_key(home, None)[0]


def test_the_first_intake_records_the_key_and_another_takes_nothing_in(tmp_path: Path) -> None:
    intake = intake_in(tmp_path)
    deliver(intake.landing, {"a.csv": result_csv([{"project_no": "P1"}])})
    assert key_record(intake.home.lake) == KeyRecord(keys=())
    take_all(intake)
    assert key_record(intake.home.lake).ids() == [intake.key.key_id]
    deliver(intake.landing, {"b.csv": result_csv([{"project_no": "P2"}])}, "20230829_01")
    with pytest.raises(UsageError, match=r"never used.*put that back, or `zhoubao key rotate`"):
        take_all(replace(intake, key=NEW))
    assert [receipt.delivery for receipt in intake.receipts] == ["20230828_01"]
    assert not list(intake.home.lake.rglob("20230829*"))


def test_a_changed_key_is_refused_by_whoever_asks_for_it(home: Home) -> None:
    home.key_file.write_bytes(NEW.secret)
    with pytest.raises(UsageError, match=OLD.key_id) as caught:
        key_of(home)
    assert NEW.secret.decode() not in str(caught.value)
    with pytest.raises(UsageError, match="rotate"):
        pseudonym_key(home, NEW.secret.decode())
    home.key_file.write_bytes(OLD.secret)
    assert key_of(home) == OLD


def test_a_lake_without_a_record_knows_its_key_from_its_newest_rows(tmp_path: Path) -> None:
    intake = replace(intake_in(tmp_path), key=OLD)
    deliver(
        intake.landing, {"a.csv": accept_csv([{"project_no": "P1", "applyer_page_code": "11010519491231002X"}])}, feed="accept"
    )
    take_all(intake)
    (intake.home.lake / "keys.json").unlink()
    assert key_record(intake.home.lake).ids() == [OLD.key_id]
    with pytest.raises(UsageError, match="never used"):
        note_key_in_use(intake.home.lake, NEW)
    note_key_in_use(intake.home.lake, OLD)
    assert (intake.home.lake / "keys.json").exists()
    assert rows_by_key(intake.home.lake) == {OLD.key_id: 1}


def test_a_changed_record_is_damage(home: Home) -> None:
    path = home.lake / "keys.json"
    path.write_bytes(path.read_bytes().replace(OLD.key_id.encode(), NEW.key_id.encode()))
    with pytest.raises(LakeDamageError, match=r"keys\.json"):
        key_of(home)


def test_rotation_keeps_the_former_key_private_and_uses_the_new_one(home: Home) -> None:
    rotated = rotate(home, home.key_file)
    assert (rotated.former, rotated.is_kept) == (OLD.key_id, True)
    new = key_of(home)
    assert new.key_id == rotated.key_id != OLD.key_id
    kept = home.retired_keys / f"{OLD.key_id}.key"
    assert kept.read_bytes().strip() == OLD.secret
    assert {stat.S_IMODE(path.stat().st_mode) for path in (kept, home.key_file)} == {0o600}
    assert stat.S_IMODE(home.retired_keys.stat().st_mode) == 0o700
    assert [key.key_id for key in known_keys(home, new)] == [new.key_id, OLD.key_id]
    periods = key_record(home.lake).keys
    assert [(key.key_id, key.retired_at is None) for key in periods] == [(OLD.key_id, False), (new.key_id, True)]
    # the former one put back is told apart from a strange one
    home.key_file.write_bytes(OLD.secret)
    with pytest.raises(UsageError, match="a retired key"):
        key_of(home)


def test_rotation_takes_a_given_key_or_one_that_was_put_there_but_none_of_before(home: Home, tmp_path: Path) -> None:
    given = tmp_path / "given.key"
    given.write_bytes(NEW.secret + b"\n")
    assert rotate(home, home.key_file, given).key_id == key_of(home).key_id == NEW.key_id
    given.write_bytes(OLD.secret)
    with pytest.raises(UsageError, match="was in use before"):
        rotate(home, home.key_file, given)
    given.write_bytes(b"1111111111111111")
    with pytest.raises(UsageError, match="easily guessed"):
        rotate(home, home.key_file, given)
    home.key_file.write_bytes(THIRD.secret)
    rotated = rotate(home, home.key_file)
    assert (rotated.former, rotated.key_id, rotated.is_kept) == (NEW.key_id, THIRD.key_id, False)
    assert key_of(home) == THIRD


def test_a_lost_key_can_be_followed_by_a_new_one(home: Home) -> None:
    home.key_file.unlink()
    rotated = rotate(home, home.key_file)
    assert (rotated.former, rotated.is_kept) == (OLD.key_id, False)
    assert key_of(home).key_id == rotated.key_id


@pytest.mark.parametrize("step", range(1, 6))
def test_killed_at_any_step_a_rotation_leaves_the_old_key_or_the_new_one(
    step: int, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its five writes: former key, pending key, record, key file, and the pending key's removal."""
    given = tmp_path / "given.key"
    given.write_bytes(NEW.secret)
    left = [step]

    def counted(function: object) -> object:
        def write(*words: object, **more: object) -> object:
            # a whole write removes its temporary file, which is no step of its own
            left[0] -= not str(words[0]).endswith(".tmp")
            if left[0] == 0:
                raise KilledError
            return function(*words, **more)  # type: ignore[operator]

        return write

    with monkeypatch.context() as patched:
        patched.setattr("assets.exports.keys.secret.write_whole", counted(write_whole))
        patched.setattr("assets.exports.keys.secret.write_key_record", counted(write_key_record))
        patched.setattr(Path, "unlink", counted(Path.unlink))
        with pytest.raises(KilledError):
            rotate(home, home.key_file, given)
    is_old = step <= 3
    assert key_of(home) == (OLD if is_old else NEW)
    assert key_record(home.lake).ids() == ([OLD.key_id] if is_old else [OLD.key_id, NEW.key_id])
    if is_old:
        assert rotate(home, home.key_file, given).key_id == NEW.key_id
    assert key_of(home) == NEW
    assert [key.key_id for key in known_keys(home, NEW)] == [NEW.key_id, OLD.key_id]


def test_rows_after_a_rotation_have_the_new_keys_id_and_earlier_ones_keep_theirs(tmp_path: Path) -> None:
    intake: Intake = replace(intake_in(tmp_path), key=OLD)
    row = {"applyer_page_code": "11010519491231002X"}
    deliver(intake.landing, {"a.csv": accept_csv([row | {"project_no": "P1"}])}, feed="accept")
    take_all(intake)
    intake.home.key_file.write_bytes(OLD.secret)
    given = tmp_path / "given.key"
    given.write_bytes(NEW.secret)
    rotate(intake.home, intake.home.key_file, given)
    deliver(intake.landing, {"b.csv": accept_csv([row | {"project_no": "P2"}])}, "20230829_01", feed="accept")
    take_all(replace(intake, key=NEW))
    found = pl.read_parquet(list((intake.home.lake / "accept").rglob("*.parquet"))).sort("project_no")
    assert found["key_id"].to_list() == [OLD.key_id, NEW.key_id]
    assert found["applicant_pseudonym"].n_unique() == 2
    assert rows_by_key(intake.home.lake) == {OLD.key_id: 1, NEW.key_id: 1}
    assert datetime(2020, 1, 1) < key_record(intake.home.lake).keys[1].first_used_at


def test_the_doctor_misses_the_record_of_a_rotated_key(home: Home) -> None:
    rotate(home, home.key_file)
    (home.lake / "keys.json").unlink()
    (found,) = examine_key(home, None, None)
    assert (found.state, found.fix) == (State.DAMAGED, f"put {home.lake / 'keys.json'} back from a copy of the home")
