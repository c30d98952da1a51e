"""Random small sets of deliveries, and what must come of them by parts 2 and 5 of the interface: a dictionary of versions.

Keys, times of writing and departments are few, so that versions meet and tie; the rows are invented.
"""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from tests.exports.feed_files import csv_text
from tests.platform.recount import counted

DAYS = [date(2023, 8, 28) + timedelta(days) for days in range(6)]
WEEK = date(2023, 8, 26), date(2023, 9, 1)
# measure, key, column of the event
FEEDS = {
    "consult": ("consulted", ("consult_no",), "consult_date"),
    "accept": ("accepted", ("project_no",), "accept_date"),
    "result": ("completed", ("project_no",), "result_date"),
    "issue": ("issued", ("issue_no",), "issue_date"),
    "process": ("transferred", ("project_no", "step_no"), "event_start_time"),
    "handbook": ("", ("task_handle_item",), "finished_date"),
}
OWN = {"consult": ["person_count"], "result": ["result_type"], "process": ["transfer_type"]}
SHARED = ["org_code", "org_name", "org_level", "task_type", "is_composite", "cd_operation", "cd_time"]
SLICE = ("org_code", "org_level", "task_type", "is_composite")
KNOWN_TYPES = {"01", "20"}

Row = dict[str, str]
Version = tuple[Any, ...]


@dataclass
class File:
    """A data file of a delivery; ``is_broken``: its header is of no feed, so that it is quarantined as a whole."""

    name: str
    feed: str
    rows: list[Row]
    is_broken: bool = False

    @property
    def content(self) -> bytes:
        names = columns_of(self.feed)
        header = [f"nothing_{number}" for number in range(len(names))] if self.is_broken else names
        return csv_text(header, [[row[name] for name in names] for row in self.rows], "\n").encode()


@dataclass
class Delivery:
    """A delivery as the platform means it."""

    day: date
    sequence: int
    mode: str
    files: list[File] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.day:%Y%m%d}_{self.sequence:02d}"

    @property
    def manifest(self) -> bytes:
        files = [
            {"name": file.name, "feed": file.feed, "rows": len(file.rows), "bytes": len(file.content)}
            | {"sha256": hashlib.sha256(file.content).hexdigest()}
            for file in self.files
        ]
        document = {"delivery": self.name, "business_date": str(self.day), "mode": self.mode, "files": files}
        return json.dumps(document).encode()

    def put(self, folder: Path, without: int = 0) -> None:
        """Write the delivery into ``folder``, its last ``without`` files not yet."""
        folder.mkdir(parents=True, exist_ok=True)
        for file in self.files[: len(self.files) - without]:
            (folder / file.name).write_bytes(file.content)
        (folder / f"manifest_{self.name}.json").write_bytes(self.manifest)


def columns_of(feed: str) -> list[str]:
    _, key, event = FEEDS[feed]
    return [*key, event, *(["org_code", "org_name", "cd_time"] if feed == "handbook" else [*OWN.get(feed, []), *SHARED])]


def any_row(choose: Random, feed: str, day: date) -> Row:
    """A row of a few keys; one in eight must be refused for its level, or, of a handbook, its time of writing."""
    _, key, event = FEEDS[feed]
    keys = {
        name: choose.choice(["1", "2"]) if name == "step_no" else choose.choice(["K1", "K2", "k2", "K3", "K4"]) for name in key
    }
    is_bad = choose.random() < 0.12
    row = keys | {
        event: str(day - timedelta(choose.choice([0, 0, 1, 2, 5]))),
        "org_code": choose.choice(["A", "B"]),
        "org_name": choose.choice(["甲局", "乙局", ""]),
        "org_level": "7" if is_bad else choose.choice(["2", "3"]),
        "task_type": choose.choice(["01", "1", "20", "77"]),
        "is_composite": choose.choice(["1", "0", "是"]),
        "cd_operation": choose.choice(["I", "U", "", "D"]),
        "cd_time": f"2023-08-28 18:00:0{choose.randint(0, 3)}",
        "person_count": choose.choice(["", "1", "3"]),
        "result_type": choose.choice(["1", "4", "9"]),
        "transfer_type": choose.choice(["0", "1", "3"]),
    }
    if feed == "handbook":
        row |= {"cd_time": "" if is_bad else row["cd_time"], event: choose.choice(["", row[event]])}
    elif is_bad:
        row["cd_operation"] = "I"
    return row


def any_deliveries(choose: Random) -> list[Delivery]:
    """Deliveries of a few days: upserts and replacements, several files of a feed, empty files and days, broken files."""
    found = []
    # the cut-off is more often among them than not, since without it no issue has figures
    days = {*choose.sample(DAYS, choose.randint(1, 3)), choose.choice([WEEK[1], WEEK[1], DAYS[0]])}
    for day in choose.sample(sorted(days), len(days)):
        for sequence in range(1, choose.choice([2, 2, 3, 4])):
            mode = "replace" if sequence > 1 and choose.random() < 0.5 else "upsert"
            delivery = Delivery(day, sequence, mode)
            feeds = choose.sample(sorted(FEEDS), choose.randint(0, 5))
            if mode == "upsert":
                feeds += [feed for feed in feeds if feed != "handbook" and choose.random() < 0.2]
            delivery.files = [_any_file(choose, feed, delivery, number) for number, feed in enumerate(feeds)]
            found.append(delivery)
    return found


def _any_file(choose: Random, feed: str, delivery: Delivery, number: int) -> File:
    rows = [any_row(choose, feed, delivery.day) for _ in range(choose.choice([0, 1, 2, 4, 6]))]
    if feed == "handbook":
        rows = [row for row in rows if row["cd_time"]] or [
            any_row(choose, feed, delivery.day) | {"cd_time": "2023-08-28 18:00:00"}
        ]
    return File(f"{feed}_{delivery.name}_{number}.csv", feed, rows, is_broken=choose.random() < 0.12)


class Model:
    """What the warehouse must hold of a set of deliveries."""

    def __init__(self, deliveries: list[Delivery]) -> None:
        self._deliveries = deliveries
        self.files: set[tuple[Any, ...]] = set()
        self.quarantine: set[tuple[Any, ...]] = set()
        self._newest: dict[tuple[str, ...], tuple[Version, Row]] = {}
        self._lists: dict[tuple[date, int], dict[str, tuple[Version, Row]]] = {}
        for delivery in deliveries:
            for index, file in enumerate(delivery.files):
                self._take(delivery, index, file)

    def _is_withdrawn(self, delivery: Delivery, file: File) -> bool:
        return any(
            other.mode == "replace" and other.day == delivery.day and other.sequence > delivery.sequence
            for other in self._deliveries
            for replacing in other.files
            if replacing.feed == file.feed and not replacing.is_broken
        )

    def _take(self, delivery: Delivery, index: int, file: File) -> None:
        if file.is_broken:
            self.files.add((delivery.name, file.name, len(file.rows), 0, 0, len(file.rows), "quarantined"))
            self.quarantine.add((delivery.name, file.name, None, None, "header_unknown"))
            return
        is_withdrawn = self._is_withdrawn(delivery, file)
        own: set[tuple[str, ...]] = set()
        refused = 0
        for line, row in enumerate(file.rows, 2):
            wrong = (
                "cd_time" if not row["cd_time"] else "org_level" if file.feed != "handbook" and row["org_level"] == "7" else None
            )
            if wrong:
                refused += 1
                reason = "missing_required" if wrong == "cd_time" else "invalid_code"
                self.quarantine.add((delivery.name, file.name, line, wrong, reason))
                continue
            key = (file.feed, *(row[name].upper() for name in FEEDS[file.feed][1]))
            own.add(key)
            if not is_withdrawn:
                self._keep(delivery, (row["cd_time"], delivery.day, delivery.sequence, index, line), key, row)
        state = "withdrawn" if is_withdrawn else "loaded"
        good = len(file.rows) - refused
        self.files.add((delivery.name, file.name, len(file.rows), len(own), good - len(own), refused, state))

    def _keep(self, delivery: Delivery, version: Version, key: tuple[str, ...], row: Row) -> None:
        pile: dict[Any, tuple[Version, Row]] = self._newest
        if key[0] == "handbook":
            pile = self._lists.setdefault((delivery.day, delivery.sequence), {})
        if key not in pile or version > pile[key][0]:
            pile[key] = version, row

    def daily_counts(self) -> Counter[tuple[Any, ...]]:
        """(event_date, org_code, org_level, task_type, is_composite, measure) → count."""
        counts: Counter[tuple[Any, ...]] = Counter()
        for (feed, *_), (_, row) in self._newest.items():
            measure, _, event = FEEDS[feed]
            kind = row["task_type"].zfill(2)
            place = row["org_code"], row["org_level"], kind if kind in KNOWN_TYPES else "99", row["is_composite"] != "0"
            counts[date.fromisoformat(row[event]), *place, measure] += _counted(feed, row)
        return Counter({key: count for key, count in counts.items() if count})

    def weekly_counts(self) -> Counter[tuple[Any, ...]]:
        """The same without the day, over the accounting week of issue 2023-34 where it has figures."""
        counts: Counter[tuple[Any, ...]] = Counter()
        for (day, *rest), count in self.daily_counts().items():
            if WEEK[0] <= day <= WEEK[1] and self.has_figures():
                counts[tuple(rest)] += count
        return counts

    def has_figures(self) -> bool:
        """The cut-off is reached by a loaded day, and a day of the week is loaded."""
        days = {f"{name[:4]}-{name[4:6]}-{name[6:8]}" for name, *_, state in self.files if state != "quarantined"}
        return bool(days) and max(days) >= str(WEEK[1]) and min(days) <= str(WEEK[1])

    def handbook(self) -> dict[str, tuple[int, int, int]]:
        """org_code → finished in the week, finished so far, items, of the latest list up to the cut-off."""
        upto = [place for place in self._lists if place[0] <= WEEK[1]]
        if not upto or not self.has_figures():
            return {}
        found: dict[str, tuple[int, int, int]] = {}
        for _, row in self._lists[max(upto)].values():
            day = row["finished_date"]
            week, total, items = found.get(row["org_code"], (0, 0, 0))
            is_finished = bool(day) and day <= str(WEEK[1])
            in_week = is_finished and day >= str(WEEK[0])
            found[row["org_code"]] = week + in_week, total + is_finished, items + 1
        return found


def _counted(feed: str, row: Row) -> int:
    return 0 if row["cd_operation"] == "D" else counted(feed, row, uncounted=("4",))
