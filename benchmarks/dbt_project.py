"""The rival of an ordinary day: the same counts as a dbt project on DuckDB, as dbt's own pages would have it written.

Feeds are incremental models, merged by their key; counts by day, week and year are tables over them; keys are tested. It knows no accounts
of rows, no pseudonyms, no file withdrawn or late, no readers.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import duckdb

from assets.calendar import Issue
from assets.platform.contract import load_contract
from benchmarks.command import Cost, cost_of
from benchmarks.plain_events import EVENTS, REACHED, WINDOWS, Events, daily_counts_query, windows_query, write_issues

# an environment of its own, made by `make var/dbt/.made`
DBT = Path("var/dbt/bin/dbt").absolute()
_PROJECT = {
    "name": "counts",
    "version": "1.0",
    "profile": "counts",
    "model-paths": ["models"],
    "flags": {"send_anonymous_usage_stats": False},
    "models": {"+materialized": "table"},
}


class DbtProject:
    """The project in ``folder``, with its database and what dbt leaves of a run alongside it."""

    def __init__(self, folder: Path, landing: Path, issues: Sequence[Issue]) -> None:
        self.database = folder / "rival.duckdb"
        self._folder, self._landing = folder, landing
        models = folder / "models"
        models.mkdir(parents=True)
        profile = {"target": "here", "outputs": {"here": {"type": "duckdb", "path": str(self.database), "threads": 2}}}
        self._write("dbt_project.yml", _PROJECT)
        self._write("profiles.yml", {"counts": profile})
        self._write("models/tests.yml", {"models": [_tests(events) for events in EVENTS.values()]})
        for events in EVENTS.values():
            (models / f"{events.feed}.sql").write_text(_feed(events), encoding="utf-8")
        states = " union all ".join(events.of(f"{{{{ ref('{events.feed}') }}}}") for events in EVENTS.values())
        (models / "daily_counts.sql").write_text(daily_counts_query(states), encoding="utf-8")
        (models / "days.sql").write_text("select distinct business_date from {{ ref('accept') }}", encoding="utf-8")
        for table, begins in WINDOWS.items():
            windows = windows_query(
                begins, "{{ ref('daily_counts') }} as daily_counts", REACHED.replace("from days", "from {{ ref('days') }}")
            )
            (models / f"{table}.sql").write_text(windows, encoding="utf-8")
        with duckdb.connect(self.database) as connection:
            write_issues(connection, issues)

    def build(self, deliveries: str) -> Cost:
        """``dbt build`` with the files of these deliveries, a name or a pattern."""
        values = json.dumps({"files": f"{self._landing}/{deliveries}"})
        command = [str(DBT), "--quiet", "build", "--vars", values, "--project-dir", ".", "--profiles-dir", "."]
        return cost_of(["env", "-C", str(self._folder), *command], os.environ | {"DO_NOT_TRACK": "1"})

    def _write(self, name: str, document: object) -> None:
        # JSON is YAML
        (self._folder / name).write_text(json.dumps(document), encoding="utf-8")


def _feed(events: Events) -> str:
    feed = load_contract().feeds[events.feed]
    # DuckDB has the lake's name of a column where the export's is another
    columns = ", ".join(f"'{column.inside or column.name}': '{column.stored_as}'" for column in feed.columns)
    keys = ", ".join(f"'{name}'" for name in feed.key_inside)
    return f"""{{{{ config(materialized='incremental', unique_key=[{keys}], incremental_strategy='delete+insert') }}}}
select
    * exclude (filename),
    strptime(filename[-15:-8], '%Y%m%d')::date as business_date,
    filename[-6:-5]::int as sequence
from read_csv('{{{{ var("files") }}}}/{feed.name}_*.csv', header = true, columns = {{{columns}}}, filename = true)
qualify row_number() over (partition by {", ".join(feed.key_inside)} order by cd_time desc, business_date desc, sequence desc) = 1
"""


def _tests(events: Events) -> dict[str, object]:
    columns = [{"name": name, "tests": ["not_null"]} for name in load_contract().feeds[events.feed].key_inside]
    if len(columns) == 1:
        columns[0]["tests"] = ["not_null", "unique"]
    return {"name": events.feed, "columns": columns}
