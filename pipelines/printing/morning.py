"""The morning minute: how things are in one line, who takes the next step, and what waits for whom; the head of ``zhoubao status``.

Everything is read from files that can be read during a run: what the last run left of itself, what the page of quality says, the
manifest. Nothing here opens a database.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from assets.clock import naive_beijing
from assets.errors import DamageError, StorageError, UnexpectedError
from assets.home import Home, storage_errors
from assets.publication.arrival import newest_expected
from assets.quality.output.places import facts_path
from pipelines.running.journal import unreported

State = Literal["stuck", "refused", "behind", "can be published", "empty"]
# the longest backfill on record took two hours
_LONGEST_RUN = timedelta(hours=6)
_DAY = timedelta(days=1)
STEPS = {
    UnexpectedError.exit_code: "zhoubao doctor, then zhoubao run; if it ends so again, send the error to those who maintain zhoubao",
    StorageError.exit_code: "make room on the disk or put its permissions right (zhoubao doctor), then zhoubao run",
    DamageError.exit_code: "zhoubao doctor names the file and the step",
}
SPANS_SAID = 3

Span = tuple[date, date]


@dataclass(frozen=True)
class Matter:
    """One thing that keeps readers from having yesterday's data, and the next step."""

    state: State
    said: str
    next_step: str

    @property
    def line(self) -> str:
        return f"{self.said}. Next: {self.next_step}"


@dataclass(frozen=True)
class Morning:
    """All matters, the worst first; where there is none, one that says so. ``missing`` are the days that did not arrive."""

    matters: tuple[Matter, ...]
    missing: tuple[Span, ...]

    def as_json(self) -> dict[str, Any]:
        """What ``status --json`` says of it."""
        first = self.matters[0]
        return {
            "state": first.state,
            "line": first.line,
            "next_step": first.next_step,
            "also": [asdict(matter) for matter in self.matters[1:]],
            "days_missing": days_in(self.missing),
            "missing": [[str(first), str(last)] for first, last in self.missing],
        }


def quality_facts(home: Home) -> dict[str, Any] | None:
    """What the page of quality says, ``None`` before the first check and where it cannot be read: the next run writes it again."""
    path = facts_path(home)
    with storage_errors(path):
        content = path.read_bytes() if path.exists() else b"null"
    try:
        facts = json.loads(content)
    except ValueError:
        return None
    return facts if isinstance(facts, dict) else None


def missing_days(facts: dict[str, Any] | None, now: datetime, due: time) -> tuple[Span, ...]:
    """First and last of days in a row that should have been delivered and are not loaded, the earliest first.

    The platform sends each calendar day (the export interface, part 1), by ``due`` on the day after; ``now`` is naive Beijing time.
    """
    if facts is None or facts["last_day"] is None:
        return ()
    spans = [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in facts["gaps"]]
    last_loaded = date.fromisoformat(facts["last_day"])
    last_due = newest_expected(now, due)
    return (*spans, *([(last_loaded + _DAY, last_due)] if last_due > last_loaded else []))


def days_in(spans: tuple[Span, ...]) -> int:
    """How many days the spans have in all."""
    return sum((last - first).days + 1 for first, last in spans)


def spans_text(spans: tuple[Span, ...]) -> str:
    """The days, for a person; of many spans the last ones, and how many there are."""
    shown = ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in spans[-SPANS_SAID:])
    return shown if len(spans) <= SPANS_SAID else f"{len(spans)} times, last {shown}"


def facts_of_publication(manifest: dict[str, Any] | None, gaps: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The same as far as the publication says it, for a home whose page was written by an older release; ``None`` without one."""
    if manifest is None:
        return None
    refused = manifest["last_refused_run"]
    is_newer = refused is not None and refused["run_at"] > manifest["built_at"]
    return {
        "last_day": manifest["business_date_through"],
        "gaps": [[str(gap["first_date"]), str(gap["last_date"])] for gap in gaps],
        "blocking": [{"check_id": name, "rule": "", "who_fixes": "数据组"} for name in (refused["checks"] if is_newer else [])],
        "findings": [],
        "quarantine": [],
    }


def morning_of(
    home: Home,
    facts: dict[str, Any] | None,
    journal: dict[str, Any] | None,
    through: date | None,
    holder: dict[str, Any] | None,
    now: datetime,
    due: time,
) -> Morning:
    """How things are at ``now``; ``facts`` are those of quality, ``journal`` is how the last run ended, and data are published
    ``through`` that day."""
    missing = missing_days(facts, now, due)
    matters = [
        *_stuck(home, journal, holder, now),
        *_refused(facts, through),
        *_behind(journal, facts, missing, due),
    ]
    return Morning(tuple(matters) or (_well(facts, through),), missing)


def _stuck(home: Home, journal: dict[str, Any] | None, holder: dict[str, Any] | None, now: datetime) -> Iterator[Matter]:
    if holder is not None:
        since = naive_beijing(datetime.fromisoformat(str(holder["since"])))
        if now - since > _LONGEST_RUN:
            hours = (now - since) // timedelta(hours=1)
            words = (
                f"stuck: '{holder['purpose']}' (pid {holder['pid']} on {holder['host']}) has held the warehouse for {hours} hours"
            )
            yield Matter("stuck", words, "look what it does; if nothing, end that process, then zhoubao run")
        return
    if unreported(home):
        yield Matter("stuck", "stuck: a run was ended before it could say how it went", "zhoubao run completes it")
    elif journal is not None and journal["exit_code"] in STEPS:
        at = f" of {journal['ended_at'][:16].replace('T', ' ')}" if journal.get("ended_at") else ""
        yield Matter("stuck", f"stuck: the run{at} ended with {journal['exit_code']}", STEPS[journal["exit_code"]])


def _refused(facts: dict[str, Any] | None, through: date | None) -> Iterator[Matter]:
    blocking = facts["blocking"] if facts else []
    if blocking:
        count = f"{len(blocking)} check blocks" if len(blocking) == 1 else f"{len(blocking)} checks block"
        kept = f"readers stay at {through}" if through else "readers have nothing"
        who = "、".join(dict.fromkeys(check["who_fixes"] for check in blocking))
        yield Matter("refused", f"refused: {count}, {kept}", f"{who} corrects the data or waives it")


def _behind(
    journal: dict[str, Any] | None, facts: dict[str, Any] | None, missing: tuple[Span, ...], due: time
) -> Iterator[Matter]:
    if not missing or facts is None:
        return
    days = days_in(missing)
    words = f"behind by {days} {'day' if days == 1 else 'days'}: {spans_text(missing)}"
    last_due = datetime.combine(missing[-1][1] + _DAY, due)
    last_run = journal.get("ended_at") if journal else None
    if last_run is None or datetime.fromisoformat(last_run) < last_due:
        step = "zhoubao run takes in what has come"
    elif journal and journal.get("held"):
        step = "the deliveries below wait; their notes say for what"
    else:
        step = "ask 平台方 to send them"
    yield Matter("behind", words, step)


def _well(facts: dict[str, Any] | None, through: date | None) -> Matter:
    if through is None:
        return Matter("empty", "nothing is published yet", "zhoubao run")
    waiting = len(facts["findings"]) + len(facts["quarantine"]) if facts else 0
    step = f"{waiting} findings below wait for those named" if waiting > 1 else "one finding below waits" if waiting else "none"
    return Matter("can be published", f"can be published: data through {through}, nothing is missing", step)
