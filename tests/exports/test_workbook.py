"""The process that reads workbooks: its limits, its deaths, and that it is gone, with all it saw, when its work is over.

What workbooks mean is told by the crafted files in ``test_real_files.py``.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.errors import ZhoubaoError
from assets.exports.reading.source import ArchiveLimits, WorkbookLimits
from assets.exports.reading.tables import TextBatch
from assets.exports.reading.xlsx import process as workbook_process
from assets.exports.reading.xlsx import reader as workbook_reader
from assets.exports.reading.xlsx.protocol import Request
from assets.exports.reading.xlsx.workbook import workbook_table
from assets.exports.typing.reasons import FileDefectError, Reason
from assets.platform.contract import load_contract
from tests.exports.crafted import SOUND, book_of, repacked, sheet, workbook
from tests.exports.feed_files import load

RESULT = load_contract().feeds["result"]
ACCEPT = load_contract().feeds["accept"]
CANARY = "丁某人19912345678"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> "list[subprocess.Popen[bytes]]":
    """The processes that the test starts."""
    processes: list[subprocess.Popen[bytes]] = []

    class Watched(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            processes.append(self)

    monkeypatch.setattr(subprocess, "Popen", Watched)
    return processes


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_process, "_MODULE", "tests.exports.dying_reader")


def _batches(path: Path, limits: WorkbookLimits | None = None, archives: ArchiveLimits | None = None) -> Iterator[TextBatch]:
    table = workbook_table(path, RESULT, limits or WorkbookLimits(), archives or ArchiveLimits())
    return (parse() for parse in table.batches)


def _defect(path: Path, limits: WorkbookLimits | None = None, archives: ArchiveLimits | None = None) -> FileDefectError:
    with pytest.raises(FileDefectError) as caught:
        list(_batches(path, limits, archives))
    return caught.value


@pytest.mark.usefixtures("dying")
@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ("SIGABRT", Reason.WORKBOOK_LIMITS),
        ("SIGKILL", Reason.WORKBOOK_LIMITS),
        ("SIGXCPU", Reason.WORKBOOK_LIMITS),
        ("hoard", Reason.WORKBOOK_LIMITS),
        ("SIGSEGV", Reason.DAMAGED_WORKBOOK),
        ("SIGBUS", Reason.DAMAGED_WORKBOOK),
        ("rubbish", Reason.DAMAGED_WORKBOOK),
        ("too long", Reason.DAMAGED_WORKBOOK),
        ("half", Reason.DAMAGED_WORKBOOK),
        ("silence", Reason.DAMAGED_WORKBOOK),
    ],
)
def test_a_death_is_a_defect_of_the_file(order: str, reason: Reason) -> None:
    defect = _defect(Path(order))
    assert (defect.reason, defect.records) == (reason, None)


@pytest.mark.usefixtures("dying")
def test_processor_time_is_limited() -> None:
    defect = _defect(Path("spin"), WorkbookLimits(cpu_seconds=1))
    assert defect.reason is Reason.WORKBOOK_LIMITS
    assert defect.detail != "time"


@pytest.mark.usefixtures("dying")
def test_time_is_limited(started: "list[subprocess.Popen[bytes]]") -> None:
    defect = _defect(Path("sleep"), WorkbookLimits(seconds=0.5))
    assert (defect.reason, defect.detail) == (Reason.WORKBOOK_LIMITS, "time")
    assert started[0].returncode is not None


@pytest.mark.usefixtures("dying")
def test_it_can_fill_no_file() -> None:
    assert _defect(Path("write")).detail == "refused"


@pytest.mark.usefixtures("dying")
def test_it_does_not_have_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHOUBAO_SECRET_KEY", "x")
    monkeypatch.setenv("ORDINARY", "x")
    names = _defect(Path("environment")).detail.split()
    assert "ORDINARY" in names
    assert not [name for name in names if name.startswith("ZHOUBAO")]


@pytest.mark.usefixtures("dying")
def test_a_process_that_does_not_start_is_no_defect_of_the_file() -> None:
    with pytest.raises(ZhoubaoError, match="did not start"):
        list(_batches(Path("nothing")))


@pytest.mark.parametrize(
    ("limits", "archives"),
    [
        # a sheet of 700 MB in memory
        (WorkbookLimits(memory_bytes=256 * 1024**2), ArchiveLimits()),
        (WorkbookLimits(), ArchiveLimits(max_unpacked_bytes=5000)),
    ],
)
def test_memory_and_unpacked_size_are_settings(tmp_path: Path, limits: WorkbookLimits, archives: ArchiveLimits) -> None:
    path = tmp_path / "book"
    path.write_bytes(workbook(lambda book: sheet(book, {}).write(1_000_000, 20, "x")))
    assert _defect(path, limits, archives).reason is Reason.WORKBOOK_LIMITS


def test_the_width_is_a_setting(tmp_path: Path) -> None:
    path = tmp_path / "book"
    path.write_bytes(book_of({}))
    assert _defect(path, WorkbookLimits(max_columns=len(SOUND) - 1)).reason is Reason.WORKBOOK_TOO_WIDE
    assert len(list(_batches(path, WorkbookLimits(max_columns=len(SOUND))))) == 1


def test_the_ratio_of_parts_is_a_setting(tmp_path: Path) -> None:
    path = tmp_path / "book"
    path.write_bytes(repacked(book_of({}), "xl/sharedStrings.xml", lambda xml: xml + b" " * 4_000_000))
    assert _defect(path).reason is Reason.WORKBOOK_LIMITS
    assert len(list(_batches(path, archives=ArchiveLimits(max_ratio=10_000)))) == 1


@pytest.mark.parametrize("end", ["read", "left", "dropped", "never begun"])
def test_the_process_is_gone_when_the_table_is(tmp_path: Path, started: "list[subprocess.Popen[bytes]]", end: str) -> None:
    path = tmp_path / "book"
    path.write_bytes(book_of(*({"project_no": f"P{at}"} for at in range(5))))
    table = workbook_table(path, RESULT)
    if end == "read":
        assert [parse().lines.to_list() for parse in table.batches] == [[2, 3, 4, 5, 6]]
    elif end != "never begun":
        next(table.batches)
    if end == "left":
        assert hasattr(table.batches, "close")
        table.batches.close()
    else:
        del table
    assert [process.returncode is not None for process in started] == [True]


def test_long_batches_are_split(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "book"
    path.write_bytes(book_of(*({"project_no": f"P{at}"} for at in range(50))))
    monkeypatch.setattr(workbook_reader, "MAX_FRAME_BYTES", 2000)
    answers = list(workbook_reader.answers(_request(path, "result")))
    assert max(map(len, answers)) <= 2000
    lines = [line for answer in answers for line in json.loads(answer).get("lines", [])]
    assert lines == list(range(2, 52))


def test_dropped_columns_do_not_leave_the_process(tmp_path: Path) -> None:
    dropped = [column.name for column in ACCEPT.columns if column.personal == "drop"]
    people = dict.fromkeys(dropped, CANARY) | {"accept_date": "2023-08-28", "task_name": "某事项"}
    path = tmp_path / "book"
    path.write_bytes(book_of(people))
    content = b"".join(workbook_reader.answers(_request(path, "accept"))).decode()
    assert "某事项" in content
    assert len(dropped) > 2
    assert CANARY not in content


def _request(path: Path, feed: str) -> Request:
    return Request(str(path), load_contract().feeds[feed], 256, 4 * 1024**3, 200.0, 1024**3, 120)


@settings(max_examples=15)
@given(st.data())
def test_a_workbook_with_any_bytes_changed_is_taken_or_quarantined(data: st.DataObject) -> None:
    content = bytearray(book_of({}, {"project_no": "P2"}))
    for _ in range(data.draw(st.integers(1, 8))):
        # the first bytes make it a workbook
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    with TemporaryDirectory() as folder:
        path = Path(folder, "book")
        path.write_bytes(content)
        account, frame = load(path, RESULT, 2)
    assert account.records == account.loaded + account.superseded + account.quarantined
    assert (frame is None) == (account.state == "quarantined")
    # a checksum keeps changed cells out; what is left beside them changes nothing
    assert (account.loaded, account.refusals.height) in ((2, 0), (0, 0))
