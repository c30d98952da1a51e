"""Reconciliation, the second proof after the hashes: totals that receipts counted on writing, against SQL over what a build reads.

Hashes prove the bytes of a file. This would notice a library, or this program, that reads the right bytes wrongly.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import duckdb

from assets.errors import DamageError, LakeDamageError, StorageError
from assets.exports.lake.totals import DELETED, ROWS, part_column, part_name, sum_column
from assets.platform.contract import Feed, load_contract
from assets.warehouse.build.last_build import LakeFile
from assets.warehouse.state.lake_files import LakeFiles

_OPERATION = "cd_operation"
Totals = dict[tuple[str, int], dict[str, int]]


def compare_files(
    connection: duckdb.DuckDBPyConnection, known: LakeFiles, feed: str, relation: str, files: Iterable[LakeFile]
) -> None:
    """Compare the totals of ``files``, read through ``relation``, with those in their receipts.

    Raises ``LakeDamageError`` naming the first file that reads differently from what was written.
    """
    with reading(f"lake.{feed}"):
        read = read_totals(connection, load_contract().feeds[feed], relation)
    for file in files:
        found = read.pop((file.delivery, file.file_index), {ROWS: 0})
        written = known.totals_of(str(file.lake_file))
        if written is None:
            # release 0.1.0 kept the number of rows alone
            written, found = {ROWS: file.rows}, {ROWS: found[ROWS]}
        if _without_zeros(found) != _without_zeros(written):
            wrong = sorted(name for name in written.keys() | found.keys() if written.get(name, 0) != found.get(name, 0))
            said = ", ".join(f"{found.get(name, 0)} {name}, and its receipt says {written.get(name, 0)}" for name in wrong)
            raise LakeDamageError(f"{known.lake / str(file.lake_file)}: {said}; put it back from a copy of the lake")
    if read:
        delivery, index = min(read)
        raise LakeDamageError(f"lake.{feed}: rows of file {index} of delivery {delivery} lie in a file that is not its own")


def compare_all_files(connection: duckdb.DuckDBPyConnection, known: LakeFiles) -> None:
    """Compare every file that the ledger holds, as ``compare_files`` does."""
    rows = connection.execute(
        "select delivery, file_index, feed, lake_file, '', true, loaded from ledger.files where lake_file is not null order by all"
    ).fetchall()
    files = [LakeFile(*row) for row in rows]
    for feed in load_contract().feeds:
        of_feed = [file for file in files if file.feed == feed]
        if of_feed:
            compare_files(connection, known, feed, f"lake.{feed}", of_feed)


def read_totals(connection: duckdb.DuckDBPyConnection, feed: Feed, relation: str) -> Totals:
    """What ``totals.py`` counts, counted in SQL for each file in ``relation``."""
    part, summed = part_column(feed), sum_column(feed)
    has_operation = _OPERATION in feed.lake_columns
    deleted = f"{_OPERATION} = 'D'" if has_operation else "false"
    rows = connection.execute(
        f"select delivery, file_index, {f'case when not {deleted} then {part} end' if part else 'null'} as part, {deleted} as is_deleted,"
        f" count(*), {f'sum({summed})' if summed else 'null'} from {relation} group by delivery, file_index, part, is_deleted"
    ).fetchall()
    found: Totals = {}
    for delivery, index, value, is_deleted, number, total in rows:
        counts = found.setdefault((delivery, index), {ROWS: 0})
        counts[ROWS] += number
        if is_deleted:
            counts[DELETED] = counts.get(DELETED, 0) + number
        elif part:
            counts[part_name(part, value)] = number
        elif summed:
            counts[summed] = int(total or 0)
    return found


def compare_sums(connection: duckdb.DuckDBPyConnection) -> None:
    """Compare the sums over all days with the winning rows of all keys. Raises ``DamageError`` if they differ."""
    measures = [feed.measure for feed in load_contract().feeds.values() if feed.measure]
    won = dict(connection.execute("select measure, sum(counted) from core.events group by measure").fetchall())
    sums = connection.execute(f"select {', '.join(f'sum({measure})' for measure in measures)} from marts.daily_counts").fetchone()
    for measure, summed in zip(measures, sums or (), strict=True):
        if (won.get(measure) or 0) != (summed or 0):
            raise DamageError(
                f"marts.daily_counts: {measure} is {summed or 0}, and core.events counts {won.get(measure) or 0};"
                " `zhoubao rebuild` builds both from the lake"
            )


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turn DuckDB's errors while it reads files of the lake into this project's types."""
    try:
        yield
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise StorageError(f"{what} cannot be read: see to disk and memory ({type(error).__name__})") from error
    except duckdb.Error as error:
        raise LakeDamageError(f"{what}: a file cannot be read ({type(error).__name__}); `zhoubao doctor` names it") from error


def _without_zeros(totals: dict[str, int]) -> dict[str, int]:
    return {name: number for name, number in totals.items() if number}
