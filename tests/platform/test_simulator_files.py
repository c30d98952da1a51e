"""Deliveries on disk: manifests that are right, equal bytes for equal arguments, every format with the same rows."""

import hashlib
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from assets.errors import UsageError
from assets.platform.contract import load_contract
from assets.platform.simulator import simulate
from assets.platform.simulator.files import CsvDialect, Sheet, file_bytes
from assets.platform.simulator.workbook import WorkbookDialect
from tests.platform.recount import content, manifests, records

FIRST, LAST = date(2023, 8, 31), date(2023, 9, 4)
ALL_FORMATS = ("csv", "gz", "zip", "xlsx")


def digests(landing: Path) -> dict[str, str]:
    files = sorted(path for path in landing.parent.rglob("*") if path.is_file())
    return {str(path.relative_to(landing.parent)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("mess", [False, True])
def test_equal_arguments_give_equal_bytes_and_other_seeds_others(tmp_path: Path, mess: bool) -> None:
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        simulate(
            tmp_path / name / "in", FIRST, LAST, cases_per_day=40, seed=seed, formats=ALL_FORMATS, encoding="mixed", mess=mess
        )
    one, two, three = (digests(tmp_path / name / "in") for name in ("one", "two", "three"))
    assert one == two
    assert one != three
    assert {Path(name).suffix for name in one} == {".csv", ".gz", ".zip", ".xlsx", ".json"}


@pytest.mark.parametrize("mess", [False, True])
def test_manifests_name_every_file_with_its_rows_size_and_hash(tmp_path: Path, mess: bool) -> None:
    landing = tmp_path / "in"
    truth = simulate(landing, FIRST, LAST, cases_per_day=40, formats=ALL_FORMATS, mess=mess)
    expected = {(file["delivery"], file["file"]): file["records"] for file in truth["tables"]["meta.files"]}
    found = {}
    for manifest in manifests(landing):
        folder: Path = manifest["folder"]
        assert manifest["delivery"] == folder.name
        assert datetime.fromisoformat(manifest["produced_at"]).isoformat().endswith("+08:00")
        assert manifest["produced_at"][:10] > manifest["business_date"]
        assert {path.name for path in folder.iterdir()} == {file["name"] for file in manifest["files"]} | {
            f"manifest_{folder.name}.json"
        }
        for file in manifest["files"]:
            raw = (folder / file["name"]).read_bytes()
            assert (len(raw), hashlib.sha256(raw).hexdigest()) == (file["bytes"], file["sha256"])
            found[folder.name, file["name"]] = file["rows"]
    assert found == expected
    assert {name[:8] for name, _ in found} == {"20230831", "20230901", "20230902", "20230903", "20230904"}
    assert json.loads((tmp_path / "truth.json").read_text(encoding="utf-8")) == truth


def test_only_the_first_day_and_one_of_each_week_have_a_list(tmp_path: Path) -> None:
    simulate(tmp_path / "in", date(2023, 8, 31), date(2023, 9, 15), cases_per_day=5)
    listed = [m["business_date"] for m in manifests(tmp_path / "in") if any(file["feed"] == "handbook" for file in m["files"])]
    # ISO weeks 36 and 37: Monday and Tuesday
    assert listed == ["2023-08-31", "2023-09-04", "2023-09-12"]


def test_columns_are_those_of_the_contract_with_every_personal_one_filled(tmp_path: Path) -> None:
    landing = tmp_path / "in"
    simulate(landing, FIRST, FIRST, cases_per_day=200)
    for file in manifests(landing)[0]["files"]:
        feed = load_contract().feeds[file["feed"]]
        rows = records(landing / "20230831_01" / file["name"], feed.name)
        assert list(rows[0]) == [column.name for column in feed.columns]
        for column in feed.columns:
            if column.required or column.personal:
                assert all(row[column.name] for row in rows), column.name


def as_text(value: Any) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, float):
        return str(int(value))
    return str(value) if value != "" else None


def test_every_format_holds_the_same_cells(tmp_path: Path) -> None:
    cells = pl.DataFrame(
        {
            "编号": ["510000-20230828-000001", "000012345678901234", None, '=1+1,"a"'],
            "时间": ["2023-08-28 09:05:00", "2023-02-30", None, "2023-08-28 23:59:59"],
            "次序": ["1", "12", None, "3"],
            "说明": ["第一行\n第二行", "䶮𠮷", "a,b", 'c"d'],
        }
    )
    headers = list(cells.columns)
    workbook = WorkbookDialect(dates=frozenset({"时间"}), numbers=frozenset({"次序"}), from_1904=True, notes_sheet=True)
    for form in ("csv", "gz", "zip"):
        for encoding in ("utf-8", "gb18030"):
            path = tmp_path / f"file.{form}"
            path.write_bytes(file_bytes(Sheet(headers, cells, form, CsvDialect(encoding)), "file"))
            decoded = pl.read_csv(content(path).decode(encoding).encode(), infer_schema=False)
            assert decoded.equals(cells)
    path = tmp_path / "file.xlsx"
    path.write_bytes(file_bytes(Sheet(headers, cells, "xlsx", workbook=workbook), "file"))
    book = CalamineWorkbook.from_path(path)
    assert [str(sheet.visible).rpartition(".")[2] for sheet in book.sheets_metadata] == ["Hidden", "Visible"]
    head, *rows = book.get_sheet_by_index(1).to_python(skip_empty_area=False)
    assert head == headers
    assert [tuple(as_text(value) for value in row) for row in rows] == cells.rows()
    assert isinstance(rows[0][1], datetime)
    assert isinstance(rows[0][2], float)


def test_lines_are_physical_ones() -> None:
    cells = pl.DataFrame({"a": ["1", "2\n2", None, "4"], "b": ["x", "y\ny\ny", "z", "w"]})
    sheet = Sheet(["a", "b"], cells, csv=CsvDialect(line_end="\r\n", trailing_comma=True, bom=True))
    assert sheet.lines().tolist() == [2, 3, 7, 8]
    text = file_bytes(sheet, "file").decode("utf-8-sig")
    assert text.splitlines()[6:] == [",z,", "4,w,"]
    assert Sheet(["a", "b"], cells, "xlsx").lines().tolist() == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"formats": ("pdf",)}, "pdf"),
        ({"formats": ()}, "none"),
        ({"encoding": "gbk"}, "gbk"),
    ],
)
def test_what_there_is_none_of_is_a_usage_error(tmp_path: Path, arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        simulate(tmp_path / "in", FIRST, LAST, cases_per_day=10, **arguments)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("mess", [False, True])
def test_days_the_wrong_way_round_are_a_usage_error(tmp_path: Path, mess: bool) -> None:
    with pytest.raises(UsageError, match="before the first"):
        simulate(tmp_path / "in", LAST, FIRST, mess=mess)


def test_progress_tells_each_day_with_its_rows(tmp_path: Path) -> None:
    told: list[tuple[date, int]] = []
    simulate(tmp_path / "in", FIRST, LAST, cases_per_day=10, progress=lambda day, rows: told.append((day, rows)))
    rows = {m["business_date"]: sum(file["rows"] for file in m["files"]) for m in manifests(tmp_path / "in")}
    assert {str(day): count for day, count in told} == rows
    assert len(told) == 5
