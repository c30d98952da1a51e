"""One delivery on disk: data files first, then the manifest that names them with rows, bytes and hashes.

What is in the files is decided by the caller; here they are only written and accounted for.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any, Literal

from assets.home import storage_errors
from assets.platform.simulator.truth import Ledger

Mode = Literal["upsert", "replace"]
BEIJING = timezone(timedelta(hours=8))
# the export runs after midnight; a re-send comes when somebody has looked at it
_PRODUCED_AT = time(2, 10)
_RESENT_AFTER = timedelta(hours=13)


@dataclass(frozen=True)
class Accounts:
    """What becomes of a file's records: the defects as (line, column), and how many rows a newer one of the file supersedes."""

    records: int
    superseded: int = 0
    defects: tuple[tuple[int, str], ...] = ()


@dataclass
class Delivery:
    """A delivery being written; nothing reads it before ``finish`` has written its manifest."""

    out: Path
    day: date
    sequence: int
    ledger: Ledger
    mode: Mode = "upsert"
    _files: list[dict[str, Any]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.day:%Y%m%d}_{self.sequence:02d}"

    @property
    def folder(self) -> Path:
        return self.out / self.name

    def add(self, name: str, feed: str, content: bytes, accounts: Accounts) -> None:
        """Write one data file; an existing one of that name is overwritten."""
        with storage_errors(self.folder / name):
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        self._files.append({"name": name, "feed": feed, "rows": accounts.records, "bytes": len(content), "sha256": digest})
        self._account(name, feed, accounts)

    def finish(self) -> int:
        """Write the manifest, and return the number of records delivered."""
        manifest = {
            "delivery": self.name,
            "business_date": str(self.day),
            "produced_at": self._produced_at().isoformat(),
            "mode": self.mode,
            "files": self._files,
        }
        path = self.folder / f"manifest_{self.name}.json"
        with storage_errors(path):
            path.write_text(json.dumps(manifest, ensure_ascii=False, indent=2), encoding="utf-8")
        return sum(file["rows"] for file in self._files)

    def _produced_at(self) -> datetime:
        night = datetime.combine(self.day + timedelta(days=1), _PRODUCED_AT, BEIJING)
        return night + timedelta(seconds=self.day.toordinal() * 37 % 600) + _RESENT_AFTER * (self.sequence - 1)

    def _account(self, name: str, feed: str, accounts: Accounts) -> None:
        place = {"delivery": self.name, "file": name}
        quarantined = len(accounts.defects)
        self.ledger.files.append(
            place
            | {
                "feed": feed,
                "records": accounts.records,
                "loaded": accounts.records - accounts.superseded - quarantined,
                "superseded": accounts.superseded,
                "quarantined": quarantined,
                "state": "loaded",
            }
        )
        self.ledger.quarantine += [place | {"line": line, "column_name": column} for line, column in accounts.defects]
