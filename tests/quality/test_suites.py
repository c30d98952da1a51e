"""Suites are read strictly, and every table that is checked or published has one."""

from pathlib import Path

import pytest

from assets.errors import UsageError
from assets.platform.contract import load_contract
from assets.quality.engine import gx_suite
from assets.quality.suites import Suite, load_suites
from assets.warehouse.models import load_models

GOOD = """\
table: marts.a
interval: whole
checks:
  - id: a
    rule: 规则
    severity: ERROR
    who_fixes: 数据组
    expectation:
      type: unexpected_rows_expectation
      kwargs:
        unexpected_rows_query: select 1 from {batch}
"""


def test_every_feed_and_mart_has_a_suite() -> None:
    tables = {suite.table for suite in load_suites()}
    assert {f"lake.{feed}" for feed in load_contract().feeds} <= tables
    assert {name for name in load_models() if name.startswith("marts.")} <= tables


def test_every_rule_is_in_chinese() -> None:
    rules = [check.rule for suite in load_suites() for check in suite.checks]
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in rule) for rule in rules)


@pytest.mark.parametrize("suite", load_suites(), ids=lambda suite: suite.table)
def test_the_library_knows_every_expectation(suite: Suite) -> None:
    assert len(gx_suite(suite).expectations) == len(suite.checks)


def test_a_good_suite_is_read(tmp_path: Path) -> None:
    (tmp_path / "marts_a.yaml").write_text(GOOD, encoding="utf-8")
    (suite,) = load_suites(tmp_path)
    assert (suite.table, suite.interval, [check.id for check in suite.checks]) == ("marts.a", "whole", ["a"])


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("severity: ERROR", "severity: FATAL", 6),
        ("who_fixes: 数据组", "who: 数据组", 4),
        ("who_fixes: 数据组", "who_fixes: 某人", 7),
        ("rule: 规则", "rule: ''", 5),
        ("type: unexpected", "type: unexpect", 9),
        ("interval: whole", "interval: loaded", 1),
        ("interval: whole", "interval whole", 3),
        ("table: marts.a", "table: marts.b", 1),
        ("    rule: 规则\n", "    rule: 规则\n    rule: 又一条\n", 6),
        ("from {batch}", "from marts.a", 9),
        ("from {batch}", "from {batch} where a like '{1}'", 9),
        ("from {batch}", "from {batch} where a = '{'", 9),
        ("unexpected_rows_query:", "query:", 9),
    ],
)
def test_a_wrong_suite_names_file_and_line(tmp_path: Path, old: str, new: str, line: int) -> None:
    assert old in GOOD
    (tmp_path / "marts_a.yaml").write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(UsageError, match=rf"marts_a\.yaml:{line}:"):
        load_suites(tmp_path)


def test_an_id_is_used_once(tmp_path: Path) -> None:
    (tmp_path / "marts_a.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "marts_b.yaml").write_text(GOOD.replace("marts.a", "marts.b"), encoding="utf-8")
    with pytest.raises(UsageError, match=r"marts_b\.yaml: the check a stands in marts_a\.yaml already"):
        load_suites(tmp_path)


def test_no_suites_at_all_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there are no suites"):
        load_suites(tmp_path)
