"""``zhoubao models``: exit codes, what it prints, and the files it can be asked about."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from assets.errors import UsageError
from assets.home import Home
from assets.warehouse.models.model import SQL_FOLDER
from pipelines.cli import app
from tests.publication.small_warehouse import small_models

RUNNER = CliRunner()


def asked(home: Path, *words: str) -> Any:
    result = RUNNER.invoke(app, ["models", *words, "--home", str(home), "--json"])
    assert result.exception is None, result.exception
    return json.loads(result.stdout)


def printed(home: Path, *words: str) -> str:
    result = RUNNER.invoke(app, ["models", *words, "--home", str(home)])
    assert result.exception is None, result.exception
    return result.stdout


def test_a_clean_check_ends_well(tmp_path: Path) -> None:
    assert printed(tmp_path, "check") == "the models hold\n"
    assert asked(tmp_path, "check") == {"findings": []}


def test_findings_are_printed_and_end_as_wrong_usage(tmp_path: Path) -> None:
    # these small models have no suites
    small_models(tmp_path / "sql")
    result = RUNNER.invoke(app, ["models", "check", "--home", str(tmp_path), "--sql", str(tmp_path / "sql")])
    assert isinstance(result.exception, UsageError)
    assert result.exception.exit_code == 2
    lines = result.stdout.splitlines()
    assert str(result.exception).startswith(f"{len(lines)} findings")
    assert f"{tmp_path}/sql/meta/files.sql:13: nothing read here has a column `note`" in result.stdout
    assert "does not promise that the grain is unique; write checks: [grain_is_unique] [grain]" in result.stdout


def test_findings_for_a_program(tmp_path: Path) -> None:
    small_models(tmp_path / "sql")
    result = RUNNER.invoke(app, ["models", "check", "--home", str(tmp_path), "--sql", str(tmp_path / "sql"), "--json"])
    findings = json.loads(result.stdout)["findings"]
    assert {frozenset(finding) for finding in findings} == {frozenset({"file", "line", "rule", "message", "fix"})}


def test_impact_names_all_that_is_reached(tmp_path: Path) -> None:
    # a copy, since the project's own files may differ from git while they are worked on
    shutil.copytree(SQL_FOLDER, tmp_path / "sql")
    document = asked(tmp_path, "impact", str(tmp_path / "sql/core/handbook_items.sql"))
    assert document["compared_with"] is None
    assert document["model"] == "core.handbook_items"
    assert "finished_share" in document["tables"]["marts.handbook_progress"]
    assert document["views"] == {}
    assert "handbook.share" in document["figures"]
    assert {"core_handbook_items_grain", "bulletin_figures_equal_handbook"} <= {check["id"] for check in document["checks"]}
    assert not any(check["table"].startswith("lake.") for check in document["checks"])
    assert document["reports"]


def test_impact_of_a_file_that_differs_from_git_names_the_columns(tmp_path: Path) -> None:
    repository = tmp_path / "site"
    shutil.copytree(SQL_FOLDER, repository / "sql")
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "models"]):
        subprocess.run(["git", *words], cwd=repository, check=True)
    file = repository / "sql/core/versions.sql"
    file.write_text(
        file.read_text(encoding="utf-8").replace("issue_date as happened_at", "issue_date - interval 1 day as happened_at")
    )
    document = asked(tmp_path, "impact", str(file))
    assert (document["compared_with"], document["changed_columns"]) == ("git HEAD", ["event_date"])
    # the day is a rule of all feeds, so that the handbook's figures alone stay
    assert {"composite.issued.week", "composite.issued.ytd", "licence.accepted.ytd"} <= set(document["figures"])
    assert not [figure for figure in document["figures"] if figure.startswith("handbook.")]
    assert printed(tmp_path, "impact", str(file)).startswith("core.versions (differs from git HEAD in event_date) touches\n")


@pytest.mark.parametrize("table", ["main.周统计", 'main."周统计"', "周统计", "views.周统计"])
def test_a_view_is_found_under_each_of_its_names(tmp_path: Path, table: str) -> None:
    assert asked(tmp_path, "show", table)["table"] == "main.周统计"


def test_show_tells_all_about_a_table(tmp_path: Path) -> None:
    document = asked(tmp_path, "show", "marts.daily_counts")
    assert document["grain"] == ["event_date", "org_code", "org_level", "task_type", "is_composite"]
    assert document["reads"] == ["core.events"]
    assert {"marts.weekly_counts", "marts.cumulative_counts", "main.日统计"} <= set(document["read_by"])
    assert "daily_counts_grain" in {check["id"] for check in document["checks"]}
    (consulted,) = [column for column in document["columns"] if column["name"] == "consulted"]
    assert "consult.person_count（人次）" in consulted["source"]
    assert (document["rows"], "nothing is published yet" in document["rows_note"]) == (None, True)


def test_rows_come_from_the_published_database(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    with duckdb.connect(home.published_database) as connection:
        connection.execute(
            "create schema marts; create table marts.task_types (task_type varchar, task_type_name varchar, class varchar)"
        )
        connection.execute("insert into marts.task_types values ('01', '行政许可', 'licence'), ('02', '行政处罚', null)")
    document = asked(tmp_path, "show", "marts.task_types", "--rows", "1")
    assert document["rows"] == [{"task_type": "01", "task_type_name": "行政许可", "class": "licence"}]
    assert "  task_type=02 · task_type_name=行政处罚 · class=\n" in printed(tmp_path, "show", "marts.task_types")
    # a version that is older than the model
    assert asked(tmp_path, "show", "marts.daily_counts")["rows_note"].startswith("the query failed")


def test_single_cases_have_no_rows_to_show(tmp_path: Path) -> None:
    assert asked(tmp_path, "show", "core.events")["rows_note"].startswith("single cases are not published")
    assert "single cases are not published" in printed(tmp_path, "show", "core.events")


def test_a_published_table_that_no_model_makes_is_shown(tmp_path: Path) -> None:
    document = asked(tmp_path, "show", "quality.checks")
    assert document["file"] is None
    assert "severity" in [column["name"] for column in document["columns"]]


@pytest.mark.parametrize("word", ["impact", "show"])
def test_an_unknown_model_is_named_with_the_nearest(tmp_path: Path, word: str) -> None:
    result = RUNNER.invoke(app, ["models", word, "marts.organisations", "--home", str(tmp_path)])
    assert isinstance(result.exception, UsageError)
    assert "marts.organizations" in str(result.exception)
