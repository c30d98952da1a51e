"""What a query on the publication may take: seconds and memory. Apart from ``query.py``, so that settings need no DuckDB."""

import os
import re
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

# DuckDB interrupts a query only between its own steps: what one step may overrun before the process is ended
GRACE_SECONDS = 2
# of data alongside DuckDB's own: libraries (107 MB with two threads), the rows being printed, and each further thread's stack
_PROGRAM_BYTES = 256 * 1000**2
_THREAD_BYTES = 16 * 1000**2
_SIZE = re.compile(r"([0-9.]+) ?([KMGT]?)(i?)B", re.IGNORECASE)
_DAY_SECONDS = 86_400


class QueryLimits(BaseModel):
    """The limits of one query: seconds until its last row is read, and the memory of DuckDB."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: float = Field(default=60, gt=0, le=_DAY_SECONDS)
    # the reader may not write alongside the published file, so that there is nowhere to spill
    memory_limit: str = Field(default="1GB", pattern=r"(?i)^[0-9]+(\.[0-9]+)? ?([KMGT]i?)?B$")

    @property
    def memory_bytes(self) -> int:
        """``memory_limit`` as bytes; ``KiB`` counts by 1024, ``KB`` by 1000, as DuckDB does."""
        found = _SIZE.fullmatch(self.memory_limit)
        assert found is not None
        number, prefix, binary = found.groups()
        return int(Decimal(number) * (1024 if binary else 1000) ** " KMGT".index(prefix.upper() or " "))

    @property
    def process_bytes(self) -> int:
        """What the process that answers may hold: DuckDB's memory, and room for the program itself."""
        return self.memory_bytes + _PROGRAM_BYTES + _THREAD_BYTES * (os.cpu_count() or 1)

    @property
    def processor_seconds(self) -> int:
        """What the process may use of all processors together."""
        return int((self.seconds + GRACE_SECONDS) * (os.cpu_count() or 1)) + 1

    @property
    def time_words(self) -> str:
        """What is said where the time is used up."""
        return f"the query took longer than {self.seconds:g} seconds and was ended; ask for less, or give it more with --seconds"

    @property
    def memory_words(self) -> str:
        """What is said where the memory is used up."""
        return (
            f"the query needs more memory than {self.memory_limit}; ask for less, give it more with --memory, or take --csv,"
            " which keeps no row"
        )


DEFAULT_LIMITS = QueryLimits()
