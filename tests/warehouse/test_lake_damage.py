"""Bytes of the lake that are not those once taken in: every build, rebuild and look at the lake says so, names the file, and keeps its tables.

One home is built for all; each test damages a copy of it. Where nothing but a hash can tell, the file is written by the library itself.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from pydantic import BaseModel

from assets.condition import State
from assets.errors import DamageError, LakeDamageError, RefusedError
from assets.exports.delivery import Intake, take_in
from assets.exports.examination import examine_lake
from assets.exports.lake.openings import load_opening
from assets.exports.lake.receipt import Receipt, Receipts
from assets.exports.lake.sealed import sealed, verify_seal, write_once
from assets.exports.reading.source import FileLimits
from assets.exports.typing.pseudonym import PseudonymKey
from assets.hashing import sha256_of
from assets.home import Home
from assets.warehouse.examination import examine_warehouse
from assets.warehouse.file_hash import record_path
from assets.warehouse.rebuild import rebuild
from assets.warehouse.state import lake_files
from assets.warehouse.state.freeze_files import FrozenIssue, FrozenIssues
from tests.reports.small_site import Site, case, completion
from tests.warehouse.test_ordinary_day import forget_looks

DAYS = ("2023-08-28", "2023-08-29")
FIRST = "20230828_01"
OPENING = "as_of,org_code,org_level,task_type,is_composite,measure,value\n2023-08-25,,2,01,1,accepted,{}\n"
COUNTS = "select accepted, completed from (select sum(accepted) as accepted, sum(completed) as completed from marts.daily_counts)"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Two deliveries, the first with a refused row, two openings of a year and a freeze, built."""
    with pytest.MonkeyPatch.context() as patch:
        site = Site(tmp_path_factory.mktemp("site") / "home", patch)
        refused = case("P9", DAYS[0], DAYS[0], org_level="7")
        site.deliver(FIRST, accept=[*(case(f"P{n}", DAYS[0], DAYS[0]) for n in range(3)), refused])
        done = [completion("P1", DAYS[1], DAYS[1]), completion("P2", DAYS[1], DAYS[1], result_type="4")]
        site.deliver("20230829_01", accept=[case("P4", DAYS[1], DAYS[1])], result=done)
        for number in (5, 7):
            opening(site.home, number)
        take(site.home)
        FrozenIssues(site.home.lake).put(
            FrozenIssue(
                issue_key="2023-33",
                frozen_at=site.at,
                code_version="test",
                version="test",
                opening_as_of=None,
                figures=(),
                receipts=(),
            ),
            {},
        )
        build(site)
        yield site.home.root


@pytest.fixture
def site(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    shutil.copytree(built, tmp_path / "home")
    return Site(tmp_path / "home", monkeypatch)


def take(home: Home) -> list[Receipt]:
    intake = Intake(home, home.landing, PseudonymKey(b"k" * 32), FileLimits())
    return list(take_in(intake.survey().arrivals, intake))


def build(site: Site, full: bool = False) -> None:
    with site.warehouse.open("test") as connection:
        site.warehouse.build(connection, (), full=full)


def opening(home: Home, number: int) -> Path:
    path = home.root / f"opening_{number}.csv"
    path.write_text(OPENING.format(number), encoding="utf-8")
    return load_opening(path, home.lake).lake_file


def openings(home: Home, suffix: str = "parquet") -> list[Path]:
    return sorted((home.lake / "opening").rglob(f"*.{suffix}"))


def lake_file(home: Home, feed: str = "accept") -> Path:
    return min((home.lake / feed).rglob("*.parquet"))


def receipt_path(home: Home) -> Path:
    return Receipts(home.lake).path_of(FIRST)


def held(home: Home) -> Receipt:
    receipt = Receipts(home.lake).get(FIRST)
    assert receipt is not None
    return receipt


def flip(path: Path, bit: int = 0, at: float = 0.5) -> None:
    content = bytearray(path.read_bytes())
    content[int(len(content) * at)] ^= 1 << bit
    path.write_bytes(content)


def rewrite(path: Path, frame: pl.DataFrame) -> None:
    """As many rows, the same columns, other values: what a flip looks like that decodes."""
    frame.write_parquet(path, compression="lz4")


def other_level(home: Home) -> None:
    path = lake_file(home)
    rewrite(path, pl.read_parquet(path, glob=False).with_columns(is_composite=~pl.col("is_composite")))


def other_refusal(home: Home) -> None:
    path = lake_file(home, "refused")
    rewrite(path, pl.read_parquet(path, glob=False).with_columns(record_key=pl.lit("P1")))


def edited(home: Home, old: bytes, new: bytes) -> None:
    path = receipt_path(home)
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))


def sealed_again(home: Home) -> None:
    """Whoever edits a receipt with its checksum is still no retry."""
    receipt_path(home).write_bytes(sealed(held(home).model_copy(update={"mode": "replace"})))


def added_opening(home: Home) -> None:
    shutil.copy(openings(home)[0], openings(home)[0].with_name("000003_0123456789abcdef.parquet"))


def both_gone(home: Home) -> None:
    openings(home)[-1].unlink()
    openings(home, "json")[-1].unlink()


DAMAGES: dict[str, tuple[Callable[[Home], object], str]] = {
    "the newest opening is gone": (lambda home: openings(home)[-1].unlink(), "opening/2023/000002"),
    "it is gone with its receipt": (both_gone, "opening/2023/000002"),
    "an opening that no longer counts is gone": (lambda home: openings(home)[0].unlink(), "opening/2023/000001"),
    "an opening's receipt is gone": (lambda home: openings(home, "json")[-1].unlink(), "opening/2023/000002"),
    "an opening was added": (added_opening, "opening/2023/000003"),
    "an opening is flipped": (lambda home: flip(openings(home)[-1], 3), "opening/2023/000002"),
    "an opening's receipt is flipped": (lambda home: flip(openings(home, "json")[-1], 1), "opening/2023/000002"),
    "an opening has another value": (
        lambda home: rewrite(openings(home)[-1], pl.read_parquet(openings(home)[-1]).with_columns(pl.col("value") + 1)),
        "opening/2023/000002",
    ),
    "a lake file decodes to other values": (other_level, "accept/2023-08-28/"),
    "a lake file is gone": (lambda home: lake_file(home, "result").unlink(), "result/2023-08-29/"),
    "a refusals file decodes to other values": (other_refusal, "refused/2023-08-28/"),
    "a refusals file is gone": (lambda home: lake_file(home, "refused").unlink(), "refused/2023-08-28/"),
    "a receipt says replace": (lambda home: edited(home, b'"upsert"', b'"replace"'), f"deliveries/{FIRST}"),
    "a receipt says replace, with a checksum": (sealed_again, f"deliveries/{FIRST}"),
    "a digit of a receipt is another": (lambda home: edited(home, b'"records": 4', b'"records": 5'), f"deliveries/{FIRST}"),
    "a receipt is gone": (lambda home: receipt_path(home).unlink(), f"deliveries/{FIRST}"),
    "a receipt lies there twice": (
        lambda home: shutil.copy(receipt_path(home), receipt_path(home).with_name("20230830_01.json")),
        "deliveries/20230830_01",
    ),
    "a freeze is flipped": (lambda home: flip(home.lake / "frozen" / "2023-33.json"), "frozen/2023-33.json"),
    "a freeze is gone": (lambda home: (home.lake / "frozen" / "2023-33.json").unlink(), "frozen/2023-33.json"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_nothing_is_built_from_other_bytes(site: Site, damage: str) -> None:
    plant, name = DAMAGES[damage]
    before = site.warehouse.inputs_sha256()
    plant(site.home)
    for full in (False, True):
        with site.warehouse.open("test") as connection:
            kept = connection.execute(COUNTS).fetchall()
            with pytest.raises(LakeDamageError, match=name) as error:
                site.warehouse.build(connection, (), full=full)
            assert connection.execute(COUNTS).fetchall() == kept == [(4, 1)]
    # where to put it back from, or how to do without
    assert any(words in str(error.value) for words in ("from a copy of the lake", "remove it"))
    kept_file = site.home.warehouse.read_bytes()
    with pytest.raises(LakeDamageError, match=name):
        rebuild(site.warehouse)
    assert site.home.warehouse.read_bytes() == kept_file
    # a run with nothing new either finds other inputs and builds, or looks at the files
    if site.warehouse.inputs_sha256() == before:
        with site.warehouse.open("test") as connection, pytest.raises(LakeDamageError, match=name):
            lake_files.verify_changed(connection, site.home.lake)
    found = [*examine_lake(site.home), *examine_warehouse(site.home)]
    assert any(one.state is State.DAMAGED and name in one.note for one in found), found


def test_a_sound_lake_is_found_sound(site: Site) -> None:
    found = [*examine_lake(site.home), *examine_warehouse(site.home)]
    assert [one.state for one in found] == [State.SOUND, State.SOUND]
    # a copy has other inodes: its files are hashed once, and are what they were
    with site.warehouse.open("test") as connection:
        lake_files.verify_changed(connection, site.home.lake)
    build(site)
    assert rebuild(site.warehouse).state == "equal"


@pytest.mark.parametrize("at", [0.02, 0.3, 0.6, 0.99])
def test_every_bit_of_a_receipt_is_held_before_the_ledger_knows_it(site: Site, at: float) -> None:
    path = receipt_path(site.home)
    sound = path.read_bytes()
    for bit in range(8):
        flip(path, bit, at)
        with pytest.raises(LakeDamageError, match=path.name):
            Receipts(site.home.lake).get(FIRST)
        path.write_bytes(sound)


def test_every_bit_of_a_record_is_held_and_a_sound_one_ends_in_any_text(tmp_path: Path) -> None:
    class Signed(BaseModel):
        number: int
        signature: str

    path = tmp_path / "record.json"
    write_once(path, Signed(number=1, signature="0" * 64))
    verify_seal(path)
    sound = path.read_bytes()
    for place in range(8 * len(sound)):
        flipped = bytearray(sound)
        flipped[place // 8] ^= 1 << place % 8
        path.write_bytes(flipped)
        with pytest.raises(LakeDamageError):
            verify_seal(path)
    path.write_bytes(sound)
    with pytest.raises(RefusedError, match="never written again"):
        write_once(path, Signed(number=2, signature=""))


def test_a_chain_of_retries_between_two_builds_is_followed(site: Site) -> None:
    receipts = Receipts(site.home.lake)
    for number in (1, 2):
        former = held(site.home)
        receipts.replace(former, former.model_copy(update={"retried_at": datetime(2023, 9, 3, number)}))
    build(site)
    now = held(site.home)
    assert len(now.replaces) == 2
    assert site.private(COUNTS) == [(4, 1)]
    with pytest.raises(LakeDamageError, match="not the receipt that is to be replaced"):
        receipts.replace(former, now)


def test_what_was_lost_comes_back_as_it_was_where_its_source_is_still_there(site: Site) -> None:
    both_gone(site.home)
    flip(openings(site.home)[0])
    receipt_path(site.home).unlink()
    lake_file(site.home).unlink()
    for number in (5, 7):
        opening(site.home, number)
    # landing still holds the delivery; it is taken in at another time
    assert [receipt.delivery for receipt in take(site.home)] == [FIRST]
    build(site)
    build(site, full=True)
    assert site.private("select accepted from marts.opening_balances") == [(7,)]
    assert site.private(COUNTS) == [(4, 1)]
    assert rebuild(site.warehouse).state == "equal"


def test_a_copy_of_an_openings_receipt_is_put_aside(site: Site) -> None:
    receipt = openings(site.home, "json")[0]
    copy = receipt.with_name(f"{receipt.stem}0.json")
    shutil.copy(receipt, copy)
    assert [one.fix for one in examine_lake(site.home) if one.state is State.DAMAGED] == [f"mv {copy} {copy}.aside"]


def test_a_killed_loading_of_an_opening_is_finished_or_undone(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from assets.exports.lake import opening_files

    for step, accepted in (("write_sealed", 7), ("_name", 9)):
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(opening_files, step, _killed)
            opening(site.home, 9)
        build(site)
        assert site.private("select accepted from marts.opening_balances") == [(accepted,)]
        assert not list((site.home.lake / "opening").rglob("*.loading"))


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def as_first_release_left_it(home: Home) -> None:
    """Receipts without checksums, hashes and totals, openings without receipts, and a ledger that knows of none of these."""
    receipts = Receipts(home.lake)
    with duckdb.connect(home.warehouse) as connection:
        for path in receipts.paths():
            document = json.loads(path.read_bytes())
            del document["checksum"], document["replaces"]
            for file in document["files"]:
                del file["lake_sha256"], file["refusals_sha256"], file["totals"]
            path.write_text(json.dumps(document, ensure_ascii=False, indent=1))
            digest = {"digest": sha256_of(path), "delivery": document["delivery"]}
            connection.execute("update ledger.deliveries set receipt_sha256 = $digest where delivery = $delivery", digest)
            connection.execute("update ledger.built_files set receipt_sha256 = $digest where delivery = $delivery", digest)
        connection.execute("create table ledger.frozen_files as from ledger.recorded_files")
        for table in ("lake_files", "openings", "recorded_files"):
            connection.execute(f"drop table ledger.{table}")
    record_path(home).unlink(missing_ok=True)
    home.layout_file.unlink()
    for path in openings(home, "json"):
        path.unlink()


def test_a_home_of_release_0_1_0_is_taken_over_and_held_to_its_bytes(site: Site) -> None:
    as_first_release_left_it(site.home)
    assert rebuild(site.warehouse).state == "equal"
    assert site.private(COUNTS) == [(4, 1)]
    assert len(openings(site.home, "json")) == 2
    other_level(site.home)
    with site.warehouse.open("test") as connection, pytest.raises(LakeDamageError, match="accept/2023-08-28"):
        site.warehouse.build(connection, ())
    with pytest.raises(LakeDamageError, match="accept/2023-08-28"):
        rebuild(site.warehouse)
    assert any(one.state is State.DAMAGED and "accept/2023-08-28" in one.note for one in examine_warehouse(site.home))


def test_an_opening_added_to_a_home_of_release_0_1_0_is_not_taken_over(site: Site) -> None:
    as_first_release_left_it(site.home)
    added_opening(site.home)
    with site.warehouse.open("test") as connection, pytest.raises(LakeDamageError, match="opening/2023/000003"):
        site.warehouse.build(connection, ())


def test_a_build_that_goes_back_to_an_old_file_hashes_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assets.warehouse.build.transaction.FULL_FROM_SHARE", 1e9)
    later = f"{DAYS[1]}_02".replace("-", "")
    # P1 wins in a delivery that is replaced: the next best of its key is in the rotten file
    site.deliver(later, accept=[case("P1", DAYS[1], DAYS[1])])
    take(site.home)
    build(site)
    other_level(site.home)
    # as a disk does it: the file system knows of nothing
    forget_looks(site, lake_file(site.home))
    site.deliver(f"{DAYS[1]}_03".replace("-", ""), mode="replace", accept=[case("P4", DAYS[1], DAYS[1])])
    take(site.home)
    with site.warehouse.open("test") as connection, pytest.raises(LakeDamageError, match="accept/2023-08-28"):
        site.warehouse.build(connection, ())


@pytest.mark.parametrize("feed", ["accept", "result", "consult", "process"])
def test_a_file_that_says_otherwise_than_its_receipt_counted_is_damage(site: Site, feed: str) -> None:
    """The hash is right, and what is read is not what was counted as it was written."""
    wrong = {"accept": "deleted", "result": "result_type 4", "consult": "person_count", "process": "transfer_type 1"}[feed]
    row = case("Q1", DAYS[1], DAYS[1])
    rows: dict[str, Any] = {
        "accept": [row, row | {"project_no": "Q2", "cd_operation": "D"}],
        "result": [completion("Q1", DAYS[1], DAYS[1], result_type="4")],
        "consult": [row | {"consult_no": "Q1", "consult_date": f"{DAYS[1]} 10:00:00", "person_count": "3"}],
        "process": [row | {"step_no": "1", "event_start_time": f"{DAYS[1]} 10:00:00", "transfer_type": "1"}],
    }
    name = f"{DAYS[1]}_02".replace("-", "")
    site.deliver(name, mode="upsert", **{feed: rows[feed]})
    (receipt,) = take(site.home)
    (file,) = receipt.files
    assert file.totals is not None
    assert file.totals[wrong] == {"person_count": 3}.get(wrong, 1)
    changed = replace_totals(receipt, {**file.totals, wrong: file.totals[wrong] + 1})
    receipts = Receipts(site.home.lake)
    receipts.path_of(name).write_bytes(sealed(changed))
    for full in (False, True):
        with site.warehouse.open("test") as connection, pytest.raises(LakeDamageError, match=f"{feed}/{DAYS[1]}.*{wrong}"):
            site.warehouse.build(connection, (), full=full)
    receipts.path_of(name).write_bytes(sealed(receipt))
    build(site)


def replace_totals(receipt: Receipt, totals: dict[str, int]) -> Receipt:
    return receipt.model_copy(update={"files": (receipt.files[0].model_copy(update={"totals": totals}),)})


def test_sums_that_are_not_those_of_the_winners_end_the_build(site: Site) -> None:
    with duckdb.connect(site.home.warehouse) as connection:
        connection.execute("update marts.daily_counts set completed = completed + 1 where completed > 0")
    record_path(site.home).unlink(missing_ok=True)
    site.deliver("20230830_01", accept=[case("P8", "2023-08-30", "2023-08-30")])
    take(site.home)
    with (
        site.warehouse.open("test") as connection,
        pytest.raises(DamageError, match=r"completed is 2, and core\.events counts 1"),
    ):
        site.warehouse.build(connection, ())
