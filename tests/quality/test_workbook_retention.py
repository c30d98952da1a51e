"""Old workbooks go, but for those of days that still have rows to be settled."""

import os
from datetime import date, datetime, timedelta
from pathlib import Path

from assets.clock import BEIJING, beijing_now
from assets.home import Home
from assets.quality.output.failing_rows import workbook_path
from assets.quality.output.workbook_retention import remove_old_workbooks, remove_surplus_findings, surplus_findings

OLD, UNSETTLED, YOUNG = date(2023, 8, 28), date(2023, 8, 29), date(2023, 8, 30)


def test_workbooks_are_kept_for_their_days_and_while_rows_wait(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    now = beijing_now()
    ages = {workbook_path(home, OLD): 11, workbook_path(home, UNSETTLED): 11, workbook_path(home, YOUNG): 9}
    ages |= {home.reports / "checks_20230828T053000.xlsx": 11, home.reports / "checks_20230830T053000.xlsx": 9}
    ages |= {home.reports / "2023-34" / "figures.xlsx": 11, home.reports / "quality.html": 11}
    for path, days in ages.items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"PK")
        moment = (now - timedelta(days=days)).replace(tzinfo=BEIJING).timestamp()
        os.utime(path, (moment, moment))
    assert remove_old_workbooks(home, 10, {UNSETTLED}, now) == 2
    gone = {path for path in ages if not path.exists()}
    assert gone == {workbook_path(home, OLD), home.reports / "checks_20230828T053000.xlsx"}
    assert not workbook_path(home, OLD).parent.exists()


def test_the_oldest_workbooks_of_the_checks_go_but_none_that_is_needed(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    names = [f"checks_202309{day:02}T053000.xlsx" for day in range(1, 10)]
    for name in names:
        (home.reports / name).write_bytes(b"PK")
    assert not surplus_findings(home, 9) and not surplus_findings(home, None)
    assert surplus_findings(home, 2)
    # an open finding points to the first, and the last publication was built on the 6th: what was refused since stays
    assert remove_surplus_findings(home, 2, {names[0]}, datetime(2023, 9, 6, 5, 30)) == 4
    assert sorted(path.name for path in home.reports.iterdir()) == [names[0], *names[5:]]
    assert remove_surplus_findings(home, 2, set(), None) == 3
    assert sorted(path.name for path in home.reports.iterdir()) == names[-2:]
    # by days too, what a finding points to stays
    assert remove_old_workbooks(home, 1, (), beijing_now() + timedelta(days=9), {names[-1]}) == 1
