"""Text rows of one feed → typed rows of the lake, and the rows that are refused, each for its first wrong column.

Works on one batch of columns at a time and knows nothing of files.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from assets.exports import values
from assets.exports.pseudonym import PseudonymKey, pseudonyms
from assets.exports.reasons import Reason
from assets.exports.slipped import is_name_alone, slipped
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
    present = {column.name: values.cleaned(text[column.name], column) for column in feed.columns if column.name in text.columns}
    for rows, column_name in refused:
        if feed.column(column_name).required or column_name in feed.key:
            typing.refuse(rows, column_name, Reason.DIGITS_LOST)
        else:
            # what is left of the number would be somebody else's
            present[column_name] = present[column_name].set(rows, None)
            typing.warn(rows, column_name, Reason.DIGITS_LOST)
    if "cd_operation" in present:
        typing.is_deletion = (present["cd_operation"] == DELETE).fill_null(False)
    for column in feed.columns:
        if column.inside is not None:
            series = present.get(column.name)
            if series is None:
                series = pl.repeat(None, height, dtype=pl.String, eager=True)
            typing.columns[column.inside] = _typed(typing, series, column, key)
    _refuse_late_events(typing, business_date)
    _check_applicant_codes(typing, present, key)
    return _split(typing, lines)


def _typed(typing: _Typing, text: pl.Series, column: Column, key: PseudonymKey) -> pl.Series:
    """One column's values; rows that are wrong because of it are refused on the way, or warned of."""
    outside = None
    if column.personal == "pseudonym":
        return pseudonyms(text, column, key)
    _refuse_slipped(typing, text, column)
    if column.type == "text":
        result = text
    elif column.type in ("key", "code"):
        result, outside = values.codes(text, column)
    elif column.type in ("timestamp", "date"):
        text = text.set(values.is_null_date(text), None)
        result = values.timestamps(text)
        if column.type == "date":
            result = result.dt.date()
    elif column.type == "integer":
        result = values.integers(text, column.minimum, column.maximum)
    else:
        result = values.flags(text)
    if outside is None:
        outside = text.is_not_null() & result.is_null()
    _judge(typing, column, text, outside)
    if column.default is not None:
        result = result.fill_null(column.default)
    return result


def _refuse_slipped(typing: _Typing, text: pl.Series, column: Column) -> None:
    """Refuse the rows, deletions too, whose kept code, name or key may be a person's number, or a key that is a name."""
    if column.type not in ("key", "code", "text"):
        return
    personal = slipped(text, column)
    if personal is not None:
        typing.refuse(personal, column.name, Reason.PERSONAL_NUMBER)
    if column.type == "key":
        typing.refuse(is_name_alone(text), column.name, Reason.INVALID_CODE)


_WRONG = {
    "key": Reason.INVALID_CODE,
    "code": Reason.INVALID_CODE,
    "timestamp": Reason.INVALID_TIME,
    "date": Reason.INVALID_TIME,
    "integer": Reason.INVALID_NUMBER,
    "flag": Reason.INVALID_FLAG,
}


def _judge(typing: _Typing, column: Column, text: pl.Series, outside: pl.Series) -> None:
    """Refuse the rows whose value is missing or impossible where that matters, warn of the others."""
    # a deletion needs only its key and its time
    matters = column.name in typing.feed.key or column.name == "cd_time"
    bound = pl.repeat(True, text.len(), eager=True) if matters else ~typing.is_deletion
    if column.required:
        typing.refuse(text.is_null() & bound, column.name, Reason.MISSING_REQUIRED)
    if column.unknown == "quarantine":
        typing.refuse(outside & bound, column.name, _WRONG[column.type])
    elif column.unknown in ("keep", "other"):
        typing.warn(outside, column.name, Reason.UNKNOWN_CODE)
    else:
        typing.warn(outside, column.name, Reason.IMPOSSIBLE_VALUE)


def _refuse_late_events(typing: _Typing, business_date: date) -> None:
    """An export cannot know of events after its business date, whatever the clock says."""
    event = typing.feed.column(typing.feed.event)
    late = (typing.columns[event.inside or event.name].cast(pl.Date) > business_date).fill_null(False)
    typing.refuse(late & ~typing.is_deletion, event.name, Reason.EVENT_AFTER_BUSINESS_DATE)


def _check_applicant_codes(typing: _Typing, present: dict[str, pl.Series], key: PseudonymKey) -> None:
    """Keep whether the applicant's code passes its check digit, and nothing else of it."""
    column = next((column for column in typing.feed.columns if column.personal == "pseudonym"), None)
    if column is None:
        return
    height = typing.is_deletion.len()
    codes = present.get(column.name)
    if codes is None:
        codes = pl.repeat(None, height, dtype=pl.String, eager=True)
    is_person = (typing.columns["applyer_type"] == NATURAL_PERSON).fill_null(False)
    by_person, by_organisation = resident_id_is_valid(codes), credit_code_is_valid(codes)
    typing.columns["applicant_code_is_valid"] = by_person.zip_with(is_person, by_organisation)
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
