"""Freezing and correcting an issue through the command line: what is printed, recorded and published."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from assets.errors import RefusedError, UsageError
from assets.home import Home
from assets.platform.simulator import simulate
from assets.reports.bulletin import prepare_issue
from assets.reports.editorial.sample_copy import copy_sample
from assets.reports.fitness.fitness import UnfitError
from assets.reports.freeze import FreezeTerms, freeze_issue
from pipelines.commands.explaining import explain
from pipelines.commands.reading import bulletin, status
from pipelines.running.run import run
from pipelines.settings import load_settings
from tests.reports.published_database import make_published
from tests.reports.test_reprint import FREEZE_TABLES

ISSUE = "2023-34"


def published(home: Home, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(home.published_database, read_only=True) as con:
        return con.execute(sql).fetchall()


def test_a_frozen_issue_stands_and_its_erratum_stands_beside_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    simulate(home.landing, date(2023, 8, 28), date(2023, 9, 1), cases_per_day=20, seed=1)
    assert run(load_settings(home.root)).exit_code == 0
    with pytest.raises(RefusedError, match="not frozen"):
        bulletin(ISSUE, home=home.root, erratum="更正")
    with pytest.raises(UsageError, match="do not go together"):
        bulletin(ISSUE, home=home.root, freeze=True, erratum="更正")

    figures: list[tuple[Any, ...]] = published(
        home, f"select figure, value from marts.bulletin_figures where issue_key = '{ISSUE}' order by all"
    )
    capsys.readouterr()
    with pytest.raises(UnfitError):
        bulletin(ISSUE, home=home.root, formats="md", freeze=True)
    # no copy is there, and the days since January never came
    told = capsys.readouterr().out
    assert all(words in told for words in ("缺稿", "年累计缺天", "由谁处理"))
    assert not (home.lake / "frozen").exists()
    bulletin(ISSUE, home=home.root, formats="md", freeze=True, despite="试刊，编辑稿另印")
    first_print = (home.reports / ISSUE / f"bulletin-{ISSUE}.md").read_text(encoding="utf-8")
    assert published(home, "select figure, value from marts.published_figures order by all") == figures
    assert published(home, "select count(*) from marts.revisions") == [(0,)]
    with pytest.raises(RefusedError, match="was frozen at"):
        bulletin(ISSUE, home=home.root, freeze=True)

    # what waits in landing is not taken in by an erratum
    simulate(home.landing, date(2023, 9, 4), date(2023, 9, 4), cases_per_day=200, seed=2)
    bulletin(ISSUE, home=home.root, formats="md", erratum="咨询数有误\n，以下期为准。")
    assert published(home, "select issue_key, erratum_no from marts.errata") == [(ISSUE, 1)]
    assert published(home, "select count(*) from meta.deliveries where received_at is not null") == [(5,)]
    assert (home.reports / ISSUE / f"bulletin-{ISSUE}.md").read_text(encoding="utf-8") == first_print
    assert "试刊，编辑稿另印" in first_print
    notes = (home.reports / ISSUE / f"bulletin-{ISSUE}-notes.md").read_text(encoding="utf-8")
    assert "〔更正（第1号，" in notes.replace("\\", "")
    erratum = json.loads((home.lake / "frozen" / f"{ISSUE}.errata" / "001.json").read_text(encoding="utf-8"))
    assert (erratum["erratum_no"], erratum["figures"]) == (1, [])

    capsys.readouterr()
    explain(ISSUE, "composite.accepted.ytd", home=home.root, as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert sum(term["value"] for term in document["identity"]) == document["value"] == dict(figures)["composite.accepted.ytd"]
    assert sum(part["value"] for part in document["deliveries"]) == document["value"]
    explain(ISSUE, "handbook.share", home=home.root)
    assert "按部门" in capsys.readouterr().out
    status(home=home.root)
    assert "since last version: +0 rows, 0 past days changed" in capsys.readouterr().out


def test_a_frozen_issue_is_printed_though_the_calendar_has_lost_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    make_published(home.published_database, FREEZE_TABLES)
    copy_sample(home.editorial)
    prepared = prepare_issue(home.published_database, home.editorial, ISSUE)
    freeze_issue(home, prepared, FreezeTerms("test", datetime(2023, 9, 11, 9)))
    # without these weeks the year has no 34th issue
    skipped = [str(date(2023, 1, 2) + timedelta(weeks=number)) for number in range(30)]
    rules = f'[calendar]\nanchor_issue = "2022-34"\nskip_weeks = {json.dumps(skipped)}\n'
    (home.root / "zhoubao.toml").write_text(rules, encoding="utf-8")
    with pytest.raises(RefusedError, match="there is no issue 2023-33"):
        bulletin("2023-33", home=home.root)
    bulletin(ISSUE, home=home.root, formats="md")
    assert (home.reports / ISSUE / f"bulletin-{ISSUE}.md").read_bytes() == prepared.documents(["md"]).popitem()[1]
