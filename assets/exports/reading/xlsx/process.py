"""The reading process as its parent sees it: what its death tells becomes a ``FileDefectError``.

How it is started, awaited and ended is ``limited_process.py``'s; what it reads is ``xlsx/reader.py``'s.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from assets.errors import ZhoubaoError
from assets.exports.reading.xlsx.protocol import Request
from assets.exports.typing.reasons import FileDefectError, Reason
from assets.limited_process import MEMORY_ENDS, TIME_ENDS, ChildFrameError, ChildTimeError, LimitedProcess

_MODULE = "assets.exports.reading.xlsx.reader"


class WorkbookProcess:
    """One reading process; ``seconds`` is how long it may be waited for in all, the parent's own work not counted."""

    def __init__(self, request: Request, seconds: float) -> None:
        self._process = LimitedProcess(_MODULE, request, seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._process.close()

    def frames(self) -> Iterator[bytes]:
        """What it answers, frame by frame.

        Raises ``FileDefectError`` where a limit or the file ended it, ``ZhoubaoError`` where it did not start.
        """
        with _defects():
            if self._process.frame() is None:
                # the first frame says that it is ready
                raise ZhoubaoError(f"the process that reads workbooks did not start (it ended with {self._process.wait()})")
            yield from self._process.frames()
        ended = self._process.wait()
        if ended:
            reason = Reason.WORKBOOK_LIMITS if ended in MEMORY_ENDS | TIME_ENDS else Reason.DAMAGED_WORKBOOK
            raise FileDefectError(reason, detail=f"ended={ended}")


@contextmanager
def _defects() -> Iterator[None]:
    try:
        yield
    except ChildTimeError:
        raise FileDefectError(Reason.WORKBOOK_LIMITS, detail="time") from None
    except ChildFrameError as error:
        raise FileDefectError(Reason.DAMAGED_WORKBOOK, detail=str(error)) from None
