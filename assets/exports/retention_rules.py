"""What a site keeps for how long; read at start, so that nothing of the lake or the landing folder is imported here."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Retention:
    """How many days originals, pseudonyms in the lake and workbooks are kept (``None``: for ever), how many workbooks of the checks,
    and whether landing is cleared as soon as a delivery is in the lake.
    """

    days_to_keep: int | None = None
    remove_from_landing: bool = False
    pseudonym_days: int | None = None
    workbook_days: int | None = None
    # of the checks; ``None`` keeps all
    workbooks: int | None = None

    @property
    def removes(self) -> bool:
        return self.days_to_keep is not None or self.remove_from_landing or self.workbook_days is not None
