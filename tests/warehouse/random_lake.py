"""A lake of random small deliveries, written as the exports step leaves it: Parquet files, then the receipt. No text is read here.

Few keys, times and days, so that versions meet, tie, are deleted, withdrawn and come back.
"""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import polars as pl

from assets.exports.lake.opening_files import current_openings, file_stem, opening_name, opening_paths, put_opening
from assets.exports.lake.receipt import FileReceipt, Receipt, Receipts, Warned
from assets.exports.lake.withdrawals import Withdrawal, put_withdrawal, withdrawals
from assets.exports.typing.reasons import Reason
from assets.exports.typing.rows import POLARS_TYPES, REFUSAL_COLUMNS
from assets.platform.contract import load_contract
from assets.warehouse.state.freeze_files import FrozenFigure, FrozenIssue, FrozenIssues, FrozenReceipt
from assets.warehouse.state.ledger import receipt_hash

FEEDS = load_contract().feeds
# two issues' weeks and some days round them; 2023-34 ends on 1 September, 2023-33 on 25 August
FIRST, DAYS = date(2023, 8, 21), 16
MEASURES = ("consulted", "accepted", "completed", "issued", "transferred")
Row = dict[str, Any]


@dataclass
class RandomLake:
    """The lake below ``root``, and one way after another to change it; ``choose`` decides, so a seed gives one sequence."""

    root: Path
    choose: Random
    is_numbered_by_day: bool = False
    frozen: set[str] = field(default_factory=set)
    _retries: int = 0

    @property
    def receipts(self) -> Receipts:
        return Receipts(self.root)

    def steps(self) -> list[tuple[int, Callable[[], None]]]:
        """Each way with its weight."""
        return [
            (6, self.deliver),
            (3, self.deliver_late),
            (3, self.replace_a_day),
            (1, self.nothing_new),
            (3, self.retry),
            (1, self.load_opening),
            (2, self.withdraw),
        ]

    def step(self) -> str:
        """Change something; its name."""
        ways = self.steps()
        way = self.choose.choices([way for _, way in ways], [weight for weight, _ in ways])[0]
        way()
        return way.__name__

    def deliver(self) -> None:
        """The next day's delivery, or the first."""
        last = max((receipt.business_date for receipt in self.receipts), default=FIRST - timedelta(1))
        self._put(min(last + timedelta(1), FIRST + timedelta(DAYS)), "upsert")

    def deliver_late(self) -> None:
        """A delivery of any day, often before what is there."""
        self._put(FIRST + timedelta(self.choose.randrange(DAYS)), "upsert")

    def replace_a_day(self) -> None:
        """A replacement of a day that is there; one of its files may be quarantined."""
        days = sorted({receipt.business_date for receipt in self.receipts}) or [FIRST]
        self._put(self.choose.choice(days), "replace")

    def nothing_new(self) -> None:
        """The same deliveries again: the lake stays as it is."""

    def retry(self) -> None:
        """A file read again comes out otherwise: other rows, or quarantined where it was loaded, or the other way round."""
        receipts = [receipt for receipt in self.receipts if receipt.files]
        if not receipts:
            return
        receipt = self.choose.choice(receipts)
        index = self.choose.randrange(len(receipt.files))
        self._retries += 1
        old = receipt.files[index]
        new = self._file(receipt.delivery, receipt.business_date, receipt.sequence, index, old.feed, f"_{self._retries}")
        files = tuple(new if file is old else file for file in receipt.files)
        again = receipt.model_copy(update={"files": files, "retried_at": datetime(2023, 9, 30, 1, self._retries)})
        self.receipts.replace(receipt, again)
        for name in (old.lake_file, old.refusals_file):
            if name is not None:
                (self.root / name).unlink()

    def withdraw(self) -> None:
        """A delivery that counts no more: before the freeze, if nothing is frozen yet, or since."""
        undone = {one.delivery for one in withdrawals(self.root)}
        names = [receipt.delivery for receipt in self.receipts if receipt.delivery not in undone]
        if names:
            moment = datetime(2023, 9, 11 if self.frozen else 9)
            put_withdrawal(self.root, Withdrawal(delivery=self.choose.choice(names), reason="送错了", withdrawn_at=moment))

    def load_opening(self) -> None:
        """Opening balances of the year, for the first time or again with other values or another day."""
        as_of = self.choose.choice([date(2023, 8, 20), date(2023, 8, 25), date(2023, 8, 23)])
        rows = {
            ("", "2", self.choose.choice(["01", "20"]), self.choose.random() < 0.5, measure): self.choose.randrange(9)
            for measure in self.choose.sample(MEASURES, 2)
        }
        columns = ("org_code", "org_level", "task_type", "is_composite", "measure")
        frame = pl.DataFrame([{"as_of": as_of} | dict(zip(columns, key, strict=True)) | {"value": n} for key, n in rows.items()])
        names = [opening_name(path) for path in opening_paths(self.root)]
        source_sha256 = f"{self.choose.randrange(16**64):064x}"
        path = self.root / "opening" / "2023" / f"{file_stem(f'{len(names) + 1:06d}', source_sha256)}.parquet"
        put_opening(path, frame, source_sha256, datetime(2023, 9, 1), names)
        assert current_openings(self.root) == [path]

    def freeze(self, issue_key: str, figures: dict[str, float]) -> None:
        """Record figures of an issue as published now."""
        self.frozen.add(issue_key)
        receipts = tuple(
            FrozenReceipt(delivery=receipt.delivery, receipt_sha256=receipt_hash(self.receipts.path_of(receipt.delivery)))
            for receipt in self.receipts
        )
        entries = tuple(
            FrozenFigure(figure=name, value=value, numerator=None, denominator=None, opening=0) for name, value in figures.items()
        )
        issue = FrozenIssue(
            issue_key=issue_key,
            frozen_at=datetime(2023, 9, 10),
            code_version="test",
            version="test",
            opening_as_of=None,
            figures=entries,
            receipts=receipts,
        )
        FrozenIssues(self.root).put(issue, {})

    def _put(self, day: date, mode: str) -> None:
        sequence = 1 + sum(receipt.business_date == day for receipt in self.receipts)
        name = f"{day:%Y%m%d}_{sequence:02d}"
        feeds = self.choose.sample(sorted(FEEDS), self.choose.choice([0, 2, 3, 4, 5]))
        # a handbook is one list a delivery
        feeds += [feed for feed in feeds if feed != "handbook" and self.choose.random() < 0.3]
        files = tuple(self._file(name, day, sequence, index, feed) for index, feed in enumerate(feeds))
        document = {"delivery": name, "business_date": day, "sequence": sequence, "mode": mode, "produced_at": None}
        self.receipts.put(Receipt.model_validate(document | {"received_at": datetime(2023, 9, 9, 1, sequence), "files": files}))

    def _file(self, delivery: str, day: date, sequence: int, index: int, feed: str, again: str = "") -> FileReceipt:
        is_refused = self.choose.random() < 0.15
        origin = {"delivery": delivery, "business_date": day, "sequence": sequence, "file_index": index}
        rows = self._rows(feed, day) if not is_refused else []
        for line, row in enumerate(rows, 2):
            row.update(origin, line=line)
        if is_refused:
            # the keys of a whole file, where they are known
            keys = self.choose.choice([[], [], ["K1"], ["K2", "K3"], ["K1/1", "K2"]])
            refused = [self._refusal(None) | {"record_key": key} for key in keys]
        else:
            refused = [self._refusal(100 + n) for n in range(self.choose.choice([0, 0, 1, 2]))]
        name = f"{day}/{delivery}_{index:03d}{again}.parquet"
        lake_file = None if is_refused else self._write(f"{feed}/{name}", rows, _types(feed))
        refusals_file = self._write(f"refused/{name}", refused, REFUSAL_COLUMNS) if refused else None
        quarantined = 3 if is_refused else len(refused)
        document: Row = {
            "file": f"{feed}_{index}.csv",
            "file_index": index,
            "feed": feed,
            "sha256": "0" * 64,
            "bytes": 1,
            "format": "csv",
            "encoding": "utf-8",
            "records": len(rows) + quarantined,
            "loaded": len(rows),
            "superseded": 0,
            "quarantined": quarantined,
            "state": "quarantined" if is_refused else "loaded",
            "lake_file": lake_file,
            "refusals_file": refusals_file,
            "lake_sha256": self._hash(lake_file),
            "refusals_sha256": self._hash(refusals_file),
            "totals": _totals(rows) if lake_file else None,
            "file_reason": Reason.HEADER_UNKNOWN if is_refused else None,
            "warnings": (Warned(column_name="task_type", reason_code=Reason.UNKNOWN_CODE, rows=1),) if rows else (),
        }
        return FileReceipt.model_validate(document)

    def _write(self, name: str, rows: list[Row], types: dict[str, pl.DataType]) -> str:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pl.DataFrame(rows, schema=types).write_parquet(path)
        return name

    def _hash(self, name: str | None) -> str | None:
        return hashlib.sha256((self.root / name).read_bytes()).hexdigest() if name else None

    def _refusal(self, line: int | None) -> Row:
        key = self.choose.choice([None, "K1", "K2", "K3", "K1/1", "K2/2"])
        return {"line": line, "column_name": "org_level", "reason_code": "invalid_code", "record_key": key}

    def _rows(self, feed: str, day: date) -> list[Row]:
        """Rows of different keys, as a file of the lake has them."""
        found = {}
        for _ in range(self.choose.choice([0, 2, 3, 5])):
            row = self._row(feed, day)
            found[tuple(row[name] for name in FEEDS[feed].key_inside)] = row
        return list(found.values())

    def _key(self, day: date) -> str:
        if not self.is_numbered_by_day:
            return self.choose.choice(["K1", "K2", "K3", "K4"])
        # as platforms number, and now and then one that they do not
        begun = day - timedelta(self.choose.choice([0, 0, 0, 1, 1, 2, 5]))
        return self.choose.choice([*[f"{begun:%Y%m%d}{self.choose.randint(0, 2)}"] * 30, "99TEST"])

    def _row(self, feed: str, day: date) -> Row:
        choose = self.choose
        moment: datetime | None = datetime.combine(
            day - timedelta(choose.choice([0, 0, 1, 3, 9])), datetime.min.time()
        ) + timedelta(hours=9)
        row = {
            "project_no": self._key(day),
            "step_no": choose.randint(1, 2),
            "org_code": choose.choice(["A", "B", "C"]),
            "org_name": choose.choice(["甲局", "乙局", None]),
            "org_level": choose.choice(["2", "3"]),
            "task_type": choose.choice(["01", "20", "77"]),
            "is_composite": choose.random() < 0.5,
            "cd_operation": choose.choice(["I", "U", "I", "D"]),
            "cd_time": datetime(2023, 8, 28, 18, 0, choose.randint(0, 4)),
            "person_count": choose.randint(1, 3),
            "result_type": choose.choice(["1", "4", "9"]),
            "transfer_type": choose.choice(["0", "1"]),
            "finished_date": choose.choice([None, day - timedelta(1)]),
        }
        for name in ("issuance_no", "consult_no", "task_handle_item"):
            row[name] = row["project_no"]
        if row["cd_operation"] == "D" and choose.random() < 0.5:
            # it needs no more than its key and time
            row |= dict.fromkeys(("org_code", "org_name", "org_level", "task_type", "is_composite"))
            moment = None if choose.random() < 0.5 else moment
        columns = _types(feed)
        row |= dict.fromkeys(("accept_date", "result_date", "issue_date", "consult_date", "event_start_time"), moment)
        return {name: row.get(name) for name in columns}


def _totals(rows: list[Row]) -> dict[str, int]:
    """What a receipt counts of its file, row by row."""
    counts = Counter({"rows": len(rows)})
    for row in rows:
        if row.get("cd_operation") == "D":
            counts["deleted"] += 1
            continue
        for name in ("result_type", "transfer_type"):
            if name in row:
                counts[f"{name} {row[name]}"] += 1
        counts["person_count"] += row.get("person_count", 0)
    return {name: number for name, number in counts.items() if number}


def _types(feed: str) -> dict[str, pl.DataType]:
    return {name: POLARS_TYPES[kind] for name, kind in FEEDS[feed].lake_columns.items()}
