"""Deliveries that do not load: each says what was expected and what was found, and stops no other."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assets.errors import DamageError
from assets.exports.delivery import Intake, take_in
from assets.exports.lake.archive import archived_path
from tests.exports.deliveries import NAME, deliver, entry_of, held_notes, intake_in, manifest_of, take_all
from tests.exports.feed_files import result_csv

CONTENT = result_csv([{}])
OTHER = result_csv([{"result_type": "2"}])


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    return intake_in(tmp_path)


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (None, ["缺 a.csv"]),
        (CONTENT[:-3], [f"应为 {len(CONTENT)} 字节", f"现为 {len(CONTENT) - 3} 字节"]),
        (CONTENT + b"x", [f"现为 {len(CONTENT) + 1} 字节"]),
        (CONTENT.replace(b"P1", b"P2"), [sha(CONTENT), sha(CONTENT.replace(b"P1", b"P2"))]),
    ],
    ids=["missing", "half written", "growing", "other bytes"],
)
def test_a_file_that_is_not_what_its_manifest_says_is_waited_for(intake: Intake, found: bytes | None, words: list[str]) -> None:
    deliver(intake.landing, {"a.csv": CONTENT, "b.csv": CONTENT})
    path = intake.landing / "a.csv"
    path.unlink() if found is None else path.write_bytes(found)
    ((state, note),) = held_notes(intake).values()
    assert state == "waiting"
    assert all(word in note for word in words)
    assert "b.csv" not in note
    assert take_all(intake) == []
    path.write_bytes(CONTENT)
    assert [receipt.delivery for receipt in take_all(intake)] == [NAME]


def test_every_file_that_is_wrong_is_named(intake: Intake) -> None:
    deliver(intake.landing, {"a.csv": CONTENT, "b.csv": CONTENT, "c.csv": CONTENT})
    (intake.landing / "a.csv").unlink()
    (intake.landing / "c.csv").write_bytes(b"")
    note = held_notes(intake)[NAME][1]
    assert "a.csv" in note
    assert "c.csv" in note
    assert "b.csv" not in note


WHOLE = manifest_of(NAME, [entry_of("a.csv", CONTENT)])


def changed(**values: Any) -> bytes:
    return json.dumps(WHOLE | values).encode()


def entry(**values: Any) -> bytes:
    return changed(files=[entry_of("a.csv", CONTENT, **values)])


@pytest.mark.parametrize(
    ("manifest", "word"),
    [
        (json.dumps(WHOLE).encode()[:60], "还在写"),
        (b"", "还在写"),
        (b"[]", "不合接口要求"),
        ('{"办"'.encode("gb18030"), "还在写"),
        (changed(business_date="2023-08-29"), "业务日期"),
        (changed(business_date=20230828), "日期"),
        (changed(business_date="2023-02-30"), "business_date"),
        (changed(delivery="20230829_01", business_date="2023-08-29"), "清单名"),
        (changed(delivery="20230828_01\n"), "控制字符"),
        (changed(delivery=""), "delivery"),
        (changed(mode="delete"), "mode"),
        (changed(files="a.csv"), "files"),
        (changed(files=[entry_of("a.csv", CONTENT)] * 2), "两次"),
        (entry(feed="payments"), "accept"),
        (entry(rows=None), "rows"),
        (entry(rows=-1), "rows"),
        (entry(rows=10**30), "rows"),
        (entry(sha256="0"), "sha256"),
        (entry(name="../outside.csv"), "路径"),
        (entry(name="/etc/passwd"), "路径"),
        (entry(name="..\\a.csv"), "路径"),
        (entry(name=".."), "路径"),
        (entry(name="\ud800"), "name"),
        (entry(name="x" * 300), "过长"),
        (json.dumps({name: value for name, value in WHOLE.items() if name != "files"}).encode(), "files：缺少"),
    ],
)
def test_a_manifest_that_cannot_be_meant_so_waits_and_its_neighbour_loads(intake: Intake, manifest: bytes, word: str) -> None:
    (intake.home.root / "outside.csv").write_bytes(CONTENT)
    deliver(intake.landing / "sound", {"a.csv": CONTENT}, "20230827_01")
    folder = intake.landing / "broken"
    folder.mkdir()
    (folder / "a.csv").write_bytes(CONTENT)
    (folder / f"manifest_{NAME}.json").write_bytes(manifest)
    state, note = held_notes(intake)[NAME]
    assert state == "waiting"
    assert word in note
    note.encode()
    assert [receipt.delivery for receipt in take_all(intake)] == ["20230827_01"]


def test_the_manifest_decides_what_files_are_called(intake: Intake) -> None:
    names = ["a.csv.part", ".hidden", "行\n尾.csv", "x.ok"]
    deliver(intake.landing, dict.fromkeys(names, CONTENT))
    assert [file.file for receipt in take_all(intake) for file in receipt.files] == names


def _link_the_file(place: Path, outside: Path) -> None:
    (place / "a.csv").rename(outside / "a.csv")
    (place / "a.csv").symlink_to(outside / "a.csv")


def _link_the_manifest(place: Path, outside: Path) -> None:
    path = place / f"manifest_{NAME}.json"
    path.rename(outside / path.name)
    path.symlink_to(outside / path.name)


def _link_the_folder(place: Path, outside: Path) -> None:
    place.rename(outside / "real")
    place.symlink_to(outside / "real")


def _pipe(place: Path, outside: Path) -> None:
    del outside
    (place / "a.csv").unlink()
    os.mkfifo(place / "a.csv")


@pytest.mark.parametrize("trick", [_link_the_file, _link_the_manifest, _link_the_folder, _pipe])
def test_no_link_is_followed_and_no_pipe_is_opened(intake: Intake, tmp_path: Path, trick: Callable[[Path, Path], None]) -> None:
    deliver(intake.landing / "day", {"a.csv": CONTENT})
    outside = tmp_path / "outside"
    outside.mkdir()
    trick(intake.landing / "day", outside)
    landing = intake.survey()
    assert landing.arrivals == ()
    assert [held.state for held in landing.held] == ([] if trick is _link_the_folder else ["waiting"])


def test_what_leaves_landing_is_no_longer_waited_for_and_stays_loaded(intake: Intake) -> None:
    loaded = deliver(intake.landing / "a", {"a.csv": CONTENT}, "20230827_01")
    waiting = deliver(intake.landing / "b", {"a.csv": CONTENT})
    (waiting.parent / "a.csv").unlink()
    take_all(intake)
    assert list(held_notes(intake)) == [NAME]
    waiting.unlink()
    (loaded.parent / "a.csv").unlink()
    assert held_notes(intake) == {}
    loaded.unlink()
    assert held_notes(intake) == {}
    assert [receipt.delivery for receipt in intake.receipts] == ["20230827_01"]


@pytest.mark.parametrize(
    ("again", "words"),
    [
        ({"files": [entry_of("a.csv", OTHER)]}, [sha(CONTENT), sha(OTHER), "a.csv"]),
        ({"files": [entry_of("a.csv", CONTENT), entry_of("b.csv", OTHER)]}, ["多了 b.csv"]),
        ({"files": [entry_of("b.csv", CONTENT)]}, ["少了 a.csv", "多了 b.csv"]),
        ({"files": [entry_of("a.csv", CONTENT, feed="accept")]}, ["result", "accept"]),
        ({"mode": "replace"}, ["upsert", "replace"]),
        ({"files": [entry_of("a.csv", CONTENT, rows=7)]}, None),
        ({"produced_at": "2023-08-30T02:00:00+08:00"}, None),
        ({"mode": "no such mode"}, ["已入库"]),
    ],
    ids=["bytes", "more files", "renamed", "feed", "mode", "rows alone", "time alone", "unreadable"],
)
def test_the_same_hashes_again_are_nothing_new_and_others_a_conflict(
    intake: Intake, again: dict[str, Any], words: list[str] | None
) -> None:
    path = deliver(intake.landing, {"a.csv": CONTENT})
    (before,) = take_all(intake)
    path.write_bytes(changed(**again))
    (intake.landing / "b.csv").write_bytes(OTHER)
    held = held_notes(intake)
    if words is None:
        assert held == {}
    else:
        assert held[NAME][0] == "conflict"
        assert all(word in held[NAME][1] for word in words)
    assert take_all(intake) == []
    assert list(intake.receipts) == [before]


def test_files_listed_in_another_order_are_the_same_delivery(intake: Intake) -> None:
    files = {"a.csv": CONTENT, "b.csv": OTHER}
    deliver(intake.landing, files)
    take_all(intake)
    deliver(intake.landing, dict(reversed(files.items())))
    assert held_notes(intake) == {}


def test_the_same_bytes_in_another_delivery_are_rows_of_that_one(intake: Intake) -> None:
    for name in (NAME, "20230828_02", "20230829_01"):
        deliver(intake.landing / name, {"a.csv": CONTENT}, name)
    receipts = take_all(intake)
    assert [receipt.files[0].loaded for receipt in receipts] == [1, 1, 1]
    assert len({receipt.files[0].lake_file for receipt in receipts}) == 3
    assert len([path for path in intake.home.archive.rglob("*") if path.is_file()]) == 1


def test_a_whole_copy_loads_though_another_copy_is_not_whole(intake: Intake) -> None:
    for folder in ("a", "b", "c"):
        deliver(intake.landing / folder, {"a.csv": CONTENT})
    (intake.landing / "a" / "a.csv").unlink()
    (intake.landing / "c" / f"manifest_{NAME}.json").write_bytes(b"{")
    assert [receipt.delivery for receipt in take_all(intake)] == [NAME]


@pytest.mark.parametrize("event", ["changes", "grows", "vanishes", "becomes a link"])
def test_a_file_that_changes_after_the_look_at_landing_is_not_loaded(intake: Intake, event: str, tmp_path: Path) -> None:
    deliver(intake.landing / "a", {"first.csv": OTHER, "a.csv": CONTENT})
    deliver(intake.landing / "b", {"a.csv": CONTENT}, "20230829_01")
    arrivals = intake.survey().arrivals
    path = intake.landing / "a" / "a.csv"
    path.unlink()
    if event == "becomes a link":
        (tmp_path / "elsewhere").write_bytes(CONTENT)
        path.symlink_to(tmp_path / "elsewhere")
    elif event != "vanishes":
        path.write_bytes(CONTENT.replace(b"P1", b"P9") if event == "changes" else CONTENT + b"x\n")
    assert [receipt.delivery for receipt in take_in(arrivals, intake)] == ["20230829_01"]
    assert held_notes(intake)[NAME][0] == "waiting"
    assert sorted(path.name for path in intake.home.archive.rglob("*") if path.is_file()) == sorted({sha(OTHER), sha(CONTENT)})


def test_a_damaged_original_is_named_and_not_loaded(intake: Intake) -> None:
    deliver(intake.landing, {"a.csv": CONTENT})
    take_all(intake)
    original = archived_path(intake.home.archive, sha(CONTENT))
    original.write_bytes(CONTENT.replace(b"P1", b"P2"))
    deliver(intake.landing / "again", {"a.csv": CONTENT}, "20230829_01")
    with pytest.raises(DamageError, match=original.name):
        take_all(intake)
    assert [receipt.delivery for receipt in intake.receipts] == [NAME]


def test_originals_are_private_whatever_the_umask(intake: Intake) -> None:
    before = os.umask(0)
    try:
        deliver(intake.landing, {"a.csv": CONTENT})
        take_all(intake)
    finally:
        os.umask(before)
    original = archived_path(intake.home.archive, sha(CONTENT))
    assert [path.stat().st_mode & 0o777 for path in (original, original.parent, original.parent.parent)] == [
        0o600,
        0o700,
        0o700,
    ]


def test_a_damaged_receipt_is_named(intake: Intake) -> None:
    deliver(intake.landing, {"a.csv": CONTENT})
    take_all(intake)
    path = intake.receipts.path_of(NAME)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(DamageError, match=NAME):
        intake.survey()


def test_a_folder_that_may_not_be_entered_is_said(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(intake.landing / "closed", {"a.csv": CONTENT})
    real = os.scandir

    def scandir(path: Any) -> Any:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert held_notes(intake) == {"closed": ("waiting", "文件夹无权读取")}


def test_a_long_or_strange_name_of_a_delivery_is_one_file_of_the_lake(intake: Intake) -> None:
    names = ["批" * 80, "批" * 79 + "次", "../x", "a b'[1]*"]
    for number, name in enumerate(names):
        deliver(intake.landing / str(number), {"a.csv": CONTENT}, NAME, delivery=name)
        path = intake.landing / str(number) / f"manifest_{NAME}.json"
        path.rename(path.with_name("manifest.json"))
    assert sorted(receipt.delivery for receipt in take_all(intake)) == sorted(names)
    assert len(intake.receipts.paths()) == len(names)
