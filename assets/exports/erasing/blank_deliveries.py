"""Blanks pseudonyms in the lake for an erasure and for rows past their days to keep; every row stays where it is.

The rewritten file gets a new name. The new receipt that names it is the switch; only then the old file is removed. The receipt says
that its rows are those of the one before, so that no freeze and no check takes them for news.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from assets.errors import LakeDamageError
from assets.exports.delivery import lake_files, lake_name
from assets.exports.erasing.blank_rows import Lines, has_pseudonyms, write_blanked
from assets.exports.lake.receipt import FileReceipt, Receipt, Receipts
from assets.exports.lake.sealed import FROM_A_COPY
from assets.exports.retake import file_versions, free_name
from assets.hashing import sha256_of
from assets.home import replacing, storage_errors, sync_all


def blank(lake: Path, receipt: Receipt, wanted: Mapping[int, Lines]) -> Receipt:
    """Blank the rows ``wanted`` of each file, by its index; returns the new receipt. The caller holds the writer's lock.

    Raises ``LakeDamageError`` where a file is not what its receipt says: damage must not become a new truth.
    """
    changed = {file.file_index: _rewritten(lake, receipt, file, wanted[file.file_index]) for file in _held(receipt, wanted)}
    files = tuple(changed.get(file.file_index, file) for file in receipt.files)
    sync_all(lake, lake_files(lake, changed.values()))
    update = {"files": files, "same_rows": receipt.same_rows + 1, "same_events": receipt.known_events + 1}
    written = Receipts(lake).replace(receipt, receipt.model_copy(update=update))
    remove_former_versions(lake, written)
    return written


def remove_former_versions(lake: Path, receipt: Receipt) -> None:
    """Remove the Parquet files of the delivery that its receipt no longer names."""
    kept = set(lake_files(lake, receipt.files))
    for file in receipt.files:
        for path in file_versions(lake, receipt, file):
            if path not in kept:
                with storage_errors(path):
                    path.unlink(missing_ok=True)


def _held(receipt: Receipt, wanted: Mapping[int, Lines]) -> Iterator[FileReceipt]:
    return (file for file in receipt.files if file.file_index in wanted and file.lake_file and has_pseudonyms(file.feed))


def _rewritten(lake: Path, receipt: Receipt, file: FileReceipt, lines: Lines) -> FileReceipt:
    source = lake / str(file.lake_file)
    with storage_errors(source):
        if file.lake_sha256 is not None and sha256_of(source) != file.lake_sha256:
            raise LakeDamageError(f"{source}: not the file that its receipt names; {FROM_A_COPY}")
    name = free_name(file, Path(lake_name(receipt.delivery, file.file_index, file.sha256)))
    target = source.with_name(name)
    with storage_errors(target), replacing(target, durable=False) as temporary:
        write_blanked(source, temporary, lines)
    placed = {"lake_file": target.relative_to(lake).as_posix(), "lake_sha256": sha256_of(target)}
    return file.model_copy(update=placed | {"is_blanked": file.is_blanked or lines is None})
