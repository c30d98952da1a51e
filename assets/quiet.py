"""Keeps libraries from printing: their logs, warnings and native output may quote rows.

Errors that they raise are handled in ``guard.py``.
"""

import faulthandler
import logging
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from assets.visible import visible_lines

_OWN = ("assets", "pipelines")
_STDERR = 2


@contextmanager
def native_stderr_closed() -> Iterator[None]:
    """While the block lasts, what native code writes to descriptor 2 is lost: a panic in Rust prints its message there.

    Python's own ``sys.stderr`` goes on to where it went.
    """
    kept, before = _copy_of_stderr(), sys.stderr
    # a service may run without one
    if kept is None:
        yield
        return
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        if _is_native(before):
            before.flush()
            sys.stderr = kept
        os.dup2(null, _STDERR)
        yield
    finally:
        kept.flush()
        os.dup2(kept.fileno(), _STDERR)
        sys.stderr = before
        os.close(null)
        # the collector closes `kept`, since the thread of a progress bar may still hold it


def _copy_of_stderr() -> TextIO | None:
    with suppress(OSError):
        return os.fdopen(os.dup(_STDERR), "w", buffering=1, encoding="utf-8", errors="backslashreplace")
    return None


def _is_native(stream: TextIO | None) -> bool:
    with suppress(OSError, ValueError, AttributeError):
        return stream is not None and stream.fileno() == _STDERR
    return False


def quiet_process() -> None:
    """For the process of a command: library logs, warnings and uncaught errors of threads show class and place, never words."""
    root = logging.getLogger()
    if not any(isinstance(handler, _OwnWords) for handler in root.handlers):
        root.addHandler(_OwnWords())
    warnings.showwarning = _show_warning
    sys.excepthook = lambda kind, *_: _say_uncaught(kind)
    threading.excepthook = lambda uncaught: _say_uncaught(uncaught.exc_type)
    sys.unraisablehook = lambda uncaught: _say_uncaught(uncaught.exc_type)
    with suppress(OSError, ValueError, AttributeError):
        # a crash of native code leaves the places in Python, and no values
        faulthandler.enable(os.dup(_STDERR))


def quiet_logger(name: str) -> None:
    """Keep a library's logger, and those below it, from every handler."""
    logger = logging.getLogger(name)
    logger.propagate = False
    if not logger.handlers:
        # without one, logging prints warnings by itself
        logger.addHandler(logging.NullHandler())


class _OwnWords(logging.Handler):
    """Prints this project's warnings in full, and of a library's errors only who logged them."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.split(".")[0] in _OWN:
            print(visible_lines(f"zhoubao: {record.getMessage()}"), file=sys.stderr)
        elif record.levelno >= logging.ERROR:
            place = f"{Path(record.pathname).name}:{record.lineno}"
            print(f"zhoubao: {record.name} logged an error at {place}; its words are withheld", file=sys.stderr)


def _show_warning(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, file: object = None, line: object = None
) -> None:
    del message, file, line
    print(f"zhoubao: {category.__name__} at {Path(filename).name}:{lineno}", file=sys.stderr)


def _say_uncaught(kind: type[BaseException] | None) -> None:
    print(f"zhoubao: uncaught {kind.__name__ if kind else 'error'}; its words are withheld", file=sys.stderr)
