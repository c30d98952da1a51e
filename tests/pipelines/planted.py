"""A check of severity ERROR that always fails, planted beside the real ones, and a home whose runs meet it."""

from datetime import date
from pathlib import Path

import pytest

from assets.home import Home
from assets.platform.simulator import simulate
from assets.publication import gate
from assets.quality import check_run, checks
from assets.quality.suites.suite import Check, Expectation, Suite, load_suites
from pipelines.running import run as running
from pipelines.settings import Settings, load_settings

NAME = "planted_fault"
RULE = "没有任何一行"
TABLE = "marts.daily_counts"
CHECK = Check(
    id=NAME,
    rule=RULE,
    severity="ERROR",
    who_fixes="数据组",
    prints=("event_date", "org_code"),
    reason="试验用",
    expectation=Expectation(
        type="unexpected_rows_expectation", kwargs={"unexpected_rows_query": "select event_date, org_code from {batch}"}
    ),
)
FIRST_DAY = date(2023, 8, 28)


# a warning about the rows of the first day alone
OF_FIRST_DAY = CHECK.model_copy(
    update={
        "severity": "WARN",
        "prints": ("delivery", "line"),
        "who_fixes": "平台方",
        "expectation": Expectation(
            type="expect_column_values_to_not_be_in_set", kwargs={"column": "delivery", "value_set": ["20230828_01"]}
        ),
    }
)


def fresh_home(folder: Path) -> tuple[Home, Settings]:
    home = Home(folder)
    home.prepare()
    deliver_day(home, FIRST_DAY)
    return home, load_settings(folder)


def deliver_day(home: Home, day: date) -> None:
    simulate(home.landing, day, day, cases_per_day=20, seed=day.day)


def suites_with(check: Check, table: str) -> list[Suite]:
    return [
        suite.model_copy(update={"checks": (*suite.checks, check)}) if suite.table == table else suite for suite in load_suites()
    ]


def plant(monkeypatch: pytest.MonkeyPatch, check: Check = CHECK, table: str = TABLE) -> None:
    for module in (check_run, checks, gate, running):
        monkeypatch.setattr(module, "load_suites", lambda: suites_with(check, table))
