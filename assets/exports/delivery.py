"""One complete delivery → Parquet files, refused rows and a receipt in the lake, originals in the archive.

The receipt comes last: a crash before it leaves files that the next run writes anew.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from assets.clock import beijing_now
from assets.exports.archive import keep_original
from assets.exports.landing import Arrival, Landing, survey
from assets.exports.loading import Account, Origin, load_file
from assets.exports.manifest import Manifest, ManifestFile
from assets.exports.pseudonym import PseudonymKey
from assets.exports.reasons import Reason
from assets.exports.receipt import FileReceipt, Receipt, Receipts, Warned, safe_name
from assets.exports.source import ArchiveLimits
from assets.home import Home, replacing, storage_errors
from assets.platform.contract import load_contract


@dataclass(frozen=True)
class Intake:
    """What a run takes deliveries in with; ``through`` is the last business date that it takes."""

    home: Home
    landing: Path
    key: PseudonymKey
    limits: ArchiveLimits
    through: date | None = None

    @property
    def receipts(self) -> Receipts:
        return Receipts(self.home.lake)

    def survey(self) -> Landing:
        """What lies in landing now."""
        return survey(self.landing, self.receipts, self.through)


def take_in(arrivals: Iterable[Arrival], intake: Intake) -> Iterator[Receipt]:
    """Take in deliveries one by one; each receipt is given once it is durable."""
    for arrival in arrivals:
        manifest = arrival.manifest
        files = tuple(
            _take_in_file(arrival.path_of(file), file, manifest, index, intake) for index, file in enumerate(manifest.files)
        )
        receipt = Receipt(
            delivery=manifest.delivery,
            business_date=manifest.business_date,
            sequence=manifest.sequence,
            mode=manifest.mode,
            produced_at=manifest.produced_at,
            received_at=beijing_now().replace(microsecond=0),
            files=files,
        )
        intake.receipts.put(receipt)
        yield receipt


def _take_in_file(path: Path, file: ManifestFile, manifest: Manifest, index: int, intake: Intake) -> FileReceipt:
    feed = load_contract().feeds[file.feed]
    origin = Origin(manifest.delivery, manifest.business_date, manifest.sequence, index)
    name = f"{safe_name(manifest.delivery)}_{index:03d}_{file.sha256[:8]}.parquet"
    lake_file = Path(feed.name, str(manifest.business_date), name)
    target = intake.home.lake / lake_file
    # loading reads the archived copy: what is counted is what is kept, whatever happens to landing meanwhile
    original = keep_original(intake.home.archive, path, file.sha256)
    with storage_errors(target), replacing(target) as temporary:
        account = load_file(original, feed, origin, temporary, expected_records=file.rows, key=intake.key, limits=intake.limits)
        # a quarantined file has written nothing; the empty file that takes its place goes next
        temporary.touch()
    if account.state == "quarantined":
        target.unlink()
    refusals_file = Path("refused", str(manifest.business_date), name) if account.refusals.height else None
    if refusals_file is not None:
        with storage_errors(target), replacing(intake.home.lake / refusals_file) as temporary:
            account.refusals.write_parquet(temporary)
    return _receipt(file, index, account, lake_file, refusals_file)


def _receipt(file: ManifestFile, index: int, account: Account, lake_file: Path, refusals_file: Path | None) -> FileReceipt:
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
        lake_file=str(lake_file) if account.state == "loaded" else None,
        refusals_file=str(refusals_file) if refusals_file else None,
        file_reason=account.file_reason,
        file_column=account.file_column,
        detail=account.detail,
        warnings=tuple(
            Warned(column_name=column, reason_code=Reason(reason), rows=rows)
            for (column, reason), rows in sorted(account.warnings.items())
        ),
    )
