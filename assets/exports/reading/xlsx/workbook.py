"""An XLSX as batches of text columns: the first visible sheet whose header fits, each cell by its type.

The file is opened by a process of its own, within limits of memory and time: a cell far outside the sheet or a part that
unpacks without end ends that process and quarantines the file. Here its answers become a table.
"""

import json
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from assets.exports.reading.header import HeaderMap, map_header
from assets.exports.reading.records import Defect
from assets.exports.reading.source import ArchiveLimits, WorkbookLimits
from assets.exports.reading.tables import TextBatch, TextTable
from assets.exports.reading.xlsx.process import WorkbookProcess
from assets.exports.reading.xlsx.protocol import Request
from assets.exports.typing.reasons import FileDefectError, Reason
from assets.platform.contract import Feed

_DEFAULT_LIMITS = WorkbookLimits()
_DEFAULT_ARCHIVES = ArchiveLimits()


def workbook_table(
    path: Path, feed: Feed, limits: WorkbookLimits = _DEFAULT_LIMITS, archives: ArchiveLimits = _DEFAULT_ARCHIVES
) -> TextTable:
    """Read a workbook, packed within ``archives`` and read within ``limits``.

    Raises ``FileDefectError``, from the batches too, where it cannot be opened, exceeds a limit, or no visible sheet fits the feed.
    """
    request = Request(
        os.fspath(path),
        feed,
        max_columns=limits.max_columns,
        max_unpacked_bytes=archives.max_unpacked_bytes,
        max_ratio=archives.max_ratio,
        memory_bytes=limits.memory_bytes,
        cpu_seconds=limits.cpu_seconds,
    )
    process = WorkbookProcess(request, limits.seconds)
    try:
        frames = process.frames()
        header = _header(next(frames, b"{}"), feed)
    except BaseException:
        process.close()
        raise
    return TextTable(header, _batches(process, frames))


def _answer(content: bytes) -> dict[str, Any]:
    """A frame's content. What wrote it has read a hostile file: rubbish is taken for damage."""
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
    return answer if isinstance(answer, dict) else {}


def _header(content: bytes, feed: Feed) -> HeaderMap:
    answer = _answer(content)
    if "header" not in answer:
        raise _defect(answer)
    return map_header(answer["header"], feed)


def _defect(answer: dict[str, Any]) -> FileDefectError:
    """The defect that the answer tells; an answer that tells nothing is of a process that ended before its time."""
    reason = Reason(answer.get("defect", Reason.DAMAGED_WORKBOOK))
    return FileDefectError(reason, answer.get("column"), answer.get("records"), answer.get("detail", ""))


def _batches(process: WorkbookProcess, frames: Iterator[bytes]) -> Iterator[Callable[[], TextBatch]]:
    """The batches, unparsed; the process ends with them, or with the iterator where they are not wanted to the end."""
    with process:
        for content in frames:
            # the others are short: the end or a defect
            if content.startswith(b'{"lines":'):
                yield partial(_batch, content)
                continue
            answer = _answer(content)
            if "end" in answer:
                return
            raise _defect(answer)
        raise _defect({})


def _batch(content: bytes) -> TextBatch:
    answer = json.loads(content)
    columns: dict[str, list[str]] = answer["columns"]
    text = pl.DataFrame({name: pl.Series(name, texts, dtype=pl.String) for name, texts in columns.items()})
    lines = pl.Series("line", answer["lines"], dtype=pl.Int64)
    unsound: dict[int, str] = dict(answer["unsound"])
    defects = [Defect(lines[at], Reason(reason)) for at, reason in unsound.items()]
    lost = [(_mask(rows, lines.len()), name) for name, rows in answer["lost"].items()]
    if unsound:
        sound = ~_mask(list(unsound), lines.len())
        text, lines, lost = text.filter(sound), lines.filter(sound), [(mask.filter(sound), name) for mask, name in lost]
    return TextBatch(text, lines, defects, tuple(lost))


def _mask(rows: list[int], height: int) -> pl.Series:
    mask = pl.repeat(False, height, eager=True)
    return mask.scatter(rows, True)
