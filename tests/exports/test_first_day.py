"""The first business day of a home, by names: of the lake, before that of landing."""

from datetime import date
from pathlib import Path

from assets.exports.first_day import first_business_day


def test_the_lake_decides_and_before_it_has_anything_landing_does(tmp_path: Path) -> None:
    lake, landing = tmp_path / "lake", tmp_path / "landing"
    assert first_business_day(lake, landing) is None
    (landing / "later" / "deep").mkdir(parents=True)
    for name in ("manifest_20230903_01.json", "deep/manifest_20230902_02.json", "deep/manifest_20239902_01.json", "accept.csv"):
        (landing / "later" / name).write_bytes(b"")
    assert first_business_day(lake, landing) == date(2023, 9, 2)
    for folder in ("accept/2023-09-05", "result/2023-09-04", "refused/2023-13-01", "deliveries"):
        (lake / folder).mkdir(parents=True)
    assert first_business_day(lake, landing) == date(2023, 9, 4)
