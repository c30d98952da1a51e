"""A check of severity ERROR keeps the run from publishing, until it is fixed or waived."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from assets.condition import State
from assets.errors import RefusedError, UsageError
from assets.exports.delivery import take_in
from assets.exports.lake.openings import load_opening
from assets.home import Home
from assets.platform.simulator import simulate
from assets.publication.gate import is_current, publish_if_good
from assets.quality import check_run
from assets.warehouse.examination import examine_warehouse
from pipelines.commands.reading import bulletin
from pipelines.definitions import build_definitions
from pipelines.orchestration.instance import open_instance
from pipelines.orchestration.jobs import RUN_JOB
from pipelines.printing.lines import print_outcome
from pipelines.resources import intake_of, warehouse_of
from pipelines.running.run import run
from pipelines.upkeep.freezing import correct, freeze
from tests.pipelines.planted import NAME, OF_FIRST_DAY, RULE, deliver_day, fresh_home, plant


def sheet_rows(path: Path, name: str) -> list[list[Any]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(name).to_python()


def test_what_was_built_and_not_checked_since_is_not_published(tmp_path: Path) -> None:
    _, settings = fresh_home(tmp_path)
    intake, warehouse = intake_of(settings)[0], warehouse_of(settings)
    list(take_in(intake.survey().arrivals, intake))
    with warehouse.open("test") as connection:
        warehouse.build(connection, ())
        check_run.check_warehouse(connection, warehouse)
    publish_if_good(warehouse)
    with warehouse.open("test") as connection:
        warehouse.build(connection, ())
    with pytest.raises(RefusedError, match="not checked since"):
        publish_if_good(warehouse)


def test_what_arrives_between_build_and_publication_is_still_pending(tmp_path: Path) -> None:
    home, settings = fresh_home(tmp_path)
    intake, warehouse = intake_of(settings)[0], warehouse_of(settings)
    list(take_in(intake.survey().arrivals, intake))
    with warehouse.open("test") as connection:
        warehouse.build(connection, ())
        check_run.check_warehouse(connection, warehouse)
    (tmp_path / "opening.csv").write_text(
        "as_of,org_code,org_level,task_type,is_composite,measure,value\n2023-08-25,,2,01,1,accepted,7\n", encoding="utf-8"
    )
    load_opening(tmp_path / "opening.csv", home.lake)
    publish_if_good(warehouse)
    assert not is_current(warehouse)


def test_a_lake_file_that_is_gone_is_damage(tmp_path: Path) -> None:
    home, settings = fresh_home(tmp_path)
    assert run(settings).exit_code == 0
    next((home.lake / "accept").rglob("*.parquet")).unlink()
    simulate(home.landing, date(2023, 8, 29), date(2023, 8, 29), cases_per_day=20, seed=2)
    outcome = run(settings)
    assert outcome.exit_code == 8
    assert "put it back" in outcome.facts["error"]


def published(home: Home, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(home.published_database, read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_an_error_leaves_the_last_publication_and_a_waiver_lets_it_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home, settings = fresh_home(tmp_path)
    assert run(settings).exit_code == 0
    before = json.loads(home.manifest.read_text())

    plant(monkeypatch)
    deliver_day(home, date(2023, 8, 29))
    outcome = run(settings)
    assert outcome.exit_code == 4
    assert [check["check_id"] for check in outcome.facts["refused_by"]] == [NAME]
    assert outcome.facts["business_date_through"] == "2023-08-28"
    after = json.loads(home.manifest.read_text())
    assert after["last_refused_run"]["checks"] == [NAME]
    refusal = {"last_refused_run", "checksum"}
    assert {key: after[key] for key in after.keys() - refusal} == {key: before[key] for key in before.keys() - refusal}
    print_outcome(outcome)
    said = capsys.readouterr().out
    assert f"refused by {NAME}: {RULE}（由数据组处理）" in said
    assert "数据截至 2023-08-28" in said
    assert outcome.facts["checks"]["workbook"] in said
    assert RULE in sheet_rows(Path(outcome.facts["checks"]["workbook"]), f"数据组 {NAME}")[0]
    assert "未发布" in home.reports.joinpath("quality.html").read_text(encoding="utf-8")

    with pytest.raises(RefusedError, match="last business date loaded"):
        bulletin("2023-34", home=tmp_path)
    assert f"was refused by {NAME}; what is published is 数据截至 2023-08-28" in capsys.readouterr().err

    # a run after a refusal checks again; it never says that there is nothing to do
    assert run(settings).exit_code == 4

    assert run(settings, waivers={NAME: "经核实无误"}).exit_code == 0
    accepted = f"select passed, accepted_reason from quality.checks where check_id = '{NAME}' order by run_at desc limit 1"
    assert published(home, accepted) == [(False, "经核实无误")]
    assert published(home, "select max(event_date) from marts.daily_counts") == [(date(2023, 8, 29),)]
    (said_of_it,) = json.loads(home.manifest.read_text())["acceptances"]
    assert (said_of_it["check_id"], said_of_it["rule"], said_of_it["reason"]) == (NAME, RULE, "经核实无误")
    columns = "check_id, reason, deliveries, business_date_from, business_date_through, is_in_force"
    day = date(2023, 8, 29)
    assert published(home, f"select {columns} from meta.acceptances") == [(NAME, "经核实无误", "20230829_01", day, day, True)]


def test_what_a_run_found_stays_in_the_next_ones_until_it_is_waived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, settings = fresh_home(tmp_path)
    plant(monkeypatch, OF_FIRST_DAY, "lake.accept")
    assert run(settings).exit_code == 0
    deliver_day(home, date(2023, 8, 29))
    assert run(settings).exit_code == 0
    # nothing of the second day breaks the rule
    newest = f"select passed from quality.checks where check_id = '{NAME}' order by run_at desc"
    assert published(home, newest) == [(True,), (False,)]
    (found,) = [each for each in open_now(home) if each["check_id"] == NAME]
    assert (found["who_fixes"], found["deliveries"], Path(found["workbook"]).exists()) == ("平台方", ["20230828_01"], True)
    assert found["first_seen_at"] < found["last_seen_at"]
    assert NAME in home.reports.joinpath("quality.html").read_text(encoding="utf-8").split("未通过的项数")[0]

    waived = run(settings, waivers={NAME: "经核实无误"})
    assert (waived.exit_code, waived.facts["checks"]["not_accepted"]) == (0, [])
    assert NAME not in [each["check_id"] for each in open_now(home)]
    (record,) = (home.lake / "acceptances").iterdir()
    assert json.loads(record.read_text(encoding="utf-8"))["deliveries"] == ["20230828_01"]


def open_now(home: Home) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(home.reports.joinpath("quality.json").read_text(encoding="utf-8"))["findings"]
    return found


def test_a_waiver_holds_for_the_same_data_and_no_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, settings = fresh_home(tmp_path)
    plant(monkeypatch)
    assert run(settings).exit_code == 4
    assert not home.manifest.exists()
    assert run(settings, waivers={NAME: "经核实无误"}).exit_code == 0
    assert run(settings).exit_code == 3

    # the same data built anew from the lake, and published again with a freeze's figures
    home.warehouse.unlink()
    home.manifest.unlink()
    assert run(settings).exit_code == 0
    assert [path.name for path in (home.lake / "acceptances").iterdir()] == [f"{NAME}.001.json"]
    assert [each["reason"] for each in json.loads(home.manifest.read_text())["acceptances"]] == ["经核实无误"]

    deliver_day(home, date(2023, 8, 29))
    refused = run(settings)
    assert refused.exit_code == 4
    assert [check["check_id"] for check in refused.facts["refused_by"]] == [NAME]
    assert published(home, "select max(event_date) from marts.daily_counts") == [(date(2023, 8, 28),)]

    assert run(settings, waivers={NAME: "仍无误"}).exit_code == 0
    assert published(home, "select reason, is_in_force from meta.acceptances order by accepted_at") == [
        ("经核实无误", False),
        ("仍无误", True),
    ]
    assert [each["reason"] for each in json.loads(home.manifest.read_text())["acceptances"]] == ["仍无误"]


def test_a_frozen_issue_keeps_its_waivers_in_print(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, settings = fresh_home(tmp_path)
    for day in range(29, 32):
        deliver_day(home, date(2023, 8, day))
    deliver_day(home, date(2023, 9, 1))
    plant(monkeypatch)
    assert run(settings, waivers={NAME: "经核实无误"}).exit_code == 0
    freeze(settings, "2023-34", home.reports / "2023-34", ["md"], "no copy here")
    deliver_day(home, date(2023, 9, 4))
    assert run(settings, waivers={NAME: "下一周的理由"}).exit_code == 0
    correct(settings, "2023-34", "更正说明", home.reports / "2023-34", ["md"])
    printed = (home.reports / "2023-34" / "bulletin-2023-34.md").read_text(encoding="utf-8")
    # what is frozen says what was waived then, whatever is waived later
    assert "放行理由：经核实无误" in printed
    assert "下一周的理由" not in printed
    assert published(home, "select issue_key, erratum_no from marts.errata") == [("2023-34", 1)]


@pytest.mark.parametrize("harm", ["changed", "gone"])
def test_a_recorded_waiver_that_is_not_what_it_was_is_damage(harm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, settings = fresh_home(tmp_path)
    plant(monkeypatch)
    assert run(settings, waivers={NAME: "经核实无误"}).exit_code == 0
    (path,) = (home.lake / "acceptances").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    kept = path.read_bytes()
    if harm == "changed":
        path.write_text(path.read_text(encoding="utf-8").replace("无误", "有误"), encoding="utf-8")
    else:
        path.unlink()
    outcome = run(settings)
    assert outcome.exit_code == 8
    assert f"{path}: not the file that was recorded" in outcome.facts["error"]
    assert [each.part for each in examine_warehouse(home) if each.state is State.DAMAGED] == ["warehouse"]
    # put back, the build that the damage kept from being checked is checked and published, and then nothing is left to do
    path.write_bytes(kept)
    assert [run(settings).exit_code for _ in range(2)] == [0, 3]


def test_a_waiver_that_means_nothing_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home, settings = fresh_home(tmp_path)
    with pytest.raises(UsageError, match="no check typo"):
        run(settings, waivers={"typo": "理由"})
    with pytest.raises(UsageError, match="--reason"):
        run(settings, waivers={"daily_counts_grain": "  "})
    assert not home.warehouse.exists()

    outcome = run(settings, waivers={"daily_counts_grain": "以防万一"})
    assert outcome.exit_code == 0
    assert not (home.lake / "acceptances").exists()
    print_outcome(outcome)
    assert "daily_counts_grain did not fail" in capsys.readouterr().err
    with pytest.raises(UsageError, match="daily_counts_grain did not fail"):
        run(settings, waivers={"daily_counts_grain": "以防万一"})


def test_a_run_started_in_the_ui_leaves_workbook_page_and_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, settings = fresh_home(tmp_path)
    assert run(settings).exit_code == 0
    for made in home.reports.iterdir():
        made.unlink()
    plant(monkeypatch)
    deliver_day(home, date(2023, 8, 29))
    job = build_definitions(settings).resolve_job_def(RUN_JOB)
    with open_instance(home) as instance:
        result = job.execute_in_process(instance=instance, raise_on_error=False)
    assert not result.success
    assert len(list(home.reports.glob("checks_*.xlsx"))) == 1
    assert RULE in home.reports.joinpath("quality.html").read_text(encoding="utf-8")
    assert json.loads(home.manifest.read_text())["last_refused_run"]["checks"] == [NAME]
    (shown,) = [each for each in result.get_asset_check_evaluations() if each.check_name == NAME]
    words: dict[str, Any] = {name: value.value for name, value in shown.metadata.items()}
    assert not shown.passed
    assert words["是否阻止发布"] == "是"
    assert (words["由谁处理"], words["为什么要查"]) == ("数据组", "试验用")
    assert words["不符行数"] == words["检查行数"] > 0
    assert words["通过率"] == 0
    assert Path(words["明细工作簿"]).exists()
