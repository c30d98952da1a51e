"""The rows of a query on the warehouse of a small lake: what a change of the models does, without the whole program.

``python -m tests.how_to.build QUERY``: one department's case in one area on 28 August 2023, another department's in another area the
day after, its certificate, and three steps with their transfers. Taken in and built as a run does it; no checks, no publication.
"""

import sys
import tempfile
from pathlib import Path

import pytest

from tests.reports.small_site import OTHER, SOUND, Site, case, completion

DAYS = "2023-08-28", "2023-08-29"


def small_lake(site: Site) -> None:
    """Deliver two days."""
    steps = [
        SOUND
        | {
            "project_no": "P1",
            "step_no": str(number),
            "transfer_type": kind,
            "event_start_time": f"{DAYS[0]} 11:00:00",
            "cd_time": f"{DAYS[0]} 20:00:00",
        }
        for number, kind in enumerate("013", 1)
    ]
    first = case("P1", DAYS[0], DAYS[0], area_code="510100000000")
    other = case("P2", DAYS[1], DAYS[1], area_code="510300000000", org_code=OTHER, org_name="乙局")
    site.deliver("20230828_01", accept=[first], process=steps)
    site.deliver("20230829_01", accept=[other], result=[completion("P1", DAYS[1], DAYS[1], area_code="510100000000")])


def main(query: str) -> None:
    """Print the rows, a line each, in the order that the query gives."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        site = Site(Path(folder), patch)
        small_lake(site)
        with site.built() as connection:
            rows = connection.execute(query).fetchall()
        for row in rows:
            sys.stdout.write(" | ".join(str(cell) for cell in row) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
