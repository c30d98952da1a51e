"""Times, dates and line ends that no delivery means hold that delivery or file, and no other; every record is accounted for."""

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from assets.clock import beijing_now
from assets.exports import delivery as delivery_module
from assets.exports.delivery import Intake
from assets.exports.landing.bare_files import BareFiles, parse_name
from assets.exports.loading import load_file
from assets.exports.reading.records import has_lone_return
from assets.exports.typing.reasons import Reason
from tests.exports.deliveries import NAME, deliver, entry_of, held_notes, intake_in, manifest_of, take_all
from tests.exports.feed_files import result_csv

ONE = result_csv([{"project_no": "P1"}])
CASES = result_csv([{"project_no": f"P{number}"} for number in range(1, 6)]).replace(b"\r\n", b"\n")


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    return intake_in(tmp_path)


@pytest.mark.parametrize(
    "changed",
    [
        {"produced_at": "9999-12-31T23:59:59-08:00"},
        {"produced_at": "9999-12-31T23:59:59"},
        {"produced_at": "0001-01-01T00:00:00+14:00"},
        {"produced_at": 10**30},
        {"delivery": "99991231_01", "business_date": "9999-12-31"},
        {"delivery": "00010101_01", "business_date": "0001-01-01"},
        {"delivery": f"20230828_{'9' * 30}"},
    ],
)
def test_a_manifest_out_of_bounds_is_held_with_a_note_and_the_others_go_on(intake: Intake, changed: dict[str, Any]) -> None:
    deliver(intake.landing / "sound", {"a.csv": ONE}, "20230827_01")
    deliver(intake.landing / "bad", {"a.csv": ONE}, **changed)
    assert [receipt.delivery for receipt in take_all(intake)] == ["20230827_01"]
    assert [(state, bool(note)) for state, note in held_notes(intake).values()] == [("waiting", True)]


@pytest.mark.parametrize(("days", "is_taken"), [(31, True), (32, False)])
def test_a_business_date_from_the_future_waits(intake: Intake, days: int, is_taken: bool) -> None:
    name = f"{beijing_now() + timedelta(days=days):%Y%m%d}_01"
    deliver(intake.landing, {"a.csv": ONE}, name)
    if is_taken:
        assert [receipt.delivery for receipt in take_all(intake)] == [name]
        return
    assert take_all(intake) == []
    (held,) = held_notes(intake).items()
    assert held[0] == name
    assert "business_days_ahead" in held[1][1]
    # the site may let it in
    assert [receipt.delivery for receipt in take_all(replace(intake, days_ahead=days + 1))] == [name]


def test_a_bare_file_of_an_impossible_day_is_no_delivery() -> None:
    assert parse_name("result_00010101_01.csv") is None
    assert parse_name("result_99991231_01.csv") is None


def test_an_error_nobody_foresaw_holds_its_delivery_alone(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in ("20230827", "20230828", "20230829"):
        deliver(intake.landing / day, {f"{day}.csv": ONE}, f"{day}_01")
    load = load_file

    def failing(path: Path, feed: object, origin: object, *rest: object, **named: object) -> object:
        if getattr(origin, "delivery", "") == "20230828_01":
            raise KeyError("a value of a row")
        return load(path, feed, origin, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(delivery_module, "load_file", failing)
    assert [receipt.delivery for receipt in take_all(intake)] == ["20230827_01", "20230829_01"]
    ((name, (state, note)),) = held_notes(intake).items()
    assert (name, state) == ("20230828_01", "waiting")
    assert "KeyError" in note
    assert "a value" not in note
    # the next run tries it again
    monkeypatch.undo()
    assert [receipt.delivery for receipt in take_all(replace(intake, failed={}))] == ["20230828_01"]


def test_a_full_disk_is_no_fault_of_the_delivery(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    from assets.errors import StorageError

    def full(*_: object, **__: object) -> object:
        raise OSError(28, os.strerror(28))

    deliver(intake.landing, {"a.csv": ONE})
    monkeypatch.setattr(delivery_module, "load_file", full)
    with pytest.raises(StorageError):
        take_all(intake)


RETURNS = CASES.replace(b"\n", b"\r")
AFTER_THE_HEADER = CASES[: CASES.index(b"\n") + 1] + CASES[CASES.index(b"\n") + 1 :].replace(b"\n", b"\r")


@pytest.mark.parametrize(
    "content", [RETURNS, RETURNS.removesuffix(b"\r"), AFTER_THE_HEADER], ids=["all", "no last", "but header"]
)
@pytest.mark.parametrize("is_bare", [True, False])
def test_lines_that_end_in_cr_alone_are_counted_and_quarantined(intake: Intake, content: bytes, is_bare: bool) -> None:
    if is_bare:
        (intake.landing / "result_20230828_01.csv").write_bytes(content)
        intake = replace(intake, bare_files=BareFiles(enabled=True, quiet_seconds=0))
    else:
        (intake.landing / "a.csv").write_bytes(content)
        document = manifest_of(NAME, [entry_of("a.csv", content, rows=5)])
        (intake.landing / f"manifest_{NAME}.json").write_text(json.dumps(document))
    ((file,),) = (receipt.files for receipt in take_all(intake))
    assert (file.state, file.records, file.quarantined, file.file_reason) == ("quarantined", 5, 5, Reason.LINE_ENDS)


@pytest.mark.parametrize("count", ["rows", "bytes"])
def test_a_count_out_of_bounds_is_held(intake: Intake, count: str) -> None:
    document = manifest_of(NAME, [entry_of("a.csv", ONE, **{count: 10**30})])
    (intake.landing / f"manifest_{NAME}.json").write_text(json.dumps(document))
    assert [state for state, _ in held_notes(intake).values()] == ["waiting"]


@pytest.mark.parametrize(("end", "state"), [(b"\r\n", "loaded"), (b"\r\r\n", "loaded"), (b"\n", "loaded")])
def test_a_carriage_return_before_a_line_feed_is_part_of_the_line_end(intake: Intake, end: bytes, state: str) -> None:
    deliver(intake.landing, {"a.csv": CASES.replace(b"\n", end)})
    ((file,),) = (receipt.files for receipt in take_all(intake))
    assert (file.state, file.records, file.loaded + file.quarantined) == (state, 5, 5)


def test_a_carriage_return_in_quotes_ends_no_line() -> None:
    assert not has_lone_return(b'a,"x\ry","z ""\r"" z"')
    assert has_lone_return(b'a,"x",b\r1,2,3')
