"""What counts at this site: the counting rules that are configuration, as typed values and as ``ref`` tables."""

from pydantic import BaseModel, ConfigDict

TASK_CLASSES = {
    "licence": ("01",),
    "public_service": ("20",),
    # the six powers exercised on application, besides 许可
    "other_six": ("04", "05", "07", "08", "09", "10"),
}


class CountingRules(BaseModel):
    """The event sets of the measures, by design configuration and printed with the report."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    uncounted_result_types: tuple[str, ...] = ("4", "5")
    task_classes: dict[str, tuple[str, ...]] = TASK_CLASSES
