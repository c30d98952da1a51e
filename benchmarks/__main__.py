"""``python -m benchmarks [ROWS]``: loading a file, audit, types, pseudonyms and all, against a bare DuckDB read → Parquet."""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb

from assets.exports.loading import Origin, load_file
from assets.exports.pseudonym import PseudonymKey
from assets.exports.source import ArchiveLimits
from assets.platform.contract import load_contract
from assets.platform.simulator import simulate

ROUNDS = 5
DAY = date(2023, 8, 28)


def main(rows: int) -> None:
    """Print both medians and their ratio, A B A B in one run."""
    with tempfile.TemporaryDirectory() as folder:
        source = _accept_file(Path(folder), rows)
        target = Path(folder, "loaded.parquet")
        bare = Path(folder, "bare.parquet")
        ours: list[float] = []
        theirs: list[float] = []
        for _ in range(ROUNDS):
            ours.append(_seconds(lambda: _load(source, target)))
            theirs.append(_seconds(lambda: _copy(source, bare)))
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    print(f"load_file {statistics.median(ours):.2f} s, bare DuckDB {statistics.median(theirs):.2f} s, ratio {ratio:.2f}")


def _accept_file(folder: Path, rows: int) -> Path:
    simulate(folder / "landing", DAY, DAY, cases_per_day=rows)
    return next((folder / "landing").glob("*/accept_*.csv"))


def _load(source: Path, target: Path) -> None:
    origin = Origin("20230828_01", DAY, 1, 0)
    load_file(
        source,
        load_contract().feeds["accept"],
        origin,
        target,
        expected_records=None,
        key=PseudonymKey(b"a key for a benchmark"),
        limits=ArchiveLimits(),
    )


def _copy(source: Path, target: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"copy (select * from read_csv('{source}', all_varchar = true)) to '{target}' (format parquet)")


def _seconds(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
