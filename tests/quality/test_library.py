"""The library through its door finds what it finds when it is imported plainly, without the modules that make that dear."""

import json
import subprocess
import sys
from typing import Any

import pytest

from assets.quality.suites import Expectation

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
    assert {status for _, status, _, _ in plainly["found"]} >= {"passed", "failed"}


def test_another_module_still_gets_what_was_left_out() -> None:
    code = (
        "from assets.quality.library import great_expectations; great_expectations(); import pandas, scipy;"
        "assert pandas.Series([1, 2]).sum() == 3 and scipy.__version__"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_would_need_a_module_that_is_left_out_is_refused() -> None:
    with pytest.raises(ValueError, match="kl_divergence"):
        Expectation(type="expect_column_kl_divergence_to_be_less_than", kwargs={"column": "a"})
