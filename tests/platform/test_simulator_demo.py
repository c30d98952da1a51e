"""The demonstration against the published figures, recounted from its files."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from assets.platform.contract import load_contract
from assets.platform.simulator import PUBLISHED_2023_34, simulate_demo
from tests.platform import recount

WEEK = (pl.lit("2023-08-26"), pl.lit("2023-09-01"))
CLASSES = {"licence": {"01"}, "public_service": {"20"}, "other_six": {"04", "05", "07", "08", "09", "10"}}

Demo = tuple[Path, Path]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    landing = tmp_path_factory.mktemp("home") / "landing"
    opening = simulate_demo(landing)
    assert opening is not None
    return landing, opening


def rows_of(path: Path, feed: str) -> pl.DataFrame:
    """The records under English names, all text; from whatever format the file has."""
    english = {column.header: column.name for column in load_contract().feeds[feed].columns}
    if path.suffix == ".xlsx":
        head, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
        texts = [[str(int(value)) if isinstance(value, float) else str(value) for value in row] for row in rows]
        frame = pl.DataFrame(texts, schema=[str(name) for name in head], orient="row")
    else:
        raw = recount.content(path)
        try:
            raw.decode()
        except UnicodeDecodeError:
            raw = raw.decode("gb18030").encode()
        frame = pl.read_csv(raw, infer_schema=False).fill_null("")
    return frame.rename({name: english.get(name, name) for name in frame.columns})


def files_of(landing: Path, feed: str) -> Iterator[pl.DataFrame]:
    for manifest in recount.manifests(landing):
        for file in manifest["files"]:
            if file["feed"] == feed:
                yield rows_of(manifest["folder"] / file["name"], feed)


@pytest.fixture(scope="module")
def week(demo: Demo) -> dict[str, int]:
    """Figure → count over the live rows of the week."""
    counts: Counter[str] = Counter()
    for feed, (measure, event) in recount.EVENTS.items():
        columns = [*recount.KEYS[feed], event, "org_level", "task_type", "is_composite", "cd_operation", "cd_time"]
        extra = {"process": ["transfer_type"], "result": ["result_type"], "consult": ["person_count"]}.get(feed, [])
        rows = pl.concat([frame.select(columns + extra) for frame in files_of(demo[0], feed)])
        last = rows.sort("cd_time", maintain_order=True).unique(recount.KEYS[feed], keep="last")
        live = last.filter(
            pl.col("cd_operation") != "D", pl.col(event).str.head(10).is_between(*WEEK), pl.col("org_level") == "2"
        )
        for row in live.group_by("task_type", "is_composite", *extra).len().iter_rows(named=True):
            count = recount.counted(feed, row) * row["len"]
            counts[f"composite.{measure}.week"] += count * (row["is_composite"] in ("1", "是"))
            for name, kinds in CLASSES.items():
                counts[f"{name}.{measure}.week"] += count * (row["task_type"].zfill(2) in kinds)
    return counts


def opened(path: Path) -> Counter[str]:
    """Figure → balance of the opening."""
    balances: Counter[str] = Counter()
    for row in csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))):
        assert row["as_of"] == "2023-08-25"
        assert row["org_level"] == "2"
        assert (row["task_type"] == "") == (row["measure"] == "consulted")
        if row["is_composite"] == "1":
            balances[f"composite.{row['measure']}"] += int(row["value"])
        for name, kinds in CLASSES.items():
            if row["task_type"] in kinds:
                balances[f"{name}.{row['measure']}"] += int(row["value"])
    return balances


def test_the_week_adds_up_to_what_was_published(week: dict[str, int]) -> None:
    published = {
        name: value for name, value in PUBLISHED_2023_34.items() if name.startswith("composite") and name.endswith("week")
    }
    assert len(published) == 4
    assert {name: week[name] for name in published} == published
    assert 180_000 < sum(week[f"{name}.accepted.week"] for name in CLASSES) < 220_000


def test_opening_and_week_are_the_year_to_date(demo: Demo, week: dict[str, int]) -> None:
    balances = opened(demo[1])
    published = {name.removesuffix(".ytd"): value for name, value in PUBLISHED_2023_34.items() if name.endswith(".ytd")}
    assert {name: balances[name] + week[f"{name}.week"] for name in published} == published
    # the closing balance of the issue before
    closing = {"consulted": 44888, "accepted": 11884, "issued": 109331, "transferred": 191880}
    assert {measure: balances[f"composite.{measure}"] for measure in closing} == closing


def test_some_of_the_opening_has_no_department(demo: Demo) -> None:
    orgs = {row["org_code"] for row in csv.DictReader(io.StringIO(demo[1].read_text(encoding="utf-8")))}
    assert "" in orgs
    assert len(orgs) > 20
    assert demo[1] == demo[0].parent / "opening_20230825.csv"


def test_the_handbook_is_the_published_one(demo: Demo) -> None:
    *_, last = files_of(demo[0], "handbook")
    finished = last.filter(pl.col("finished_date") != "")
    in_week = finished.filter(pl.col("finished_date").is_between(*WEEK))
    assert (len(last), len(finished), len(in_week)) == (1650, 906, 31)
    assert in_week["org_name"].unique().to_list() == ["民政厅"]
    assert round(len(finished) / len(last), 4) == PUBLISHED_2023_34["handbook.share"]


def test_days_formats_and_slices_that_must_not_count(demo: Demo) -> None:
    landing, _ = demo
    found = recount.manifests(landing)
    assert [manifest["business_date"] for manifest in found] == [
        str(date(2023, 8, 26 + n)) if n < 6 else "2023-09-01" for n in range(7)
    ]
    suffixes = {Path(file["name"]).suffix for manifest in found for file in manifest["files"]}
    assert suffixes == {".csv", ".gz", ".zip", ".xlsx"}
    accepted = pl.concat(
        [frame.select("org_level", "task_type", "is_composite", "accept_date") for frame in files_of(landing, "accept")]
    )
    elsewhere = accepted.filter(pl.col("org_level").is_in(["3", "4"]) & pl.col("is_composite").is_in(["1", "是"]))
    no_class = accepted.filter((pl.col("org_level") == "2") & pl.col("task_type").is_in(["02", "03", "06"]))
    before = accepted.filter((pl.col("accept_date") != "") & (pl.col("accept_date").str.head(10) < "2023-08-26"))
    assert min(len(elsewhere), len(no_class), len(before)) > 0
