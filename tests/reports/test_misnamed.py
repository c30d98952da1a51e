"""A copy of a receipt, a freeze or an erratum under another name is damage that a message tells, never counted and never unexpected."""

import shutil
from pathlib import Path

import pytest

from assets.errors import LakeDamageError
from assets.exports.lake.receipt import Receipts
from tests.reports.small_site import Site, case


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    site = Site(tmp_path / "home", monkeypatch)
    site.deliver("20230901_01", accept=[case("A", "2023-09-01", "2023-09-01")])
    site.run()
    site.freeze("2023-34")
    return site


def test_a_copied_freeze_stops_the_build(site: Site) -> None:
    path = site.home.lake / "frozen" / "2023-34.json"
    shutil.copy(path, path.with_name("2023-34 (1).json"))
    with pytest.raises(LakeDamageError, match="move this copy away"):
        site.run()


def test_a_copied_receipt_is_told_by_whoever_reads_all(site: Site) -> None:
    path = site.home.lake / "deliveries" / "20230901_01.json"
    shutil.copy(path, path.with_name("20230901_01_1.json"))
    with pytest.raises(LakeDamageError, match="move this copy away"):
        list(Receipts(site.home.lake))
