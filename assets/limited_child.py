"""What a child process needs that works within limits: the limits it sets on itself, and the frames of bytes it answers in.

Imports the standard library alone, so that a child starts in a moment. The parent's side is ``limited_process.py``.
"""

import resource
from collections.abc import Mapping
from typing import IO

LENGTH_BYTES = 4
# a longer frame is split by its writer and refused by its reader
MAX_FRAME_BYTES = 32 * 1024 * 1024
# what a child ends with when its memory is used up; other errors are told in a frame
MEMORY_EXIT = 70
# the kernel takes a signed long
_HIGHEST = 2**62


def limit_process(limits: Mapping[int, int]) -> None:
    """Set ``limits`` (``resource.RLIMIT_*``) on this process, for good; it leaves its memory in no core file."""
    for limit, value in {**limits, resource.RLIMIT_CORE: 0}.items():
        hard = resource.getrlimit(limit)[1]
        lowered = min(value, _HIGHEST if hard == resource.RLIM_INFINITY else hard)
        resource.setrlimit(limit, (lowered, lowered))


def write_frame(target: IO[bytes], content: bytes) -> None:
    """Write one frame, its length before it."""
    target.write(len(content).to_bytes(LENGTH_BYTES, "big"))
    target.write(content)
    target.flush()
