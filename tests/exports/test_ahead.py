"""The files of the next delivery are read while one is finished: receipts keep their order, and whoever stops has the receipts he was given."""

from pathlib import Path
from threading import Event
from typing import Any

import pytest

from assets.exports import delivery as delivery_module
from assets.exports.delivery import Intake, take_in
from assets.exports.loading import Account, Origin, load_file
from assets.platform.contract import Feed
from tests.exports.deliveries import deliver, intake_in, take_all
from tests.exports.feed_files import result_csv

DAYS = ["20230826_01", "20230827_01", "20230828_01"]
SECONDS = 60


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    found = intake_in(tmp_path)
    for name in DAYS:
        deliver(found.landing / name, {f"{name}.csv": result_csv([{"project_no": name}])}, name)
    return found


def test_receipts_come_in_order_though_a_later_delivery_is_read_first(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    second_is_read = Event()

    def second_first(path: Path, feed: Feed, origin: Origin, *rest: Any, **named: Any) -> Account:
        if origin.delivery == DAYS[0]:
            assert second_is_read.wait(SECONDS)
        account = load_file(path, feed, origin, *rest, **named)
        if origin.delivery == DAYS[1]:
            second_is_read.set()
        return account

    monkeypatch.setattr(delivery_module, "load_file", second_first)
    assert [receipt.delivery for receipt in take_all(intake)] == DAYS
    assert intake.failed == {}


def test_no_more_than_the_next_delivery_is_read_ahead(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []

    def noted(path: Path, feed: Feed, origin: Origin, *rest: Any, **named: Any) -> Account:
        begun.append(origin.delivery)
        return load_file(path, feed, origin, *rest, **named)

    monkeypatch.setattr(delivery_module, "load_file", noted)
    taking = take_in(intake.survey().arrivals, intake)
    assert next(taking).delivery == DAYS[0]
    assert DAYS[2] not in begun
    assert [receipt.delivery for receipt in taking] == DAYS[1:]


def test_whoever_stops_has_the_receipts_he_was_given_and_the_rest_comes_again(intake: Intake) -> None:
    taking = take_in(intake.survey().arrivals, intake)
    first = next(taking)
    taking.close()  # type: ignore[attr-defined]
    assert list(intake.receipts) == [first]
    assert [receipt.delivery for receipt in take_all(intake)] == DAYS[1:]
