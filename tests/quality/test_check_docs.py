"""The page of checks says what the suites say, and is the one that the project ships."""

from pathlib import Path

from assets.quality.suites.docs import checks_as_markdown
from assets.quality.suites.suite import load_suites

PAGE = Path(__file__).parents[2] / "docs" / "checks.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == checks_as_markdown(load_suites()), "make docs writes it again"


def test_every_check_has_a_row_with_all_that_it_says() -> None:
    rows = {line.split("`")[1]: line for line in checks_as_markdown(load_suites()).splitlines() if line.startswith("| `")}
    checks = {check.id: check for suite in load_suites() for check in suite.checks}
    assert rows.keys() == checks.keys()
    for name, row in rows.items():
        check = checks[name]
        assert all(f" {words} " in row for words in (check.rule, check.severity, check.who_fixes, check.reason)), name
    assert " 20% " in rows["accept_org_code"]
    assert " 新入库，抽查 " in rows["accept_org_code"]
    assert " 新入库 " in rows["accept_required"]
    assert " 5 " in rows["weekly_counts_completion_rate"]
