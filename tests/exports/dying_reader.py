"""Stands in for the process that reads workbooks, and ends as it is told: by a signal, out of time, or with rubbish.

The request's path is the order.
"""

import os
import pickle
import signal
import sys
import tempfile
import time

from assets.exports.reading.xlsx.protocol import encoded
from assets.exports.reading.xlsx.reader import limits_of
from assets.limited_child import MEMORY_EXIT, limit_process, write_frame


def obey(order: str) -> None:
    """Do what the order says, after the first frame."""
    target = sys.stdout.buffer
    if order.startswith("SIG"):
        os.kill(os.getpid(), getattr(signal, order))
    elif order == "spin":
        while True:
            pass
    elif order == "sleep":
        time.sleep(600)
    elif order == "hoard":
        hoard()
    elif order == "write":
        tell(write_a_file())
    elif order == "environment":
        tell(" ".join(os.environ))
    else:
        target.write({"rubbish": b"\0\0\0\5[1, 2", "too long": b"\xff" * 9, "half": b"\0\0\0\x64half"}.get(order, b""))
        target.flush()


def hoard() -> None:
    """Ask for more memory than there may be."""
    try:
        bytearray(10**10)
    except MemoryError:
        os._exit(MEMORY_EXIT)


def write_a_file() -> str:
    """Whether a file can be written."""
    try:
        with tempfile.TemporaryFile(buffering=0) as file:
            file.write(b"x")
    except OSError:
        return "refused"
    return "written"


def tell(detail: str) -> None:
    """Answer with a defect of this detail."""
    write_frame(sys.stdout.buffer, encoded({"defect": "damaged_workbook", "detail": detail}))


if __name__ == "__main__":
    request = pickle.load(sys.stdin.buffer)
    if request.path != "nothing":
        limit_process(limits_of(request))
        write_frame(sys.stdout.buffer, encoded({"ready": True}))
        obey(request.path)
