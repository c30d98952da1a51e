"""What ``zhoubao status`` prints: the morning's line, what waits for whom, then the state of things. No logic is here."""

from datetime import date, datetime
from typing import Any

from pipelines.printing.lines import blank, line, print_table
from pipelines.printing.morning import SPANS_SAID


def print_status(document: dict[str, Any]) -> None:
    """What is published, what it was counted from, and how the last run ended; ``document`` is what ``--json`` gives."""
    published, data, journal = document["published"], document["data"], document["last_run"]
    _print_morning(document)
    if published is None:
        line("nothing is published yet")
    else:
        line(f"数据截至 {published['business_date_through']}  version {published['version']}  built {published['built_at']}")
        _print_publication(published, document["changes"], data)
    if journal:
        line(f"last run ended with {journal['exit_code']}")
        for check in journal.get("refused_by", []):
            line(f"refused by {check['check_id']}: {check['rule']}（由{check['who_fixes']}处理）")
        if journal.get("error"):
            line(journal["error"])
        for held in journal.get("held", []):
            line(f"{held['delivery']}  {held['state']}  {held['note']}")
    for path in document["quality"].values():
        if path:
            line(path)
    if document["running"]:
        line(f"running: {document['running']}")


def _print_publication(published: dict[str, Any], changes: dict[str, Any] | None, data: dict[str, Any]) -> None:
    if published["rollback"]:
        line(
            "ROLLED BACK from version {from_version} at {at}: stays until a run has something new, or zhoubao publish".format(
                **published["rollback"]
            )
        )
    if changes:
        line(changes["summary"])
    days = [[str(value) for value in day.values()] for day in data["days"]]
    print_table("", ("business date", "deliveries", "rows loaded", "rows quarantined", "files quarantined"), days)
    for checks in data["checks"]:
        failed = f": {checks['failed_checks']}" if checks["failed"] else ""
        line(f"checks {checks['severity']}: {checks['failed']} of {checks['checks']} failed{failed}")
    if published["last_refused_run"]:
        refused = published["last_refused_run"]
        line(f"last refused run {refused['run_at']}: {', '.join(refused['checks'])}")


def _print_morning(document: dict[str, Any]) -> None:
    """The line that says how things are, and below it whoever acts, what about, since when; an id has a line of its own."""
    morning = document["morning"]
    line(morning["line"])
    for matter in morning["also"]:
        line(f"{matter['said']}. Next: {matter['next_step']}")
    blank()
    # where they are few, the first line has named them
    if len(morning["missing"]) > SPANS_SAID:
        line(
            "not delivered: " + ", ".join(first if first == last else f"{first} to {last}" for first, last in morning["missing"])
        )
        blank()
    today = datetime.fromisoformat(document["now"]).date()
    blocking = {check["check_id"]: check for check in document["blocking"]}
    for finding in document["findings"]:
        check = finding["check_id"]
        _print_finding(finding, _age(finding["first_seen_at"], today), is_blocking=blocking.pop(check, None) is not None)
    for check in blocking.values():
        line(f"ERROR  由{check['who_fixes']}处理: {check['rule']}")
        line(f"  zhoubao run --waive {check['check_id']} --reason TEXT")
    for entry in document["quarantine"]:
        counts = [_counted(entry["rows"], "row")] * bool(entry["rows"]) + [_counted(entry["files"], "whole file")] * bool(
            entry["files"]
        )
        line(f"quarantined  由{entry['who_fixes']}处理, {_age(entry['since'], today)}, {', '.join(counts)}")
        line(f"  {entry['feed']}：{entry['reason']}")
        line(f"  business dates {entry['first_day']} to {entry['last_day']}")
    if document["blocking"] or document["findings"] or document["quarantine"]:
        blank()


def _age(since: str, today: date) -> str:
    days = (today - datetime.fromisoformat(since).date()).days
    return "since today" if days == 0 else f"for {_counted(days, 'day')}"


def _print_finding(finding: dict[str, Any], age: str, is_blocking: bool) -> None:
    rows = "" if finding["failing_rows"] is None else f", {_counted(finding['failing_rows'], 'row')}"
    line(f"{finding['severity']}  由{finding['who_fixes']}处理, {age}{rows}{', blocks publication' if is_blocking else ''}")
    line(f"  {finding['rule']}")
    line(f"  {finding['workbook']}")
    line(f"  zhoubao run --waive {finding['check_id']} --reason TEXT")


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
