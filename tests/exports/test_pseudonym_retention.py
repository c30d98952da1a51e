"""Old rows lose their pseudonyms a few deliveries a run; counts, and whatever is younger, stay."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl

from assets.clock import beijing_now
from assets.exports.erasing.pseudonym_retention import blank_old_pseudonyms
from assets.exports.keys.record import rows_by_key
from assets.exports.keys.secret import rotate
from assets.exports.typing.pseudonym import PseudonymKey
from tests.exports.deliveries import deliver, intake_in, take_all
from tests.exports.feed_files import accept_csv

NAMES = ("20230828_01", "20230829_01", "20230830_01")


def test_old_deliveries_lose_their_pseudonyms_oldest_first_and_once(tmp_path: Path) -> None:
    intake = intake_in(tmp_path)
    for number, name in enumerate(NAMES):
        deliver(intake.landing / name, {"a.csv": accept_csv([{"project_no": f"P{number}"}])}, name, feed="accept")
    received = {receipt.delivery: receipt for receipt in take_all(intake)}
    for name, days in zip(NAMES, (40, 50, 5), strict=True):
        intake.receipts.put(received[name].model_copy(update={"received_at": beijing_now() - timedelta(days=days)}))
    now = beijing_now()
    assert blank_old_pseudonyms(intake.home, 30, now, at_most=1) == 1
    assert [receipt.files[0].is_blanked for receipt in intake.receipts] == [False, True, False]
    assert blank_old_pseudonyms(intake.home, 30, now) == 1
    assert blank_old_pseudonyms(intake.home, 30, now) == 0
    rows = pl.concat(pl.read_parquet(intake.home.lake / str(receipt.files[0].lake_file)) for receipt in intake.receipts)
    assert rows["applicant_pseudonym"].is_null().to_list() == [True, True, False]
    assert rows["project_no"].to_list() == ["P0", "P1", "P2"]


def test_a_retired_key_goes_with_the_last_row_of_its_time(tmp_path: Path) -> None:
    old = PseudonymKey(b"0f9e2c7a81b3d645" * 4)
    intake = replace(intake_in(tmp_path), key=old)
    deliver(intake.landing, {"a.csv": accept_csv([{"project_no": "P1"}])}, feed="accept")
    take_all(intake)
    intake.home.key_file.write_bytes(old.secret)
    rotate(intake.home, intake.home.key_file)
    kept = intake.home.retired_keys / f"{old.key_id}.key"
    assert blank_old_pseudonyms(intake.home, 30, beijing_now() + timedelta(days=10)) == 0
    assert kept.exists()
    assert blank_old_pseudonyms(intake.home, 30, beijing_now() + timedelta(days=31)) == 1
    assert rows_by_key(intake.home.lake) == {}
    assert not kept.exists()
