"""Files that once broke the reader, and the seeds of the fuzzer: every law holds for each of them."""

from pathlib import Path

import pytest

from assets.platform.contract import load_contract
from tests.exports.fuzzing.examination import examine
from tests.exports.fuzzing.inputs import packed, seeds, unpacked

CASES = sorted(Path(__file__).with_name("cases").glob("*-*"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_kept_case_breaks_no_law(tmp_path: Path, case: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(case.read_bytes())
    assert examine(path, load_contract().feeds[case.name.split("-")[0]]) is not None


def test_a_seed_of_the_fuzzer_breaks_no_law(tmp_path: Path) -> None:
    path = tmp_path / "a"
    states = set()
    for seed in seeds():
        feed, packing, content = unpacked(seed)
        path.write_bytes(packed(packing, content))
        account = examine(path, feed)
        assert account is not None
        states.add((account.format, account.state))
    # what begins as a sound file is read as one, in every format
    assert {(form, "loaded") for form in ("csv", "csv.gz", "zip", "xlsx")} <= states
