"""Loading a file, audit, types, pseudonyms and all, against a bare DuckDB ``read_csv`` → Parquet of the same rows in UTF-8."""

import tempfile
from datetime import date
from functools import partial
from pathlib import Path

import duckdb

from assets.exports.loading import Origin, load_file
from assets.exports.reading.source import FileLimits
from assets.exports.typing.pseudonym import PseudonymKey
from assets.platform.contract import load_contract
from assets.platform.simulator import simulate
from benchmarks.pairs import compared

ROUNDS = 5
DAY = date(2023, 8, 28)
# a Monday of the simulator has 1.19 times the cases that it is asked for
ROWS_PER_CASE = 1.19
MOST_CASES = 999_999


def main(rows: int = 1_000_000) -> None:
    """Print medians and ratio for a file of about ``rows`` rows, in UTF-8 and in GB18030."""
    with tempfile.TemporaryDirectory() as folder:
        plain, target, bare = (Path(folder, name) for name in ("plain.csv", "loaded.parquet", "bare.parquet"))
        simulate(Path(folder, "landing"), DAY, DAY, cases_per_day=min(MOST_CASES, round(rows / ROWS_PER_CASE)))
        text = next(Path(folder, "landing").glob("*/accept_*.csv")).read_bytes().decode("utf-8-sig")
        plain.write_bytes(text.encode())
        print(f"{text.count(chr(10)) - 1:,} rows of accept, {plain.stat().st_size / 1e6:.0f} MB")
        for encoding in ("utf-8", "gb18030"):
            source = plain.with_name(encoding)
            source.write_bytes(text.encode(encoding))
            print(
                encoding,
                compared("load_file", partial(_load, source, target), "bare DuckDB", partial(_copy, plain, bare), ROUNDS),
            )


def _load(source: Path, target: Path) -> None:
    load_file(
        source,
        load_contract().feeds["accept"],
        Origin("20230828_01", DAY, 1, 0),
        target,
        expected_records=None,
        key=PseudonymKey(b"a key for a benchmark"),
        limits=FileLimits(),
    )


def _copy(source: Path, target: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"copy (select * from read_csv('{source}', all_varchar = true)) to '{target}' (format parquet)")
