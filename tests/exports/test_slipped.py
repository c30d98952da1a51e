"""Numbers of invented persons under codes, keys and names refuse their row; numbers of cases, departments and batches do not."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from assets.errors import UsageError
from assets.exports.lake.openings import load_opening
from assets.exports.typing.pseudonym import PseudonymKey
from assets.exports.typing.reasons import Reason
from assets.exports.typing.record_keys import safe_record_key
from assets.exports.typing.rows import TypedRows, typed_rows
from assets.platform.contract import load_contract
from assets.platform.identifiers import credit_code_check_character, resident_id_check_character

FEEDS = load_contract().feeds
ID = "51010419900307123" + resident_id_check_character("51010419900307123")
# Luhn's sum by hand: of 6222020 and twelve zeros every second digit from the right doubled gives 6+4+2+4+0+4+0 = 20
CARD = "6222020000000000000"
DEPARTMENT = "11510000MB1234567" + credit_code_check_character("11510000MB1234567")
GOOD = {
    "project_no": "510000-20230828-000123",
    "task_code": "511A0100100-510000000000-000-115100000081",
    "task_name": "食品经营许可（新办）",
    "accept_date": "2023-08-28 09:00:00",
    "org_code": DEPARTMENT,
    "org_name": "省市场监督管理局",
    "org_level": "2",
    "area_code": "510000000000",
    "task_type": "01",
    "is_composite": "1",
    "cd_operation": "I",
    "cd_time": "2023-08-28 18:00:00",
    "cd_batch": "20230828180000",
}


def typed(*rows: dict[str, str], feed: str = "accept") -> TypedRows:
    frame = pl.DataFrame([GOOD | row for row in rows], schema={name: pl.String() for name in GOOD | rows[0]})
    lines = pl.Series("line", range(2, 2 + len(rows)))
    return typed_rows(frame, lines, FEEDS[feed], date(2023, 8, 28), PseudonymKey(b"k" * 32))


def refusals(*rows: dict[str, str]) -> list[tuple[int, str, str]]:
    found = typed(*rows).refusals
    return list(found.select("line", "column_name", "reason_code").iter_rows())


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("org_code", ID),
        ("org_code", ID.lower()),
        ("org_code", "13800138000"),
        ("org_code", "028-86600000"),
        ("project_no", ID),
        ("project_no", "13800138000"),
        ("project_no", "+86 138-0013-8000"),
        ("project_no", CARD),
        ("project_no", "51010419900307123X"),
        ("task_type", "13800138000"),
        ("area_code", CARD),
        ("task_code", ID),
        ("cd_batch", "13800138000"),
        ("org_name", "张三13800138000"),
        ("org_name", "张三 138 0013 8000"),
        ("org_name", "张三１３８００１３８０００"),
        ("task_name", f"身份证{ID}的补办"),
        ("task_name", f"卡号{CARD}"),
    ],
)
def test_a_persons_number_under_a_code_key_or_name_refuses_the_row(column: str, value: str) -> None:
    assert refusals({}, {column: value}) == [(3, column, Reason.PERSONAL_NUMBER)]
    # a deletion is kept in the lake too
    assert refusals({column: value, "cd_operation": "D"}) == [(2, column, Reason.PERSONAL_NUMBER)]


@pytest.mark.parametrize("key", [ID, "13800138000", "+86 138-0013-8000", CARD, "51010419900307123X"])
def test_a_refused_key_that_is_a_persons_number_is_not_kept(key: str) -> None:
    assert safe_record_key(typed({"project_no": key}).refusals["record_key"]).to_list() == [None]


def test_a_name_under_a_key_or_a_code_is_refused_or_not_kept() -> None:
    assert refusals({"project_no": "张三"}, {"org_code": "张三"}) == [
        (2, "project_no", Reason.INVALID_CODE),
        (3, "org_code", Reason.INVALID_CODE),
    ]
    kept = typed({"task_type": "张三"}, {"task_type": "77"})
    assert kept.rows["task_type"].to_list() == ["99", "77"]
    assert kept.warnings == {("task_type", Reason.UNKNOWN_CODE.value): 2}


@pytest.mark.parametrize(
    "row",
    [
        {},
        # area, day and serial number; the check digit of an ID would be another
        {"project_no": ID[:-1] + ("0" if ID[-1] != "0" else "1")},
        {"project_no": "51010020230828000001"},
        {"project_no": "1234567890123"},
        {"project_no": "12345678901"},
        {"project_no": "SP202308280000013800138000"},
        {"project_no": "川审2023-0828-17号"},
        {"org_code": "DEPT-01"},
        {"org_name": "第12345678901办事处"},
        {"task_name": "依据2023年第13号文办理"},
    ],
)
def test_numbers_of_cases_departments_and_batches_pass(row: dict[str, str]) -> None:
    assert refusals(row) == []


def test_a_case_number_that_holds_its_day_passes_whatever_its_last_digit_is() -> None:
    assert refusals(*({"project_no": f"51202308280000{number:02d}"} for number in range(100))) == []


OPENING = "as_of,org_code,org_level,task_type,is_composite,measure,value\n2023-08-20,{code},2,01,1,accepted,{value}\n"


@pytest.mark.parametrize(
    ("code", "value", "column"),
    [("张三", "1", "org_code"), (ID, "1", "org_code"), ("13800138000", "1", "org_code"), ("", "9" * 18, "value")],
)
def test_an_opening_with_a_persons_value_or_a_number_without_measure_is_refused(
    tmp_path: Path, code: str, value: str, column: str
) -> None:
    path = tmp_path / "opening_20230820.csv"
    path.write_text(OPENING.format(code=code, value=value), encoding="utf-8")
    with pytest.raises(UsageError, match=f":2: column {column}") as refused:
        load_opening(path, tmp_path / "lake")
    assert not code or code not in str(refused.value)


@pytest.mark.parametrize("code", ["", DEPARTMENT])
def test_an_opening_with_a_code_or_none_is_loaded(tmp_path: Path, code: str) -> None:
    path = tmp_path / "opening_20230820.csv"
    path.write_text(OPENING.format(code=code, value="12"), encoding="utf-8")
    assert load_opening(path, tmp_path / "lake").rows == 1


@pytest.mark.parametrize(("count", "is_refused"), [("1000000", False), ("1000001", True), ("9" * 18, True), ("9" * 40, True)])
def test_a_count_of_persons_has_an_upper_bound(count: str, is_refused: bool) -> None:
    row = {"consult_no": "C1", "consult_date": "2023-08-28", "person_count": count}
    found = typed(row, feed="consult").refusals
    expected = [("person_count", Reason.INVALID_NUMBER)] if is_refused else []
    assert list(found.select("column_name", "reason_code").iter_rows()) == expected
