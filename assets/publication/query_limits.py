"""What a query on the publication may take: seconds and memory. Apart from ``query.py``, so that settings need no DuckDB."""

from pydantic import BaseModel, ConfigDict, Field


class QueryLimits(BaseModel):
    """Of one query: how long it may take until its last row is read, and how much memory DuckDB may hold for it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: float = Field(default=60, gt=0)
    # the reader may not write beside the published file, so that there is nowhere to spill
    memory_limit: str = Field(default="1GB", pattern=r"(?i)^[0-9]+(\.[0-9]+)? ?([KMGT]i?)?B$")


DEFAULT_LIMITS = QueryLimits()
