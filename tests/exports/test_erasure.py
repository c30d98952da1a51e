"""A person's pseudonyms are blanked where they are, by a signed record that names places and never the person."""

import json
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from assets.errors import LakeDamageError
from assets.exports.delivery import Intake
from assets.exports.erasing.blank_deliveries import blank
from assets.exports.erasing.erasure import carry_out, remove_from_landing
from assets.exports.erasing.person_search import (
    cleaned_number,
    files_of_cases,
    holds_number,
    lines_in_lake,
    lines_in_original,
    pseudonyms_of,
)
from assets.exports.erasing.record import ErasedFile, Erasure, read_erasures, record_erasure, verify_erasures
from assets.exports.lake.archive import archived_path
from assets.exports.lake.receipt import Receipt
from assets.exports.retake import retake
from assets.exports.typing.pseudonym import PseudonymKey
from tests.exports.crafted import book_of, gz, zipped
from tests.exports.deliveries import deliver, intake_in, take_all
from tests.exports.feed_files import accept_csv, result_csv

# invented
PERSON, OTHER = "51010619900101123X", "510106198512314567"
COLUMN = "applicant_pseudonym"


def rows_of(*codes: str) -> list[dict[str, str]]:
    return [{"project_no": f"P{number}", "applyer_page_code": code} for number, code in enumerate(codes, start=1)]


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    return intake_in(tmp_path)


def taken(intake: Intake, content: bytes, **more: str) -> Receipt:
    deliver(intake.landing, {"a.csv": content}, feed="accept", **more)
    return take_all(intake)[0]


def lake_rows(intake: Intake, receipt: Receipt) -> pl.DataFrame:
    return pl.read_parquet(intake.home.lake / str(receipt.files[0].lake_file))


def recorded(intake: Intake, receipt: Receipt, *lines: int) -> Erasure:
    file = receipt.files[0]
    erased = ErasedFile(delivery=receipt.delivery, file=file.file, file_index=0, sha256=file.sha256, lines=lines)
    at = datetime(2026, 1, 2, 3, 4, 5)
    erasure = Erasure(erasure_no=1, erased_at=at, code_version="0", case="2026-1", files=(erased,), key_id="")
    return record_erasure(intake.home.lake, erasure, intake.key)


def test_blanked_rows_lose_pseudonym_and_key_and_nothing_else(intake: Intake) -> None:
    receipt = taken(intake, accept_csv(rows_of(PERSON, OTHER, PERSON)))
    before = lake_rows(intake, receipt)
    after = blank(intake.home.lake, receipt, {0: [2, 4]})
    rows = lake_rows(intake, after)
    assert rows[COLUMN].is_null().to_list() == rows["key_id"].is_null().to_list() == [True, False, True]
    assert rows.drop(COLUMN, "key_id").equals(before.drop(COLUMN, "key_id"))
    assert rows[COLUMN][1] == before[COLUMN][1]
    assert rows.schema == before.schema
    assert list((intake.home.lake / "accept").rglob("*.parquet")) == [intake.home.lake / str(after.files[0].lake_file)]
    assert (after.same_rows, len(after.replaces)) == (1, 1)
    assert intake.receipts.get(receipt.delivery) == after


def test_a_damaged_file_is_not_made_a_new_truth(intake: Intake) -> None:
    receipt = taken(intake, accept_csv(rows_of(PERSON)))
    path = intake.home.lake / str(receipt.files[0].lake_file)
    changed = pl.read_parquet(path).with_columns(org_code=pl.lit("another"))
    changed.write_parquet(path)
    with pytest.raises(LakeDamageError, match="not the file that its receipt names"):
        blank(intake.home.lake, receipt, {0: [2]})


def test_a_person_is_found_in_rows_and_originals_of_every_format(intake: Intake, tmp_path: Path) -> None:
    number = cleaned_number("  ５１０１０６19900101123x ")
    assert number == PERSON
    assert [cleaned_number(text) for text in ("", "short", "51010619900101123X 510106198512314567")] == [None] * 3
    content = accept_csv(rows_of(OTHER, PERSON, PERSON.lower()))
    receipt = taken(intake, content)
    files, sought = receipt.files, pseudonyms_of(PERSON, [PseudonymKey(b"another key of old"), intake.key])
    assert lines_in_lake(intake.home.lake, files, sought) == ({files[0].lake_file: {3, 4}}, {"P2", "P3"})
    assert files_of_cases(intake.home.lake, files, {"P2"}) == {files[0].lake_file}
    assert lines_in_original(archived_path(intake.home.archive, files[0].sha256), files[0], PERSON, intake.limits) == {3, 4}
    book = book_of(*({"project_no": "P1", "applyer_page_code": code} for code in (OTHER, PERSON)))
    packed = {
        "a.xlsx": book,
        "a.csv": content,
        "a.csv.gz": gz(content),
        "a.zip": zipped({"a.csv": content}),
        "no.csv": accept_csv(rows_of(OTHER)),
    }
    for name, data in packed.items():
        (tmp_path / name).write_bytes(data)
        assert holds_number(tmp_path / name, PERSON, intake.limits) is (name != "no.csv"), name
    (tmp_path / "cut.csv.gz").write_bytes(gz(content)[:-30])
    assert holds_number(tmp_path / "cut.csv.gz", PERSON, intake.limits) is None


def test_an_erasure_blanks_removes_and_leaves_no_trace(intake: Intake) -> None:
    receipt = taken(intake, accept_csv(rows_of(PERSON, OTHER)))
    erasure = recorded(intake, receipt, 2)
    carry_out(intake.home, [erasure])
    assert remove_from_landing(intake.landing, erasure) == 1
    traces = [PERSON.encode(), *(found.encode() for found in pseudonyms_of(PERSON, [intake.key]))]
    for path in intake.home.root.rglob("*"):
        if path.is_file():
            held = path.read_bytes() + (str(pl.read_parquet(path).to_dicts()).encode() if path.suffix == ".parquet" else b"")
            assert not any(trace in held for trace in traces), path
    assert verify_erasures(intake.home.lake, [intake.key]) == [erasure]
    # again changes nothing
    before = intake.receipts.get(receipt.delivery)
    carry_out(intake.home, [erasure])
    assert intake.receipts.get(receipt.delivery) == before


@pytest.mark.parametrize(
    "place",
    [
        "blank_deliveries.write_blanked",
        "blank_deliveries.Receipts.replace",
        "blank_deliveries.remove_former_versions",
        "erasure._remove_originals",
    ],
)
def test_a_killed_erasure_is_finished_by_the_next_command(place: str, intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = taken(intake, accept_csv(rows_of(PERSON, OTHER)))
    erasure = recorded(intake, receipt, 2)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(f"assets.exports.erasing.{place}", killed)
        with pytest.raises(KeyboardInterrupt):
            carry_out(intake.home, [erasure])
    carry_out(intake.home, verify_erasures(intake.home.lake, [intake.key]))
    (file,) = (intake.home.lake / "accept").rglob("*.parquet")
    assert pl.read_parquet(file)[COLUMN].is_null().to_list() == [True, False]
    assert not archived_path(intake.home.archive, receipt.files[0].sha256).exists()


def test_an_original_put_back_and_read_again_loses_the_same_rows(intake: Intake) -> None:
    broken = {"project_no": "P3", "applyer_page_code": PERSON, "cd_time": "never"}
    content = accept_csv([*rows_of(PERSON, OTHER), broken])
    receipt = taken(intake, content)
    carry_out(intake.home, [recorded(intake, receipt, 2, 4)])
    assert [one.without_original for one in retake(intake, None)] == [("a.csv",)]
    path = archived_path(intake.home.archive, receipt.files[0].sha256)
    path.write_bytes(content)
    list(retake(intake, None))
    found = intake.receipts.get(receipt.delivery)
    assert found is not None
    assert lake_rows(intake, found)[COLUMN].is_null().to_list() == [True, False]
    # a later delivery that brings the person is news
    later = taken(intake, accept_csv(rows_of(PERSON)), name="20230829_01")
    assert lake_rows(intake, later)[COLUMN].is_null().to_list() == [False]


def test_a_changed_or_forged_record_is_damage(intake: Intake) -> None:
    receipt = taken(intake, accept_csv(rows_of(PERSON, OTHER)))
    erasure = recorded(intake, receipt, 2)
    path = intake.home.lake / "erasures" / "001.json"
    original = path.read_bytes()
    path.write_bytes(original.replace(b'"2026-1"', b'"2026-2"'))
    with pytest.raises(LakeDamageError, match="checksum"):
        read_erasures(intake.home.lake)
    # whoever has no key cannot sign, though the checksum is right
    path.unlink()
    record_erasure(intake.home.lake, erasure, PseudonymKey(b"a key of somebody else"))
    forged = json.loads(path.read_bytes())
    forged |= {"key_id": intake.key.key_id}
    del forged["checksum"]
    path.write_text(json.dumps(forged))
    with pytest.raises(LakeDamageError, match="wrong signature"):
        verify_erasures(intake.home.lake, [intake.key])
    path.rename(path.with_name("002.json"))
    with pytest.raises(LakeDamageError, match="missing"):
        verify_erasures(intake.home.lake, [])


def test_the_hash_of_a_receipt_that_is_gone_cannot_be_tried_with_a_guess(intake: Intake) -> None:
    first = taken(intake, accept_csv(rows_of(PERSON)))
    second = blank(intake.home.lake, first, {0: [2]})
    assert "" not in (first.salt, second.salt)
    assert first.salt not in intake.receipts.path_of(first.delivery).read_text()


def test_other_feeds_have_no_pseudonyms(intake: Intake) -> None:
    deliver(intake.landing, {"b.csv": result_csv([{"project_no": "P1"}])})
    receipt = take_all(intake)[0]
    assert lines_in_lake(intake.home.lake, receipt.files, {"x"}) == ({}, set())
    assert files_of_cases(intake.home.lake, receipt.files, {"P1"}) == {receipt.files[0].lake_file}
