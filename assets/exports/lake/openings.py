"""Opening balances of a site that starts in mid-year: ``opening_<yyyymmdd>.csv`` → the lake.

A broken opening would make every year-to-date figure wrong, so here nothing is quarantined: one bad row refuses the file.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from assets.clock import beijing_now
from assets.errors import LakeDamageError, StorageError, UsageError
from assets.exports.lake.opening_files import (
    earlier_openings,
    file_stem,
    finish_interrupted,
    opening_name,
    opening_paths,
    put_opening,
    read_opening,
)
from assets.exports.reading.encoding import ENCODINGS, NotInThisEncodingError, decoded
from assets.exports.typing import values
from assets.exports.typing.slipped import slipped
from assets.home import storage_errors
from assets.platform.contract import Column, load_contract

# a year of the whole country; sums of such values stay far below BIGINT
MAX_VALUE = 10**12
MEASURES = ("consulted", "accepted", "completed", "issued", "transferred")
COLUMNS = ("as_of", "org_code", "org_level", "task_type", "is_composite", "measure", "value")


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
    """Check ``path`` and write it to the lake as the newest opening of its year; the caller holds the writer's lock.

    The same bytes again change nothing, but put back what was lost or changed of that opening.
    Raises ``UsageError`` naming the line of the first impossible row.
    """
    with storage_errors(path):
        content = path.read_bytes()
    frame, unknown_types = _known_types(_typed(path, _text_rows(path, content)))
    days = frame["as_of"].unique()
    if days.len() != 1:
        raise UsageError(f"{path}: one as_of is expected in all rows, found {days.len()}")
    as_of: date = days[0]
    digest = hashlib.sha256(content).hexdigest()
    finish_interrupted(lake)
    path_in_lake, earlier, is_known = _place(lake, as_of.year, digest)
    opening = Opening(as_of, frame.height, path_in_lake, not is_known, unknown_types)
    if not (is_known and _is_whole(path_in_lake)):
        put_opening(path_in_lake, frame, digest, beijing_now().replace(microsecond=0), earlier)
    return opening


def _place(lake: Path, year: int, digest: str) -> tuple[Path, list[str], bool]:
    """The path for an opening whose source has this hash, the names of earlier ones, and whether it is or was there already.

    One that is the year's newest, or whose file or receipt was lost, keeps its place.
    """
    known = {opening_name(path): path.with_suffix(".parquet") for path in (*opening_paths(lake), *opening_paths(lake, "json"))}
    folder = lake / "opening" / str(year)
    paths = {name: path for name, path in known.items() if path.parent == folder}
    for name in [name for path in paths.values() for name in earlier_openings(path.with_suffix(".json"))]:
        paths.setdefault(name, folder / f"{name.split('/')[1]}.parquet")
    names = sorted(paths)
    for name in reversed(names):
        if name.endswith(digest[:16]) and (name == names[-1] or not _is_whole(paths[name])):
            return paths[name], [other for other in names if other < name], True
    number = 1 + max((int(Path(name).name.split("_")[0]) for name in names), default=0)
    return folder / f"{file_stem(f'{number:06d}', digest)}.parquet", names, False


def _is_whole(path: Path) -> bool:
    try:
        read_opening(path.with_suffix(".json"))
    except (LakeDamageError, StorageError):
        return False
    return True


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


def _org_codes(text: pl.Series, like: Column) -> pl.Series:
    """The codes, blank where there is none; null where it is no code, or one that may be a person's number."""
    codes, outside = values.codes(text.fill_null(""), like)
    personal = slipped(text, like)
    wrong = outside & (text.fill_null("") != "") if personal is None else (outside & (text.fill_null("") != "")) | personal
    return codes.fill_null("").set(wrong, None)


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
            "org_code": _org_codes(column("org_code", contract.column("org_code")), contract.column("org_code")),
            "org_level": values.codes(column("org_level", level), level)[0],
            "task_type": values.codes(column("task_type", task_type), task_type)[0].fill_null(""),
            "is_composite": values.flags(column("is_composite", contract.column("is_composite"))),
            "measure": measure.set(~measure.is_in(MEASURES), None),
            "value": values.integers(column("value", count), 0, MAX_VALUE),
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
        raise UsageError(f"{path}:{repeated[0] + 2}: the same slice is in the file twice")
    return typed
