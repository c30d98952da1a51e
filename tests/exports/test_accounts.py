"""What becomes of a file's records: which version of a key stands, what is refused, and that damage is never silent."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.exports.typing.reasons import Reason
from assets.platform.contract import load_contract
from tests.exports import feed_files
from tests.exports.feed_files import invented_rows, load, result_csv

RESULT = load_contract().feeds["result"]
HANDBOOK = load_contract().feeds["handbook"]
TIMES = [f"2023-08-28 18:00:0{second}" for second in range(3)]
SPELLINGS = {"P1": ["P1", "p1", " P1", "Ｐ１"], "P2": ["P2", "'p2"], "P3": ["P3"]}
VERSIONS = st.lists(
    st.tuples(
        st.sampled_from([(key, spelled) for key, spellings in SPELLINGS.items() for spelled in spellings]),
        st.sampled_from(TIMES),
        # an empty time of result leaves the row out, as if it had not come
        st.sampled_from(["2023-08-28 10:00:00", ""]),
        st.sampled_from("IUD"),
    ),
    max_size=12,
)


@settings(max_examples=40)
@given(VERSIONS)
def test_the_latest_version_of_a_key_stands(versions: list[tuple[tuple[str, str], str, str, str]]) -> None:
    newest: dict[str, tuple[str, int]] = {}
    refused = 0
    for line, ((key, _), time, result_date, operation) in enumerate(versions, 2):
        if result_date or operation == "D":
            newest[key] = max(newest.get(key, ("", 0)), (time, line))
        else:
            refused += 1
    rows = [
        {"project_no": spelled, "cd_time": time, "result_date": result_date, "cd_operation": operation}
        for (_, spelled), time, result_date, operation in versions
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder, "a.csv")
        path.write_bytes(result_csv(rows) if rows else result_csv([{}])[: result_csv([{}]).index(b"\n") + 1])
        account, frame = load(path, RESULT, len(rows))
    assert frame is not None
    assert set(frame.select("project_no", "line").rows()) == {(key, line) for key, (_, line) in newest.items()}
    assert (account.loaded, account.quarantined) == (len(newest), refused)
    assert account.superseded == len(rows) - refused - len(newest)


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ({"project_no": "NULL"}, "project_no", Reason.MISSING_REQUIRED),
        ({"cd_time": "-"}, "cd_time", Reason.MISSING_REQUIRED),
        ({"task_type": "无"}, "task_type", Reason.MISSING_REQUIRED),
        ({"result_date": "0000-00-00"}, "result_date", Reason.MISSING_REQUIRED),
        ({"result_date": "2023-02-30"}, "result_date", Reason.INVALID_TIME),
        ({"result_date": "2023-08-29 00:00:00"}, "result_date", Reason.EVENT_AFTER_BUSINESS_DATE),
        ({"org_level": "7"}, "org_level", Reason.INVALID_CODE),
        ({"is_composite": "2"}, "is_composite", Reason.INVALID_FLAG),
        ({"cd_operation": "D", "project_no": ""}, "project_no", Reason.MISSING_REQUIRED),
        ({"cd_operation": "D", "cd_time": "2023-02-30"}, "cd_time", Reason.INVALID_TIME),
    ],
)
def test_a_refused_row_is_found_by_line_column_and_reason(
    tmp_path: Path, row: dict[str, str], column: str, reason: Reason
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(result_csv([{}, row]))
    account, frame = load(path, RESULT, 2)
    assert frame is not None
    assert account.refusals.select("line", "column_name", "reason_code").rows() == [(3, column, reason.value)]
    assert frame["line"].to_list() == [2]


def test_the_last_moment_of_the_business_date_still_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(result_csv([{"result_date": "2023-08-28 23:59:59.999999"}]))
    assert load(path, RESULT, 1)[0].loaded == 1


def test_unknown_codes_count_as_other_and_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(result_csv([{"result_type": "7", "task_type": "77"}]))
    account, frame = load(path, RESULT, 1)
    assert frame is not None
    assert frame.select("result_type", "task_type", "result_date").rows() == [("9", "77", datetime(2023, 8, 28, 10))]
    assert account.warnings == {("result_type", "unknown_code"): 1, ("task_type", "unknown_code"): 1}


@pytest.mark.parametrize("name", ["org_code", "cd_time", "result_date"])
def test_a_file_without_a_required_column(tmp_path: Path, name: str) -> None:
    names = [column.name for column in RESULT.columns if column.required and column.name != name]
    path = tmp_path / "a.csv"
    path.write_bytes(result_csv([{}, {"project_no": "P2"}], names))
    account, frame = load(path, RESULT, 2)
    assert frame is None
    assert (account.file_reason, account.file_column) == (Reason.HEADER_MISSING_COLUMN, name)
    assert (account.records, account.quarantined) == (2, 2)


@pytest.mark.parametrize("declared", [1, 3])
def test_a_count_that_is_not_the_manifests(tmp_path: Path, declared: int) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(result_csv([{}, {"project_no": "P2"}]))
    account, frame = load(path, RESULT, declared)
    assert frame is None
    assert (account.state, account.file_reason, account.records, account.quarantined) == ("quarantined", Reason.ROW_COUNT, 2, 2)


def test_a_csv_cut_at_any_byte_loses_nothing_in_silence(tmp_path: Path) -> None:
    feed_files.write_csv(tmp_path / "whole.csv", HANDBOOK, invented_rows(HANDBOOK, 2))
    whole = (tmp_path / "whole.csv").read_bytes()
    path = tmp_path / "cut.csv"
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        account, frame = load(path, HANDBOOK, 2)
        assert account.records == account.loaded + account.superseded + account.quarantined
        if account.state == "quarantined":
            assert frame is None
            continue
        assert frame is not None
        assert account.records == 2
        assert frame.height == account.loaded == 2 - account.refusals.height
        # both stand only where the cut took no more than the last record's last column
        assert ("", Reason.NO_FINAL_LINE_END.value) in account.warnings or account.refusals.height
        if account.loaded == 2:
            assert length >= whole.rindex(b",")


@pytest.mark.parametrize(
    ("form", "step"),
    [(feed_files.write_gz, 1), (feed_files.write_zip, 1), (feed_files.write_xlsx, 211)],
    ids=["gz", "zip", "xlsx"],
)
def test_a_packed_file_cut_at_any_byte_is_quarantined(tmp_path: Path, form: feed_files.Writer, step: int) -> None:
    form(tmp_path / "whole", HANDBOOK, invented_rows(HANDBOOK, 3))
    whole = (tmp_path / "whole").read_bytes()
    path = tmp_path / "cut"
    for length in range(0, len(whole), step):
        path.write_bytes(whole[:length])
        account, frame = load(path, HANDBOOK, 3)
        assert frame is None
        # the first bytes do not tell the format yet: a CSV with an unknown header and no record
        assert account.format != "csv" or length < 4
        expected = 0 if account.format == "csv" else 3
        assert (account.state, account.records, account.quarantined) == ("quarantined", expected, expected)
