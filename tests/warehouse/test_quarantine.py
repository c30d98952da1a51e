"""By what a quarantined row or file is settled, and which warnings are published, on deliveries of a few rows."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from assets.clock import beijing_now
from assets.errors import UsageError
from assets.exports.delivery import Intake, take_in
from assets.exports.lake.archive import archived_path
from assets.exports.lake.withdrawals import withdraw
from assets.exports.reading.source import ArchiveLimits, FileLimits
from assets.exports.retake import retake
from assets.exports.retention import remove_originals
from assets.exports.retention_rules import Retention
from assets.quality.output.failing_rows import workbook_path, write_failing_rows
from assets.warehouse.state.ledger import unsettled_files
from assets.warehouse.store import Warehouse
from pipelines.resources import intake_of, warehouse_of
from pipelines.settings import load_settings
from tests.exports.feed_files import result_csv

Rows = list[tuple[object, ...]]
GOOD = {"project_no": "P1"}
BAD = {"project_no": "P1", "org_level": "7"}
UNREADABLE = b"nothing,known\n1,2\n"


class Site:
    """A home whose deliveries are one ``result`` file each."""

    def __init__(self, folder: Path) -> None:
        settings = load_settings(folder)
        settings.place.prepare()
        self.intake: Intake = intake_of(settings)[0]
        self.warehouse: Warehouse = warehouse_of(settings)

    def deliver(self, name: str, content: bytes, mode: str = "upsert", file: str = "a.csv", declared: int | None = None) -> None:
        folder = self.intake.landing / name
        folder.mkdir()
        (folder / file).write_bytes(content)
        entry = {
            "name": file,
            "feed": "result",
            "rows": len(content.splitlines()) - 1 if declared is None else declared,
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        day = f"{name[:4]}-{name[4:6]}-{name[6:8]}"
        document = {"delivery": name, "business_date": day, "mode": mode, "files": [entry]}
        (folder / f"manifest_{name}.json").write_text(json.dumps(document))

    def build(self, connection: duckdb.DuckDBPyConnection) -> None:
        list(take_in(self.intake.survey().arrivals, self.intake))
        self.warehouse.build(connection, ())

    def settled(self) -> Rows:
        """(delivery, line, settled_by) of all that is quarantined, after a build."""
        with self.warehouse.open("test") as connection:
            self.build(connection)
            query = "select delivery, line, settled_by from meta.quarantine order by delivery, line"
            return connection.execute(query).fetchall()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "home")


@pytest.mark.parametrize(
    ("deliveries", "expected"),
    [
        ([("20230828_01", [BAD], "upsert")], [("20230828_01", 2, None)]),
        # a fixed row comes with any later delivery of its key
        ([("20230828_01", [BAD], "upsert"), ("20230828_02", [GOOD], "upsert")], [("20230828_01", 2, "20230828_02")]),
        ([("20230828_01", [BAD], "upsert"), ("20230830_01", [GOOD], "upsert")], [("20230828_01", 2, "20230830_01")]),
        # not with an earlier one, nor with another key, nor in the same delivery
        ([("20230828_01", [GOOD], "upsert"), ("20230829_01", [BAD], "upsert")], [("20230829_01", 2, None)]),
        ([("20230828_01", [BAD, GOOD], "upsert")], [("20230828_01", 2, None)]),
        (
            [("20230828_01", [BAD], "upsert"), ("20230828_02", [{"project_no": "P2"}], "upsert")],
            [("20230828_01", 2, None)],
        ),
        # a row without a key that may be kept is settled by what replaces its day
        (
            [("20230828_01", [BAD | {"project_no": "13800138000"}], "upsert"), ("20230828_02", [GOOD], "replace")],
            [("20230828_01", 2, "20230828_02")],
        ),
        (
            [
                ("20230828_01", [BAD | {"project_no": "13800138000"}], "upsert"),
                ("20230828_02", [{"project_no": "13800138000"}], "upsert"),
            ],
            # and the later row has no key that may be kept either
            [("20230828_01", 2, None), ("20230828_02", 2, None)],
        ),
        # a refused file by what replaces its day and feed, not by what else comes of them, nor by a replacement of another day
        ([("20230828_01", None, "upsert"), ("20230828_02", [GOOD], "upsert")], [("20230828_01", None, None)]),
        ([("20230828_01", None, "upsert"), ("20230829_01", [GOOD], "replace")], [("20230828_01", None, None)]),
        (
            [("20230828_01", None, "upsert"), ("20230828_02", None, "replace"), ("20230828_03", [GOOD], "replace")],
            [("20230828_01", None, "20230828_03"), ("20230828_02", None, "20230828_03")],
        ),
        # where the replacing file is refused, nothing is withdrawn and nothing settled
        (
            [("20230828_01", [BAD], "upsert"), ("20230828_02", None, "replace")],
            [("20230828_01", 2, None), ("20230828_02", None, None)],
        ),
    ],
)
def test_what_settles_a_quarantined_row_or_file(
    site: Site, deliveries: list[tuple[str, list[dict[str, str]] | None, str]], expected: Rows
) -> None:
    for name, rows, mode in deliveries:
        site.deliver(name, UNREADABLE if rows is None else result_csv(rows), mode)
    assert site.settled() == expected
    with site.warehouse.open("test") as connection:
        assert unsettled_files(connection) == {(name, "a.csv") for name, _, settled_by in expected if settled_by is None}


CASES = [{"project_no": f"P{number}"} for number in range(1, 4)]


@pytest.mark.parametrize(
    ("rows", "declared", "settled_by"),
    [
        # more records than declared: all keys of the file are known, and settle it when the last has come
        (CASES, 2, "20230830_01"),
        # a refused row has its key too
        ([*CASES[:2], CASES[2] | {"org_level": "7"}], 2, "20230830_01"),
        # records that were declared and are not there have keys that nobody knows
        (CASES, 4, None),
        # a key that may be a person's is not kept, so that nobody knows whether it came
        ([*CASES, {"project_no": "13800138000"}], 2, None),
    ],
)
def test_a_whole_file_is_settled_when_every_key_of_it_has_come(
    site: Site, rows: list[dict[str, str]], declared: int, settled_by: str | None
) -> None:
    site.deliver("20230828_01", result_csv(rows), declared=declared)
    site.deliver("20230829_01", result_csv(CASES[:2]))
    assert site.settled() == [("20230828_01", None, None)]
    site.deliver("20230830_01", result_csv(CASES[2:]))
    assert site.settled() == [("20230828_01", None, settled_by)]


def test_what_came_before_the_refused_file_was_taken_in_settles_it_too(site: Site) -> None:
    site.deliver("20230829_01", result_csv(CASES))
    assert site.settled() == []
    site.deliver("20230828_01", result_csv(CASES), declared=2)
    assert site.settled() == [("20230828_01", None, "20230829_01")]


def test_the_original_of_a_whole_file_stays_until_its_rows_have_come(site: Site) -> None:
    lost = [{"project_no": f"L{number}"} for number in range(500)]
    site.deliver("20230828_01", result_csv(lost), declared=501)
    site.deliver("20230828_02", result_csv([{"project_no": f"N{number}"} for number in range(500)]))
    assert site.settled() == [("20230828_01", None, None)]
    kept = archived_path(site.intake.home.archive, hashlib.sha256(result_csv(lost)).hexdigest())
    assert remove_old_originals(site) == 1
    assert kept.exists()
    with site.warehouse.open("test") as connection:
        unsettled = unsettled_files(connection)
    assert [(retaken.delivery, retaken.without_original) for retaken in retake(site.intake, unsettled)] == [("20230828_01", ())]
    site.deliver("20230828_03", result_csv(lost), "replace")
    assert site.settled() == [("20230828_01", None, "20230828_03")]
    # the bytes are those of the replacement, which may go by its own age
    assert remove_old_originals(site) == 1
    assert not kept.exists()


def remove_old_originals(site: Site) -> int:
    with site.warehouse.open("test") as connection:
        unsettled = unsettled_files(connection)
    assert unsettled is not None
    now = beijing_now() + timedelta(days=11)
    return remove_originals(site.intake.home, site.intake.landing, Retention(10), unsettled, now).archive


def test_a_retried_file_leaves_the_quarantine_and_is_counted(site: Site) -> None:
    import gzip

    content = gzip.compress(result_csv([GOOD] + [{"project_no": f"P{number}"} for number in range(2, 30)]))
    folder = site.intake.landing / "20230828_01"
    site.deliver("20230828_01", content)
    path = folder / "manifest_20230828_01.json"
    document = json.loads(path.read_text())
    document["files"][0]["rows"] = 29
    path.write_text(json.dumps(document))
    site.intake = replace(site.intake, limits=FileLimits(archives=ArchiveLimits(max_unpacked_bytes=10)))
    assert site.settled() == [("20230828_01", None, None)]
    wide = replace(site.intake, limits=FileLimits())
    assert [retaken.receipt is not None for retaken in retake(wide, {("20230828_01", "a.csv")})] == [True]
    assert site.settled() == []
    with site.warehouse.open("test") as connection:
        assert connection.execute("select records, loaded, quarantined, state from meta.files").fetchall() == [
            (29, 29, 0, "loaded")
        ]
        assert connection.execute("select count(*) from core.events where feed = 'result'").fetchone() == (29,)


def test_warnings_are_published_with_their_words(site: Site) -> None:
    rows = [{"project_no": "P1", "result_type": "7"}, {"project_no": "P2", "result_type": "8"}]
    site.deliver("20230828_01", result_csv(rows)[:-1])
    site.settled()
    with site.warehouse.open("test") as connection:
        found = connection.execute("select column_name, reason_code, rows, who_fixes from meta.warnings order by 1").fetchall()
        words = connection.execute("select count(*) from meta.warnings where reason is null").fetchone()
    assert found == [("", "no_final_line_end", 1, "平台方"), ("result_type", "unknown_code", 2, "平台方")]
    assert words == (0,)


def test_a_withdrawn_delivery_counts_no_more_and_settles_nothing(site: Site) -> None:
    site.deliver("20230828_01", result_csv([BAD]))
    site.deliver("20230828_02", result_csv([{"project_no": "P2"}]))
    site.deliver("20230829_01", result_csv([GOOD]), "replace")
    site.deliver("20230829_02", result_csv([{"project_no": "P4"}]), "replace")
    assert site.settled() == [("20230828_01", 2, "20230829_01")]
    assert live_keys(site) == ["P2", "P4"]
    assert withdraw(site.intake.home.lake, "20230829_02", "送错了")
    assert not withdraw(site.intake.home.lake, "20230829_02", "送错了")
    # what it had replaced counts again
    assert site.settled() == [("20230828_01", 2, "20230829_01")]
    assert live_keys(site) == ["P1", "P2"]
    assert withdraw(site.intake.home.lake, "20230829_01", "又送错了")
    assert site.settled() == [("20230828_01", 2, None)]
    assert live_keys(site) == ["P2"]
    query = "select delivery, state, note from meta.deliveries where state = 'withdrawn' order by all"
    with site.warehouse.open("test") as connection:
        kept = connection.execute(query).fetchall()
        assert kept == [("20230829_01", "withdrawn", "撤回：又送错了"), ("20230829_02", "withdrawn", "撤回：送错了")]
        assert connection.execute("select max(business_date)::varchar from core.delivered_days").fetchone() == ("2023-08-28",)
        before = connection.execute("select * from meta.files order by all").fetchall()
        site.warehouse.build(connection, (), full=True)
        assert connection.execute("select * from meta.files order by all").fetchall() == before
        assert connection.execute(query).fetchall() == kept
    with pytest.raises(UsageError):
        withdraw(site.intake.home.lake, "20230830_01", "没有这一批")


def live_keys(site: Site) -> list[str]:
    with site.warehouse.open("test") as connection:
        return [
            key for (key,) in connection.execute("select record_key from core.events where feed = 'result' order by 1").fetchall()
        ]


def test_before_the_first_build_nobody_knows_what_is_unsettled(site: Site) -> None:
    with site.warehouse.open("test") as connection:
        assert unsettled_files(connection) is None


def test_the_workbook_of_a_day_says_where_and_why_and_never_what(site: Site) -> None:
    from python_calamine import CalamineWorkbook

    bad = [
        BAD,
        {"project_no": "13800138000", "org_level": "7"},
        {"project_no": "P4", "result_date": "=HYPERLINK(1)"},
    ]
    site.deliver("20230828_01", result_csv([GOOD, *bad]), file="=1+1 'a'.csv")
    site.deliver("20230828_02", UNREADABLE, file="mailto:x.csv")
    site.deliver("20230829_01", result_csv([BAD]))
    site.settled()
    home = site.intake.home
    day = next(iter(site.intake.receipts)).business_date
    with site.warehouse.open("test") as connection:
        path = write_failing_rows(connection, home, day)
    assert path == workbook_path(home, day) == home.quarantine / "2023-08-28" / "quarantine_20230828.xlsx"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    (header, *rows) = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    of = {
        name: [row[header.index(name)] for row in rows] for name in ("批次", "文件", "行号", "主键", "列", "原因代码", "更正批次")
    }
    assert of["批次"] == ["20230828_01"] * 3 + ["20230828_02"]
    assert of["文件"] == ["=1+1 'a'.csv"] * 3 + ["mailto:x.csv"]
    assert of["行号"] == [3, 4, 5, ""]
    assert of["主键"] == ["P1", "", "P4", ""]
    assert of["列"] == ["org_level", "project_no", "result_date", ""]
    assert of["原因代码"] == ["invalid_code", "personal_number", "invalid_time", "header_unknown"]
    # the next day's row of that key is refused too
    assert of["更正批次"] == [""] * 4
    assert b"<f>" not in _parts(path)
    assert b"hyperlink" not in _parts(path)


def _parts(path: Path) -> bytes:
    import zipfile

    with zipfile.ZipFile(path) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


def test_a_day_without_failing_rows_leaves_no_workbook(site: Site) -> None:
    site.deliver("20230828_01", result_csv([GOOD]))
    site.settled()
    day = next(iter(site.intake.receipts)).business_date
    path = workbook_path(site.intake.home, day)
    path.parent.mkdir()
    path.write_bytes(b"of yesterday")
    with site.warehouse.open("test") as connection:
        assert write_failing_rows(connection, site.intake.home, day) is None
    assert not path.exists()
