"""Where a person is: rows of the lake by pseudonym, and originals by the certificate number itself.

The number is a parameter here and in nothing that is written, printed or raised.
"""

import zipfile
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import polars as pl

from assets.exports.erasing.blank_rows import PSEUDONYM, has_pseudonyms
from assets.exports.lake.receipt import FileReceipt
from assets.exports.reading.encoding import NotInThisEncodingError
from assets.exports.reading.source import CHUNK_BYTES, FileLimits, chunks, format_of
from assets.exports.reading.tables import TextTable, csv_table
from assets.exports.reading.xlsx.workbook import workbook_table
from assets.exports.typing import values
from assets.exports.typing.pseudonym import PseudonymKey, pseudonyms
from assets.exports.typing.reasons import FileDefectError
from assets.platform.contract import Column, load_contract

# a shorter text would be found in files that do not hold the person
MIN_CHARACTERS = 8
_WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(33, 127)})


def cleaned_number(text: str) -> str | None:
    """The number as intake would read it; ``None`` if it is too short or not one word."""
    column = next(column for _, column in _columns())
    number = values.cleaned(pl.Series([text]), column)[0]
    is_number = number is not None and len(number) >= MIN_CHARACTERS and len(number.split()) == 1
    return number if is_number else None


def pseudonyms_of(number: str, keys: Iterable[PseudonymKey]) -> set[str]:
    """The number's pseudonym under each key, in every column that has pseudonyms."""
    return {str(pseudonyms(pl.Series([number]), column, key)[0]) for key in keys for _, column in _columns()}


def lines_in_lake(lake: Path, files: Collection[FileReceipt], sought: Collection[str]) -> tuple[dict[str, set[int]], set[str]]:
    """The lines of the person's rows by lake file, and the numbers of the cases in them."""
    held = [str(lake / file.lake_file) for file in files if file.lake_file and has_pseudonyms(file.feed)]
    if not held:
        return {}, set()
    schema = {PSEUDONYM: pl.String, "project_no": pl.String, "line": pl.Int64}
    rows = _rows(held, schema).filter(pl.col(PSEUDONYM).is_in(list(sought)))
    found: dict[str, set[int]] = {}
    cases: set[str] = set()
    for path, line, case in rows.select("path", "line", "project_no").collect(engine="streaming").iter_rows():
        found.setdefault(Path(path).relative_to(lake).as_posix(), set()).add(line)
        cases.add(case)
    return found, cases


def files_of_cases(lake: Path, files: Collection[FileReceipt], cases: Collection[str]) -> set[str]:
    """The lake files in which one of the cases has a row: their originals may name the person without the number."""
    found: set[str] = set()
    for feed in {file.feed for file in files}:
        if "project_no" in load_contract().feeds[feed].lake_columns:
            held = [str(lake / file.lake_file) for file in files if file.lake_file and file.feed == feed]
            found |= _with_cases(held, cases) if held and cases else set()
    return {Path(path).relative_to(lake).as_posix() for path in found}


def _with_cases(held: list[str], cases: Collection[str]) -> set[str]:
    rows = _rows(held, {"project_no": pl.String}).filter(pl.col("project_no").is_in(list(cases)))
    return set(rows.select(pl.col("path").unique()).collect(engine="streaming")["path"])


def _rows(held: list[str], schema: dict[str, type[pl.DataType]]) -> pl.LazyFrame:
    """These columns of the files with their ``path``: others differ where the contract got some, and a file may lack these too."""
    return pl.scan_parquet(
        held, glob=False, include_file_paths="path", schema=schema, missing_columns="insert", extra_columns="ignore"
    )


def holds_number(path: Path, number: str, limits: FileLimits) -> bool | None:
    """Whether an original holds the number in any spelling; ``None`` if it was not found and part of it cannot be unpacked."""
    needles = _needles(number)
    if _is_within(_raw(path), needles):
        return True
    try:
        return _is_within(_unpacked(path, limits), needles)
    except (FileDefectError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError):
        return None


def lines_in_original(path: Path, file: FileReceipt, number: str, limits: FileLimits) -> set[int]:
    """The lines of the person's records in an original, refused and superseded ones too, as far as it can be read."""
    lines: set[int] = set()
    try:
        for feed, column in _columns():
            if feed == file.feed:
                for parse in _table(path, file, limits).batches:
                    batch = parse()
                    if column.name in batch.text.columns:
                        is_person = values.cleaned(batch.text[column.name], column) == number
                        lines.update(batch.lines.filter(is_person.fill_null(False)).to_list())
    except (FileDefectError, NotInThisEncodingError):
        # a file that is quarantined as a whole has no rows in the lake
        pass
    return lines


def _columns() -> Iterator[tuple[str, Column]]:
    """Feed and column of every pseudonym."""
    for feed in load_contract().feeds.values():
        for column in feed.columns:
            if column.personal == "pseudonym":
                yield feed.name, column


def _table(path: Path, file: FileReceipt, limits: FileLimits) -> TextTable:
    feed, kind = load_contract().feeds[file.feed], format_of(path)
    if kind == "xlsx":
        return workbook_table(path, feed, limits.workbooks, limits.archives)
    return csv_table(path, kind, "gb18030" if file.encoding == "gb18030" else "utf-8", feed, limits.archives)


def _needles(number: str) -> set[bytes]:
    spellings = {number, number.lower()}
    spellings |= {spelling.translate(_WIDE) for spelling in spellings}
    return {spelling.encode(encoding) for spelling in spellings for encoding in ("utf-8", "gb18030", "utf-16-le")}


def _raw(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _unpacked(path: Path, limits: FileLimits) -> Iterator[bytes]:
    kind = format_of(path)
    if kind != "xlsx":
        yield from chunks(path, kind, limits.archives)
        return
    left = limits.archives.max_unpacked_bytes
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            with archive.open(member) as content:
                while chunk := content.read(CHUNK_BYTES):
                    left -= len(chunk)
                    if left < 0:
                        raise ValueError("unpacks beyond the limit")
                    yield chunk


def _is_within(content: Iterable[bytes], needles: set[bytes]) -> bool:
    overlap = max(map(len, needles)) - 1
    tail = b""
    for chunk in content:
        whole = tail + chunk
        if any(needle in whole for needle in needles):
            return True
        tail = whole[-overlap:]
    return False
