"""The first line of ``zhoubao status``: published, refused, behind by days, or stuck; and what waits for whom."""

import json
import os
import pty
import subprocess
import sys
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from assets.home import Home
from assets.quality.output.places import facts_path
from pipelines.printing.morning import Morning, days_in, facts_of_publication, missing_days, morning_of, quality_facts, spans_text
from pipelines.printing.status import print_status
from pipelines.running.journal import note_taken_in

NOW = datetime(2023, 9, 13, 9)
DUE = time(8)
THROUGH = date(2023, 9, 12)
CHECK = "accept_applicant_code_of_a_rather_long_name_that_is_needed_for_a_waiver"
ENDED = {"exit_code": 0, "ended_at": "2023-09-13T08:30:00"}
FINDING = {
    "check_id": CHECK,
    "rule": "受理信息：申请人证件号码的校验位正确的不少于 95%",
    "severity": "ERROR",
    "who_fixes": "平台方",
    "failing_rows": 1234,
    "first_seen_at": "2023-09-10 05:30:00",
    "workbook": "/srv/zhoubao/reports/checks_20230910T053000.xlsx",
}
QUARANTINE = {
    "who_fixes": "业务部门",
    "feed": "办结信息",
    "reason": "必填列为空",
    "rows": 1,
    "files": 2,
    "first_day": "2023-09-08",
    "last_day": "2023-09-09",
    "since": "2023-09-12 02:10:00",
}


def facts(**said: Any) -> dict[str, Any]:
    """What the page of quality says of a sound home."""
    return {"last_day": str(THROUGH), "gaps": [], "blocking": [], "findings": [], "quarantine": []} | said


def morning(home: Path, found: dict[str, Any] | None, journal: dict[str, Any] | None = ENDED, **said: Any) -> Morning:
    through = said.get("through", THROUGH)
    return morning_of(Home(home), found, journal, through, said.get("holder"), said.get("now", NOW), DUE)


def first(home: Path, found: dict[str, Any] | None, journal: dict[str, Any] | None = ENDED, **said: Any) -> str:
    return morning(home, found, journal, **said).matters[0].line


def test_a_sound_home_can_be_published_and_says_what_waits(tmp_path: Path) -> None:
    assert first(tmp_path, facts()) == "can be published: data through 2023-09-12, nothing is missing. Next: none"
    assert first(tmp_path, facts(findings=[FINDING], quarantine=[QUARANTINE])).endswith(
        "Next: 2 findings below wait for those named"
    )
    assert first(tmp_path, None, None, through=None) == "nothing is published yet. Next: zhoubao run"


def test_days_that_did_not_arrive_are_counted_and_listed(tmp_path: Path) -> None:
    behind = facts(last_day="2023-08-31")
    assert first(tmp_path, behind) == "behind by 12 days: 2023-09-01 to 2023-09-12. Next: ask 平台方 to send them"
    # before the hour at which it is due, yesterday's is not missing
    early = morning(tmp_path, facts(last_day="2023-09-11"), now=NOW.replace(hour=7, minute=59))
    assert (early.matters[0].state, early.missing) == ("can be published", ())
    assert first(tmp_path, facts(last_day="2023-09-11")).startswith("behind by 1 day: 2023-09-12.")
    with_gaps = facts(last_day="2023-09-11", gaps=[["2023-09-01", "2023-09-02"], ["2023-09-05", "2023-09-05"]])
    missing = missing_days(with_gaps, NOW, DUE)
    assert days_in(missing) == 2 + 1 + 1
    assert spans_text(missing) == "2023-09-01 to 2023-09-02, 2023-09-05, 2023-09-12"
    # what was never begun is not behind
    assert missing_days(facts(last_day=None), NOW, DUE) == ()


def test_the_next_step_of_a_day_that_is_missing_is_a_run_where_none_has_looked_since(tmp_path: Path) -> None:
    behind = facts(last_day="2023-09-11")
    assert first(tmp_path, behind, ENDED | {"ended_at": "2023-09-13T05:30:00"}).endswith(
        "Next: zhoubao run takes in what has come"
    )
    assert first(tmp_path, behind, ENDED | {"held": [{}]}).endswith("wait; their notes say for what")


def test_the_worst_comes_first_and_the_others_follow(tmp_path: Path) -> None:
    blocking = facts(last_day="2023-09-11", blocking=[{"check_id": CHECK, "who_fixes": "平台方", "rule": "规则"}])
    refused = morning(tmp_path, blocking, ENDED | {"exit_code": 4})
    assert [matter.state for matter in refused.matters] == ["refused", "behind"]
    line = refused.matters[0].line
    assert line == "refused: 1 check blocks, readers stay at 2023-09-12. Next: 平台方 corrects the data or waives it"
    for code, word in ((1, "zhoubao doctor, then"), (7, "make room"), (8, "zhoubao doctor names")):
        stuck = morning(tmp_path, blocking, ENDED | {"exit_code": code})
        assert [matter.state for matter in stuck.matters] == ["stuck", "refused", "behind"]
        assert stuck.matters[0].line.startswith(f"stuck: the run of 2023-09-13 08:30 ended with {code}. Next: {word}")
    assert stuck.as_json()["state"] == "stuck"
    assert [also["state"] for also in stuck.as_json()["also"]] == ["refused", "behind"]


def test_a_run_that_was_killed_or_holds_on_for_hours_is_stuck(tmp_path: Path) -> None:
    note_taken_in(Home(tmp_path), ["20230912_01"])
    assert first(tmp_path, facts()) == "stuck: a run was ended before it could say how it went. Next: zhoubao run completes it"
    holder = {"purpose": "run", "pid": 7, "host": "h", "since": "2023-09-13T08:00:00+08:00"}
    # one that is going on has not been ended
    assert morning(tmp_path, facts(), holder=holder).matters[0].state == "can be published"
    holder["since"] = "2023-09-12T18:00:00+00:00"
    assert first(tmp_path, facts(), holder=holder).startswith("stuck: 'run' (pid 7 on h) has held the warehouse for 7 hours.")


def test_before_the_first_page_of_this_release_the_publication_says_what_it_can(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert quality_facts(home) is None
    facts_path(home).parent.mkdir()
    facts_path(home).write_text("{", encoding="utf-8")
    assert quality_facts(home) is None
    manifest = {"business_date_through": "2023-08-31", "built_at": "2023-09-01T06:00:00", "last_refused_run": None}
    known = facts_of_publication(manifest, [{"first_date": date(2023, 8, 28), "last_date": date(2023, 8, 29)}])
    assert days_in(missing_days(known, NOW, DUE)) == 2 + 12
    refused = {"run_at": "2023-09-02T06:00:00", "checks": [CHECK]}
    assert morning(tmp_path, facts_of_publication(manifest | {"last_refused_run": refused}, [])).matters[0].state == "refused"
    assert facts_of_publication(None, []) is None


def document(**said: Any) -> dict[str, Any]:
    """What ``status --json`` gives of a home where nothing is published."""
    found = facts(**said)
    state = morning(Path("/nowhere"), found, None).as_json()
    shown = {name: found[name] for name in ("blocking", "findings", "quarantine")}
    rest: dict[str, Any] = {"published": None, "changes": None, "data": None, "last_run": None, "quality": {}, "running": None}
    return {"now": NOW.isoformat(), "morning": state} | shown | rest


def test_who_acts_what_about_and_since_when_is_printed_and_no_id_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    blocking = [{"check_id": CHECK, "who_fixes": "平台方", "rule": "规则"}]
    print_status(document(findings=[FINDING], quarantine=[QUARANTINE], blocking=blocking))
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("refused: 1 check blocks")
    assert "ERROR  由平台方处理, for 3 days, 1,234 rows, blocks publication" in said
    assert f"  zhoubao run --waive {CHECK} --reason TEXT" in said
    assert f"  {FINDING['workbook']}" in said
    assert "quarantined  由业务部门处理, for 1 day, 1 row, 2 whole files" in said
    assert said[-1] == "nothing is published yet"


def test_of_many_gaps_every_one_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    gaps = [[f"2023-08-{day:02}", f"2023-08-{day:02}"] for day in range(2, 12, 2)]
    print_status(document(gaps=gaps))
    said = capsys.readouterr().out
    assert all(gap[0] in said for gap in gaps)


@pytest.mark.parametrize("columns", [80, 100])
def test_a_table_that_a_terminal_cannot_hold_is_printed_as_lines_with_every_id_whole(columns: int) -> None:
    rows = [["ERROR", CHECK, FINDING["rule"], "1,234 / 20,000", "6.17%", "平台方", "failed"]]
    heads = ["severity", "check", "rule", "failing / checked", "rate", "who fixes", ""]
    code = f"from pipelines.printing.lines import print_table; import json; print_table('', *json.loads({json.dumps([heads, rows])!r}))"
    ours, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": str(columns), "TERM": "xterm"}
    subprocess.run([sys.executable, "-c", code], stdout=theirs, env=environment, check=True)
    os.close(theirs)
    with os.fdopen(ours, "rb") as terminal:
        said = terminal.read1(100_000).decode()
    assert f"check: {CHECK}\r\n" in said
    assert "who fixes: 平台方\r\n" in said
    assert "…" not in said
