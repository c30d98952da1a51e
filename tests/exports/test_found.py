"""What random files have shown to be wrong, each as the smallest file that shows it."""

from pathlib import Path

import pytest

from assets.platform.contract import load_contract
from tests.exports.feed_files import load

HANDBOOK = load_contract().feeds["handbook"]


@pytest.mark.parametrize(
    ("text", "good"),
    [
        # the header says that a comma trails every line; the first record, short by one field, does not end in one more
        ("task_handle_item,task_name,org_code,cd_time,\nT1,甲,C1,\nT2,乙,C1,2023-08-28,\nT3,丙,C1,2023-08-28,\n", ["T2", "T3"]),
        # no line but the first record, which has a field too many, ends in a comma
        (
            "task_handle_item,org_code,cd_time,task_name\nT1,C1,2023-08-28,甲,\nT2,C1,2023-08-28,乙\nT3,C1,2023-08-28,丙\n",
            ["T2", "T3"],
        ),
    ],
    ids=["header with a trailing comma", "header without"],
)
def test_a_bad_first_record_leaves_the_others_alone(tmp_path: Path, text: str, good: list[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode())
    account, frame = load(path, HANDBOOK, 3)
    assert frame is not None
    assert account.refusals.select("line", "reason_code").rows() == [(2, "field_count")]
    assert frame["task_handle_item"].to_list() == good


def test_records_with_fewer_fields_than_the_header_are_never_shifted_under_other_columns(tmp_path: Path) -> None:
    # both end in a comma, and the header begins with one more: T1 would come to stand in no column, 甲 in the key
    path = tmp_path / "a.csv"
    header = ",task_handle_item,task_name,org_code,cd_time,finished_date,org_name,"
    path.write_bytes(f"{header}\nT1,甲,C1,2023-08-27,2023-08-28,甲局,\n".encode())
    account, frame = load(path, HANDBOOK, 1)
    assert frame is None or frame.is_empty()
    assert (account.records, account.quarantined) == (1, 1)
