"""One data file → one Parquet file of typed rows, its refused rows, and its account.

``records = loaded + superseded + quarantined`` holds for every outcome; it is checked here, where the three are counted.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Literal, Self, TypeVar

import polars as pl

from assets.errors import DamageError
from assets.exports.lake.parquet_file import WaitingRows
from assets.exports.reading.encoding import ENCODINGS, SAMPLE_BYTES, Encoding, NotInThisEncodingError, looks_like
from assets.exports.reading.header import safe_names
from assets.exports.reading.source import FileLimits, Format, chunks, format_of
from assets.exports.reading.tables import TextBatch, TextTable, csv_table
from assets.exports.reading.xlsx.workbook import workbook_table
from assets.exports.typing.pseudonym import PseudonymKey
from assets.exports.typing.reasons import FileDefectError, Reason
from assets.exports.typing.record_keys import safe_record_key
from assets.exports.typing.rows import REFUSAL_COLUMNS, TypedRows, no_refusals, typed_rows
from assets.platform.contract import Feed

T = TypeVar("T")

MAX_WARNED_COLUMNS = 50
# threads that type batches of a large file while this one audits and writes: polars lets go of the interpreter
WORKERS = 2
SMALL_BATCHES = 2


@dataclass(frozen=True)
class Origin:
    """Where rows come from, as each row of the lake says it; the last two and the line order versions at equal ``cd_time``."""

    delivery: str
    business_date: date
    sequence: int
    file_index: int


@dataclass(frozen=True)
class Account:
    """What became of a file's records. ``file_reason`` is set where the file was quarantined as a whole, else ``totals``.

    ``refusals`` are the refused rows, and of a whole file its keys, without a line, where all of them are known.
    """

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
    totals: dict[str, int] | None = None

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
    limits: FileLimits,
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
            return _load(
                workbook_table(path, feed, limits.workbooks, limits.archives),
                kind,
                None,
                feed,
                origin,
                target,
                expected_records,
                key,
            )
        for encoding in ENCODINGS:
            try:
                table = csv_table(path, kind, encoding, feed, limits.archives)
                return _load(table, kind, encoding, feed, origin, target, expected_records, key)
            except NotInThisEncodingError:
                continue
        encoding = None
        sample = b"".join(islice(chunks(path, kind, limits.archives, SAMPLE_BYTES), 2))[:SAMPLE_BYTES]
        raise FileDefectError(Reason.UNKNOWN_ENCODING, detail=f"looks like {looks_like(sample)}")
    except FileDefectError as defect:
        target.unlink(missing_ok=True)
        records = defect.records if defect.records is not None else expected_records or 0
        return Account(
            kind,
            encoding,
            records,
            0,
            0,
            records,
            "quarantined",
            defect.reason,
            defect.column,
            defect.detail,
            refusals=_keys_of_file(defect),
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
    with WaitingRows(target, feed) as waiting:
        for batch, typed in _typed_batches(table, feed, origin, key):
            records += len(batch.lines) + len(batch.defects)
            defects = [(defect.line, None, defect.reason.value, None) for defect in batch.defects]
            refusals += [typed.refusals, pl.DataFrame(defects, schema=REFUSAL_COLUMNS, orient="row")]
            warnings += typed.warnings
            waiting.add(_with_origin(typed.rows, origin))
        if expected_records is not None and records != expected_records:
            keys = _all_keys(waiting, refusals) if records > expected_records else None
            detail = f"expected={expected_records} found={records}"
            raise FileDefectError(Reason.ROW_COUNT, records=records, detail=detail, keys=keys)
        superseded = waiting.write(target)
    refused = pl.concat(refusals).sort("line") if refusals else no_refusals()
    warnings += {("", Reason.UNKNOWN_COLUMN.value): len(table.header.unknown)} if table.header.unknown else {}
    if not table.ends_with_newline:
        warnings["", Reason.NO_FINAL_LINE_END.value] += 1
    return Account(
        kind,
        encoding,
        records,
        waiting.rows - superseded,
        superseded,
        refused.height,
        "loaded",
        detail=" ".join(safe_names(table.header.unknown[:MAX_WARNED_COLUMNS])),
        refusals=refused,
        warnings=dict(warnings),
        totals=dict(waiting.totals),
    ).balanced()


def _all_keys(waiting: WaitingRows, refusals: list[pl.DataFrame]) -> pl.Series | None:
    """The keys of a file's records; ``None`` if one is missing, or may be a person's number and so is not kept."""
    keys = pl.concat([waiting.keys(), *(refused["record_key"] for refused in refusals)]).unique()
    return keys if safe_record_key(keys).null_count() == 0 else None


def _keys_of_file(defect: FileDefectError) -> pl.DataFrame:
    """The keys of a file that is quarantined as a whole, as entries without a line."""
    if defect.keys is None:
        return no_refusals()
    keys = defect.keys.alias("record_key").to_frame()
    return keys.select(
        line=pl.lit(None, pl.Int64),
        column_name=pl.lit(None, pl.String),
        reason_code=pl.lit(defect.reason.value),
        record_key="record_key",
    )


def _typed_batches(table: TextTable, feed: Feed, origin: Origin, key: PseudonymKey) -> Iterator[tuple[TextBatch, TypedRows]]:
    """Each batch of the table with its typed rows, in order; those of a large file by several workers, with a batch each in memory."""

    def work(parse: Callable[[], TextBatch]) -> tuple[TextBatch, TypedRows]:
        batch = parse()
        return batch, typed_rows(batch.text, batch.lines, feed, origin.business_date, key, batch.digits_lost)

    # most files have no more, and others are read alongside them: a thread for these would cost more than it spares
    for parse in islice(table.batches, SMALL_BATCHES):
        yield work(parse)
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="typing") as pool:
        yield from _ahead((pool.submit(work, parse) for parse in table.batches), WORKERS)


def _ahead(futures: Iterable[Future[T]], count: int) -> Iterator[T]:
    """The results in order; up to ``count`` futures run ahead of the one that is awaited."""
    rest = iter(futures)
    begun = deque(islice(rest, count))
    while begun:
        yield begun.popleft().result()
        begun.extend(islice(rest, 1))


def _with_origin(rows: pl.DataFrame, origin: Origin) -> pl.DataFrame:
    return rows.with_columns(
        pl.lit(origin.delivery).alias("delivery"),
        pl.lit(origin.business_date).alias("business_date"),
        pl.lit(origin.sequence, pl.Int64).alias("sequence"),
        pl.lit(origin.file_index, pl.Int64).alias("file_index"),
    )
