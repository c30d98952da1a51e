"""Opening balances of a site that starts in mid-year: ``opening_<yyyymmdd>.csv`` → the lake.

A broken opening would make every year-to-date figure wrong, so here nothing is quarantined: one bad row refuses the file.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from assets.errors import UsageError
from assets.exports import values
from assets.exports.encoding import ENCODINGS, NotInThisEncodingError, decoded
from assets.home import replacing, storage_errors
from assets.platform.contract import Column, load_contract

MEASURES = ("consulted", "accepted", "completed", "issued", "transferred")
COLUMNS = ("as_of", "org_code", "org_level", "task_type", "is_composite", "measure", "value")
_FOLDER = "opening"


@dataclass(frozen=True)
class Opening:
    """One loaded opening: its day, its rows, its file in the lake, and whether it was there already."""

    as_of: date
    rows: int
    lake_file: Path
    is_new: bool
    # how many rows have a task type outside the code list; they count under its 未知, as such cases do
    unknown_types: int = 0


def load_opening(path: Path, lake: Path) -> Opening:
    """Check ``path`` and write it to the lake as the newest opening of its year; the same bytes again change nothing.

    Raises ``UsageError`` naming the line of the first row that cannot be meant.
    """
    with storage_errors(path):
        content = path.read_bytes()
    frame, unknown_types = _known_types(_typed(path, _text_rows(path, content)))
    days = frame["as_of"].unique()
    if days.len() != 1:
        raise UsageError(f"{path}: one as_of is expected in all rows, found {days.len()}")
    as_of: date = days[0]
    digest = hashlib.sha256(content).hexdigest()
    folder = lake / _FOLDER / str(as_of.year)
    earlier = sorted(folder.glob("*.parquet"))
    if earlier and earlier[-1].stem.endswith(digest[:16]):
        return Opening(as_of, frame.height, earlier[-1], False, unknown_types)
    target = folder / f"{len(earlier) + 1:06d}_{digest[:16]}.parquet"
    with storage_errors(target), replacing(target) as temporary:
        frame.write_parquet(temporary)
    return Opening(as_of, frame.height, target, True, unknown_types)


def current_openings(lake: Path) -> list[Path]:
    """The newest opening file of each year."""
    years = sorted(folder for folder in (lake / _FOLDER).glob("*") if folder.is_dir())
    newest = (max(folder.glob("*.parquet"), default=None) for folder in years)
    return [path for path in newest if path is not None]


def _known_types(frame: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The rows with task types of the code list alone (or blank), and how many had another."""
    codes = load_contract().codes["task_type"]
    outside = ~frame["task_type"].is_in(["", *codes.values])
    return frame.with_columns(frame["task_type"].set(outside, codes.other)), int(outside.sum())


def _text_rows(path: Path, content: bytes) -> pl.DataFrame:
    for encoding in ENCODINGS:
        try:
            text = b"".join(decoded([content], encoding))
        except NotInThisEncodingError:
            continue
        try:
            frame = pl.read_csv(text, infer_schema=False)
        except pl.exceptions.PolarsError as error:
            raise UsageError(f"{path}: cannot be read as CSV: every line needs the header's number of fields") from error
        frame = frame.rename({name: name.strip().lower() for name in frame.columns})
        missing = [name for name in COLUMNS if name not in frame.columns]
        if missing:
            raise UsageError(f"{path}:1: the header lacks {', '.join(missing)}")
        return frame.select(COLUMNS)
    raise UsageError(f"{path}: neither UTF-8 nor GB18030")


def _typed(path: Path, text: pl.DataFrame) -> pl.DataFrame:
    contract = load_contract().feeds["accept"]

    def column(name: str, like: Column) -> pl.Series:
        return values.cleaned(text[name], like)

    level = contract.column("org_level")
    task_type = contract.column("task_type")
    count = load_contract().feeds["consult"].column("person_count")
    measure = column("measure", level).str.to_lowercase()
    typed = pl.DataFrame(
        {
            "as_of": values.timestamps(column("as_of", contract.column("accept_date"))).dt.date(),
            "org_code": column("org_code", contract.column("org_code")).fill_null(""),
            "org_level": values.codes(column("org_level", level), level)[0],
            "task_type": values.codes(column("task_type", task_type), task_type)[0].fill_null(""),
            "is_composite": values.flags(column("is_composite", contract.column("is_composite"))),
            "measure": measure.set(~measure.is_in(MEASURES), None),
            "value": values.integers(column("value", count), 0),
        }
    )
    if not typed.height:
        raise UsageError(f"{path}: holds no rows")
    for name in COLUMNS:
        wrong = typed[name].is_null().arg_true()
        if wrong.len():
            raise UsageError(f"{path}:{wrong[0] + 2}: column {name} is missing or impossible")
    without_type = ((typed["task_type"] == "") & (typed["measure"] != "consulted")).arg_true()
    if without_type.len():
        raise UsageError(f"{path}:{without_type[0] + 2}: column task_type is blank, which only consulted may be")
    repeated = typed.select(pl.struct(*COLUMNS[:-1]).is_duplicated()).to_series().arg_true()
    if repeated.len():
        raise UsageError(f"{path}:{repeated[0] + 2}: the same slice stands in the file twice")
    return typed
