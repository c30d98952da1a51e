"""One complete delivery → Parquet files, refused rows and a receipt in the lake, originals in the archive.

The receipt comes last: a crash before it leaves files that the next run writes again.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from assets.clock import beijing_now
from assets.errors import UnexpectedError
from assets.exports.erasing.blank_rows import blank_in_place
from assets.exports.erasing.record import erased_lines
from assets.exports.keys.record import note_key_in_use
from assets.exports.lake.archive import ChangedMeanwhileError, archived_path, keep_original
from assets.exports.lake.receipt import FileReceipt, Receipt, Receipts, Warned, new_salt, safe_name
from assets.exports.landing.bare_files import NO_BARE_FILES, BareFiles
from assets.exports.landing.bounds import BUSINESS_DAYS_AHEAD
from assets.exports.landing.known_hashes import KnownHashes
from assets.exports.landing.manifest import Manifest, ManifestFile
from assets.exports.landing.scan import Arrival, Held, Landing, survey
from assets.exports.loading import Account, Origin, load_file
from assets.exports.reading.freed_memory import give_back_memory
from assets.exports.reading.source import FileLimits
from assets.exports.typing.pseudonym import PseudonymKey
from assets.exports.typing.reasons import Reason
from assets.exports.typing.record_keys import safe_record_key
from assets.guard import is_interruption, without_values
from assets.hashing import sha256_of
from assets.home import Home, replacing, storage_errors, sync_all
from assets.platform.contract import load_contract

# as many as there are cores for, of one delivery or of two: a day is of many small files, a history of many days
FILES_AT_A_TIME = 2


@dataclass(frozen=True)
class Intake:
    """What a run needs to take deliveries in; ``through`` is the last business date that it takes.

    ``retried`` are receipts that this run's retry has changed: the run shows them alongside the new ones.
    """

    home: Home
    landing: Path
    key: PseudonymKey
    limits: FileLimits
    through: date | None = None
    bare_files: BareFiles = NO_BARE_FILES
    retried: tuple[Receipt, ...] = ()
    days_ahead: int = BUSINESS_DAYS_AHEAD
    # what could not be taken in, by delivery: it waits, and the run goes on with the others
    failed: dict[str, Held] = field(default_factory=dict)
    # a run looks at landing several times, and need not read all that arrived each time
    hashes: KnownHashes = field(default_factory=KnownHashes, compare=False, repr=False)

    @property
    def receipts(self) -> Receipts:
        return Receipts(self.home.lake)

    def survey(self) -> Landing:
        """The deliveries in landing now."""
        found = survey(self.landing, self.receipts, self.through, self.bare_files, self.days_ahead, self.hashes)
        if not self.failed:
            return found
        arrivals = tuple(arrival for arrival in found.arrivals if arrival.manifest.delivery not in self.failed)
        return Landing(arrivals, tuple(sorted((*found.held, *self.failed.values()), key=lambda held: held.delivery)))


def take_in(arrivals: Iterable[Arrival], intake: Intake) -> Iterator[Receipt]:
    """Take in deliveries; yields each receipt once it is durable, in the order of the arrivals.

    The files of the next delivery are read while this one is finished. After a kill, files without a receipt are read again. A
    delivery whose file changes between the survey of landing and its copying is skipped; the next survey finds it waiting. One that
    ends in an unforeseen error is skipped too and waits with a note. An error of this project (a full disk, damage) ends the run.
    """
    pool = ThreadPoolExecutor(FILES_AT_A_TIME, thread_name_prefix="loading")
    try:
        for begun in _begun_ahead(arrivals, intake, pool):
            receipt = _finished(begun, intake)
            if receipt is not None:
                yield receipt
    finally:
        pool.shutdown(cancel_futures=True)
        give_back_memory()


@dataclass(frozen=True)
class _Begun:
    """A delivery whose files are being read."""

    manifest: Manifest
    at: datetime
    files: list[Future[FileReceipt]]


def _begun_ahead(arrivals: Iterable[Arrival], intake: Intake, pool: ThreadPoolExecutor) -> Iterator[_Begun]:
    """Each delivery while its files are being read, together with those of the next one."""
    before: _Begun | None = None
    for arrival in arrivals:
        note_key_in_use(intake.home.lake, intake.key)
        begun_at = beijing_now().replace(microsecond=0)
        files = [
            pool.submit(_take_in_file, arrival.path_of(file), file, arrival.manifest, index, intake)
            for index, file in enumerate(arrival.manifest.files)
        ]
        if before is not None:
            yield before
        before = _Begun(arrival.manifest, begun_at, files)
    if before is not None:
        yield before


def _finished(begun: _Begun, intake: Intake) -> Receipt | None:
    """The receipt of a delivery, durable; ``None`` if the delivery is skipped."""
    manifest = begun.manifest
    wait(begun.files)
    try:
        files = tuple(file.result() for file in begun.files)
    except ChangedMeanwhileError:
        return None
    except BaseException as error:
        intake.failed[manifest.delivery] = _held_for(error, manifest)
        return None
    receipt = Receipt(
        delivery=manifest.delivery,
        business_date=manifest.business_date,
        sequence=manifest.sequence,
        mode=manifest.mode,
        produced_at=manifest.produced_at,
        received_at=begun.at,
        salt=new_salt(),
        files=files,
    )
    # one pass over all files and folders: each by itself would wait for the disk twice as often
    originals = [archived_path(intake.home.archive, file.sha256) for file in files]
    sync_all(intake.home.root, [*lake_files(intake.home.lake, files), *originals])
    intake.receipts.put(receipt)
    return receipt


def _held_for(error: BaseException, manifest: Manifest) -> Held:
    """The delivery as it waits after ``error``, retold without values. Raises it again where it is not the delivery's own."""
    if is_interruption(error):
        raise error
    shown = without_values(error)
    if not isinstance(shown, UnexpectedError):
        raise shown
    return Held(manifest.delivery, manifest, "waiting", f"入库时程序出错，未入库，请报数据组：{shown}")


def lake_files(lake: Path, files: Iterable[FileReceipt]) -> list[Path]:
    """The Parquet files that receipts of files name, of accepted and of refused rows."""
    return [lake / name for file in files for name in (file.lake_file, file.refusals_file) if name is not None]


def _take_in_file(path: Path, file: ManifestFile, manifest: Manifest, index: int, intake: Intake) -> FileReceipt:
    # loading reads the archived copy: what is counted is what is kept, whatever happens to landing meanwhile
    original = keep_original(intake.home.archive, path, file.sha256)
    origin = Origin(manifest.delivery, manifest.business_date, manifest.sequence, index)
    return read_original(original, file, origin, lake_name(manifest.delivery, index, file.sha256), intake.home.lake, intake)


def lake_name(delivery: str, index: int, sha256: str) -> str:
    """The name that a file's Parquet files have in the lake."""
    return f"{safe_name(delivery)}_{index:03d}_{sha256[:8]}.parquet"


def read_original(original: Path, file: ManifestFile, origin: Origin, name: str, lake: Path, intake: Intake) -> FileReceipt:
    """Load an original into files called ``name`` below ``lake``, complete but not synced yet, and return its account."""
    feed = load_contract().feeds[file.feed]
    lake_file = Path(feed.name, str(origin.business_date), name)
    target = lake / lake_file
    with storage_errors(target), replacing(target, durable=False) as temporary:
        account = load_file(original, feed, origin, temporary, expected_records=file.rows, key=intake.key, limits=intake.limits)
        erased = erased_lines(intake.home.lake, origin.delivery, file.sha256) if account.state == "loaded" else ()
        if erased:
            blank_in_place(temporary, erased)
        # a quarantined file has written nothing; the empty file that takes its place goes next
        temporary.touch()
    if account.state == "quarantined":
        target.unlink()
    refusals_file = Path("refused", str(origin.business_date), name) if account.refusals.height else None
    if refusals_file is not None:
        with storage_errors(target), replacing(lake / refusals_file, durable=False) as temporary:
            refusals = account.refusals
            refusals.with_columns(safe_record_key(refusals["record_key"])).write_parquet(temporary)
    return _receipt(file, origin.file_index, account, lake, lake_file if account.state == "loaded" else None, refusals_file)


def _receipt(
    file: ManifestFile, index: int, account: Account, lake: Path, lake_file: Path | None, refusals_file: Path | None
) -> FileReceipt:
    return FileReceipt(
        file=file.name,
        file_index=index,
        feed=file.feed,
        sha256=file.sha256,
        bytes=file.bytes,
        format=account.format,
        encoding=account.encoding,
        records=account.records,
        loaded=account.loaded,
        superseded=account.superseded,
        quarantined=account.quarantined,
        state=account.state,
        lake_file=str(lake_file) if lake_file else None,
        refusals_file=str(refusals_file) if refusals_file else None,
        lake_sha256=_written(lake, lake_file),
        refusals_sha256=_written(lake, refusals_file),
        totals=account.totals,
        declared_rows=file.rows,
        file_reason=account.file_reason,
        file_column=account.file_column,
        detail=account.detail,
        warnings=tuple(
            Warned(column_name=column, reason_code=Reason(reason), rows=rows)
            for (column, reason), rows in sorted(account.warnings.items())
        ),
    )


def _written(lake: Path, file: Path | None) -> str | None:
    """The hash of a Parquet file that was just written, read back while the system still has it in memory."""
    if file is None:
        return None
    with storage_errors(lake / file):
        return sha256_of(lake / file)
