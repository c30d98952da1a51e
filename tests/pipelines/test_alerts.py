"""Alerts: what is told of a run, to whom, once until it changes; an address that does not answer neither fails nor slows it."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from assets.condition import State
from assets.errors import BusyError, DamageError, UnexpectedError, UsageError
from assets.home import Home
from assets.quality.output.places import facts_path
from pipelines.alerts.matters import matters_of
from pipelines.alerts.rules import AlertRules, kind_of
from pipelines.alerts.sending import failures_told, tell_of_run
from pipelines.alerts.told import read_told
from pipelines.cli import app
from pipelines.doctor import examine
from pipelines.running.journal import read_journal
from pipelines.settings import Settings, load_settings
from tests.pipelines.webhook import TOKEN, Webhook, listening, silent

NOW = datetime(2023, 9, 13, 9)
GRAIN = {"check_id": "grain", "rule": "每件只数一次", "who_fixes": "数据组"}
REFUSED = {
    "refused_by": [GRAIN],
    "checks": {"workbook": "/srv/reports/checks_1.xlsx"},
    "business_date_through": "2023-09-12",
}


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with listening() as hook:
        yield hook


def settings_of(folder: Path, *addresses: str, seconds: float = 20) -> Settings:
    Home(folder).prepare()
    rules = AlertRules(urls=tuple(map(SecretStr, addresses)), seconds=seconds)
    return load_settings(folder).model_copy(update={"alerts": rules})


def eventually(holds: Callable[[], bool]) -> None:
    """A busy machine may let the child take longer than a run waits for it."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def write_facts(home: Home, **said: Any) -> None:
    # a day that is far off is not overdue
    facts = {"last_day": "2999-01-01", "gaps": [], "blocking": []} | said
    facts_path(home).write_text(json.dumps(facts), encoding="utf-8")


def _have_come(hook: Webhook, number: int) -> bool:
    return len(hook.received) == number


def told(settings: Settings) -> set[str]:
    return set(read_told(settings.place)["matters"])


def test_a_matter_is_told_once_until_it_changes_and_again_when_it_comes_back(tmp_path: Path, hook: Webhook) -> None:
    settings = settings_of(tmp_path, hook.address)
    write_facts(settings.place, blocking=[GRAIN | {"failing_rows": 7}])
    tell_of_run(settings, 4, REFUSED)
    eventually(lambda: told(settings) == {"refused"})
    (message,) = hook.received
    assert message["title"] == "周报：未发布：1 项检查不通过"
    assert message["message"].splitlines() == [
        "由数据组处理：每件只数一次，不符 7 行（grain）",
        "明细：/srv/reports/checks_1.xlsx",
        "读者所见数据截至 2023-09-12",
    ]
    tell_of_run(settings, 4, REFUSED)
    assert len(hook.received) == 1
    write_facts(settings.place, blocking=[GRAIN | {"failing_rows": 9}])
    before = read_told(settings.place)["matters"]
    tell_of_run(settings, 4, REFUSED)
    eventually(lambda: len(hook.received) == 2 and read_told(settings.place)["matters"] != before)
    # put right, and wrong again
    tell_of_run(settings, 0, {})
    assert told(settings) == set()
    tell_of_run(settings, 4, REFUSED)
    eventually(lambda: len(hook.received) == 3)
    assert settings.place.alerts.stat().st_mode & 0o777 == 0o600
    assert TOKEN not in settings.place.alerts.read_text(encoding="utf-8")


def test_an_overdue_day_is_told_by_a_run_with_nothing_to_do(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    write_facts(settings.place, last_day="2023-08-31")
    looked = matters_of(settings, 3, {}, NOW)
    assert [(matter.key, matter.title) for matter in looked.matters] == [("overdue", "周报：缺批次：12 天")]
    assert "由平台方处理：请补送业务日期 2023-09-01 to 2023-09-12 的批次" in looked.matters[0].body
    # one more day is a change
    later = matters_of(settings, 3, {}, datetime(2023, 9, 14, 9))
    assert later.matters[0].fingerprint != looked.matters[0].fingerprint
    # a run that failed has not looked
    assert matters_of(settings, 7, {}, NOW).kinds == {"failed", "disk"}


def test_a_run_that_an_error_ended_is_in_the_journal_and_told(tmp_path: Path, hook: Webhook) -> None:
    settings = settings_of(tmp_path, hook.address)
    for number, error in enumerate((DamageError("lake/x: is damaged"), UnexpectedError("unexpected KeyError at a.py:1 b")), 1):
        with pytest.raises(type(error)), failures_told(settings):
            raise error
        journal, _ = read_journal(settings.place)
        assert journal is not None
        assert (journal["exit_code"], journal["error"]) == (error.exit_code, str(error))
        eventually(partial(_have_come, hook, number))
    assert hook.titles == ["周报：运行未完成，退出码 8", "周报：运行未完成，退出码 1"]
    assert "lake/x: is damaged" in hook.received[0]["message"]
    # whoever types a command sees what is wrong with it, and another run is no failure
    for other in (UsageError("x"), BusyError("x"), KeyboardInterrupt()):
        with pytest.raises(type(other)), failures_told(settings):
            raise other
    assert read_journal(settings.place)[0] == journal


def test_revisions_of_a_frozen_issue_are_told_by_their_names_and_again_when_they_change(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    with duckdb.connect(settings.place.published_database) as published:
        published.execute(
            "create schema marts; create table marts.revisions as select * from (values"
            " ('2023-34', 'composite.accepted.week', 774123, '20230905_01'), ('2023-34', 'handbook.items', 8, ''))"
            " revised(issue_key, figure, current_value, deliveries)"
        )
    looked = matters_of(settings, 5, {"version": "1"}, NOW)
    (found,) = looked.matters
    assert (found.key, found.title, looked.kinds >= {"revisions"}) == ("revisions:2023-34", "周报：2023-34 期定稿有修订", True)
    assert "由办公室处理：定稿的 2 个数字现值不同，composite.accepted.week, handbook.items" in found.body
    assert "774123" not in found.body
    with duckdb.connect(settings.place.published_database) as published:
        published.execute("update marts.revisions set current_value = current_value + 1")
    assert matters_of(settings, 0, {"version": "2"}, NOW).matters[0].fingerprint != found.fingerprint
    # what was not published changes nothing
    assert "revisions" not in matters_of(settings, 3, {}, NOW).kinds


def test_a_disk_that_a_run_may_fill_is_told(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    assert matters_of(settings, 3, {}, NOW).matters == ()
    with settings.place.warehouse.open("wb") as file:
        # sparse, and larger than any disk here
        file.truncate(2**43)
    (found,) = matters_of(settings, 3, {}, NOW).matters
    assert (found.key, found.title) == ("disk", "周报：磁盘空间不足")
    assert "make room on the disk" in found.body


def test_an_address_that_is_dead_or_silent_neither_fails_nor_delays_a_run_and_is_tried_again(
    tmp_path: Path, hook: Webhook
) -> None:
    with silent() as dumb:
        settings = settings_of(tmp_path, "json://127.0.0.1:1/x", dumb, seconds=3)
        begun = time.monotonic()
        tell_of_run(settings, 4, REFUSED)
        # 1.5 s and the start of a process; without a bound it would be the library's two times four
        assert time.monotonic() - begun < 6
        eventually(lambda: read_told(settings.place)["failed_at"] is not None)
    assert told(settings) == set()
    condition = {condition.part: condition for condition in examine(settings, hashed=False)}["alerts"]
    assert (condition.state, condition.fix) == (State.NOTICE, "zhoubao alerts test")
    assert "(json, json)" in condition.note
    hook.status = 500
    alone = settings_of(tmp_path, hook.address)
    tell_of_run(alone, 4, REFUSED)
    eventually(lambda: len(hook.received) > 0)
    assert told(alone) == set()
    hook.status = 200
    tell_of_run(alone, 4, REFUSED)
    eventually(lambda: told(alone) == {"refused"})
    assert read_told(alone.place)["failed_at"] is None


def test_the_command_tries_each_address_and_shows_none(tmp_path: Path, hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHOUBAO_ALERTS__URLS", json.dumps([hook.address, f"nothing://{TOKEN}"]))
    shown = CliRunner().invoke(app, ["alerts", "test", "--home", str(tmp_path)])
    assert shown.exit_code == 1
    assert shown.output.splitlines() == ["1. json: sent", "2. nothing: not sent; look at the address and the way there"]
    assert hook.titles == ["周报：测试"]
    monkeypatch.delenv("ZHOUBAO_ALERTS__URLS")
    assert isinstance(CliRunner().invoke(app, ["alerts", "test", "--home", str(tmp_path)]).exception, UsageError)


def test_addresses_come_from_settings_or_a_file_and_are_shown_nowhere(tmp_path: Path) -> None:
    file = tmp_path / "urls"
    file.write_text(f"# the office\n\ndingtalk://{TOKEN}\n json://h/{TOKEN} \n", encoding="utf-8")
    toml = tmp_path / "zhoubao.toml"
    toml.write_text(f'[alerts]\nurls = ["wecombot://{TOKEN}"]\nurls_file = "{file}"\n', encoding="utf-8")
    settings = load_settings(tmp_path)
    assert list(map(kind_of, settings.alerts.addresses())) == ["wecombot", "dingtalk", "json"]
    assert TOKEN not in repr(settings) + str(settings) + settings.model_dump_json()
    assert kind_of(TOKEN) == "unknown kind"
    file.unlink()
    with pytest.raises(UsageError, match=r"alerts\.urls_file: there is no"):
        settings.alerts.addresses()
    toml.write_text(f'[alerts]\nurls = "wecombot://{TOKEN}"\n', encoding="utf-8")
    with pytest.raises(UsageError, match=r"alerts\.urls") as refused:
        load_settings(tmp_path)
    assert TOKEN not in str(refused.value)


def test_without_an_address_nothing_is_looked_at(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    tell_of_run(settings, 4, REFUSED)
    assert not settings.place.alerts.exists()
