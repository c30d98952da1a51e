"""``zhoubao check`` and where its results are seen: the command, ``status``, ``run.json`` and the published history."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import typer
from python_calamine import CalamineWorkbook

from pipelines.commands.checking import check
from pipelines.commands.reading import status
from pipelines.running.run import run
from tests.pipelines.planted import NAME, RULE, deliver_day, fresh_home, plant


def checked(home: Path, whole: bool = False, as_json: bool = False) -> int:
    with pytest.raises(typer.Exit) as ended:
        check(home=home, whole=whole, as_json=as_json)
    return ended.value.exit_code


def test_without_a_build_there_is_nothing_to_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(tmp_path / "home") == 3
    assert "nothing is built yet" in capsys.readouterr().err
    assert not (tmp_path / "home").exists()


def test_checks_are_seen_in_the_command_the_status_the_journal_and_the_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home, settings = fresh_home(tmp_path)
    assert run(settings).exit_code == 0
    journal = json.loads(home.journal.read_text(encoding="utf-8"))
    assert all(Path(journal["checks"][name]).exists() for name in ("workbook", "page"))
    assert checked(tmp_path) == 0

    plant(monkeypatch)
    capsys.readouterr()
    assert checked(tmp_path) == 4
    said = capsys.readouterr().out
    failed = [line for line in said.splitlines() if "│" in line]
    # the worst first
    assert all(word in failed[0] for word in ("ERROR", NAME, RULE, "100.00%", "数据组"))
    assert "ERROR: " in said
    assert " 1 failed, 0 broken, 0 waived" in said
    workbooks = sorted(home.reports.glob("checks_*.xlsx"))
    assert str(workbooks[-1]) in said
    # a check is no run: readers are told of none that was refused
    assert json.loads(home.manifest.read_text())["last_refused_run"] is None

    assert checked(tmp_path, as_json=True) == 4
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (document["checks"][0]["check_id"], document["checks"][0]["blocks"]) == (NAME, True)
    assert sum(total["checks"] for total in document["totals"].values()) == len(document["checks"])
    assert document["whole_history"] is False

    status(home=tmp_path)
    shown = capsys.readouterr().out
    assert str(home.reports / "quality.html") in shown
    assert document["workbook"] in shown


def test_the_page_of_checks_is_printed_as_it_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    check(docs=True)
    assert capsys.readouterr().out == (Path(__file__).parents[2] / "docs" / "checks.md").read_text(encoding="utf-8")


def test_the_whole_history_is_checked_on_demand_and_is_no_news(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home, settings = fresh_home(tmp_path)
    assert run(settings).exit_code == 0
    deliver_day(home, date(2023, 8, 29))
    assert run(settings).exit_code == 0
    with duckdb.connect(home.published_database, read_only=True) as connection:
        runs = connection.execute("select run_at, count(distinct check_id), count(*) from quality.checks group by all").fetchall()
    assert len(runs) == 2
    assert len({tuple(counts) for _, *counts in runs}) == 1

    capsys.readouterr()
    assert checked(tmp_path, as_json=True) == 0
    news = json.loads(capsys.readouterr().out)
    assert checked(tmp_path, whole=True, as_json=True) == 0
    whole = json.loads(capsys.readouterr().out)
    rows = [{each["check_id"]: each["checked_rows"] for each in document["checks"]} for document in (news, whole)]
    # all that is loaded was published: the interval is empty, the history is not
    assert rows[0]["accept_grain"] == 0
    with duckdb.connect(home.warehouse) as connection:
        loaded = connection.execute("select sum(loaded) from ledger.files where feed = 'accept'").fetchone()
        kept = connection.execute("select count(distinct run_at) from quality.checks").fetchone()
    assert loaded is not None
    assert rows[1]["accept_grain"] == loaded[0] > 0
    # the counts of a whole history would not compare with a day's, so they are in the workbook alone
    assert kept == (3,)
    assert "总览" in CalamineWorkbook.from_path(whole["workbook"]).sheet_names
