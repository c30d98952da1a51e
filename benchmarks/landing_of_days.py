"""Deliveries as the platform writes them, CSV files and manifests, from the rows of the lake of days: DuckDB writes them, 2 s a million rows.

The simulator knows people, offices and mess, and takes ten times as long; here the same rows come each time, without a fault.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from assets.hashing import sha256_of
from assets.platform.contract import Column, Feed, load_contract
from assets.platform.simulator import people
from benchmarks.lake_of_days import rows_query, rows_values

# applicants of a history; each comes again and again, in a day of 57,000 rows hardly ever
APPLICANTS = 2_000_000
# what the lake does not keep; the invented people are the simulator's
_PERSONAL = {
    "applyer_name": "name",
    "applyer_page_code": "code",
    "contact_name": "name",
    "contact_mobile": "telephone",
    "handle_user_name": "name",
    "receiver_name": "name",
    "cert_no": "'证字第' || of_row % 1000000 || '号'",
    "content": "'问' || of_row % 100 || '号事项怎么办'",
    "result_explain": "'符合条件'",
}


def landing_days(landing: Path, first: date, days: int, rows: dict[str, int]) -> Iterator[Path]:
    """Write ``days`` deliveries below ``landing``, each with so many ``rows`` of each feed; gives each delivery's folder."""
    with duckdb.connect() as connection:
        # an argument is found by its name
        applicants = _applicants()  # noqa: F841
        connection.execute("create table people as select * from applicants")
        for day in (first + timedelta(number) for number in range(days)):
            folder = landing / f"{day:%Y%m%d}_01"
            folder.mkdir(parents=True)
            files = [_write(connection, folder, load_contract().feeds[feed], day, count) for feed, count in rows.items()]
            _write_manifest(folder, day, files)
            yield folder


def _applicants() -> pl.DataFrame:
    numbers = np.random.default_rng(20230828).integers(0, people.PERSON_LIMIT, APPLICANTS)
    return pl.DataFrame(
        {
            "person": pl.Series(range(APPLICANTS), dtype=pl.UInt64),
            "name": people.names(numbers),
            "code": people.codes(numbers),
            "telephone": people.telephones(numbers),
        }
    )


def _write(connection: duckdb.DuckDBPyConnection, folder: Path, feed: Feed, day: date, count: int) -> dict[str, object]:
    path = folder / f"{feed.name}_{day:%Y%m%d}_01.csv"
    columns = ", ".join(f"{_exported(column)} as {column.name}" for column in feed.columns)
    rows = rows_query(feed, more=f"of_row % {APPLICANTS} as person")
    connection.execute(
        f"copy (select {columns} from ({rows}) join people using (person) order by line) to '{path}' (format csv, header)",
        rows_values(feed, day, 0, count),
    )
    return {"name": path.name, "feed": feed.name, "rows": count, "bytes": path.stat().st_size, "sha256": sha256_of(path)}


def _exported(column: Column) -> str:
    if column.personal:
        return _PERSONAL[column.name]
    return f"cast({column.inside} as int)" if column.type == "flag" else str(column.inside)


def _write_manifest(folder: Path, day: date, files: Sequence[dict[str, object]]) -> None:
    produced = datetime.combine(day + timedelta(1), datetime.min.time()) + timedelta(hours=2, minutes=10)
    manifest = {
        "delivery": folder.name,
        "business_date": str(day),
        "produced_at": f"{produced.isoformat()}+08:00",
        "mode": "upsert",
        "files": files,
    }
    (folder / f"manifest_{folder.name}.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=2), encoding="utf-8")
