"""How the files of a delivery are spelled: format, encoding, language of the headers, order of the columns.

Every spelling here is harmless and plain; the mess of real files is laid over it elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
import polars as pl

from assets.errors import UsageError
from assets.platform.contract import Feed
from assets.platform.simulator.files import SUFFIXES, CsvDialect, Encoding, Format, Sheet
from assets.platform.simulator.mess import Mess, mess_of
from assets.platform.simulator.workbook import WorkbookDialect

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "gb18030")
MIXED = "mixed"
_WORDS = {"1": "是", "0": "否"}


@dataclass(frozen=True)
class FileStyle:
    """How one file is spelled; ``order`` is the order of the columns, by English name."""

    format: Format
    encoding: Encoding
    chinese: bool
    words: bool
    """是 and 否 instead of 1 and 0"""
    order: tuple[str, ...]
    mess: Mess | None = None


class Styles(Protocol):
    """Chooses how each file is spelled."""

    def style(self, feed: Feed, day: date, rng: np.random.Generator) -> FileStyle:
        """Return the style of the next file of ``feed``, in a delivery of ``day``."""


@dataclass(frozen=True)
class ChosenStyles:
    """Formats and encodings by chance among those asked for; headers now Chinese, now English."""

    formats: tuple[Format, ...]
    encodings: tuple[Encoding, ...]
    shuffled: bool
    mess: bool

    def style(self, feed: Feed, day: date, rng: np.random.Generator) -> FileStyle:  # noqa: ARG002
        names = [column.name for column in feed.columns]
        order = [names[number] for number in rng.permutation(len(names))] if self.shuffled else names
        return FileStyle(
            format=self.formats[rng.integers(len(self.formats))],
            encoding=self.encodings[rng.integers(len(self.encodings))],
            chinese=bool(rng.integers(2)),
            words=bool(rng.integers(2)),
            order=tuple(order),
            mess=mess_of(rng, feed) if self.mess else None,
        )


def chosen_styles(formats: Sequence[str], encoding: str, mess: bool) -> ChosenStyles:
    """Return the styles asked for; ``UsageError`` names a format or encoding there is none of."""
    known: dict[str, Format] = {str(name): name for name in SUFFIXES} | {"csv.gz": "gz"}
    if not formats or any(name not in known for name in formats):
        raise UsageError(f"formats {', '.join(formats) or '(none)'}: expected some of {', '.join(SUFFIXES)}")
    if encoding not in (*ENCODINGS, MIXED):
        raise UsageError(f"encoding {encoding}: expected one of {', '.join((*ENCODINGS, MIXED))}")
    chosen = tuple(name for name in ENCODINGS if encoding in (name, MIXED))
    return ChosenStyles(tuple(known[name] for name in formats), chosen, shuffled=mess or len(formats) > 1, mess=mess)


def sheet_of(feed: Feed, text: pl.DataFrame, style: FileStyle) -> Sheet:
    """Return the sheet with the columns of ``text`` (English names) in the style's order."""
    cells = text.select(name for name in style.order if name in text.columns)
    if style.words and "is_composite" in cells.columns:
        cells = cells.with_columns(pl.col("is_composite").replace(_WORDS))
    return Sheet(
        headers=[feed.column(name).header if style.chinese else name for name in cells.columns],
        cells=cells,
        format=style.format,
        csv=CsvDialect(encoding=style.encoding),
        workbook=WorkbookDialect(
            dates=frozenset({feed.event, "cd_time"}),
            numbers=frozenset(column.name for column in feed.columns if column.type == "integer"),
        ),
    )
