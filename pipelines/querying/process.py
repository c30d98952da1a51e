"""``zhoubao sql`` in a process of its own with hard limits: passes its result on piece by piece, and turns its end into an error.

What that process does is in ``querying/child.py``.
"""

import codecs
import json
import signal
import tempfile
from typing import Any, TextIO

from assets.errors import UnexpectedError, UsageError, ZhoubaoError, error_types
from assets.guard import HELP
from assets.limited_process import MEMORY_ENDS, TIME_ENDS, ChildFrameError, ChildTimeError, LimitedProcess
from assets.publication.query_limits import GRACE_SECONDS, QueryLimits
from pipelines.querying.child import END, Request

_MODULE = "pipelines.querying.child"
# the child starts its clock when it has its request; on a busy machine Python takes its time until then
_START_SECONDS = 20
# DuckDB may meet the end of the process's memory anywhere
_MEMORY_ENDS = MEMORY_ENDS | {-signal.SIGSEGV, -signal.SIGBUS}


def answer(request: Request, out: TextIO) -> dict[str, Any]:
    """Answer ``request`` on ``out`` piece by piece, as its rows come; the facts of the answer.

    Raises as ``open_query``, and ``UsageError`` too where the process met a limit.
    """
    seconds = request.limits.seconds + GRACE_SECONDS + _START_SECONDS
    # what a workbook's writer keeps for a while is removed even where the process is killed
    with (
        tempfile.TemporaryDirectory(prefix="zhoubao-sql-") as scratch,
        LimitedProcess(_MODULE, request, seconds, {"TMPDIR": scratch}) as process,
    ):
        facts = _passed_on(process, out, request.limits)
    if "error" in facts:
        raise error_types()[facts["error"]](facts["message"])
    return facts


def _passed_on(process: LimitedProcess, out: TextIO, limits: QueryLimits) -> dict[str, Any]:
    """Write the process's output until its last frame says how it ended."""
    # a frame may end within a character
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for content in process.frames():
            if content.startswith(END):
                facts: dict[str, Any] = json.loads(content.removeprefix(END))
                return facts
            out.write(decoder.decode(content[1:]))
    except ChildTimeError:
        raise UsageError(limits.time_words) from None
    except ChildFrameError:
        process.close()
    raise _error_of(process.wait(), limits)


def _error_of(ended: int, limits: QueryLimits) -> ZhoubaoError:
    if ended in TIME_ENDS:
        return UsageError(limits.time_words)
    if ended in _MEMORY_ENDS:
        return UsageError(limits.memory_words)
    return UnexpectedError(f"the process that answers queries ended with {ended}; {HELP}")
