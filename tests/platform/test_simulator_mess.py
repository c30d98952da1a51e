"""The untidy simulation: the truth must be what a tolerant reader finds, row for row and line for line."""

from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assets.platform.contract import load_contract
from assets.platform.simulator import simulate
from assets.platform.simulator.defects import defects_of
from tests.platform import recount, tolerant

FIRST, LAST = date(2023, 8, 24), date(2023, 9, 8)
COLUMNS = ("delivery", "file", "feed", "records", "loaded", "superseded", "quarantined", "state")

Simulated = tuple[Path, dict[str, Any]]


@pytest.fixture(scope="module", params=[3, 4])
def simulated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    landing = tmp_path_factory.mktemp("home") / "landing"
    formats = ("csv", "gz", "zip")
    return landing, simulate(
        landing, FIRST, LAST, cases_per_day=60, seed=request.param, formats=formats, encoding="mixed", mess=True
    )


class Found:
    """What the tolerant reader makes of a landing folder."""

    def __init__(self, landing: Path) -> None:
        self.quarantine: list[tuple[str, str, int, str]] = []
        self.accounts: list[list[Any]] = []
        self.rows: dict[str, list[tuple[str, int, recount.Row]]] = defaultdict(list)
        self.lists: dict[str, tuple[str, list[recount.Row]]] = {}
        for manifest in recount.manifests(landing):
            self._replace(manifest)
            for place, file in enumerate(manifest["files"]):
                self._read(manifest, place, file)

    def _replace(self, manifest: dict[str, Any]) -> None:
        if manifest["mode"] != "replace":
            return
        day = manifest["delivery"][:9]
        for feed in {file["feed"] for file in manifest["files"]}:
            self.rows[feed] = [entry for entry in self.rows[feed] if not entry[0].startswith(day)]
            for account in self.accounts:
                if account[0].startswith(day) and account[2] == feed:
                    account[-1] = "withdrawn"

    def _read(self, manifest: dict[str, Any], place: int, file: dict[str, Any]) -> None:
        business_date = date.fromisoformat(manifest["business_date"])
        raw = recount.content(manifest["folder"] / file["name"])
        good, bad = [], 0
        for line, row, column in tolerant.read(raw, file["feed"], business_date):
            if column:
                bad += 1
                self.quarantine.append((manifest["delivery"], file["name"], line, column))
            else:
                good.append(row)
        keys = {key(file["feed"], row) for row in good}
        account = [
            manifest["delivery"],
            file["name"],
            file["feed"],
            len(good) + bad,
            len(keys),
            len(good) - len(keys),
            bad,
            "loaded",
        ]
        self.accounts.append(account)
        self.rows[file["feed"]] += [(manifest["delivery"], place, row) for row in good]
        if file["feed"] == "handbook":
            self.lists[manifest["business_date"]] = manifest["delivery"], good

    def live(self) -> dict[str, list[recount.Row]]:
        winners: dict[str, dict[tuple[str, ...], recount.Row]] = defaultdict(dict)
        for feed in recount.EVENTS:
            for _, _, row in self.rows[feed]:
                standing = winners[feed].get(key(feed, row))
                if standing is None or row["cd_time"] >= standing["cd_time"]:
                    winners[feed][key(feed, row)] = row
        return {feed: [row for row in rows.values() if row["cd_operation"] != "D"] for feed, rows in winners.items()}


def key(feed: str, row: recount.Row) -> tuple[str, ...]:
    return tuple(row[name] for name in recount.KEYS[feed])


@pytest.fixture(scope="module")
def found(simulated: Simulated) -> Found:
    return Found(simulated[0])


def test_daily_counts_are_those_of_the_live_rows(simulated: Simulated, found: Found) -> None:
    expected = {
        ((row["event_date"], row["org_code"], row["org_level"], row["task_type"], row["is_composite"]), measure): row[measure]
        for row in simulated[1]["tables"]["marts.daily_counts"]
        for measure in ("consulted", "accepted", "completed", "issued", "transferred")
        if row[measure]
    }
    assert recount.daily_counts(found.live()) == expected


def test_quarantined_rows_are_found_by_line_and_column(simulated: Simulated, found: Found) -> None:
    expected = {(row["delivery"], row["file"], row["line"], row["column_name"]) for row in simulated[1]["quarantine"]}
    assert set(found.quarantine) == expected
    assert len(found.quarantine) == len(simulated[1]["quarantine"]) > 20


def test_every_file_is_accounted_for(simulated: Simulated, found: Found) -> None:
    expected = [[file[name] for name in COLUMNS] for file in simulated[1]["tables"]["meta.files"]]
    assert found.accounts == expected
    assert {file[-1] for file in expected} == {"loaded", "withdrawn"}
    assert any(file[3] == 0 for file in expected)


def test_organizations_bear_the_latest_name(simulated: Simulated, found: Found) -> None:
    expected = {
        row["org_code"]: (row["org_name"], row["org_level"], row["first_seen_date"], row["last_seen_date"])
        for row in simulated[1]["tables"]["marts.organizations"]
    }
    assert recount.organizations(found.live()) == expected


def test_lists_of_the_handbook_are_those_of_the_latest_delivery(simulated: Simulated, found: Found) -> None:
    expected = {
        (row["issue_key"], row["org_code"]): (row["finished_total"], row["items_total"])
        for row in simulated[1]["tables"]["marts.handbook_progress"]
    }
    counted: dict[tuple[str, str], tuple[int, int]] = {}
    for issue, cutoff in (("2023-33", "2023-08-25"), ("2023-34", "2023-09-01"), ("2023-35", "2023-09-08")):
        newest: dict[str, recount.Row] = {}
        _, rows = found.lists[max(day for day in found.lists if day <= cutoff)]
        for row in sorted(rows, key=lambda row: row["cd_time"]):
            newest[row["task_handle_item"]] = row
        total = Counter(row["org_code"] for row in newest.values())
        finished = Counter(row["org_code"] for row in newest.values() if "" < row["finished_date"][:10] <= cutoff)
        counted |= {(issue, org): (finished[org], total[org]) for org in total}
    assert counted == expected


def test_the_mess_of_real_files_is_there(simulated: Simulated) -> None:
    landing, _ = simulated
    raws = {path: recount.content(path) for path in landing.glob("*/*") if path.suffix != ".json"}
    modes = Counter(manifest["mode"] for manifest in recount.manifests(landing))
    assert modes["replace"] >= 1
    assert any(manifest["delivery"].endswith("_02") and manifest["mode"] == "upsert" for manifest in recount.manifests(landing))
    copies = [path for path in raws if "副本" in path.name]
    assert copies
    for copy in copies:
        assert sum(raw == raws[copy] for raw in raws.values()) == 2
    whole = b"\n".join(raws.values())
    for sign in (
        b"\xef\xbb\xbf",
        b"\r\n",
        "䶮".encode(),
        "𠮷".encode(),
        "䶮".encode("gb18030"),
        b"NULL",
        "\u3000".encode(),
        b'""',
    ):
        assert sign in whole, sign
    for sign in (b"+00:00", b"+08:00", b"ext_flag", b"=1+1", "１".encode(), b"\t", b"0000-00-00"):
        assert sign in whole, sign


def test_defects_are_those_of_the_contract() -> None:
    day = date(2023, 8, 28)
    for feed in load_contract().feeds.values():
        defects = defects_of(feed, day, workbook=False)
        assert {column.name for column in feed.columns if column.required} <= {defect.column for defect in defects}
        for defect in defects:
            row = {column.name: sound(column.name) for column in feed.columns} | {
                defect.column: tolerant.tidy(defect.text or "", feed.column(defect.column))
            }
            assert tolerant.refusal(feed, row, day) == defect.column, defect


def sound(name: str) -> str:
    """A value that is no reason to refuse a row."""
    times = {"cd_time", "finished_date", *(event for _, event in recount.EVENTS.values())}
    return "2023-08-28 10:00:00" if name in times else "U" if name == "cd_operation" else "1"
