"""Each model against its cases in ``cases/``, and the cases against mistakes in writing them."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from assets.warehouse.models.empty import empty_warehouse
from assets.warehouse.models.model import load_models
from tests.warehouse.model_cases import Case, CaseError, read_cases, run_case

MODELS = load_models()
ALL = read_cases()

SMALL = """\
model: marts.task_types
cases:
  - case: a code
    given:
      ref.task_types:
        - {task_type: 01, task_type_name: 行政许可, class: licence}
        - {task_type: 02, class: null}
    expect:
      - {task_type: 01, class: licence}
      - {task_type: 02, class: null}
"""


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with empty_warehouse(MODELS) as connection:
        yield connection


@pytest.mark.parametrize("case", ALL, ids=str)
def test_given_rows_give_the_expected_rows(warehouse: duckdb.DuckDBPyConnection, case: Case) -> None:
    run_case(warehouse, MODELS, case)


def test_every_model_has_its_cases() -> None:
    assert {case.model for case in ALL} == set(MODELS)


def written(folder: Path, text: str) -> list[Case]:
    (folder / "small.yaml").write_text(text, encoding="utf-8")
    return read_cases(folder)


def test_a_right_case_passes(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (case,) = written(tmp_path, SMALL)
    run_case(warehouse, MODELS, case)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (
            "class: null}\n    expect",
            "class: other_six}\n    expect",
            r"missing \[\('02', None\)\], not expected \[\('02', 'other_six'\)\]",
        ),
        ("      - {task_type: 02, class: null}\n", "", "missing \\[\\], not expected \\[\\('02', None\\)\\]"),
        (
            "      - {task_type: 01, class: licence}\n",
            "      - {task_type: 01, class: licence}\n" * 2,
            r"missing \[\('01', 'licence'\)\]",
        ),
    ],
)
def test_a_wrong_result_names_file_case_and_rows(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, old: str, new: str, found: str
) -> None:
    (case,) = written(tmp_path, new.join(SMALL.rsplit(old, 1)))
    with pytest.raises(AssertionError, match=rf"small\.yaml: case 'a code': over \(task_type, class\) {found}"):
        run_case(warehouse, MODELS, case)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("{task_type: 02, class: null}\n    expect", "{task_typ: 02}\n    expect", "ref.task_types has no column task_typ"),
        ("{task_type: 02, class: null}\n", "{task_type: 02}\n", "list the same columns"),
        ("    given:", "    cte: newest\n    given:", "the model has no step newest"),
        ("    given:", "    givens:\n    given:", "unknown words givens"),
    ],
)
def test_a_case_written_wrong_names_file_and_case(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, old: str, new: str, found: str
) -> None:
    with pytest.raises(CaseError, match=rf"small\.yaml: case 'a code': .*{found}"):
        for case in written(tmp_path, new.join(SMALL.rsplit(old, 1))):
            run_case(warehouse, MODELS, case)


def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"small\.yaml: case 'a code': the name stands twice"):
        written(tmp_path, SMALL + SMALL.split("cases:\n")[1])
