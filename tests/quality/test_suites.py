"""Suites are read strictly, fit the tables that they check, and every table that is checked or published has one."""

import subprocess
import sys
from pathlib import Path

import pytest

from assets.errors import UsageError
from assets.platform.contract import load_contract
from assets.quality.run.engine import gx_expectations
from assets.quality.suites.proof import prove
from assets.quality.suites.suite import Suite, load_suites
from assets.warehouse.models.model import load_models

GOOD = """\
table: marts.organizations
interval: whole
computed:
  is_named: |
    org_name is not null
    and org_name <> ''
checks:
  - id: a
    rule: 规则
    severity: ERROR
    who_fixes: 数据组
    prints: [org_code, org_level]
    reason: 理由
    threshold: 2
    expectation:
      type: unexpected_rows_expectation
      kwargs:
        unexpected_rows_query: |
          select org_code, org_level
          from {batch}
          where length(org_code) > {threshold}
  - id: b
    rule: 规则
    severity: WARN
    who_fixes: 平台方
    prints: [org_code]
    reason: 理由
    expectation:
      type: expect_column_values_to_be_in_set
      kwargs:
        column: is_named
        value_set: [true]
        mostly: 0.29
"""
NAME = "marts_organizations.yaml"


def read(folder: Path, text: str) -> tuple[Suite, ...]:
    (folder / NAME).write_text(text, encoding="utf-8")
    return load_suites(folder)


def test_every_feed_and_mart_has_a_suite() -> None:
    tables = {suite.table for suite in load_suites()}
    assert {f"lake.{feed}" for feed in load_contract().feeds} <= tables
    assert {name for name in load_models() if name.startswith("marts.")} <= tables


def test_the_suites_fit_the_tables() -> None:
    prove(load_suites(), load_models())


def test_nothing_is_imported_before_a_run() -> None:
    code = (
        "import sys; from pipelines.definitions import build_definitions; from pipelines.settings import load_settings;"
        "from pathlib import Path; build_definitions(load_settings(Path(sys.argv[1]))); assert 'great_expectations' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, "no-such-home"], check=True)


@pytest.mark.parametrize("suite", load_suites(), ids=lambda suite: suite.table)
def test_the_library_knows_every_expectation(suite: Suite) -> None:
    assert list(gx_expectations(suite)) == [check.id for check in suite.checks]


def test_a_good_suite_is_read(tmp_path: Path) -> None:
    (suite,) = read(tmp_path, GOOD)
    prove([suite], load_models())
    assert (suite.table, suite.interval, [check.id for check in suite.checks]) == ("marts.organizations", "whole", ["a", "b"])
    assert [check.tolerated_share for check in suite.checks] == [None, 0.71]
    assert suite.checks[0].query.endswith("> 2\n")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("severity: ERROR", "severity: FATAL", 10),
        ("who_fixes: 数据组", "who: 数据组", 8),
        ("    who_fixes: 数据组\n", "", 8),
        ("who_fixes: 数据组", "who_fixes: 某人", 11),
        ("rule: 规则\n    severity: ERROR", "rule: a rule\n    severity: ERROR", 9),
        ("    prints: [org_code, org_level]\n", "", 8),
        ("prints: [org_code, org_level]", "prints: []", 12),
        ("prints: [org_code, org_level]", "prints: [org_code, applicant_pseudonym]", 12),
        ("prints: [org_code, org_level]", "prints: [contact_mobile]", 12),
        ("    reason: 理由\n    threshold: 2\n", "    threshold: 2\n", 8),
        ("    threshold: 2\n", "", 8),
        ("> {threshold}", "> 2", 8),
        ("type: unexpected_rows_expectation", "type: unexpected_row_expectation", 16),
        ("type: expect_column_values_to_be_in_set", "type: expect_column_values_to_be_in_sets", 29),
        ("        column: is_named\n", "        colum: is_named\n", 29),
        ("        column: is_named\n", "", 29),
        ("value_set: [true]", "value_set: 1", 29),
        ("mostly: 0.29", "mostly: 2", 29),
        ("mostly: 0.29", "mostly: 0.29\n        row_condition: org_level = '2'", 29),
        ("interval: whole", "interval: all", 2),
        ("interval: whole", "interval whole", 3),
        ("table: marts.organizations", "table: marts.organisations", 1),
        ("    rule: 规则\n    severity: ERROR", "    rule: 规则\n    rule: 又一条\n    severity: ERROR", 10),
        ("from {batch}", "from marts.organizations", 16),
        ("from {batch}", "from {batch} where org_code like '{1}'", 16),
        ("from {batch}", "from {batch} where org_code = '{'", 16),
        ("unexpected_rows_query:", "query:", 16),
        ("  - id: b", "  - id: a", 22),
    ],
)
def test_a_wrong_suite_names_file_and_line(tmp_path: Path, old: str, new: str, line: int) -> None:
    assert old in GOOD
    with pytest.raises(UsageError, match=rf"{NAME}:{line}:"):
        read(tmp_path, GOOD.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("and org_name <> ''", "and org_names <> ''", 6),
        ("is_named: |", "org_level: |", 5),
        ("interval: whole", "interval: loaded", 8),
        ("where length(org_code)", "where length(org_codes)", 21),
        ("from {batch}", "from {batch} cross join marts.none", 20),
        ("column: is_named", "column: is_unnamed", 31),
        ("prints: [org_code, org_level]", "prints: [org_code, org_name]", 12),
        ("prints: [org_code]", "prints: [delivery]", 26),
    ],
)
def test_a_suite_that_does_not_fit_the_tables_names_file_and_line(tmp_path: Path, old: str, new: str, line: int) -> None:
    assert old in GOOD
    suites = read(tmp_path, GOOD.replace(old, new))
    with pytest.raises(UsageError, match=rf"{NAME}:{line}:"):
        prove(suites, load_models())


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "marts_none.yaml").write_text(GOOD.replace("marts.organizations", "marts.none"), encoding="utf-8")
    with pytest.raises(UsageError, match=r"marts_none\.yaml:1: there is no table marts\.none"):
        prove(load_suites(tmp_path), load_models())


def test_an_id_is_used_once(tmp_path: Path) -> None:
    (tmp_path / "marts_errata.yaml").write_text(GOOD.replace("marts.organizations", "marts.errata"), encoding="utf-8")
    with pytest.raises(UsageError, match=rf"{NAME}:8: the check a is in .*marts_errata\.yaml:8 already"):
        read(tmp_path, GOOD)


def test_no_suites_at_all_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there are no suites"):
        load_suites(tmp_path)
