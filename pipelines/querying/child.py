"""The process that answers one query: it runs the query and writes the result, all within its limits of memory and time.

``querying/process.py`` runs it as a module and passes on what it writes. Imports no Dagster.
"""

import io
import json
import os
import pickle
import resource
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal, TextIO

from assets.limited_child import MEMORY_EXIT, limit_process, write_frame
from assets.publication.query_limits import GRACE_SECONDS, QueryLimits

Form = Literal["table", "csv", "json", "xlsx"]

# the first byte of a frame: a piece of the result, or how it ended
RESULT, END = b"r", b"e"
_PIECE = 64 * 1024


@dataclass(frozen=True)
class Request:
    """A query on the database file ``published``, its limits, and the form of its answer."""

    published: Path
    sql: str
    limits: QueryLimits
    form: Form
    # of a table, 0 for all; its lines are as wide as a terminal
    row_limit: int = 0
    width: int | None = None
    with_mark: bool = False
    workbook: Path | None = None


class _Frames(io.RawIOBase):
    """Takes bytes and sends them as frames of the result."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        piece = bytes(memoryview(content)[:_PIECE])
        write_frame(self._target, RESULT + piece)
        return len(piece)


def framed_text(target: IO[bytes]) -> io.TextIOWrapper:
    """A text file whose bytes leave by ``target`` as frames."""
    return io.TextIOWrapper(io.BufferedWriter(_Frames(target), _PIECE), encoding="utf-8", newline="\n")


def main() -> None:
    """Read the request from standard input and answer it on standard output."""
    request: Request = pickle.load(sys.stdin.buffer)
    _limit(request)
    target = sys.stdout.buffer
    try:
        write_frame(target, END + json.dumps(_answered(request, target)).encode())
    except (BrokenPipeError, MemoryError) as error:
        os._exit(MEMORY_EXIT if isinstance(error, MemoryError) else 0)
    # DuckDB takes its time to give memory back, and may lack some to do so
    os._exit(0)


def _limit(request: Request) -> None:
    limits = {resource.RLIMIT_DATA: request.limits.process_bytes, resource.RLIMIT_CPU: request.limits.processor_seconds}
    # only a workbook is written to a file
    limit_process(limits if request.workbook else {**limits, resource.RLIMIT_FSIZE: 0})
    # the hard end, even where the parent is gone or waits for a slow reader
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, request.limits.seconds + GRACE_SECONDS)


def _answered(request: Request, target: IO[bytes]) -> dict[str, Any]:
    """The facts of the answer, or the error as its class and message."""
    from assets.guard import without_values
    from assets.publication.query import open_query

    out = framed_text(target)
    try:
        with open_query(request.published, request.sql, request.limits) as query:
            facts = _write(request, query, out)
            out.flush()
            return facts
    except (BrokenPipeError, MemoryError):
        raise
    except Exception as error:
        shown = without_values(error)
        return {"error": type(shown).__name__, "message": str(shown)}


def _write(request: Request, query: Any, out: TextIO) -> dict[str, Any]:
    from pipelines.querying.outputs import write_csv, write_json, write_table, write_xlsx

    if request.form == "json":
        write_json(query, out)
    elif request.form == "csv":
        write_csv(query, out, request.with_mark)
    elif request.workbook is not None:
        return {"rows": write_xlsx(query, request.workbook)}
    else:
        return {"more": write_table(query, out, request.row_limit, request.width)}
    return {}


if __name__ == "__main__":
    main()
