"""What the process that reads workbooks is asked, and the content of the frames in which it answers.

The request is pickled, since it comes from this program; the answer is JSON, since what wrote it has read a hostile file.
"""

import json
from dataclasses import dataclass
from typing import Any

from assets.platform.contract import Feed


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
