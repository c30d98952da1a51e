"""The opening balance of the demonstration: the year to date at the close of the day before its week, as a site would load it.

Broken down by department, task type and 是否综窗, some of it without a department, as balances from older books are.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from assets.home import storage_errors
from assets.platform.simulator.departments import World
from assets.platform.simulator.strata import COMPOSITE_OF, KIND_OF, LEVEL_OF, OTHER_KIND, UNKNOWN_KIND, Ints, spread
from assets.platform.simulator.targets import MEASURE_OF
from assets.platform.simulator.truth import DIMENSIONS, MEASURES, Opening

COLUMNS = ("as_of", *DIMENSIONS, "measure", "value")
_PROVINCE = 2
# of each total, the part that the old books give to no department
_UNDIVIDED = 0.05

Key = tuple[str, str, str, bool]


def opening_of(world: World, as_of: date, counts: Mapping[str, Ints]) -> Opening:
    """Return the balances of the provincial level: feed → counts by stratum, divided among the departments of the stratum."""
    cells: defaultdict[Key, dict[str, int]] = defaultdict(lambda: dict.fromkeys(MEASURES, 0))
    for feed, measure in MEASURE_OF.items():
        for number in np.flatnonzero((LEVEL_OF == _PROVINCE) & (counts[feed] > 0)):
            # consultations have no task type in a balance, and old books know no code outside the list
            kind = OTHER_KIND if KIND_OF[number] == UNKNOWN_KIND else KIND_OF[number]
            task_type = "" if feed == "consult" else f"{kind:02d}"
            for org_code, value in _divided(world, int(number), int(counts[feed][number])):
                cells[org_code, str(_PROVINCE), task_type, bool(COMPOSITE_OF[number])][measure] += value
    rows = [dict(zip(DIMENSIONS, key, strict=True)) | cells[key] for key in sorted(cells)]
    return Opening(as_of, pl.DataFrame(rows).select(*DIMENSIONS, *MEASURES))


def write_opening(folder: Path, opening: Opening) -> Path:
    """Write ``opening_<yyyymmdd>.csv`` into ``folder`` and return its path."""
    path = folder / f"opening_{opening.as_of:%Y%m%d}.csv"
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    for row in opening.balances.iter_rows(named=True):
        place = [row["org_code"], row["org_level"], row["task_type"], int(row["is_composite"])]
        lines.writerows([opening.as_of, *place, measure, row[measure]] for measure in MEASURES if row[measure])
    with storage_errors(path):
        path.write_text(text.getvalue(), encoding="utf-8")
    return path


def _divided(world: World, number: int, total: int) -> list[tuple[str, int]]:
    first = world.first_item[number]
    owners = np.unique(world.item_department[first : first + world.item_count[number]])
    weights = np.concatenate([[_UNDIVIDED], np.full(len(owners), (1 - _UNDIVIDED) / len(owners))])
    codes = ["", *(world.departments[owner].code for owner in owners)]
    return [(code, int(value)) for code, value in zip(codes, spread(total, weights), strict=True) if value]
