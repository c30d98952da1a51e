"""What a site allows in an issue that it prints; read at start, so that nothing heavy is imported here."""

from pydantic import BaseModel, ConfigDict, Field


class FitnessLimits(BaseModel):
    """``[fitness]`` of zhoubao.toml: the share (0-1) of a feed's records of a day that may be quarantined and unsettled in print.

    At 297 of 300 the day's counts say nothing; at a few refused rows they are right to some per cent, and the notes say so.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    quarantined_share: float = Field(default=0.05, ge=0, le=1)


DEFAULT_LIMITS = FitnessLimits()
