"""The page of quality: what it says, that it needs no network, and that nothing in it is taken for markup."""

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

from assets.home import Home
from assets.quality.open_findings import Followed, OpenFinding, keep
from assets.quality.output.page import write_page
from assets.quality.output.page_charts import HEIGHT, MARGIN, WIDTH, pass_rate_chart, runs_chart
from assets.quality.output.page_facts import (
    RUNS_SHOWN,
    WAIVERS_SHOWN,
    Finding,
    Point,
    PublicationInForce,
    RunCount,
    gaps_between,
    read_quality_facts,
)
from assets.quality.output.places import facts_path, findings_path, newest_findings
from assets.quality.results import CheckResult, record
from assets.warehouse.state.waivers import Waiver, put_waiver

NOW = datetime(2023, 9, 2, 6)
RULE = "受理：<每件>只数一次"
RESULT = CheckResult(NOW, "grain", "marts.t", RULE, "ERROR", False, "failed", None, 3, 200, "数据组")
IN_FORCE = PublicationInForce("20230901T060000-ab", datetime(2023, 9, 1, 6), date(2023, 8, 31))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.prepare()
    return home


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(
        """
        create schema core; create schema ledger;
        create table core.delivered_days as
            select cast(day as date) as business_date from (values ('2023-08-26'), ('2023-08-27'), ('2023-08-31'), ('2023-09-02')) v(day);
        create table ledger.held as select '20230901_01' as delivery, 'waiting' as state, '清单未到' as note;
        create schema meta;
        create table ledger.deliveries as
            select '202308' || day || '_01' as delivery, cast('2023-08-' || day as date) as business_date,
                cast('2023-08-' || day as timestamp) + interval 26 hour as received_at
            from (values ('26'), ('27'), ('31')) v(day);
        create table meta.quarantine (delivery varchar, line bigint, feed varchar, reason varchar, who_fixes varchar, settled_by varchar)
        """
    )
    return connection


class _Page(HTMLParser):
    """What a browser would load from elsewhere, and which tags are left open."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.loaded += [value or "" for name, value in attrs if name in ("src", "href", "data", "action", "srcset", "style")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_says_what_is_wrong_who_fixes_it_and_what_readers_have(
    connection: duckdb.DuckDBPyConnection, home: Home
) -> None:
    before = NOW - timedelta(days=1)
    record(connection, [replace(RESULT, run_at=before, failing_rows=1)])
    warned = replace(RESULT, check_id="share", severity="WARN", who_fixes="平台方", rule="占比", failing_rows=9)
    accepted = replace(warned, check_id="late", accepted_reason="平台已确认")
    record(connection, [RESULT, warned, accepted, replace(RESULT, check_id="fine", passed=True, status="passed", failing_rows=0)])
    findings_path(home, NOW).touch()
    page = write_page(connection, home, IN_FORCE)
    assert page.stat().st_mode & 0o777 == 0o600
    text = page.read_text(encoding="utf-8")
    assert "有 1 项阻止发布，未发布" in text
    assert "共 4 项，通过 1 项" in text
    assert "数据截至 <b>2023-08-31</b>" in text
    assert "增 2（上次 1，0.50%）" in text
    assert "平台已确认" in text
    assert "没有待处理的检查结果" in text
    assert "缺 4 天" in text
    assert "2023-08-28 至 2023-08-30、2023-09-01" in text
    assert "清单未到" in text
    assert findings_path(home, NOW) == newest_findings(home)
    assert f'href="{findings_path(home, NOW).name}"' in text

    parsed = _Page()
    parsed.feed(text)
    assert parsed.open == []
    assert parsed.tags["svg"] == 4 + 1
    # it opens from a folder without a network: no address, no script, no file but the workbook beside it
    assert [place for place in parsed.loaded if "/" in place or (":" in place and "margin" not in place)] == []
    assert parsed.tags["script"] == parsed.tags["link"] == parsed.tags["img"] == 0
    assert not re.search(r"@import|url\(|https?://", text)
    assert "<每件>" not in text
    assert "&lt;每件&gt;" in text


def test_what_is_open_stays_on_the_page_with_its_age_and_who_acts_above_all_else(
    connection: duckdb.DuckDBPyConnection, home: Home
) -> None:
    record(connection, [replace(RESULT, passed=True, status="passed", failing_rows=0)])
    finding = OpenFinding(
        *("share", "lake.accept", "占比", "WARN", "failed", "平台方", 9, 200, ("20230826_01",), "checks_1.xlsx"),
        *(NOW - timedelta(days=5), NOW),
    )
    keep(connection, Followed((finding,), ()), NOW)
    connection.execute(
        "insert into meta.quarantine values"
        " ('20230826_01', 3, 'accept', '必填而空', '平台方', null), ('20230827_01', 4, 'accept', '必填而空', '平台方', null),"
        " ('20230827_01', null, 'consult', '行数不符', '业务部门', null), ('20230831_01', 5, 'accept', '必填而空', '平台方', '20230901_01')"
    )
    text = write_page(connection, home, IN_FORCE).read_text(encoding="utf-8")
    assert "已 5 天（2023-08-28 起）" in text
    assert text.index("<b>平台方</b> 2 项") < text.index("<b>业务部门</b> 1 项") < text.index("检查时间")
    assert "受理信息：必填而空" in text
    assert "2 行；业务日期 2023-08-26 至 2023-08-27，其中 2 天" in text
    assert "1 个整件；业务日期 2023-08-27；" in text
    assert "2023-08-31" not in text[text.index("尚未更正的隔离") : text.index("未通过的项数")]
    facts = json.loads(facts_path(home).read_text(encoding="utf-8"))
    assert facts_path(home).stat().st_mode & 0o777 == 0o600
    assert (facts["first_day"], facts["last_day"], facts["gaps"][0]) == ("2023-08-26", "2023-09-02", ["2023-08-28", "2023-08-30"])
    assert (facts["findings"][0]["check_id"], facts["findings"][0]["workbook"]) == ("share", str(home.reports / "checks_1.xlsx"))
    assert [(entry["rows"], entry["files"], entry["since"]) for entry in facts["quarantine"]] == [
        (2, 0, "2023-08-27 02:00:00"),
        (0, 1, "2023-08-28 02:00:00"),
    ]


def test_a_page_without_findings_or_publication(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    connection.execute("delete from core.delivered_days; delete from ledger.held")
    record(connection, [replace(RESULT, passed=True, status="passed", failing_rows=0)])
    text = write_page(connection, home, None).read_text(encoding="utf-8")
    for said in ("没有阻止发布的问题", "尚未发布过", "全部通过", "尚无批次"):
        assert said in text
    assert "xlsx" not in text


def test_only_the_last_runs_and_acceptances_are_drawn_and_the_rest_is_counted(
    connection: duckdb.DuckDBPyConnection, home: Home
) -> None:
    for day in range(RUNS_SHOWN + 5):
        record(connection, [replace(RESULT, run_at=NOW + timedelta(days=day))])
    acceptance = Waiver(
        check_id="grain",
        rule=RULE,
        reason="理由",
        accepted_at=NOW,
        code_version="1",
        holds_for="",
        failing_rows=3,
        deliveries=(),
        business_date_from=None,
        business_date_through=None,
    )
    for day in range(WAIVERS_SHOWN + 2):
        put_waiver(home.lake, acceptance.model_copy(update={"accepted_at": NOW + timedelta(days=day)}))
    facts = read_quality_facts(connection, home.lake, None)
    ((_, (history,)),) = facts.histories
    assert len(history.points) == len(facts.runs) == RUNS_SHOWN
    assert history.points[-1].run_at == facts.runs[-1].run_at == facts.run_at == NOW + timedelta(days=RUNS_SHOWN + 4)
    assert history.points[0].rate == 1 - 3 / 200
    assert (len(facts.acceptances), facts.acceptances_in_all) == (WAIVERS_SHOWN, WAIVERS_SHOWN + 2)
    assert facts.acceptances[0].accepted_at == NOW + timedelta(days=WAIVERS_SHOWN + 1)


def test_a_trend_is_told_against_the_run_before() -> None:
    passed = replace(RESULT, passed=True, status="passed", failing_rows=0)
    assert Finding(RESULT, None).trend == "首次检查"
    assert Finding(RESULT, passed).trend == "新出现"
    assert Finding(passed, RESULT).trend == "由不通过转为通过"
    assert Finding(RESULT, RESULT).trend == "与上次相同"
    assert Finding(RESULT, replace(RESULT, failing_rows=10)).trend == "减 7（上次 10，5.00%）"
    assert Finding(replace(RESULT, failing_rows=None), RESULT).trend == "与上次相同"


def test_gaps_are_runs_of_days_that_are_missing_between_others() -> None:
    days = [date(2023, 2, 27), date(2023, 3, 1), date(2023, 3, 2), date(2023, 3, 5)]
    assert gaps_between(days) == [(date(2023, 2, 28), date(2023, 2, 28)), (date(2023, 3, 3), date(2023, 3, 4))]
    assert gaps_between([]) == gaps_between(days[1:3]) == []


def test_a_pass_rate_is_drawn_to_scale_with_a_dot_where_it_failed() -> None:
    points = [Point(NOW, "passed", 1.0), Point(NOW, "failed", 0.5), Point(NOW, "broken", None), Point(NOW, "passed", 0.75)]
    drawn = str(pass_rate_chart(points))
    (line,) = re.findall(r'polyline points="([^"]*)"', drawn)
    at = [tuple(map(float, pair.split(","))) for pair in line.split()]
    top, bottom = MARGIN, HEIGHT - MARGIN
    assert [y for _, y in at] == [top, (top + bottom) / 2, bottom, pytest.approx(top + (bottom - top) / 4, abs=0.1)]
    assert at[0][0] == MARGIN
    assert at[-1][0] == WIDTH - MARGIN
    # where it failed, where it broke, and the newest
    assert drawn.count("<circle") == 3
    assert "最低 0.00%" in drawn


def test_each_run_has_a_bar_as_high_as_the_checks_that_failed() -> None:
    counts = [Counter(ERROR=2, WARN=2), Counter(WARN=1), Counter[str]()]
    drawn = str(runs_chart([RunCount(NOW, 9, count) for count in counts]))
    heights = [float(height) for height in re.findall(r'<rect [^>]*height="([^"]*)"', drawn)]
    assert len(heights) == 3
    assert heights[0] == heights[1] == 2 * heights[2] > 0
