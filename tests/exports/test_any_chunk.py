"""A file longer than what is read at once: wherever that cuts a record, a quote, a line end or a character, nothing changes."""

import gzip
from pathlib import Path

import polars as pl
import pytest

from assets.exports.reading.source import CHUNK_BYTES
from assets.platform.contract import load_contract
from tests.exports.feed_files import csv_text, load
from tests.exports.fuzzing import examples

RESULT = load_contract().feeds["result"]
NAMES = ["project_no", "result_type", "result_date", "org_code", "org_level", "task_type", "is_composite", "cd_time"]
HEADER = [*NAMES, "org_name", "result_explain"]
# quotes before commas and line ends, doubled quotes, characters of one to four bytes in either encoding
ODD = '"甲",\r\n"䶮""𠮷é",\n"'
FILLER = 60_000


def _record(key: str, org_name: str, length: int) -> str:
    values = [key, "1", "2023-08-28 10:00:00", "C1", "2", "01", "1", "2023-08-28 18:00:00", org_name, "x" * length]
    return csv_text(values, [], "\r\n")


def _up_to(size: int, encoding: str) -> str:
    """A header and records of exactly ``size`` bytes."""
    header = csv_text(HEADER, [], "\r\n")
    room, bare = size - len(header), len(_record("F000000", "局", 0).encode(encoding))
    count = -(-room // FILLER)
    lengths = [room // count - bare] * (count - 1)
    lengths.append(room - sum(lengths) - bare * count)
    return header + "".join(_record(f"F{number:06d}", "局", length) for number, length in enumerate(lengths))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("is_packed", [False, True], ids=["csv", "gz"])
def test_a_record_that_is_cut_by_the_end_of_a_chunk(tmp_path: Path, encoding: str, is_packed: bool) -> None:
    odd = _record("ODD", ODD, 3)
    length = len(odd.encode(encoding))
    path = tmp_path / "a"
    for before in range(1, length + 2, 1 if examples(1) > 1 else 17):
        first = _up_to(CHUNK_BYTES - before, encoding)
        text = first + odd + _record("LAST", "局", 3)
        data = text.encode(encoding)
        assert data[CHUNK_BYTES - before :].decode(encoding).startswith("ODD,1,")
        # stored, since filler packs so well that it would be taken for a bomb
        path.write_bytes(gzip.compress(data, 0) if is_packed else data)
        count = first.count("\r\n") + 1
        account, frame = load(path, RESULT, count)
        assert frame is not None, before
        assert (account.loaded, account.warnings, account.encoding) == (count, {}, encoding)
        rows = frame.filter(pl.col("project_no").is_in(["ODD", "LAST"])).select("project_no", "org_name", "line").rows()
        assert rows == [("ODD", ODD, count), ("LAST", "局", count + 1 + odd.count("\n") - 1)]
