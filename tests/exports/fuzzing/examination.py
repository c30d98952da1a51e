"""What must hold of a data file, whatever its bytes: an account that balances, rows that keep the contract, nothing left behind.

``examine`` loads a file and raises ``BrokenLawError`` where a law does not hold; hypothesis, atheris and the kept cases use it.
"""

import gc
from contextlib import suppress
from datetime import date
from pathlib import Path

import polars as pl

from assets.errors import StorageError
from assets.exports.loading import Account
from assets.exports.typing.reasons import Reason
from assets.platform.contract import Feed
from tests.exports.feed_files import BUSINESS_DATE, load
from tests.exports.fuzzing.reference import is_plain, records, text_of

_DESCRIPTORS = Path("/proc/self/fd")
GRAMMAR = {Reason.FIELD_COUNT, Reason.BROKEN_QUOTES, Reason.FIELD_TOO_LONG, Reason.NUL_CHARACTER}


class BrokenLawError(Exception):
    """A law of the ingestion does not hold; the message says which, without a value."""


def examine(path: Path, feed: Feed, expected: int | None = None) -> Account | None:
    """Load ``path`` as ``feed`` and judge what came of it; ``None`` where the disk refused. The folder holds nothing else."""
    try:
        account, frame = load(path, feed, expected)
    except StorageError:
        return None
    except KeyboardInterrupt:
        raise
    # a panic of a library written in Rust is no Exception
    except BaseException as error:
        raise BrokenLawError(f"raised {type(error).__name__}: {str(error)[:200]}") from error
    left = {other.name for other in path.parent.iterdir()} - {path.name, "out.parquet"}
    _demand(not left, f"files left behind: {len(left)}")
    if _held_open(path.parent):
        # what is held by a reference cycle goes with the next collection
        gc.collect()
        _demand(not _held_open(path.parent), "open files left behind")
    _judge_account(account, frame, expected)
    if frame is not None:
        _judge_rows(account, frame, feed)
    if account.format == "csv":
        _compare(path.read_bytes(), account)
    return account


def _demand(holds: bool, law: str) -> None:
    if not holds:
        raise BrokenLawError(law)


def _held_open(folder: Path) -> bool:
    """Whether this process holds a file of ``folder`` open, where the system tells."""
    for descriptor in _DESCRIPTORS.iterdir() if _DESCRIPTORS.exists() else ():
        with suppress(OSError):
            if folder in descriptor.readlink().parents:
                return True
    return False


def _judge_account(account: Account, frame: pl.DataFrame | None, expected: int | None) -> None:
    total = account.loaded + account.superseded + account.quarantined
    _demand(account.records == total, "records = loaded + superseded + quarantined")
    _demand(min(account.records, account.loaded, account.superseded, account.quarantined) >= 0, "a count below zero")
    _demand(all(count > 0 for count in account.warnings.values()), "a warning of nothing")
    if account.state == "quarantined":
        _demand(frame is None, "a quarantined file left rows")
        _demand(account.file_reason is not None and account.quarantined == account.records, "a quarantined file without a reason")
        return
    _demand(frame is not None and frame.height == account.loaded, "as many rows as are loaded")
    _demand(account.refusals.height == account.quarantined, "as many refusals as are quarantined")
    _demand(expected in (None, account.records), "another number of records than the manifest's was loaded")


def _judge_rows(account: Account, frame: pl.DataFrame, feed: Feed) -> None:
    lines = [*frame["line"], *account.refusals["line"]]
    _demand(len(set(lines)) == len(lines) and all(line > 1 for line in lines), "each record has its own line, below the header")
    _demand(all(Reason(code) for code in account.refusals["reason_code"]), "a known reason")
    _demand(not frame.select(pl.struct(feed.key_inside).is_duplicated().any()).item(), "one row a key")
    _demand(frame.columns == list(feed.lake_columns), "the contract's columns")
    deleted = pl.col("cd_operation") == "D" if feed.has_operations else pl.lit(False)
    always = {*feed.key, "cd_time"}
    for column in feed.columns:
        if column.required and column.inside:
            bound = frame if column.name in always else frame.filter(~deleted)
            _demand(bound[column.inside].null_count() == 0, f"{column.name} is never blank")
        if column.unknown == "quarantine" and column.codes is not None and column.inside:
            known = frame.filter(~deleted)[column.inside].drop_nulls().is_in(list(column.codes.values)).all()
            _demand(known, f"{column.name} is in its list")
    event = frame.filter(~deleted)[feed.column(feed.event).inside or feed.event].cast(pl.Date).drop_nulls()
    latest = event.max()
    _demand(latest is None or (isinstance(latest, date) and latest <= BUSINESS_DATE), "no event after the business date")


def _compare(data: bytes, account: Account) -> None:
    """A CSV of sound grammar has as many records, on the same lines, as the reference reader finds."""
    text = text_of(data)
    if text is None:
        _demand(account.file_reason is Reason.UNKNOWN_ENCODING, "bytes of no encoding")
        return
    if not is_plain(text):
        return
    found = records(text)
    if found is None:
        _demand(account.state == "quarantined", "an open quote quarantines the file")
        return
    if not found:
        _demand(account.file_reason is Reason.EMPTY_FILE, "a file without a header is empty")
        return
    if account.file_reason not in (Reason.OPEN_QUOTE, Reason.PARSERS_DISAGREE):
        _demand(account.records == len(found) - 1, "as many records as the reference reader finds")
    if account.state == "loaded":
        broken = {record.line for record in found[1:] if not record.is_sound}
        by_grammar = account.refusals.filter(pl.col("reason_code").is_in([reason.value for reason in GRAMMAR]))
        _demand(broken <= set(by_grammar["line"]), "a record of broken quotes is refused")
        _demand(set(account.refusals["line"]) <= {record.line for record in found[1:]}, "a refusal is found by its line")
    _demand(account.file_reason is not Reason.PARSERS_DISAGREE, "the two parsers agree")
    _demand(account.file_reason is not Reason.OPEN_QUOTE, "no open quote where the reference reader finds none")
