"""Data files as bytes: a sheet of text cells as CSV, bare or packed, or as XLSX, in any dialect the platform's files have.

Equal sheets give equal bytes: no clock and no path gets in.
"""

import csv
import gzip
import io
import zipfile
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import polars as pl

from assets.platform.simulator.strata import Ints
from assets.platform.simulator.workbook import WorkbookDialect, workbook_bytes

Format = Literal["csv", "gz", "zip", "xlsx"]
Encoding = Literal["utf-8", "gb18030"]
SUFFIXES: dict[Format, str] = {"csv": "csv", "gz": "csv.gz", "zip": "zip", "xlsx": "xlsx"}

_ZIP_TIME = (2023, 1, 1, 0, 0, 0)
# speed over size: higher levels take longer than making the rows
_COMPRESSION = 1
_BOM = "\ufeff"


@dataclass(frozen=True)
class CsvDialect:
    """How a CSV file is spelled beyond its cells."""

    encoding: Encoding = "utf-8"
    bom: bool = False
    line_end: str = "\n"
    trailing_comma: bool = False
    quote_all: bool = False


@dataclass(frozen=True)
class Sheet:
    """One data file before it is bytes: headers as written, and cells of text, null where empty."""

    headers: list[str]
    cells: pl.DataFrame
    format: Format = "csv"
    csv: CsvDialect = field(default_factory=CsvDialect)
    workbook: WorkbookDialect = field(default_factory=WorkbookDialect)

    def lines(self) -> Ints:
        """Return the physical line on which each record begins; the header is line 1. In XLSX: the sheet's row."""
        rows = np.arange(self.cells.height, dtype=np.int64)
        if self.format == "xlsx" or not self.cells.width:
            return 2 + rows
        breaks = self.cells.select(pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True).fill_null(0))).to_series()
        within = np.cumsum(breaks.to_numpy().astype(np.int64))
        return 2 + rows + np.concatenate([[0], within[:-1]]).astype(np.int64)[: self.cells.height]


def file_bytes(sheet: Sheet, stem: str) -> bytes:
    """Return the data file; ``stem`` names the member of an archive."""
    if sheet.format == "xlsx":
        return workbook_bytes(sheet.headers, sheet.cells, sheet.workbook)
    content = _csv_bytes(sheet)
    if sheet.format == "gz":
        return gzip.compress(content, _COMPRESSION, mtime=0)
    return _zipped(content, f"{stem}.csv") if sheet.format == "zip" else content


def _csv_bytes(sheet: Sheet) -> bytes:
    dialect = sheet.csv
    cells = sheet.cells.with_columns(pl.lit(None, pl.String).alias("\0")) if dialect.trailing_comma else sheet.cells
    body = io.BytesIO()
    if cells.height:
        quoting: Literal["always", "necessary"] = "always" if dialect.quote_all else "necessary"
        cells.write_csv(body, include_header=False, line_terminator=dialect.line_end, quote_style=quoting)
    head = _BOM * dialect.bom + _header_line(sheet.headers, dialect)
    content = head.encode() + body.getbuffer()
    return content if dialect.encoding == "utf-8" else content.decode().encode(dialect.encoding)


def _header_line(headers: list[str], dialect: CsvDialect) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(headers)
    return line.getvalue() + "," * dialect.trailing_comma + dialect.line_end


def _zipped(content: bytes, member: str) -> bytes:
    packed = io.BytesIO()
    entry = zipfile.ZipInfo(member, _ZIP_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(entry, content, compresslevel=_COMPRESSION)
    return packed.getvalue()
