"""The truth against a naive recount of what was written: csv, dicts, and the rules of the interface."""

import csv
from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from assets.platform.simulator import simulate
from tests.platform import recount

# from before a year's first issue to after a golden week, so that windows, years and numbers differ from calendar weeks
FIRST, LAST = date(2022, 12, 26), date(2023, 1, 31)
MEASURES = ("consulted", "accepted", "completed", "issued", "transferred")
ISSUES = {
    "2022-50": ("2022-12-24", "2022-12-30"),
    "2023-01": ("2022-12-31", "2023-01-06"),
    "2023-02": ("2023-01-07", "2023-01-13"),
    "2023-03": ("2023-01-14", "2023-01-20"),
}

Simulated = tuple[Path, dict[str, Any]]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    landing = tmp_path_factory.mktemp("home") / "landing"
    truth = simulate(landing, FIRST, LAST, cases_per_day=80, seed=11, formats=("csv", "gz", "zip"))
    return landing, truth["tables"]


@pytest.fixture(scope="module")
def live(simulated: Simulated) -> dict[str, list[recount.Row]]:
    return recount.live_rows(simulated[0])


def flat(table: list[dict[str, Any]], lead: str) -> dict[tuple[Any, ...], int]:
    """((lead, dimensions), measure) → count, without zeros."""
    dimensions = (lead, "org_code", "org_level", "task_type", "is_composite")
    return {
        (tuple(row[name] for name in dimensions), measure): row[measure] for row in table for measure in MEASURES if row[measure]
    }


def summed(days: dict[tuple[recount.Cell, str], int], key: str, first: str, last: str) -> dict[tuple[Any, ...], int]:
    sums: Counter[tuple[Any, ...]] = Counter()
    for ((day, *place), measure), count in days.items():
        if first <= day <= last:
            sums[(key, *place), measure] += count
    return dict(sums)


def test_daily_counts_are_those_of_the_live_rows(simulated: Simulated, live: dict[str, list[recount.Row]]) -> None:
    assert flat(simulated[1]["marts.daily_counts"], "event_date") == recount.daily_counts(live)


def test_weekly_and_cumulative_counts_are_sums_of_days(simulated: Simulated, live: dict[str, list[recount.Row]]) -> None:
    _, tables = simulated
    days = recount.daily_counts(live)
    weekly: dict[tuple[Any, ...], int] = {}
    to_date: dict[tuple[Any, ...], int] = {}
    for key, (first, cutoff) in ISSUES.items():
        weekly |= summed(days, key, first, cutoff)
        to_date |= summed(days, key, f"{cutoff[:4]}-01-01", cutoff)
    assert {row["issue_key"] for row in tables["marts.weekly_counts"]} == set(ISSUES)
    assert flat(tables["marts.weekly_counts"], "issue_key") == weekly
    assert flat(tables["marts.cumulative_counts"], "issue_key") == to_date


def test_figures_are_the_provincial_slices(simulated: Simulated, live: dict[str, list[recount.Row]]) -> None:
    days = recount.daily_counts(live)
    figures = {(row["issue_key"], row["figure"]): row["value"] for row in simulated[1]["marts.bulletin_figures"]}
    assert len(figures) == 18 * len(ISSUES)
    for key, (first, cutoff) in ISSUES.items():
        expected: Counter[str] = Counter()
        for ((day, _, level, kind, composite), measure), count in days.items():
            if level != "2" or day > cutoff:
                continue
            in_week, in_year = first <= day, day >= f"{cutoff[:4]}-01-01"
            expected[f"composite.{measure}.week"] += count * (composite and in_week)
            expected[f"composite.{measure}.ytd"] += count * (composite and in_year)
            name = {"01": "licence", "20": "public_service"}.get(
                kind, "other_six" if kind in {"04", "05", "07", "08", "09", "10"} else ""
            )
            expected[f"{name}.{measure}.ytd"] += count * in_year
        counted = {
            figure: value for (issue, figure), value in figures.items() if issue == key and not figure.startswith("handbook")
        }
        assert counted == {figure: expected[figure] for figure in counted}
        assert len(counted) == 14


def test_organizations_bear_the_latest_name(simulated: Simulated, live: dict[str, list[recount.Row]]) -> None:
    found = {
        row["org_code"]: (row["org_name"], row["org_level"], row["first_seen_date"], row["last_seen_date"])
        for row in simulated[1]["marts.organizations"]
    }
    assert found == recount.organizations(live)
    # one was renamed on the way
    names = {row["org_name"] for row in live["accept"] if row["org_code"] in found}
    assert {"省知识产权保护中心", "省知识产权服务中心"} <= names


def test_handbook_progress_is_that_of_the_latest_list(simulated: Simulated) -> None:
    landing, tables = simulated
    for key, (first, cutoff) in ISSUES.items():
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        before = recount.handbook(landing, date.fromisoformat(first) - timedelta(days=1))
        known = {row["task_handle_item"] for row in before if "" < row["finished_date"] < first}
        for row in recount.handbook(landing, date.fromisoformat(cutoff)):
            finished = row["finished_date"]
            is_new = row["task_handle_item"] not in known if before else first <= finished
            for place, holds in enumerate(("" < finished <= cutoff and is_new, "" < finished <= cutoff, True)):
                counts[row["org_code"]][place] += holds
        found = {
            row["org_code"]: [row["finished_in_week"], row["finished_total"], row["items_total"]]
            for row in tables["marts.handbook_progress"]
            if row["issue_key"] == key
        }
        assert found == counts
        figures = {row["figure"]: row["value"] for row in tables["marts.bulletin_figures"] if row["issue_key"] == key}
        week, total, items = (sum(column) for column in zip(*counts.values(), strict=True))
        assert (figures["handbook.finished.week"], figures["handbook.finished.total"], figures["handbook.items"]) == (
            week,
            total,
            items,
        )
        assert figures["handbook.share"] == pytest.approx(total / items)


def test_coverage_counts_days_with_a_delivery(simulated: Simulated) -> None:
    found = {row["issue_key"]: row for row in simulated[1]["marts.issue_coverage"]}
    assert found["2022-50"] == {
        "issue_key": "2022-50",
        "week_days": 7,
        "week_days_delivered": 5,
        "year_days": 364,
        "year_days_delivered": 5,
        "is_complete": False,
    }
    assert found["2023-02"] == {
        "issue_key": "2023-02",
        "week_days": 7,
        "week_days_delivered": 7,
        "year_days": 13,
        "year_days_delivered": 13,
        "is_complete": True,
    }


def test_every_file_is_accounted_for(simulated: Simulated) -> None:
    landing, tables = simulated
    expected = []
    for manifest in recount.manifests(landing):
        for file in manifest["files"]:
            rows = recount.records(manifest["folder"] / file["name"], file["feed"])
            keys = {tuple(row[name] for name in recount.KEYS[file["feed"]]) for row in rows}
            expected.append(
                (manifest["delivery"], file["name"], file["feed"], len(rows), len(keys), len(rows) - len(keys), 0, "loaded")
            )
    columns = ("delivery", "file", "feed", "records", "loaded", "superseded", "quarantined", "state")
    assert [tuple(file[name] for name in columns) for file in tables["meta.files"]] == expected
    assert any(file["superseded"] for file in tables["meta.files"])


def test_deliveries_hold_what_they_promise(simulated: Simulated) -> None:
    """Corrections, deletions, returns, repeats, ties and stale rows are there, and no event is dated after its delivery."""
    seen: dict[tuple[str, ...], list[tuple[str, recount.Row]]] = defaultdict(list)
    for delivery, feed, rows in recount.delivered(simulated[0]):
        day = f"{delivery[:4]}-{delivery[4:6]}-{delivery[6:8]}"
        for row in rows if feed in recount.EVENTS else ():
            event = row[recount.EVENTS[feed][1]]
            assert event[:10] <= day
            seen[(feed, *(row[name] for name in recount.KEYS[feed]))].append((delivery, row))
    kinds: Counter[str] = Counter()
    for versions in seen.values():
        times = [row["cd_time"] for _, row in versions]
        operations = [row["cd_operation"] for _, row in versions]
        contents = [row for _, row in versions]
        kinds["deleted"] += operations[-1] == "D"
        kinds["bare"] += any(row["cd_operation"] == "D" and not row["org_code"] for row in contents)
        kinds["returned"] += "D" in operations[:-1]
        kinds["corrected"] += "U" in operations
        kinds["repeated"] += any(one == other for one, other in pairwise(contents))
        kinds["tied"] += any(one["cd_time"] == other["cd_time"] and one != other for one, other in pairwise(contents))
        kinds["stale"] += any(time < max(times[: place + 1]) for place, time in enumerate(times))
        kinds["several days"] += len({delivery for delivery, _ in versions}) > 1
    assert set(kinds.elements()) == {"deleted", "bare", "returned", "corrected", "repeated", "tied", "stale", "several days"}


def test_cases_are_believable(live: dict[str, list[recount.Row]]) -> None:
    accepted = {row["project_no"] for row in live["accept"]}
    completed = {row["project_no"] for row in live["result"]}
    first = (FIRST - timedelta(days=1)).strftime("%Y%m%d")
    # most of what is completed was accepted here, some of it before the first day
    assert len(completed & accepted) > len(completed) / 2
    assert any(number[7:15] <= first for number in completed - accepted)
    assert all(len(number) == 22 and number[6] == number[15] == "-" for number in accepted)
    composite = Counter(feed for feed in ("accept", "issue") for row in live[feed] if row["is_composite"] in ("1", "是"))
    assert composite["issue"] > 4 * composite["accept"]
    assert {row["task_type"] for row in live["accept"]} >= {"01", "1", "20", "07", "77"}
    assert {"", "1", "2"} <= {row["person_count"] for row in live["consult"]}
    assert "" in {row["task_type"] for row in live["consult"]}
    assert {"4", "5"} <= {row["result_type"] for row in live["result"]}
    assert {"0", "1", "2", "3"} == {row["transfer_type"] for row in live["process"]}
    assert {"2", "3", "4"} == {row["org_level"] for row in live["accept"]}


def test_headers_and_flags_come_in_both_languages(tmp_path: Path) -> None:
    landing = tmp_path / "in"
    simulate(landing, date(2023, 8, 28), date(2023, 9, 1), cases_per_day=20)
    headers = []
    for path in landing.glob("*/accept_*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            headers.append(next(csv.reader(file))[0])
    assert set(headers) == {"project_no", "办件编号"}
