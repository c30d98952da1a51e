"""Text rows of one feed → typed rows of the lake, and the rows that are refused, each for its first wrong column.

Works on one batch of columns at a time and knows nothing of files.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import cast

import polars as pl

from assets.exports.typing import values
from assets.exports.typing.cells import Cells, cells_by_row, distinct_cells
from assets.exports.typing.pseudonym import PseudonymKey, pseudonyms
from assets.exports.typing.reasons import Reason
from assets.exports.typing.slipped import is_name_alone, slipped
from assets.platform.contract import Column, Feed
from assets.platform.identifiers import credit_code_is_valid, resident_id_is_valid

POLARS_TYPES: dict[str, pl.DataType] = {
    "VARCHAR": pl.String(),
    "TIMESTAMP": pl.Datetime("us"),
    "DATE": pl.Date(),
    "BIGINT": pl.Int64(),
    "BOOLEAN": pl.Boolean(),
}
NATURAL_PERSON = "1"
DELETE = "D"


# of refused rows; the key is no personal value
REFUSAL_COLUMNS: dict[str, pl.DataType] = {
    "line": pl.Int64(),
    "column_name": pl.String(),
    "reason_code": pl.String(),
    "record_key": pl.String(),
}


def no_refusals() -> pl.DataFrame:
    """No refused row."""
    return pl.DataFrame(schema=REFUSAL_COLUMNS)


def record_key(feed: Feed) -> pl.Expr:
    """A row's key as one text, its parts joined by a slash."""
    parts = [pl.col(name).cast(pl.String).fill_null("") for name in feed.key_inside]
    return pl.concat_str(parts, separator="/").alias("record_key")


@dataclass(frozen=True)
class TypedRows:
    """A batch's accepted rows in the lake's columns, its refused rows, and counts of warnings by (column, reason)."""

    rows: pl.DataFrame
    refusals: pl.DataFrame
    warnings: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass
class _Typing:
    """The batch on its way: typed columns so far, and each row's first wrong column with its reason."""

    feed: Feed
    columns: dict[str, pl.Series]
    is_deletion: pl.Series
    wrong_column: pl.Series
    wrong_reason: pl.Series
    warnings: Counter[tuple[str, str]]

    def refuse(self, rows: pl.Series, column: str, reason: Reason) -> None:
        rows = rows & self.wrong_column.is_null()
        if rows.any():
            self.wrong_column = self.wrong_column.set(rows, column)
            self.wrong_reason = self.wrong_reason.set(rows, reason.value)

    def warn(self, rows: pl.Series, column: str, reason: Reason) -> None:
        count = int(rows.sum())
        if count:
            self.warnings[column, reason.value] += count


def typed_rows(
    text: pl.DataFrame,
    lines: pl.Series,
    feed: Feed,
    business_date: date,
    key: PseudonymKey,
    refused: Sequence[tuple[pl.Series, str]] = (),
) -> TypedRows:
    """Type a batch of ``text`` (columns named by the contract, those of the file only).

    ``lines`` holds each row's line. ``refused`` are cells whose digits a workbook lost, as (mask, column).
    """
    height = text.height
    typing = _Typing(
        feed,
        {},
        pl.repeat(False, height, eager=True),
        pl.repeat(None, height, dtype=pl.String, eager=True),
        pl.repeat(None, height, dtype=pl.String, eager=True),
        Counter(),
    )
    for rows, column_name in refused:
        if feed.column(column_name).required or column_name in feed.key:
            typing.refuse(rows, column_name, Reason.DIGITS_LOST)
        else:
            # what is left of the number would be somebody else's
            text = text.with_columns(text[column_name].set(rows, None))
            typing.warn(rows, column_name, Reason.DIGITS_LOST)
    kept = [column for column in feed.columns if column.inside is not None]
    present = {column.name: _cells(text[column.name], column) for column in kept if column.name in text.columns}
    operation = present.get("cd_operation")
    if operation is not None:
        typing.is_deletion = operation.by_row((operation.values == DELETE).fill_null(False))
    for column in kept:
        cells = present.get(column.name)
        typed = _blank(typing, column) if cells is None else _typed(typing, cells, column, key)
        typing.columns[column.inside or column.name] = typed
    _refuse_late_events(typing, business_date)
    _check_applicant_codes(typing, present, key)
    return _split(typing, lines)


def _cells(text: pl.Series, column: Column) -> Cells:
    """A column of the batch, cleaned but for times, of which most need no cleaning."""
    if column.type == "timestamp":
        return cells_by_row(text)
    are_many = column.type == "key" or column.personal == "pseudonym"
    cells = (cells_by_row if are_many else distinct_cells)(text)
    return Cells(values.cleaned(cells.values, column), cells.of_row)


def _blank(typing: _Typing, column: Column) -> pl.Series:
    """A column that the file does not have."""
    height = typing.is_deletion.len()
    if column.required:
        _judge_blanks(typing, column, pl.repeat(True, height, eager=True))
    return pl.repeat(column.default, height, dtype=POLARS_TYPES[column.stored_as], eager=True)


def _typed(typing: _Typing, cells: Cells, column: Column, key: PseudonymKey) -> pl.Series:
    """One column's values; rows that are wrong because of it are refused on the way, or warned of."""
    outside = None
    text = cells.values
    if column.personal == "pseudonym":
        return cells.by_row(pseudonyms(text, column, key))
    _refuse_slipped(typing, cells, column)
    if column.type == "text":
        result = text
    elif column.type in ("key", "code"):
        result, outside = values.codes(text, column)
    elif column.type in ("timestamp", "date"):
        text, result = values.times(text, column)
        if column.type == "date":
            result = result.dt.date()
    elif column.type == "integer":
        result = values.integers(text, column.minimum, column.maximum)
    else:
        result = values.flags(text)
    if outside is None:
        outside = text.is_not_null() & result.is_null()
    _judge(typing, column, cells, text.is_null(), outside)
    if column.default is not None:
        result = result.fill_null(column.default)
    return cells.by_row(result)


def _refuse_slipped(typing: _Typing, cells: Cells, column: Column) -> None:
    """Refuse the rows, deletions too, whose kept code, name or key may be a person's number, or a key that is a name."""
    if column.type not in ("key", "code", "text"):
        return
    personal = slipped(cells.values, column)
    if personal is not None:
        typing.refuse(cells.by_row(personal), column.name, Reason.PERSONAL_NUMBER)
    if column.type == "key":
        typing.refuse(cells.by_row(is_name_alone(cells.values)), column.name, Reason.INVALID_CODE)


_WRONG = {
    "key": Reason.INVALID_CODE,
    "code": Reason.INVALID_CODE,
    "timestamp": Reason.INVALID_TIME,
    "date": Reason.INVALID_TIME,
    "integer": Reason.INVALID_NUMBER,
    "flag": Reason.INVALID_FLAG,
}


def _judge(typing: _Typing, column: Column, cells: Cells, blank: pl.Series, outside: pl.Series) -> None:
    """Refuse the rows whose value is missing or impossible where that matters, warn of the others."""
    if column.required and blank.any():
        _judge_blanks(typing, column, cells.by_row(blank))
    if not outside.any():
        return
    rows = cells.by_row(outside)
    if column.unknown == "quarantine":
        typing.refuse(_where_bound(typing, column, rows), column.name, _WRONG[column.type])
    elif column.unknown in ("keep", "other"):
        typing.warn(rows, column.name, Reason.UNKNOWN_CODE)
    else:
        typing.warn(rows, column.name, Reason.IMPOSSIBLE_VALUE)


def _judge_blanks(typing: _Typing, column: Column, rows: pl.Series) -> None:
    typing.refuse(_where_bound(typing, column, rows), column.name, Reason.MISSING_REQUIRED)


def _where_bound(typing: _Typing, column: Column, rows: pl.Series) -> pl.Series:
    """The same rows but for deletions, which need only their key and their time."""
    matters = column.name in typing.feed.key or column.name == "cd_time"
    return rows if matters else rows & ~typing.is_deletion


def _refuse_late_events(typing: _Typing, business_date: date) -> None:
    """An export cannot know of events after its business date, whatever the clock says."""
    event = typing.feed.column(typing.feed.event)
    moments = typing.columns[event.inside or event.name]
    last = moments.dt.date().max() if moments.dtype == pl.Datetime else moments.max()
    if last is not None and cast(date, last) > business_date:
        late = (moments.cast(pl.Date) > business_date).fill_null(False)
        typing.refuse(late & ~typing.is_deletion, event.name, Reason.EVENT_AFTER_BUSINESS_DATE)


def _check_applicant_codes(typing: _Typing, present: dict[str, Cells], key: PseudonymKey) -> None:
    """Keep whether the applicant's code passes its check digit, and nothing else of it."""
    column = next((column for column in typing.feed.columns if column.personal == "pseudonym"), None)
    if column is None:
        return
    height, cells = typing.is_deletion.len(), present.get(column.name)
    codes = pl.repeat(None, height, dtype=pl.String, eager=True) if cells is None else cells.by_row(cells.values)
    is_person = (typing.columns["applyer_type"] == NATURAL_PERSON).fill_null(False)
    valid = pl.repeat(None, height, dtype=pl.Boolean, eager=True)
    for rows, are_valid in ((is_person, resident_id_is_valid), (~is_person, credit_code_is_valid)):
        valid = valid.scatter(rows.arg_true(), are_valid(codes.filter(rows)))
    typing.columns["applicant_code_is_valid"] = valid
    typing.columns["key_id"] = pl.repeat(key.key_id, height, eager=True)


def _split(typing: _Typing, lines: pl.Series) -> TypedRows:
    rows = pl.DataFrame(typing.columns).with_columns(lines.cast(pl.Int64).alias("line"))
    wrong = typing.wrong_column.is_not_null()
    if not wrong.any():
        return TypedRows(rows, no_refusals(), typing.warnings)
    refused = rows.with_columns(
        typing.wrong_column.alias("column_name"), typing.wrong_reason.alias("reason_code"), record_key(typing.feed)
    ).filter(wrong)
    return TypedRows(rows.filter(~wrong), refused.select(list(REFUSAL_COLUMNS)), typing.warnings)
