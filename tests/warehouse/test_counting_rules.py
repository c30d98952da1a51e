"""The counting rules stand in one place: what explains revisions counts each version as what wins does."""

from itertools import product
from pathlib import Path

import duckdb
import pytest

from assets.calendar import CalendarRules, issues, load_working_days
from assets.home import Home
from assets.platform.contract import load_contract
from assets.warehouse.build.transaction import build
from assets.warehouse.models.empty import empty_warehouse
from assets.warehouse.models.model import load_models
from assets.warehouse.models.rules import CountingRules, published_rules
from assets.warehouse.state.sources import write_reference

# measure, feed, the column that decides, its values
MEASURES = [
    ("consulted", "consult", "person_count", ("1", "3")),
    ("accepted", "accept", None, (None,)),
    ("completed", "result", "result_type", ("1", "2", "3", "4", "5", "6", "8", "9", None)),
    ("issued", "issue", None, (None,)),
    ("transferred", "process", "transfer_type", ("0", "1", "2", "3")),
]


@pytest.mark.parametrize("uncounted", [("4", "5"), ("3",), ()])
@pytest.mark.parametrize(("measure", "feed", "column", "values"), MEASURES, ids=[each[0] for each in MEASURES])
def test_a_version_that_lost_counts_as_it_would_have(
    measure: str, feed: str, column: str | None, values: tuple[str | None, ...], uncounted: tuple[str, ...]
) -> None:
    models = load_models()
    key = load_contract().feeds[feed].key_inside[0]
    with empty_warehouse(models) as connection:
        write_reference(connection, CountingRules(uncounted_result_types=uncounted), [])
        connection.execute(f"create table kept as from lake.{feed}; drop view lake.{feed}; create table lake.{feed} as from kept")
        for line, (operation, value) in enumerate(product(("I", "U", "D"), values)):
            named = {key: f"K{line}", "cd_operation": operation, "delivery": "d", "file_index": "0", "line": str(line)}
            named |= {"step_no": str(line)} if feed == "process" else {}
            named |= {column: value} if column and value else {}
            marks = ", ".join("?" for _ in named)
            connection.execute(f"insert into lake.{feed} ({', '.join(named)}) values ({marks})", list(named.values()))
        connection.execute("insert into core.file_states by name select 'd' as delivery, 0 as file_index, 'loaded' as state")
        connection.execute(f"insert into history.changed_figures by name select '{measure}' as measure")
        connection.execute(f"insert into core.versions by name {models['core.versions'].query}")
        counted = dict(connection.execute(f"select line, counted from ({models['core.events'].query})").fetchall())
        lost = dict(connection.execute(f"select line, counted from ({models['history.lost_versions'].query})").fetchall())
    assert counted == lost
    assert len(counted) == 3 * len(values)
    assert all(counted[line] == 0 for line in range(2 * len(values), 3 * len(values)))
    if measure == "completed":
        assert {value for value, line in zip(values, range(len(values)), strict=True) if not counted[line]} == set(uncounted)


def test_every_setting_that_counts_is_a_rule_and_says_what_it_means() -> None:
    rules = {name: (value, text) for name, value, text in published_rules(CountingRules(), CalendarRules())}
    settings = {f"calendar.{name}" for name in CalendarRules.model_fields} | {"counting.uncounted_result_types"}
    assert set(rules) == settings | {f"counting.task_classes.{name}" for name in CountingRules().task_classes}
    assert rules["counting.uncounted_result_types"] == ("4,5", "不计办结的办结结果：作废、删除")
    assert rules["counting.task_classes.other_six"][0] == "04,05,07,08,09,10"
    assert rules["calendar.anchor_issue"][0] == "2023-34"


def test_another_rule_of_the_calendar_is_published_though_no_issue_is_another(tmp_path: Path) -> None:
    days = load_working_days(None)
    near = [issue for issue in issues(CalendarRules(), days) if issue.issue_year == 2023]
    with duckdb.connect() as connection:
        found = []
        for total in (454, 455):
            calendar = CalendarRules(anchor_total=total)
            build(connection, Home(tmp_path), load_models(), CountingRules(), near, "inputs", calendar=calendar)
            found += connection.execute("select value from meta.rules where rule = 'calendar.anchor_total'").fetchall()
    assert found == [("454",), ("455",)]
