"""Names that are patterns, paths or options elsewhere and only data here, and archives in which any byte may be wrong."""

import gzip
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.exports.delivery import Intake, take_in
from assets.exports.reading.source import ArchiveLimits, FileLimits, chunks, format_of
from assets.exports.typing.pseudonym import PseudonymKey
from assets.exports.typing.reasons import FileDefectError, Reason
from assets.home import Home
from assets.platform.contract import load_contract
from tests.exports.crafted import gz, one, text, zipped
from tests.exports.feed_files import load

RESULT = load_contract().feeds["result"]
CSV = one()
NAMES = [
    "办件[1].csv",
    "办件[!1].csv",
    "办件?.csv",
    "办件*.csv",
    "**",
    "{a,b}.csv",
    "'quoted'.csv",
    '"quoted".csv',
    "a'; drop table x; --.csv",
    "line\nbreak.csv",
    "return\r.csv",
    "tab\t.csv",
    "%s%d%n.csv",
    "100%.csv",
    "%2e%2e%2f.csv",
    "-rf.csv",
    "--help",
    "$(date).csv",
    "`date`.csv",
    "a|b&c;d.csv",
    " blanks .csv ",
    "🙂👨‍👩‍👧.csv",
    "\u202egnp.csv",
    "http:%%example.csv",
    "s3:.csv",
    "part=1.parquet",
    "file.zip",
    "file.csv.gz",
    "file.xlsx",
    "manifest.txt",
    "办" * 83 + "ab.csv",
]
# names that a pattern above would also take in
LURES = ["办件1.csv", "办件2.csv", "办件x.csv", "a.csv", "b.csv"]


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    home = Home(tmp_path / "home")
    home.prepare()
    return Intake(home, home.landing, PseudonymKey(b"k" * 32), FileLimits())


def _deliver(folder: Path, files: Mapping[str, bytes]) -> None:
    entries = []
    for name, content in files.items():
        (folder / name).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        entries.append({"name": name, "feed": "result", "rows": 1, "bytes": len(content), "sha256": digest})
    document = {"delivery": "20230828_01", "business_date": "2023-08-28", "files": entries}
    (folder / "manifest_20230828_01.json").write_text(json.dumps(document), encoding="utf-8")


def test_a_name_is_read_as_that_file_and_no_other(intake: Intake) -> None:
    assert max(len(name.encode()) for name in NAMES) == 255
    for lure in LURES:
        (intake.landing / lure).write_bytes(one(project_no="LURE"))
    _deliver(intake.landing, {name: one(project_no=f"N{at}") for at, name in enumerate(NAMES)})
    (receipt,) = take_in(intake.survey().arrivals, intake)
    assert [file.file for file in receipt.files] == NAMES
    for at, file in enumerate(receipt.files):
        assert (file.loaded, file.format) == (1, "csv")
        rows = pl.read_parquet(intake.home.lake / str(file.lake_file), glob=False)
        assert rows["project_no"].to_list() == [f"N{at}"]
    left = {path.name for path in intake.home.root.rglob("*") if path.is_file()}
    assert not [name for name in left if name.startswith("-") and name not in NAMES]


@settings(max_examples=150)
@given(st.data())
def test_an_archive_with_any_bytes_changed_is_taken_or_quarantined(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([zipped({"a.csv": CSV}), zipped({"b/": b"", "b/a.csv": CSV}), gz(CSV), gz(CSV) * 2]))
    content = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with TemporaryDirectory() as folder:
        path = Path(folder, "file")
        path.write_bytes(content)
        account, frame = load(path, RESULT, None)
    assert account.records == account.loaded + account.superseded + account.quarantined
    assert (frame is None) == (account.state == "quarantined")


@given(st.binary(max_size=6000))
def test_any_bytes_behind_an_archives_first_ones_are_taken_or_quarantined(rest: bytes) -> None:
    for magic in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"\x1f\x8b\x08"):
        with TemporaryDirectory() as folder:
            path = Path(folder, "file")
            path.write_bytes(magic + rest)
            account, frame = load(path, RESULT, 9)
        assert (account.state, account.records, frame) == ("quarantined", 9, None)


@pytest.mark.parametrize("pack", [gz, lambda content: zipped({"a.csv": content})], ids=["gz", "zip"])
@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (ArchiveLimits(max_unpacked_bytes=3_000_000, max_ratio=1e6), Reason.ARCHIVE_TOO_LARGE),
        (ArchiveLimits(max_ratio=100), Reason.ARCHIVE_RATIO),
    ],
)
def test_size_and_ratio_are_settings(tmp_path: Path, pack: object, limits: ArchiveLimits, reason: Reason) -> None:
    assert callable(pack)
    path = tmp_path / "file"
    path.write_bytes(pack(CSV + b"\n" * 3_000_001))
    kind = format_of(path)
    with pytest.raises(FileDefectError) as caught:
        list(chunks(path, kind, limits))
    assert caught.value.reason is reason
    assert len(b"".join(chunks(path, kind, ArchiveLimits(max_unpacked_bytes=4_000_000, max_ratio=1e6)))) == len(CSV) + 3_000_001


def test_a_bomb_is_left_at_the_limit_and_not_unpacked_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(bytes(30_000_000)))
    pieces = []
    with pytest.raises(FileDefectError):
        for piece in chunks(path, "csv.gz", ArchiveLimits(max_unpacked_bytes=2_000_000, max_ratio=1e6), size=100_000):
            pieces.append(len(piece))
    assert sum(pieces) == 2_000_000


def test_a_csv_is_bound_by_no_limit_of_archives(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(text({}, {"project_no": "P2"}).encode())
    assert b"".join(chunks(path, "csv", ArchiveLimits(max_unpacked_bytes=1, max_ratio=1))) == path.read_bytes()
