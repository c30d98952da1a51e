"""What the process that reads workbooks is asked, and the frames of bytes in which it answers.

The request is pickled, since it comes from this program; the answer is JSON, since what wrote it has read a hostile file.
"""

import json
from dataclasses import dataclass
from typing import IO, Any

from assets.platform.contract import Feed

LENGTH_BYTES = 4
# a longer frame is split by its writer and refused by its reader
MAX_FRAME_BYTES = 32 * 1024 * 1024
# what the reader ends with when its memory is used up; other errors are told in a frame
MEMORY_EXIT = 70


@dataclass(frozen=True)
class Request:
    """Which workbook to read as which feed, and the limits of the process that does."""

    path: str
    feed: Feed
    max_columns: int
    max_unpacked_bytes: int
    max_ratio: float
    memory_bytes: int
    cpu_seconds: int


def encoded(answer: dict[str, Any]) -> bytes:
    """An answer as the content of a frame."""
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def write_frame(target: IO[bytes], content: bytes) -> None:
    """Write one frame, its length before it."""
    target.write(len(content).to_bytes(LENGTH_BYTES, "big"))
    target.write(content)
    target.flush()
