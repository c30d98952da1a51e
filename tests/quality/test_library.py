"""The library through its door finds what it finds when it is imported and asked as its documentation says, for much less."""

import json
import subprocess
import sys
from typing import Any

HEAVY = {"altair", "pandas", "scipy"}


def checked(way: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-m", "tests.quality.one_process", way], check=True, capture_output=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_a_release_of_the_library_is_imported_without_its_heavy_modules_and_finds_the_same() -> None:
    through_the_door, plainly = checked("door"), checked("plainly")
    assert HEAVY & set(plainly["modules"]) == HEAVY, "a module that the library no longer imports need not be left out"
    assert HEAVY & set(through_the_door["modules"]) == set()
    assert len(through_the_door["modules"]) < len(plainly["modules"]) - 900
    assert through_the_door["found"] == plainly["found"]
    # what computes with one of them gets it
    assert {"pandas", "scipy"} <= set(through_the_door["modules_in_the_end"])
    assert {passed for _, passed, _ in plainly["found"]} == {True, False}


def test_another_module_still_gets_what_was_left_out() -> None:
    code = (
        "from assets.quality.run.library import great_expectations; great_expectations(); import pandas, scipy;"
        "assert pandas.Series([1, 2]).sum() == 3 and scipy.__version__"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
