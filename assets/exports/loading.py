"""One data file → one Parquet file of typed rows, its refused rows, and its account.

``records = loaded + superseded + quarantined`` holds for every outcome; it is checked here, where the three are counted.
"""

from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal, Self

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from assets.errors import DamageError
from assets.exports.encoding import ENCODINGS, Encoding, NotInThisEncodingError
from assets.exports.pseudonym import PseudonymKey
from assets.exports.reasons import FileDefectError, Reason
from assets.exports.rows import POLARS_TYPES, REFUSAL_COLUMNS, no_refusals, typed_rows
from assets.exports.source import ArchiveLimits, Format, format_of
from assets.exports.tables import TextTable, csv_table
from assets.exports.workbook import workbook_table
from assets.platform.contract import Feed

MAX_WARNED_COLUMNS = 50


@dataclass(frozen=True)
class Origin:
    """Where rows come from, as each row of the lake says it; the last two and the line order versions at equal ``cd_time``."""

    delivery: str
    business_date: date
    sequence: int
    file_index: int


@dataclass(frozen=True)
class Account:
    """What became of a file's records. ``file_reason`` is set where the file was quarantined as a whole."""

    format: Format | None
    encoding: Encoding | None
    records: int
    loaded: int
    superseded: int
    quarantined: int
    state: Literal["loaded", "quarantined"]
    file_reason: Reason | None = None
    file_column: str | None = None
    detail: str = ""
    refusals: pl.DataFrame = field(default_factory=no_refusals)
    warnings: dict[tuple[str, str], int] = field(default_factory=dict)

    def balanced(self) -> Self:
        if self.records != self.loaded + self.superseded + self.quarantined:
            raise DamageError(
                f"account does not balance: {self.records} records, {self.loaded} loaded, "
                f"{self.superseded} superseded, {self.quarantined} quarantined"
            )
        return self


def load_file(
    path: Path,
    feed: Feed,
    origin: Origin,
    target: Path,
    *,
    expected_records: int | None,
    key: PseudonymKey,
    limits: ArchiveLimits,
) -> Account:
    """Read ``path`` as ``feed`` and write its newest row per key to ``target``.

    A file that cannot be taken as a whole leaves no ``target``; its account then says why, with the records it was
    counted to hold, or the ``expected_records`` of its manifest where it could not be counted.
    """
    kind: Format | None = None
    encoding: Encoding | None = None
    try:
        kind = format_of(path)
        if kind == "xlsx":
            return _load(workbook_table(path, feed), kind, None, feed, origin, target, expected_records, key)
        for encoding in ENCODINGS:
            try:
                table = csv_table(path, kind, encoding, feed, limits)
                return _load(table, kind, encoding, feed, origin, target, expected_records, key)
            except NotInThisEncodingError:
                continue
        encoding = None
        raise FileDefectError(Reason.UNKNOWN_ENCODING)
    except FileDefectError as defect:
        target.unlink(missing_ok=True)
        records = defect.records if defect.records is not None else expected_records or 0
        return Account(
            kind, encoding, records, 0, 0, records, "quarantined", defect.reason, defect.column, defect.detail
        ).balanced()


def _load(
    table: TextTable,
    kind: Format,
    encoding: Encoding | None,
    feed: Feed,
    origin: Origin,
    target: Path,
    expected_records: int | None,
    key: PseudonymKey,
) -> Account:
    refusals: list[pl.DataFrame] = []
    warnings: Counter[tuple[str, str]] = Counter()
    records = 0
    with closing(_LakeFile(target, feed, origin)) as lake_file:
        for batch in table.batches:
            typed = typed_rows(batch.text, batch.lines, feed, origin.business_date, key, batch.digits_lost)
            records += batch.text.height + len(batch.defects)
            defects = [(defect.line, None, defect.reason.value, None) for defect in batch.defects]
            refusals += [typed.refusals, pl.DataFrame(defects, schema=REFUSAL_COLUMNS, orient="row")]
            warnings += typed.warnings
            lake_file.write(typed.rows)
    if expected_records is not None and records != expected_records:
        raise FileDefectError(Reason.ROW_COUNT, records=records, detail=f"expected={expected_records} found={records}")
    superseded = drop_superseded(target, feed, lake_file.key_hashes)
    refused = pl.concat(refusals).sort("line") if refusals else no_refusals()
    warnings += {("", Reason.UNKNOWN_COLUMN.value): len(table.header.unknown)} if table.header.unknown else {}
    if not table.ends_with_newline:
        warnings["", Reason.NO_FINAL_LINE_END.value] += 1
    return Account(
        kind,
        encoding,
        records,
        lake_file.rows - superseded,
        superseded,
        refused.height,
        "loaded",
        detail=" ".join(table.header.unknown[:MAX_WARNED_COLUMNS]),
        refusals=refused,
        warnings=dict(warnings),
    ).balanced()


class _LakeFile:
    """A Parquet file of the feed's lake columns, written batch by batch so that memory stays bounded."""

    def __init__(self, target: Path, feed: Feed, origin: Origin) -> None:
        self._feed = feed
        self._origin = origin
        self._types = {name: POLARS_TYPES[stored] for name, stored in feed.lake_columns.items()}
        schema = pl.DataFrame(schema=self._types).to_arrow().schema
        target.parent.mkdir(parents=True, exist_ok=True)
        # lz4: the lake is read far more often than written, and zstd would double the load
        self._writer = pq.ParquetWriter(target, schema, compression="lz4")
        self._schema = schema
        self._hashes: list[np.ndarray[tuple[int], np.dtype[np.uint64]]] = []
        self.rows = 0

    def write(self, rows: pl.DataFrame) -> None:
        if not rows.height:
            return
        origin = self._origin
        complete = rows.with_columns(
            pl.lit(origin.delivery).alias("delivery"),
            pl.lit(origin.business_date).alias("business_date"),
            pl.lit(origin.sequence, pl.Int64).alias("sequence"),
            pl.lit(origin.file_index, pl.Int64).alias("file_index"),
        ).select(pl.col(name).cast(kind) for name, kind in self._types.items())
        self._writer.write_table(complete.to_arrow().cast(self._schema))
        self._hashes.append(complete.select(key_hash(self._feed)).to_series().to_numpy())
        self.rows += complete.height

    @property
    def key_hashes(self) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
        return np.concatenate(self._hashes) if self._hashes else np.empty(0, np.uint64)

    def close(self) -> None:
        self._writer.close()


def key_hash(feed: Feed) -> pl.Expr:
    """A 64-bit hash of the key: two rows of one key share it, two keys rarely do."""
    return pl.struct(feed.key_inside).hash().alias("key_hash")


def drop_superseded(lake_file: Path, feed: Feed, hashes: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> int:
    """Leave the newest row of each key (latest ``cd_time``, then later line) in the file; how many went.

    Only the hashes are held in memory (8 bytes a row); rows are compared by their whole keys where hashes meet.
    """
    ordered = np.sort(hashes)
    repeated = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(repeated):
        return 0
    scan = pl.scan_parquet(lake_file, glob=False)
    suspects = scan.filter(key_hash(feed).is_in(pl.Series(repeated).implode()))
    ranked = suspects.select(*feed.key_inside, "cd_time", "line").sort("cd_time", "line").collect()
    losers = ranked.filter(~ranked.select(pl.struct(feed.key_inside).is_last_distinct()).to_series())["line"]
    if losers.len():
        _rewrite(lake_file, losers)
    return losers.len()


def _rewrite(lake_file: Path, losers: pl.Series) -> None:
    """Write the file anew without the rows of the given lines, a row group at a time."""
    thinned = lake_file.with_name(lake_file.name + ".thinned")
    lines = pa.array(losers.to_list(), pa.int64())
    with pq.ParquetFile(lake_file) as source, pq.ParquetWriter(thinned, source.schema_arrow, compression="lz4") as writer:
        for group in range(source.num_row_groups):
            table = source.read_row_group(group)
            writer.write_table(table.filter(pc.invert(pc.is_in(table["line"], lines))))
    thinned.replace(lake_file)
