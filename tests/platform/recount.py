"""A naive recount of delivered files: csv and dicts, row by row, by the rules of the interface and by nothing of the simulator.

Reads plain CSV only, bare or packed, and the contract for the Chinese headers.
"""

import csv
import gzip
import io
import json
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from assets.platform.contract import load_contract

KNOWN_TYPES = {"01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "20", ""}
KEYS = {
    "accept": ("project_no",),
    "process": ("project_no", "step_no"),
    "result": ("project_no",),
    "issue": ("issue_no",),
    "consult": ("consult_no",),
    "handbook": ("task_handle_item",),
}
EVENTS = {
    "accept": ("accepted", "accept_date"),
    "process": ("transferred", "event_start_time"),
    "result": ("completed", "result_date"),
    "issue": ("issued", "issue_date"),
    "consult": ("consulted", "consult_date"),
}

Row = dict[str, str]
Cell = tuple[str, str, str, str, bool]


def manifests(landing: Path) -> list[dict[str, Any]]:
    """Every manifest with its folder, in the order of deliveries."""
    found = [json.loads(path.read_text(encoding="utf-8")) | {"folder": path.parent} for path in landing.glob("*/manifest_*.json")]
    return sorted(found, key=lambda manifest: manifest["delivery"])


def content(path: Path) -> bytes:
    """The CSV inside a file."""
    raw = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(raw)
    if path.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return archive.read(archive.namelist()[0])
    return raw


def records(path: Path, feed: str, encoding: str = "utf-8") -> list[Row]:
    """The records of a file under English names."""
    english = {column.header: column.name for column in load_contract().feeds[feed].columns}
    lines = csv.reader(io.StringIO(content(path).decode(encoding)))
    header = [english.get(name, name) for name in next(lines)]
    return [dict(zip(header, line, strict=True)) for line in lines]


def delivered(landing: Path, encoding: str = "utf-8") -> Iterator[tuple[str, str, list[Row]]]:
    """(delivery, feed, records) in the order in which rows win at equal times of writing."""
    for manifest in manifests(landing):
        for file in manifest["files"]:
            yield manifest["delivery"], file["feed"], records(manifest["folder"] / file["name"], file["feed"], encoding)


def live_rows(landing: Path, encoding: str = "utf-8") -> dict[str, list[Row]]:
    """The winning rows of each event feed that delete nothing."""
    winners: dict[str, dict[tuple[str, ...], Row]] = defaultdict(dict)
    for _, feed, rows in delivered(landing, encoding):
        for row in rows if feed in EVENTS else ():
            key = tuple(row[name] for name in KEYS[feed])
            standing = winners[feed].get(key)
            if standing is None or row["cd_time"] >= standing["cd_time"]:
                winners[feed][key] = row
    return {feed: [row for row in rows.values() if row["cd_operation"] != "D"] for feed, rows in winners.items()}


def counted(feed: str, row: Row, uncounted: tuple[str, ...] = ("4", "5")) -> int:
    """How many a live row is; ``uncounted`` are the result types that the site does not count."""
    if feed == "consult":
        return int(row["person_count"] or 1)
    if feed == "process":
        return int(row["transfer_type"] != "0")
    return int(feed != "result" or row["result_type"] not in uncounted)


def daily_counts(live: dict[str, list[Row]]) -> dict[tuple[Cell, str], int]:
    """((event_date, org_code, org_level, task_type, is_composite), measure) → count, without zeros."""
    counts: Counter[tuple[Cell, str]] = Counter()
    for feed, rows in live.items():
        measure, event = EVENTS[feed]
        for row in rows:
            kind = row["task_type"].zfill(2) if row["task_type"] else ""
            kind = kind if kind in KNOWN_TYPES else "99"
            cell = (row[event][:10], row["org_code"], row["org_level"], kind, row["is_composite"] in ("1", "是"))
            counts[cell, measure] += counted(feed, row)
    return {key: count for key, count in counts.items() if count}


def organizations(live: dict[str, list[Row]]) -> dict[str, tuple[str | None, str, str, str]]:
    """org_code → name of the latest named row if any, level, first and last day."""
    named: dict[str, tuple[str, str]] = {}
    days: dict[str, list[str]] = defaultdict(list)
    levels = {}
    for feed, rows in live.items():
        for row in rows:
            code = row["org_code"]
            days[code].append(row[EVENTS[feed][1]][:10])
            levels[code] = row["org_level"]
            if row["org_name"] and (code not in named or row["cd_time"] > named[code][0]):
                named[code] = (row["cd_time"], row["org_name"])
    return {code: (named.get(code, ("", None))[1], levels[code], min(days[code]), max(days[code])) for code in days}


def handbook(landing: Path, cutoff: date, encoding: str = "utf-8") -> list[Row]:
    """The list of the latest delivery up to ``cutoff``."""
    lists = [
        records(manifest["folder"] / file["name"], "handbook", encoding)
        for manifest in manifests(landing)
        for file in manifest["files"]
        if file["feed"] == "handbook" and date.fromisoformat(manifest["business_date"]) <= cutoff
    ]
    return lists[-1] if lists else []


def day(text: str) -> date:
    """The day of a timestamp."""
    return datetime.fromisoformat(text).date()
